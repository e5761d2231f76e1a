//! Second step: a worker makes the mail and hands it over, again and again until the link would have expired.
//!
//! Nothing here is seen by the visitor who waits. Link and code exist only from here on.

use std::time::Duration;

use rand::RngExt;

use super::limits;
use crate::{
    audit::{Event, Note},
    domain::UnixTime,
    mail::{MailError, mailer::MAIL_TIMEOUT, message},
    random,
    state::AppState,
    store::{StoreError, outbox::OutboxRow},
};

/// How long a mail belongs to the worker that took it.
pub const LEASE: Duration = MAIL_TIMEOUT.saturating_add(Duration::from_secs(15));
/// The longest pause between two tries of a mail.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Sends everything that is due now and waits for it. Tests call this instead of sleeping.
///
/// # Errors
/// If the outbox cannot be read.
pub async fn deliver_due(state: &AppState) -> Result<(), StoreError> {
    while let Some(row) = state.store.claim_due(state.clock.now(), LEASE).await? {
        deliver(state, row).await;
    }
    Ok(())
}

/// Brings one mail to its end, or puts it back for later.
pub async fn deliver(state: &AppState, row: OutboxRow) {
    let message_id = row.sign_in.message_id();
    let settled = if state.clock.now() >= expiry(state, &row) {
        give_up(state, &row, "expired").await
    } else if !state.allowlist.get().allows(&row.sign_in.email) {
        give_up(state, &row, "not_on_the_allowlist").await
    } else if let Ok(Some(wait)) = limits::count_sent(state).await {
        let again = state.clock.now().plus(Duration::from_secs(wait));
        state.store.postpone(&message_id, again).await
    } else {
        send(state, &row).await
    };
    if let Err(error) = settled {
        // The claim runs out and the mail is tried again: at least once, never lost.
        tracing::error!(%error, message_id, "the outbox could not be updated");
    }
}

async fn send(state: &AppState, row: &OutboxRow) -> Result<(), StoreError> {
    let mail = message::sign_in(&row.sign_in, &state.config);
    let (message_id, tries) = (&row.sign_in.message_id(), row.tries);
    match state.mail.send(&mail).await {
        Ok(()) => {
            tracing::info!(message_id, tries, "sent");
            state.audit.note(Note::of(Event::Sent).email(&row.sign_in.email)).await;
            if let Some(inbox) = &state.inbox {
                inbox.put(mail);
            }
            state.store.settle(message_id).await
        }
        Err(MailError::Temporary(reason)) => {
            limits::uncount_sent(state).await?;
            let again = state.clock.now().plus(backoff(tries));
            if again < expiry(state, row) {
                tracing::warn!(message_id, tries, reason, "not sent yet: trying again");
                state.store.postpone(message_id, again).await
            } else {
                tracing::warn!(message_id, tries, reason, "the last try failed: the link would have expired");
                give_up(state, row, "expired").await
            }
        }
        Err(MailError::Permanent(reason) | MailError::Setup(reason)) => {
            limits::uncount_sent(state).await?;
            tracing::warn!(message_id, tries, reason, "the mail was refused for good");
            give_up(state, row, "refused_by_the_mail_server").await
        }
    }
}

async fn give_up(state: &AppState, row: &OutboxRow, reason: &str) -> Result<(), StoreError> {
    state.audit.note(Note::of(Event::GaveUp).reason(reason).email(&row.sign_in.email)).await;
    state.store.settle(&row.sign_in.message_id()).await
}

/// When the link expires, and with it the use of sending it.
fn expiry(state: &AppState, row: &OutboxRow) -> UnixTime {
    row.sign_in.expires_at(state.config.link_max_age)
}

/// 2, 4, 8 … 60 seconds, each up to a quarter longer, so that a returning mail server is not met by all at once.
fn backoff(tries: u32) -> Duration {
    let base = Duration::from_secs(1 << tries.clamp(1, 6)).min(LONGEST_BACKOFF);
    base.mul_f64(random::rng().random_range(1.0..1.25))
}
