//! Second step: a worker makes the mail and hands it over, again and again until the link would have expired.
//!
//! Nothing here is seen by the visitor who waits. Link and code exist only from here on.

use std::time::Duration;

use rand::RngExt;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::limits;
use crate::{
    domain::{LoginCode, login_link},
    server::{
        audit::Event,
        mail::{
            MailError,
            message::{self, Mail},
            transport::MAIL_TIMEOUT,
        },
        state::AppState,
        store::{StoreError, outbox::OutboxRow},
    },
};

/// How many mails are under way at the same time: a slow recipient holds up nobody else.
const PARALLEL: usize = 32;
/// How long a mail belongs to the worker that took it.
const LEASE: Duration = MAIL_TIMEOUT.saturating_add(Duration::from_secs(15));
/// The longest pause between two tries of a mail.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
/// How long the worker sleeps at most when nobody rings.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);

/// Sends what is due until `stop`, then finishes the mails under way.
pub async fn run(state: AppState, stop: CancellationToken) {
    // One process for each database: what is claimed now was in the hands of one that died.
    if let Err(error) = state.store.release_claims(state.clock.now()).await {
        tracing::error!(%error, "what a dead process left half-sent must wait for its lease");
    }
    let mut under_way = JoinSet::new();
    while !stop.is_cancelled() {
        let nap = match take_due(&state, &mut under_way).await {
            Ok(nap) => nap,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read; trying again in a second");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = state.outbox_bell.notified() => {}
            () = tokio::time::sleep(nap) => {}
            Some(_) = under_way.join_next() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

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

/// Starts as many due mails as there is room for; tells how long nothing else will be due.
async fn take_due(state: &AppState, under_way: &mut JoinSet<()>) -> Result<Duration, StoreError> {
    while under_way.len() < PARALLEL {
        let Some(row) = state.store.claim_due(state.clock.now(), LEASE).await? else { break };
        let state = state.clone();
        under_way.spawn(async move { deliver(&state, row).await });
    }
    let now = state.clock.now();
    Ok(match state.store.next_due().await? {
        // Room is the next thing to wait for, not time.
        _ if under_way.len() == PARALLEL => LONGEST_SLEEP,
        Some(due) => due.since(now).clamp(Duration::from_millis(100), LONGEST_SLEEP),
        None => LONGEST_SLEEP,
    })
}

/// Brings one mail to its end, or puts it back for later.
async fn deliver(state: &AppState, row: OutboxRow) {
    let settled = if state.clock.now() >= row.expires_at {
        give_up(state, &row, "expired").await
    } else if !state.allowlist.get().allows(&row.email) {
        give_up(state, &row, "not_on_the_allowlist").await
    } else if let Ok(Some(wait)) = limits::count_sent(state).await {
        let again = state.clock.now().plus(Duration::from_secs(wait));
        state.store.postpone(&row.message_id, again).await
    } else {
        send(state, &row).await
    };
    if let Err(error) = settled {
        // The claim runs out and the mail is tried again: at least once, never lost.
        tracing::error!(%error, message_id = row.message_id, "the outbox could not be updated");
    }
}

async fn send(state: &AppState, row: &OutboxRow) -> Result<(), StoreError> {
    let mail = mint(state, row);
    let (message_id, tries) = (&row.message_id, row.tries);
    match state.mail.send(&mail).await {
        Ok(()) => {
            tracing::info!(message_id, tries, "sent");
            state.note(Event::Sent, None, Some(row.email.as_str()), None).await;
            if let Some(inbox) = &state.inbox {
                inbox.put(mail);
            }
            state.store.settle(message_id).await
        }
        Err(MailError::Temporary(reason)) => {
            limits::uncount_sent(state).await?;
            let again = state.clock.now().plus(backoff(tries));
            if again < row.expires_at {
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
    state.note(Event::GaveUp, Some(reason), Some(row.email.as_str()), None).await;
    state.store.settle(&row.message_id).await
}

/// Makes the mail. The token carries the time of the request, so each try carries the same link.
fn mint(state: &AppState, row: &OutboxRow) -> Mail {
    let config = &state.config;
    let token = login_link::mint(&config.keys, &row.email, row.issued_at);
    let url = login_link::url(config.public_url.origin(), &token);
    let code = LoginCode::derive(&config.keys.primary, &row.challenge, &row.email);
    message::sign_in(
        row.message_id.clone(),
        row.email.clone(),
        config.public_url.authority(),
        &url,
        &code,
        config.link_max_age,
        row.issued_at,
    )
}

/// 2, 4, 8 … 60 seconds, each up to a quarter longer, so that a returning mail server is not met by all at once.
fn backoff(tries: u32) -> Duration {
    let base = Duration::from_secs(1 << tries.clamp(1, 6)).min(LONGEST_BACKOFF);
    #[allow(clippy::disallowed_methods, reason = "jitter is no secret and no rule")]
    base.mul_f64(rand::rng().random_range(1.0..1.25))
}
