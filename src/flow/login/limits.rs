//! What a request must pass before any mail is thought of. Known and unknown addresses count alike.

use std::time::Duration;

use crate::{
    audit::{Event, Note},
    domain::{EmailAddress, Limit},
    flow::{Error, Visitor},
    refusal::Refusal,
    state::AppState,
    store::{StoreError, limits::Verdict},
};

/// The operator hears of it before the last mail of the hour is gone.
const WARN_AT: f64 = 0.8;
/// A repeated refusal is noted once a minute, so that an attack cannot fill the disk.
const REPEATS_NOTED: Limit = Limit::Rate { count: 1, period: Duration::from_secs(60) };

/// Counts a request from the visitor's network, whatever it asks for and before anything is done for it.
///
/// # Errors
/// `Limited`.
pub async fn count_request(state: &AppState, visitor: &Visitor) -> Result<(), Error> {
    let counted = format!("network:{}", visitor.client.network);
    count_or_refuse(state, visitor, None, &counted, state.config.limits.network).await
}

/// Counts a mail to `email`. Nothing resets a counter: not a resend, not a sign-in.
///
/// # Errors
/// `Limited`.
pub async fn count_mail(state: &AppState, visitor: &Visitor, email: &EmailAddress) -> Result<(), Error> {
    let limits = &state.config.limits;
    let spans = [
        (format!("address_gap:{email}"), limits.address_gap),
        (format!("address_short:{email}"), limits.address_short),
        (format!("address_long:{email}"), limits.address_long),
    ];
    for (place, (counted, limit)) in spans.iter().enumerate() {
        if let Err(error) = count_or_refuse(state, visitor, Some(email), counted, *limit).await {
            // No mail goes out, so the shorter spans are given back: the wait that was named is the whole wait.
            for (counted, limit) in &spans[..place] {
                state.store.uncount(counted, *limit).await?;
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Counts a mail that is about to be sent, over all: the seconds to wait, or `None` to go ahead.
///
/// Counted here and not when it is asked for, because a stranger could ask for unknown addresses until nobody
/// gets a mail any more.
///
/// # Errors
/// If the database fails.
pub async fn count_sent(state: &AppState) -> Result<Option<u64>, StoreError> {
    match state.store.count("mails", state.config.limits.mails, state.clock.now()).await? {
        Verdict::Passed { used } => {
            if used >= WARN_AT {
                tracing::warn!(
                    used_percent = (used * 100.0).round(),
                    "the limit over all mails is nearly reached"
                );
            }
            Ok(None)
        }
        Verdict::Limited { retry_after } => {
            tracing::error!(retry_after, "the limit over all mails is reached: mails wait (LIMIT_MAILS)");
            Ok(Some(retry_after))
        }
    }
}

/// Takes back what [`count_sent`] counted for a mail that did not leave: a mail server that is down must not use
/// up the hour.
///
/// # Errors
/// If the database fails.
pub async fn uncount_sent(state: &AppState) -> Result<(), StoreError> {
    state.store.uncount("mails", state.config.limits.mails).await
}

/// Whether an event of this `key` is the first in a minute, and so worth an entry in the audit trail.
///
/// # Errors
/// If the database fails.
pub async fn first_this_minute(state: &AppState, key: &str) -> Result<bool, StoreError> {
    let noted = state.store.count(&format!("noted:{key}"), REPEATS_NOTED, state.clock.now()).await?;
    Ok(matches!(noted, Verdict::Passed { .. }))
}

async fn count_or_refuse(
    state: &AppState,
    visitor: &Visitor,
    email: Option<&EmailAddress>,
    counted: &str,
    limit: Limit,
) -> Result<(), Error> {
    match state.store.count(counted, limit, state.clock.now()).await? {
        Verdict::Passed { .. } => Ok(()),
        Verdict::Limited { retry_after } => {
            if first_this_minute(state, counted).await? {
                let name = counted.split(':').next().unwrap_or_default();
                let note = Note::of(Event::Limited).reason(name).client(&visitor.client);
                state.audit.note(email.into_iter().fold(note, Note::email)).await;
            }
            Err(Refusal::Limited { retry_after }.into())
        }
    }
}
