//! Time spans and moments in words.

use std::time::Duration;

use time::OffsetDateTime;

use super::Words;
use crate::domain::UnixTime;

impl Words {
    /// A wait: "42 seconds", "3 minutes", "24 hours" (rounded up).
    pub fn wait(self, seconds: u64) -> String {
        match seconds {
            0..=90 => self.seconds(seconds),
            91..=5_400 => self.minutes(seconds.div_ceil(60)),
            _ => self.hours(seconds.div_ceil(3_600)),
        }
    }

    /// A time span, exactly: "5 minutes", "1 hour".
    pub fn span(self, span: Duration) -> String {
        match span.as_secs() {
            secs if secs % 3_600 == 0 => self.hours(secs / 3_600),
            secs if secs % 60 == 0 => self.minutes(secs / 60),
            secs => self.seconds(secs),
        }
    }

    /// How long ago something was, rounded down: "just now", "3 minutes ago". What is seen is noted once a minute, so
    /// nothing shorter is told.
    pub fn ago(self, ago: Duration) -> String {
        match ago.as_secs() {
            0..120 => self.just_now().into(),
            secs @ ..3_600 => self.minutes_ago(secs / 60),
            secs @ ..86_400 => self.hours_ago(secs / 3_600),
            secs => self.days_ago(secs / 86_400),
        }
    }
}

/// A moment, to the minute, in UTC and in every language alike (ISO 8601, with a space): "2026-09-21 14:13 UTC".
pub fn moment(at: UnixTime) -> String {
    let at = utc(at);
    format!("{} {:02}:{:02} UTC", at.date(), at.hour(), at.minute())
}

/// A moment as date and time in UTC; the year 1970 for one that no calendar holds.
pub fn utc(at: UnixTime) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.secs()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_and_spans_are_told_in_whole_units() {
        let words = Words::default();
        assert_eq!(
            [1, 42, 90, 91, 3_600, 5_401, 86_400].map(|secs| words.wait(secs)),
            ["1 second", "42 seconds", "90 seconds", "2 minutes", "60 minutes", "2 hours", "24 hours"]
        );
        let spans = [1, 300, 3_600, 7_200, 90].map(|secs| words.span(Duration::from_secs(secs)));
        assert_eq!(spans, ["1 second", "5 minutes", "1 hour", "2 hours", "90 seconds"]);
    }

    #[test]
    fn what_is_past_is_told_in_whole_units() {
        let told = |secs| Words::default().ago(Duration::from_secs(secs));
        assert_eq!([0, 119, 120].map(told), ["just now", "just now", "2 minutes ago"]);
        assert_eq!([3_599, 3_600, 7_200].map(told), ["59 minutes ago", "1 hour ago", "2 hours ago"]);
        assert_eq!([86_399, 86_400, 604_800].map(told), ["23 hours ago", "1 day ago", "7 days ago"]);
    }

    #[test]
    fn spans_are_told_by_the_plurals_of_each_language() {
        for (code, told) in [
            ("de", ["1 Sekunde", "5 Minuten", "1 Stunde", "2 Stunden"]),
            ("es", ["1 segundo", "5 minutos", "1 hora", "2 horas"]),
            ("fr", ["1 seconde", "5 minutes", "1 heure", "2 heures"]),
            ("hi", ["1 सेकंड", "5 मिनट", "1 घंटे", "2 घंटे"]),
        ] {
            let words = Words::of(code).unwrap();
            assert_eq!([1, 300, 3_600, 7_200].map(|secs| words.span(Duration::from_secs(secs))), told);
        }
        // Nothing is singular in French and plural elsewhere.
        assert_eq!(
            ["fr", "de", "es"].map(|code| Words::of(code).unwrap().seconds(0)),
            ["0 seconde", "0 Sekunden", "0 segundos"]
        );
    }
}
