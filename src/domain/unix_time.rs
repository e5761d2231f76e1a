//! Seconds since 1970: all that a login needs to know about time.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// A moment, in whole seconds since 1970-01-01 00:00:00 UTC (POSIX time); negative before that. A number in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The moment `secs` seconds after 1970; every `i64` is one.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs)
    }

    /// Seconds since 1970.
    pub const fn secs(self) -> i64 {
        self.0
    }

    /// The moment `span` later. Fractions of a second are dropped; the last second of `i64` is the end of time.
    pub const fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(span.as_secs()))
    }

    /// The moment `span` before. Fractions of a second are dropped; the first second of `i64` is the start of time.
    pub const fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(span.as_secs()))
    }

    /// How long after `earlier` this is; zero if it is not after.
    pub const fn since(self, earlier: Self) -> Duration {
        if self.0 <= earlier.0 { Duration::ZERO } else { Duration::from_secs(self.0.abs_diff(earlier.0)) }
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixTime = UnixTime::from_secs(i64::MIN);
    const END: UnixTime = UnixTime::from_secs(i64::MAX);

    #[test]
    fn plus_and_minus_undo_each_other() {
        let noon = UnixTime::from_secs(1_790_000_000);
        let later = noon.plus(Duration::from_secs(300));
        assert_eq!(later.secs(), 1_790_000_300);
        assert_eq!(later.minus(Duration::from_secs(300)), noon);
        assert_eq!(later.since(noon), Duration::from_secs(300));
    }

    #[test]
    fn since_a_later_moment_is_zero() {
        assert_eq!(UnixTime::from_secs(1).since(UnixTime::from_secs(2)), Duration::ZERO);
        assert_eq!(START.since(END), Duration::ZERO);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        assert_eq!(END.plus(Duration::MAX), END);
        assert_eq!(START.minus(Duration::MAX), START);
        assert_eq!(END.since(START), Duration::from_secs(u64::MAX));
    }

    #[test]
    fn it_is_a_plain_number_in_text_and_json() {
        let noon = UnixTime::from_secs(1_790_000_000);
        assert_eq!(noon.to_string(), "1790000000");
        assert_eq!(serde_json::to_string(&noon).unwrap(), "1790000000");
        assert_eq!(serde_json::from_str::<UnixTime>("1790000000").unwrap(), noon);
    }
}
