//! How long a mail is held, and when it is tried again.

use std::time::Duration;

use rand::RngExt;

use crate::{mail::mailer::MAIL_TIMEOUT, random};

/// How long a mail belongs to the worker that took it.
pub const LEASE: Duration = MAIL_TIMEOUT.saturating_add(Duration::from_secs(15));

/// 2, 4, 8 … seconds, at most `longest`, each up to a quarter longer, so that a mail server that returns is not met by all at
/// once. `tries`: the one that has just failed included.
pub fn backoff(tries: u32, longest: Duration) -> Duration {
    let base = Duration::from_secs(1 << tries.clamp(1, 16)).min(longest);
    base.mul_f64(random::rng().random_range(1.0..1.25))
}
