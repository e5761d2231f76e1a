//! How often things may happen: the table `[limits]` of Leptos.toml, overridable as LIMIT_*.

use super::{mistakes::Mistakes, sources::Sources};
use crate::domain::Limit;

/// All limits; docs/configuration.md says what each one is for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Between two mails to one address.
    pub address_gap: Limit,
    /// Mails to one address, in the short run.
    pub address_short: Limit,
    /// Mails to one address, in the long run.
    pub address_long: Limit,
    /// Requests from one client network.
    pub network: Limit,
    /// Mails over all.
    pub mails: Limit,
    /// Wrong codes for one address, over all challenges.
    pub address_codes: Limit,
}

pub fn read(sources: &Sources, m: &mut Mistakes) -> Limits {
    let mut limit = |name: &str, default: &str| -> Limit {
        let text = sources.get(name).unwrap_or(default);
        text.parse().unwrap_or_else(|malformed: crate::domain::MalformedLimit| {
            m.add(name, format!("is `{text}`"), malformed.to_string());
            Limit::Off
        })
    };
    Limits {
        address_gap: limit("LIMIT_ADDRESS_GAP", "1 per 60s"),
        address_short: limit("LIMIT_ADDRESS_SHORT", "5 per 15m"),
        address_long: limit("LIMIT_ADDRESS_LONG", "30 per 1h"),
        network: limit("LIMIT_NETWORK", "30 per 5m"),
        mails: limit("LIMIT_MAILS", "300 per 1h"),
        address_codes: limit("LIMIT_ADDRESS_CODES", "20 per 1h"),
    }
}
