//! How arguments are read that several commands take.

use std::time::Duration;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::domain::{EmailAddress, UnixTime};

/// A mail address.
///
/// # Errors
/// A sentence for whoever typed it.
pub fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|_| "write an address like ada@example.com".to_owned())
}

/// A moment of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So long ago.
    Ago(Duration),
    /// That moment.
    Moment(UnixTime),
}

impl Since {
    /// The moment that it is, seen from `now`.
    pub fn moment(self, now: UnixTime) -> UnixTime {
        match self {
            Self::Ago(span) => now.minus(span),
            Self::Moment(moment) => moment,
        }
    }
}

/// A moment of the past: a time span like `2h` or `3d`, or a date with a time (RFC 3339), or a date alone, which begins at
/// midnight UTC.
///
/// # Errors
/// A sentence for whoever typed it.
pub fn since(text: &str) -> Result<Since, String> {
    if let Ok(span) = humantime::parse_duration(text) {
        return Ok(Since::Ago(span));
    }
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    OffsetDateTime::parse(&whole, &Rfc3339)
        .map(|moment| Since::Moment(UnixTime::from_secs(moment.unix_timestamp())))
        .map_err(|_| "write it like 2h, 3d, 2026-09-21 or 2026-09-21T14:13:20Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_span_or_a_date() {
        assert_eq!(since("2h"), Ok(Since::Ago(Duration::from_secs(7_200))));
        assert_eq!(since("1d 12h"), Ok(Since::Ago(Duration::from_secs(129_600))));
        let noon = UnixTime::from_secs(1_790_000_000);
        assert_eq!(since("2026-09-21T14:13:20Z"), Ok(Since::Moment(noon)));
        assert_eq!(since("2026-09-21T16:13:20+02:00"), Ok(Since::Moment(noon)));
        assert_eq!(since("2026-09-21"), Ok(Since::Moment(UnixTime::from_secs(1_789_948_800))));
        for text in ["", "yesterday", "2026-13-01", "2", "-2h"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
