//! The log on standard error. It holds no secret; docs/logging.md lists what may not stand in it.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::LogConfig;

/// Starts the log on standard error: text for people or JSON lines for machines.
pub fn start(config: &LogConfig) {
    let filter = EnvFilter::new(&config.filter);
    let text = (!config.json).then(|| {
        fmt::layer().with_ansi(config.colors && std::io::stderr().is_terminal()).with_writer(std::io::stderr)
    });
    let json = config.json.then(|| fmt::layer().json().with_writer(std::io::stderr));
    // Fails only where a test has started a log already.
    let _ = tracing_subscriber::registry().with(filter).with(text).with(json).try_init();
}
