//! `postern completions`: what a shell needs to complete command lines.

use std::{io, process::ExitCode};

use clap::Args;
use clap_complete::Shell;

use super::Done;

/// Print completions for a shell
///
/// They go where your shell looks for them; open a new shell afterwards.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern completions bash > /etc/bash_completion.d/postern\n  \
    postern completions zsh > /usr/local/share/zsh/site-functions/_postern\n  \
    postern completions fish > ~/.config/fish/completions/postern.fish\n\n\
    Exit codes: 0 done; 2 no such shell.")]
pub struct Completions {
    /// For which shell
    shell: Shell,
}

impl Completions {
    pub fn run(self) -> Done {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut super::definition(), "postern", &mut text);
        // A pipe that is closed early is no failure.
        let _ = io::Write::write_all(&mut io::stdout(), &text);
        Ok(ExitCode::SUCCESS)
    }
}
