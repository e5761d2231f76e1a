//! The `postern` command: it serves, or prints its settings, its help or its version. The rest is in `server`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use postern::{
    config::{Config, Mistake, Mistakes, Sources, settings},
    server::{Process, ServeError, log},
};

/// A page is drawn in hundreds of small pieces, and the allocator of glibc was a fifth of that work.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The help; also what follows a command that is not known.
const USAGE: &str = "\
postern: a passwordless front door

Usage: postern             serve, configured by Leptos.toml, .env and the environment
       postern --settings  list every setting, with its default
       postern --help      show this text
       postern --version   show the version";

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => serve(),
        Some("--settings") => say(settings::list().trim_end()),
        Some("--help" | "-h") => say(USAGE),
        Some("--version" | "-V") => say(concat!("postern ", env!("CARGO_PKG_VERSION"))),
        Some(unknown) => {
            eprintln!("postern does not know `{unknown}`.\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Prints `text` for people, and succeeds.
fn say(text: &str) -> ExitCode {
    // `postern --settings | head` closes the pipe early, which is no failure.
    let _ = writeln!(io::stdout(), "{text}");
    ExitCode::SUCCESS
}

/// Serves until the process is asked to stop. Status 78 if the configuration is wrong, 1 if the server cannot run.
fn serve() -> ExitCode {
    // Database, key and mails are their owner's alone, whatever the shell that starts us says.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let process = match Process::begin() {
        Ok(process) => process,
        Err(error) => return cannot_run(&error),
    };
    let config = match configure() {
        Ok(config) => config,
        Err(mistakes) => {
            eprintln!("{mistakes}");
            return ExitCode::from(78); // EX_CONFIG of sysexits.h
        }
    };
    log::start(&config.log);
    match process.serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cannot_run(&error),
    }
}

fn cannot_run(error: &ServeError) -> ExitCode {
    eprintln!("postern cannot run: {error}");
    ExitCode::FAILURE
}

/// The configuration of this process: the files in the working directory, then the environment.
#[allow(clippy::disallowed_methods, reason = "this is the edge where folder and environment are looked up")]
fn configure() -> Result<Config, Mistakes> {
    let folder = std::env::current_dir().map_err(|error| {
        let fix = "start Postern in the folder of its Leptos.toml and .env";
        Mistake::new("The working directory", format!("cannot be used ({error})"), fix)
    })?;
    // What is not UTF-8 is no setting.
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Config::from_sources(&Sources::read(&folder, environment)?)
}
