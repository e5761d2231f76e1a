//! How often something may happen: the generic cell rate algorithm (GCRA, ITU-T I.371) as plain arithmetic.
//!
//! All that is kept for each counted thing is one number, its theoretical arrival time. `store::limits` holds it in the
//! database; the step that spends a limit compares and counts.

use std::{str::FromStr, time::Duration};

use super::UnixTime;

/// Allows a burst of `count`, then one more every `period / count`. A window of length `period` can hold up to
/// 2 x `count`.
///
/// Written `5 per 15m`, or `off`.
// Rejected (docs/decisions/0006-limits-in-the-database.md): a window that starts at the minute lets twice the limit
// through around each boundary, and all who wait return at once. A row for each event is exact, but an attack fills
// the table. A lock after some failures is a weapon for whoever dislikes the owner of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Everything passes, and nothing is counted.
    Off,
    /// `count` events, at least one, in `period`.
    Rate { count: u32, period: Duration },
}

/// A text that is not a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write it like `5 per 15m` (a count from 1, a time span from 1 second to 1 day), or `off`")]
pub struct MalformedLimit;

impl Limit {
    /// `count` in `period`; a count of zero would be a lock, not a limit, and counts as one.
    pub fn rate(count: u32, period: Duration) -> Self {
        Self::Rate { count: count.max(1), period }
    }

    /// Milliseconds by which each event moves the theoretical arrival time: at least 1, and 0 for `off`.
    pub fn interval_ms(self) -> i64 {
        match self {
            Self::Off => 0,
            Self::Rate { count, period } => (millis(period) / i64::from(count)).max(1),
        }
    }

    /// Milliseconds by which the theoretical arrival time may lie ahead of an event that passes: a burst of `percent` of
    /// `count`, one at least, less the event itself.
    pub fn tolerance_ms(self, percent: u32) -> i64 {
        match self {
            Self::Off => 0,
            Self::Rate { count, .. } => {
                let burst = i64::from(count) * i64::from(percent) / 100;
                self.interval_ms() * (burst - 1).max(0)
            }
        }
    }

    /// The theoretical arrival time in milliseconds at `now`, given the stored one.
    ///
    /// What no sequence of events can have made is cut off: a clock that was ahead and is set back, or a limit that was
    /// made wider, must not freeze a budget.
    pub fn arrival(self, stored: Option<i64>, now: UnixTime) -> i64 {
        let now_ms = now.secs() * 1_000;
        stored.unwrap_or(now_ms).clamp(now_ms, now_ms + self.tolerance_ms(100) + self.interval_ms())
    }

    /// Whole seconds until the next event is let through, given the theoretical arrival time; `None` if it is now.
    /// Rounded up: whoever waits that long must not be refused again. `percent`: how much of the limit may be used.
    pub fn wait(self, arrival_ms: i64, percent: u32, now: UnixTime) -> Option<u64> {
        let wait = arrival_ms - self.tolerance_ms(percent) - now.secs() * 1_000;
        (wait > 0).then(|| wait.unsigned_abs().div_ceil(1_000))
    }

