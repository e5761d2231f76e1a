//! Reads the configuration and serves. The rest is in `server`.

use std::process::ExitCode;

use postern::{
    config::Config,
    server::{self, log},
};

const USAGE: &str = "\
postern: a passwordless front door

Usage: postern            serve, configured by Leptos.toml, .env and the environment
       postern --help     show this text
       postern --version  show the version

docs/configuration.md lists every setting.";

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => serve(),
        Some("--help" | "-h") => say(USAGE),
        Some("--version" | "-V") => say(concat!("postern ", env!("CARGO_PKG_VERSION"))),
        Some(unknown) => {
            eprintln!("postern does not know `{unknown}`.\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn say(text: &str) -> ExitCode {
    println!("{text}");
    ExitCode::SUCCESS
}

fn serve() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(mistakes) => {
            eprintln!("{mistakes}");
            return ExitCode::from(78); // EX_CONFIG of sysexits.h
        }
    };
    log::start(&config.log);
    match server::serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postern cannot run: {error}");
            ExitCode::FAILURE
        }
    }
}
