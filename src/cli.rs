//! The commands of the one binary: what each is called, its help, and its exit code.
//!
//! A command is a file: a struct of its arguments, whose comments are its help, and a `run`. [`console`] prints for people
//! and for machines, [`surroundings`] opens configuration and database; commands do neither themselves.
//! docs/commands.md is written from the same help; a test compares them.
//!
//! Exit codes: 0 done; 1 found trouble, or could not do it; 2 wrong usage; 78 wrong configuration (EX_CONFIG of sysexits.h).

pub mod console;
pub mod surroundings;

mod allow;
mod arguments;
mod backup;
mod check;
mod completions;
mod events;
mod keygen;
mod limits;
mod link;
mod man;
mod moments;
mod outbox;
mod restore;
mod serve;
mod sessions;
mod settings;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{config::Mistakes, server::ServeError, state::OpenError, store::StoreError};

/// A passwordless front door: type your e-mail, click the link that arrives, and you are in.
///
/// Without a command it serves. The configuration comes from Leptos.toml, .env and the environment, the later ones winning;
/// relative paths begin in the working directory.
#[derive(Parser)]
#[command(
    name = "postern",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 found trouble, or could not do it; 2 wrong usage; 78 wrong configuration.\n\
                  `postern help COMMAND` says more of a command, with an example."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// The name that `postern settings` had before there were commands.
    #[arg(long, hide = true)]
    settings: bool,
}

/// What the binary can do, in the order of its help.
#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Check(check::Check),
    Allow(allow::Allow),
    Settings(settings::Settings),
    Keygen(keygen::Keygen),
    Link(link::Link),
    Sessions(sessions::Sessions),
    Events(events::Events),
    Outbox(outbox::Outbox),
    Limits(limits::Limits),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Does what the command line asks for.
pub fn run() -> ExitCode {
    // Databases, keys, mails and backups are their owner's alone, whatever the shell that starts us says.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    // Ends the process itself for --help and --version (0) and for wrong usage (2).
    let cli = Cli::parse();
    let done = match cli.command {
        None if cli.settings => settings::Settings::default().run(),
        None => serve::Serve {}.run(),
        Some(Command::Serve(command)) => command.run(),
        Some(Command::Check(command)) => command.run(),
        Some(Command::Allow(command)) => command.run(),
        Some(Command::Settings(command)) => command.run(),
        Some(Command::Keygen(command)) => command.run(),
        Some(Command::Link(command)) => command.run(),
        Some(Command::Sessions(command)) => command.run(),
        Some(Command::Events(command)) => command.run(),
        Some(Command::Outbox(command)) => command.run(),
        Some(Command::Limits(command)) => command.run(),
        Some(Command::Backup(command)) => command.run(),
        Some(Command::Restore(command)) => command.run(),
        Some(Command::Completions(command)) => command.run(),
        Some(Command::Man(command)) => command.run(),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("{}", failure.reason);
        ExitCode::from(failure.status)
    })
}

/// The whole command line as clap knows it, for completions, the man page and docs/commands.md.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// How a command ends: its exit code, or why it could not be done.
type Done = Result<ExitCode, Failure>;

/// Why a command could not be done.
#[derive(Debug)]
pub struct Failure {
    /// 1, 2 for wrong usage, or 78 for a wrong configuration.
    status: u8,
    /// What the operator reads on standard error.
    reason: String,
}

impl Failure {
    /// Something that could not be done: what, why, and what to do about it.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { status: 1, reason: reason.into() }
    }

    /// An argument that is none of those that the command takes.
    pub fn usage(reason: impl Into<String>) -> Self {
        Self { status: 2, reason: reason.into() }
    }
}

impl From<Mistakes> for Failure {
    fn from(mistakes: Mistakes) -> Self {
        Self { status: 78, reason: mistakes.to_string() }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(format!("The database could not do it: {error}."))
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self::new(format!("postern cannot run: {error}"))
    }
}
