//! Throttles for lines of the log: a stranger who repeats a request must not be able to fill the disk with them.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::domain::UnixTime;

/// How far apart two lines of a kind are.
const PAUSE: Duration = Duration::from_secs(60);

/// One throttle for each kind of line that strangers can cause.
#[derive(Debug, Default)]
pub struct Throttles {
    /// Headers of a proxy that is not trusted.
    pub untrusted_proxy: OnceAMinute,
    /// A request for another host.
    pub wrong_host: OnceAMinute,
    /// A request from another site.
    pub cross_site: OnceAMinute,
    /// A link that was refused.
    pub refused_link: OnceAMinute,
    /// A request that could not be answered.
    pub broken: OnceAMinute,
    /// A probe that found the database away.
    pub not_ready: OnceAMinute,
}

/// Lets one line through, and the next one a minute later.
// Not the limits in the database: a line of the log is not worth a step.
#[derive(Debug, Default)]
pub struct OnceAMinute(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    written_at: Option<UnixTime>,
    left_out: u64,
}

impl OnceAMinute {
    /// Whether a line may be written at `now`: if so, how many were left out since the one before.
    pub fn pass(&self, now: UnixTime) -> Option<u64> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was ahead and is set back silences nothing.
        if kept.written_at.is_some_and(|at| at <= now && now.since(at) < PAUSE) {
            kept.left_out += 1;
            return None;
        }
        kept.written_at = Some(now);
        Some(std::mem::take(&mut kept.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_minute_passes_and_tells_how_many_did_not() {
        let (throttle, start) = (OnceAMinute::default(), UnixTime::from_secs(1_000));
        assert_eq!(throttle.pass(start), Some(0));
        for second in 0..60 {
            assert_eq!(throttle.pass(start.plus(Duration::from_secs(second))), None, "{second}");
        }
        assert_eq!(throttle.pass(start.plus(PAUSE)), Some(60));
        assert_eq!(throttle.pass(start.plus(PAUSE * 2)), Some(0));
    }

    #[test]
    fn a_clock_that_is_set_back_silences_no_line() {
        let throttle = OnceAMinute::default();
        assert_eq!(throttle.pass(UnixTime::from_secs(1_000_000)), Some(0));
        assert_eq!(throttle.pass(UnixTime::from_secs(1_000)), Some(0));
        assert_eq!(throttle.pass(UnixTime::from_secs(1_001)), None);
    }
}
