//! The budgets of a login: requests, mails and wrong codes. Known and unknown addresses count alike, or a limit would
//! tell them apart.
//!
//! Everything here is a part of a step: what is counted commits with what it was counted for, or not at all.

use std::time::Duration;

use crate::{
    audit::{Event, Note},
    config::Limits,
    domain::{EmailAddress, Limit, UnixTime},
    flow::Asking,
    store::{Step, StoreError},
};

/// The share of LIMIT_MAILS from which on the log warns, so that the operator hears of it before mails wait.
const WARN_AT: f64 = 0.8;
/// A repeated refusal is noted once a minute, so that an attack cannot fill the disk.
const REPEATS_NOTED: Limit = Limit::Rate { count: 1, period: Duration::from_secs(60) };

/// A budget: what is counted, under which name, against which limit, and for which address, if it is one's.
pub struct Budget {
    name: &'static str,
    counted: String,
    limit: Limit,
    email: Option<EmailAddress>,
}

/// Requests for a mail from one network, those with a malformed address too.
pub fn requests(asking: &Asking) -> Budget {
    let limit = asking.limits.network;
    Budget { name: "network", counted: format!("network:{}", asking.client.network), limit, email: None }
}

/// Requests for mails to one address, in three spans. Somebody else can use them up; no lock follows, and each recovers
/// one by one (docs/threat-model.md, "Limits, and what they cost the innocent").
pub fn mails_to(limits: &Limits, email: &EmailAddress) -> [Budget; 3] {
    [
        ("address_gap", limits.address_gap),
        ("address_short", limits.address_short),
        ("address_long", limits.address_long),
    ]
    .map(|(name, limit)| of_address(name, limit, email))
}

/// Wrong codes for one address, over all its mails: asking for new ones does not buy new guesses.
/// They are not counted over many addresses, which docs/threat-model.md lists as a known gap.
pub fn wrong_codes(limits: &Limits, email: &EmailAddress) -> Budget {
    of_address("address_codes", limits.address_codes, email)
}

fn of_address(name: &'static str, limit: Limit, email: &EmailAddress) -> Budget {
    Budget { name, counted: format!("{name}:{email}"), limit, email: Some(email.clone()) }
}

/// Spends one of each budget, or none: the seconds to wait if one is used up. That is noted, and nothing else counts.
///
/// # Errors
/// If the database fails.
pub async fn spend(step: &mut Step, asking: &Asking, budgets: &[Budget]) -> Result<Option<u64>, StoreError> {
    if let Some(wait) = wait_for(step, asking, budgets).await? {
        return Ok(Some(wait));
    }
    for budget in budgets {
        step.count(&budget.counted, budget.limit, asking.now).await?;
    }
    Ok(None)
}

/// As [`spend`], without spending.
///
/// # Errors
/// If the database fails.
pub async fn wait_for(
    step: &mut Step,
    asking: &Asking,
    budgets: &[Budget],
) -> Result<Option<u64>, StoreError> {
    for budget in budgets {
        if let Some(wait) = step.wait_for(&budget.counted, budget.limit, 0, asking.now).await? {
            if first_this_minute(step, &budget.counted, asking.now).await? {
                let note = Note::of(Event::Limited).reason(budget.name).client(&asking.client);
                asking.audit.note(step, asking.now, budget.email.iter().fold(note, Note::email)).await?;
            }
            return Ok(Some(wait));
        }
    }
    Ok(None)
}

/// Seconds to wait until one more mail may leave, over all; `None` to go ahead. `under_way`: mails that are being sent.
///
/// Counted where mails leave and not where they are asked for, because a stranger could ask for unknown addresses until
/// nobody gets a mail any more.
///
/// # Errors
/// If the database fails.
pub async fn wait_to_send(
    step: &mut Step,
    limits: &Limits,
    under_way: u32,
    now: UnixTime,
) -> Result<Option<u64>, StoreError> {
    step.wait_for("mails", limits.mails, under_way, now).await
}

/// Counts a mail that has left: one that did not, because the mail server was down, uses nothing up.
///
/// # Errors
/// If the database fails.
pub async fn count_sent(step: &mut Step, limits: &Limits, now: UnixTime) -> Result<(), StoreError> {
    let used = step.count("mails", limits.mails, now).await?;
    if used >= WARN_AT {
        let used_percent = (used * 100.0).round();
        step.after_commit(move || {
            tracing::warn!(used_percent, "the limit over all mails is nearly reached");
        });
    }
    Ok(())
}

/// Whether an event of this `key` is the first in a minute, and so worth an entry in the audit trail.
///
/// # Errors
/// If the database fails.
pub async fn first_this_minute(step: &mut Step, key: &str, now: UnixTime) -> Result<bool, StoreError> {
    let counted = format!("noted:{key}");
    if step.wait_for(&counted, REPEATS_NOTED, 0, now).await?.is_some() {
        return Ok(false);
    }
    step.count(&counted, REPEATS_NOTED, now).await?;
    Ok(true)
}
