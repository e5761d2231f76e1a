//! The clock: the one place that reads the time. clippy.toml forbids it everywhere else.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::domain::UnixTime;

/// Tells the time in whole seconds; tests hold one that they turn by hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The clock of the machine.
    System,
    /// Stands still until [`Clock::turn`] is called.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now`.
    pub fn manual(now: UnixTime) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(now.secs())))
    }

    /// The time now, fractions of a second dropped.
    #[allow(clippy::disallowed_methods, reason = "this is the edge where time enters")]
    pub fn now(&self) -> UnixTime {
        match self {
            Self::System => UnixTime::from_secs(time::OffsetDateTime::now_utc().unix_timestamp()),
            Self::Manual(secs) => UnixTime::from_secs(secs.load(Ordering::SeqCst)),
        }
    }

    /// The same in milliseconds since 1970, as exactly as it is known; 0 before.
    #[allow(clippy::disallowed_methods, reason = "this is the edge where time enters")]
    pub fn now_ms(&self) -> u64 {
        let ms = match self {
            Self::System => time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000,
            Self::Manual(secs) => i128::from(secs.load(Ordering::SeqCst)) * 1_000,
        };
        u64::try_from(ms).unwrap_or_default()
    }

    /// Moves a manual clock forward; the machine's clock stays as it is.
    pub fn turn(&self, by: std::time::Duration) {
        if let Self::Manual(secs) = self {
            secs.fetch_add(by.as_secs() as i64, Ordering::SeqCst);
        }
    }
}