    /// How much of the limit is used up, given the theoretical arrival time after an event: 0 to 1, and beyond where
    /// events were counted without asking first.
    pub fn used(self, arrival_ms: i64, now: UnixTime) -> f64 {
        match self {
            Self::Off => 0.0,
            Self::Rate { period, .. } => {
                (arrival_ms - now.secs() * 1_000) as f64 / millis(period).max(1) as f64
            }
        }
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl FromStr for Limit {
    type Err = MalformedLimit;

    fn from_str(text: &str) -> Result<Self, MalformedLimit> {
        if text.trim() == "off" {
            return Ok(Self::Off);
        }
        let (count, period) = text.split_once(" per ").ok_or(MalformedLimit)?;
        let count = count.trim().parse().ok().filter(|count| *count > 0).ok_or(MalformedLimit)?;
        let period = humantime::parse_duration(period.trim()).map_err(|_| MalformedLimit)?;
        let allowed = Duration::from_secs(1)..=Duration::from_secs(86_400);
        if !allowed.contains(&period) { Err(MalformedLimit) } else { Ok(Self::rate(count, period)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Limit = Limit::Rate { count: 5, period: Duration::from_secs(900) };

    /// What a step does with the store, with `arrival` as the row.
    fn pass(limit: Limit, arrival: &mut i64, now: i64) -> bool {
        let now_ms = now * 1_000;
        if limit.wait(*arrival, 100, UnixTime::from_secs(now)).is_some() {
            return false;
        }
        *arrival = (*arrival).max(now_ms) + limit.interval_ms();
        true
    }

    #[test]
    fn a_limit_reads_like_a_sentence() {
        assert_eq!("5 per 15m".parse(), Ok(FIVE));
        assert_eq!("1 per 60s".parse(), Ok(Limit::rate(1, Duration::from_secs(60))));
        assert_eq!("off".parse(), Ok(Limit::Off));
    }

    #[test]
    fn a_limit_that_makes_no_sense_is_refused() {
        for text in
            ["", "5", "5 per", "0 per 1m", "-1 per 1m", "5 per 0s", "5 per 2d", "5 in 15m", "x per 1m"]
        {
            assert_eq!(text.parse::<Limit>(), Err(MalformedLimit), "{text}");
        }
    }

    #[test]
    fn five_at_once_pass_and_the_sixth_waits_for_one_to_recover() {
        let mut arrival = 0;
        let passed = (0..6).filter(|_| pass(FIVE, &mut arrival, 1_000)).count();
        assert_eq!(passed, 5);
        assert_eq!(FIVE.wait(arrival, 100, UnixTime::from_secs(1_000)), Some(180));
        assert!(!pass(FIVE, &mut arrival, 1_179));
        assert!(pass(FIVE, &mut arrival, 1_180));
        assert!(!pass(FIVE, &mut arrival, 1_180));
    }

    #[test]
    fn a_rested_limit_never_saves_up_more_than_its_count() {
        let mut arrival = 0;
        assert_eq!((0..100).filter(|_| pass(FIVE, &mut arrival, 1_000_000)).count(), 5);
    }

    #[test]
    fn one_per_minute_leaves_a_minute_between_two() {
        let limit = Limit::rate(1, Duration::from_secs(60));
        let mut arrival = 0;
        assert!(pass(limit, &mut arrival, 100));
        assert!(!pass(limit, &mut arrival, 159));
        assert_eq!(limit.wait(arrival, 100, UnixTime::from_secs(159)), Some(1));
        assert!(pass(limit, &mut arrival, 160));
    }

    #[test]
    fn whoever_may_use_a_part_waits_sooner_and_leaves_the_rest_untouched() {
        let (limit, now) = (Limit::rate(8, Duration::from_secs(80)), UnixTime::from_secs(1_000));
        let mut arrival = 1_000_000;
        let mut pass = |percent| {
            let wait = limit.wait(arrival, percent, now);
            arrival += if wait.is_none() { limit.interval_ms() } else { 0 };
            wait
        };
        assert_eq!((0..8).filter(|_| pass(50).is_none()).count(), 4);
        assert_eq!(pass(50), Some(10));
        assert_eq!((0..8).filter(|_| pass(75).is_none()).count(), 2);
        assert_eq!((0..8).filter(|_| pass(100).is_none()).count(), 2);
        // The last of those that were used recovers last: a half is free again after four of them.
        assert_eq!((pass(100), pass(50)), (Some(10), Some(50)));
    }

    proptest::proptest! {
        #[test]
        fn any_string_is_read_or_refused(
            text in proptest::prelude::any::<String>(), count in "[0-9+-]{0,12}", period in "[0-9a-z ]{0,12}"
        ) {
            for text in [text, format!("{count} per {period}")] {
                if let Ok(limit @ Limit::Rate { count, period }) = text.parse() {
                    proptest::prop_assert!(count > 0 && (1..=86_400).contains(&period.as_secs()), "{text}");
                    proptest::prop_assert!(limit.interval_ms() >= 0 && limit.tolerance_ms(100) >= 0, "{text}");
                    proptest::prop_assert!(limit.tolerance_ms(100) <= 86_400_000, "{text}");
                }
            }
        }

        #[test]
        fn no_window_of_one_period_lets_more_than_twice_the_count_through(
            count in 1u32..20, period in 1u64..1_000, steps in proptest::collection::vec(0i64..50, 1..300)
        ) {
            // GCRA's known bound: a full burst, then the steady rate.
            let limit = Limit::rate(count, Duration::from_secs(period));
            let (mut arrival, mut now, mut passed) = (0, 10_000, Vec::new());
            for step in steps {
                now += step;
                if pass(limit, &mut arrival, now) {
                    passed.push(now);
                }
            }
            for (index, start) in passed.iter().enumerate() {
                let within = passed[index..].iter().take_while(|at| **at < start + period as i64).count();
                proptest::prop_assert!(within <= 2 * count as usize);
            }
        }
    }
}
