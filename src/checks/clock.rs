//! The clock, compared with those of others: a link lives for minutes.

use std::time::Duration;

use super::Findings;
use crate::{clock::Clock, domain::UnixTime};

const ABOUT: &str = "clock";
/// 2026-01-01. Postern is younger than any clock that shows less.
const NOT_BEFORE: UnixTime = UnixTime::from_secs(1_767_225_600);
/// 2100-01-01.
const NOT_AFTER: UnixTime = UnixTime::from_secs(4_102_444_800);
/// How far two clocks may be apart: a fifth of the life of a link.
const APART: Duration = Duration::from_secs(60);

/// What time it is elsewhere, read a moment ago.
pub struct Time {
    /// Whose clock it is, as in "the database".
    pub whose: &'static str,
    pub now: UnixTime,
}

/// Compares the clock of this machine with `others`.
pub fn check(others: impl Iterator<Item = Time>, findings: &mut Findings) {
    judge(Clock::System.now(), others, findings);
}

fn judge(now: UnixTime, others: impl Iterator<Item = Time>, findings: &mut Findings) {
    let fix = "let chrony or systemd-timesyncd set it; links, sessions and limits live by the clock";
    let moment = crate::words::moment(now);
    if now < NOT_BEFORE || now > NOT_AFTER {
        findings.trouble(ABOUT, format!("The clock of this machine says {moment}, which cannot be"), fix);
    } else {
        findings.well(ABOUT, format!("The clock of this machine says {moment}"));
    }
    for Time { whose, now: theirs } in others {
        let (apart, way) =
            if now > theirs { (now.since(theirs), "ahead of") } else { (theirs.since(now), "behind") };
        if apart > APART {
            let apart = humantime::format_duration(apart);
            findings.trouble(
                ABOUT,
                format!("The clock of this machine is {apart} {way} that of {whose}"),
                fix,
            );
        } else {
            findings.well(ABOUT, format!("The clock of this machine agrees with that of {whose}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Weight;

    fn found(now: i64, theirs: &[i64]) -> Vec<(Weight, String)> {
        let mut findings = Findings::default();
        let others =
            theirs.iter().map(|secs| Time { whose: "the database", now: UnixTime::from_secs(*secs) });
        judge(UnixTime::from_secs(now), others, &mut findings);
        findings.iter().map(|finding| (finding.weight, finding.words.clone())).collect()
    }

    #[test]
    fn a_clock_that_is_apart_from_another_one_or_from_our_times_is_trouble() {
        const NOW: i64 = 1_790_000_000;
        assert!(found(NOW, &[NOW, NOW + 60, NOW - 60]).iter().all(|(weight, _)| *weight == Weight::Well));
        let (weight, words) = &found(NOW, &[NOW + 3_661])[1];
        assert_eq!(
            (*weight, words.as_str()),
            (Weight::Trouble, "The clock of this machine is 1h 1m 1s behind that of the database")
        );
        let (weight, words) = &found(NOW, &[NOW - 61])[1];
        assert_eq!(
            (*weight, words.as_str()),
            (Weight::Trouble, "The clock of this machine is 1m 1s ahead of that of the database")
        );
        for wrong in [0, 946_684_800, 4_200_000_000] {
            assert_eq!(found(wrong, &[])[0].0, Weight::Trouble, "{wrong}");
        }
    }
}
