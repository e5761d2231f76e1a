//! How commands write moments, waits and sizes, for people and for machines.

use time::format_description::well_known::Rfc3339;

use crate::{
    domain::UnixTime,
    words::{Words, utc},
};

/// A moment for people, in UTC: `2026-09-21 14:13:20`.
pub fn at(moment: UnixTime) -> String {
    let at = utc(moment);
    format!("{} {:02}:{:02}:{:02}", at.date(), at.hour(), at.minute(), at.second())
}

/// A moment for machines (RFC 3339): `2026-09-21T14:13:20Z`.
pub fn rfc3339(moment: UnixTime) -> String {
    utc(moment).format(&Rfc3339).unwrap_or_default()
}

/// How long it is from `now` until then: `in 42 seconds`, or `now`.
pub fn until(then: UnixTime, now: UnixTime) -> String {
    match then.since(now).as_secs() {
        0 => "now".to_owned(),
        seconds => format!("in {}", Words::default().wait(seconds)),
    }
}

/// How long ago it was.
pub fn ago(then: UnixTime, now: UnixTime) -> String {
    Words::default().ago(now.since(then))
}

/// A size for people, such as `1.3 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_sizes_read_well() {
        let moment = UnixTime::from_secs(1_790_000_000);
        assert_eq!(
            (at(moment).as_str(), rfc3339(moment).as_str()),
            ("2026-09-21 14:13:20", "2026-09-21T14:13:20Z")
        );
        assert_eq!([999, 1_300, 65_536_000].map(size), ["999 bytes", "1.3 kB", "65.5 MB"]);
        assert_eq!(until(UnixTime::from_secs(1_790_000_042), moment), "in 42 seconds");
        assert_eq!(until(UnixTime::from_secs(1), moment), "now");
    }
}
