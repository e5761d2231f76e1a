//! How often things may happen: the table `[limits]` of Leptos.toml, overridable as LIMIT_*, and LIMITS for all of them.

use strum::IntoEnumIterator;

use super::{
    reader::{Noted, Reader},
    settings,
};
use crate::domain::{Budget, Limits, MalformedLimit};

/// All limits, each as LIMIT_* or `[limits]` says; none, if LIMITS is off.
pub fn read(reader: &mut Reader) -> Result<Limits, Noted> {
    let lifted = reader.one_of(settings::LIMITS, &["on", "off"]).map(|word| word == "off");
    let fix = MalformedLimit.to_string();
    let mut limits = Ok(Limits::OFF);
    for budget in Budget::iter() {
        let Some(setting) = settings::of_budget(budget) else { continue };
        match reader.parsed(setting, &fix, |text| text.parse().ok()) {
            Ok(limit) => limits = limits.map(|limits: Limits| limits.with(budget, limit)),
            Err(noted) => limits = Err(noted),
        }
    }
    if lifted? { limits.map(|_| Limits::OFF) } else { limits }
}
