//! What this process says while a test looks.

use std::{
    fs::read_to_string,
    sync::{LazyLock, Mutex},
};

use tempfile::NamedTempFile;
use tracing::{
    Dispatch,
    subscriber::{DefaultGuard, set_default},
};

/// Nobody reads it. With one listener alone, tracing asks the thread that comes first to a line whether anybody wants it,
/// and believes the answer for all threads (tokio-rs/tracing, `Dispatchers::rebuilder`); with two it asks the listeners.
static SECOND_LISTENER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(tracing_subscriber::registry()));

/// The log of the current thread, from the moment of its making until it is dropped.
///
/// A test runs on one thread, and so does what it calls and awaits; the workers of a server process do not.
pub struct Log {
    said: NamedTempFile,
    _guard: DefaultGuard,
}

impl Log {
    pub fn listen() -> Self {
        LazyLock::force(&SECOND_LISTENER);
        let said = NamedTempFile::new().unwrap();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(Mutex::new(said.reopen().unwrap()));
        Self { said, _guard: set_default(subscriber.finish()) }
    }

    /// Everything up to now.
    pub fn text(&self) -> String {
        read_to_string(&self.said).unwrap()
    }

    /// The lines of level ERROR.
    pub fn errors(&self) -> Vec<String> {
        self.of(&["ERROR"])
    }

    /// The lines that an operator has by default: INFO, WARN and ERROR.
    pub fn by_default(&self) -> Vec<String> {
        self.of(&["INFO", "WARN", "ERROR"])
    }

    fn of(&self, levels: &[&str]) -> Vec<String> {
        // A time stamp, then the level.
        let is_of = |line: &&str| line.split_whitespace().nth(1).is_some_and(|level| levels.contains(&level));
        self.text().lines().filter(is_of).map(str::to_owned).collect()
    }
}
