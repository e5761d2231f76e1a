//! How often things may happen: the table `[limits]` of Leptos.toml, overridable as LIMIT_*.

use super::{
    reader::{Noted, Reader},
    settings::{self, Setting},
};
use crate::domain::{Limit, MalformedLimit};

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

/// All limits, each as LIMIT_* or `[limits]` says.
pub fn read(reader: &mut Reader) -> Result<Limits, Noted> {
    let fix = MalformedLimit.to_string();
    let mut limit = |setting: Setting| reader.parsed(setting, &fix, |text| text.parse().ok());
    let address_gap = limit(settings::LIMIT_ADDRESS_GAP);
    let address_short = limit(settings::LIMIT_ADDRESS_SHORT);
    let address_long = limit(settings::LIMIT_ADDRESS_LONG);
    let network = limit(settings::LIMIT_NETWORK);
    let mails = limit(settings::LIMIT_MAILS);
    let address_codes = limit(settings::LIMIT_ADDRESS_CODES);
    Ok(Limits {
        address_gap: address_gap?,
        address_short: address_short?,
        address_long: address_long?,
        network: network?,
        mails: mails?,
        address_codes: address_codes?,
    })
}
