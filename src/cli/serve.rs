//! `postern serve`: the server.

use std::process::ExitCode;

use clap::Args;

use super::{Done, surroundings};
use crate::{
    config::Config,
    server::{Process, log},
};

/// Serve until asked to stop (the same as no command at all)
///
/// First looks at configuration, files and database, as `postern check` does, and does not start where nobody could sign
/// in. SIGTERM or SIGINT ends it in peace, a second one at once; SIGHUP has it read again who may sign in, who
/// is an admin, and the apps of the gateway.
#[derive(Args)]
#[command(after_help = "Example: cd /srv/postern && postern serve\n\n\
                        Exit codes: 0 it was asked to stop; 1 it cannot run; 78 the configuration is wrong.")]
pub struct Serve {}

impl Serve {
    pub fn run(self) -> Done {
        // Before the settings are read: SIGHUP would end the process meanwhile.
        let process = Process::begin()?;
        let config = Config::from_sources(&surroundings::sources()?)?;
        log::start(&config.log);
        process.serve(config)?;
        Ok(ExitCode::SUCCESS)
    }
}
