//! Second step: a worker makes the mail and hands it over, again and again until the link would have expired.
//!
//! Nothing here is seen by the visitor who waits. Link and code exist only from here on. A mail is claimed in one step,
//! sent outside of every step, and settled in another; what cannot be written is not sent.
//!
//! A mail leaves at least once: a crash between the mail server's "250" and the step that settles sends it again, under
//! the same Message-ID. Rejected: sending while the visitor waits, because the time would tell who is on the allowlist;
//! and a queue in memory, because a restart would lose mails (docs/decisions/0004-outbox.md).

use std::time::Duration;

use super::queue::{Next, claim};
use crate::{
    audit::{Event, Note},
    domain::Device,
    fail_point,
    flow::{hand_over::hand_over, retry::backoff},
    mail::{MailError, sign_in},
    state::{AppState, under_way::End},
    store::{StoreError, outbox::OutboxRow},
};

/// The longest pause between two tries of a mail.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Sends everything that is due now and waits for it. Tests call this instead of sleeping.
///
/// # Errors
/// If the outbox cannot be read or written.
pub async fn deliver_due(state: &AppState) -> Result<(), StoreError> {
    loop {
        match next(state).await? {
            Next::Send(rows) => {
                for row in rows {
                    deliver(state, row).await?;
                }
            }
            Next::Look => {}
            Next::Full | Next::Wait(_) | Next::Nothing(_) => return Ok(()),
        }
    }
}

/// Writes what could not be written before, and claims the next mails.
///
/// # Errors
/// If the database fails; then nothing is claimed.
pub async fn next(state: &AppState) -> Result<Next, StoreError> {
    settle_again(state).await?;
    claim(state).await
}

/// Sends a claimed mail and writes how that ended. A mail that is let go stays in hand; [`give_back`] ends its claim.
///
/// # Errors
/// If the end cannot be written. It is kept, and the mail is not claimed again; [`next`] writes it first of all.
pub async fn deliver(state: &AppState, row: OutboxRow) -> Result<(), StoreError> {
    let Some(end) = state.under_way.unless_let_go(send(state, &row)).await else { return Ok(()) };
    let settled = settle(state, row.clone(), end.clone()).await;
    match &settled {
        Ok(()) => {
            state.under_way.put_down(&row);
            if let End::Later(..) = end {
                state.outbox_bell.notify_one();
            }
        }
        Err(error) => {
            let message_id = row.sign_in.message_id();
            tracing::error!(%error, message_id, "the outbox could not be updated");
            state.under_way.keep_unsettled(row, end);
        }
    }
    settled
}

/// Gives back what is still in hand, all in one step: whoever looks next, another process or the next start, may send it at
/// once. One that its mail server has taken without a word goes out again, as the same mail.
///
/// # Errors
/// If the database fails; then the claims run out by themselves.
pub async fn give_back(state: &AppState) -> Result<(), StoreError> {
    settle_again(state).await?;
    let (now, rows) = (state.clock.now(), state.under_way.rows());
    if rows.is_empty() {
        return Ok(());
    }
    let giving = state.store.step(move |step| {
        Box::pin(async move {
            for row in &rows {
                step.postpone(&row.sign_in.message_id(), now, None).await?;
            }
            let mails = rows.len();
            step.after_commit(move || tracing::info!(mails, "mails were given back: they leave later"));
            Ok(())
        })
    });
    giving.await
}

/// Makes the mail and hands it over. Writes nothing, so a slow mail server holds up no step.
async fn send(state: &AppState, row: &OutboxRow) -> End {
    let words = state.config.languages.of_or_first(&row.language);
    let mail = sign_in::mail(&row.sign_in, Device::of(&row.user_agent), words, &state.config);
    let (message_id, tries) = (row.sign_in.message_id(), row.tries + 1);
    match hand_over(state, &mail).await {
        Ok(()) => {
            fail_point::pass("deliver", "after the mail server's 250");
            if let Some(inbox) = &state.inbox {
                inbox.put(mail);
            }
            End::Sent
        }
        Err(error @ (MailError::Temporary(_) | MailError::NotAccepted { .. })) => {
            let reason = error.to_string();
            if let MailError::NotAccepted { remedy, .. } = error {
                tracing::error!(message_id, tries, reason, remedy, "the mail server does not accept us");
            }
            let again = state.clock.now().plus(backoff(tries, LONGEST_BACKOFF));
            if again < row.sign_in.expires_at(state.config.link_max_age) {
                tracing::warn!(message_id, tries, reason, "not sent yet: trying again");
                End::Later(again, reason)
            } else {
                tracing::warn!(message_id, tries, reason, "the last try failed: the link would have expired");
                End::GivenUp("expired")
            }
        }
        Err(MailError::Permanent(reason) | MailError::Setup(reason)) => {
            tracing::warn!(message_id, tries, reason, "the mail was refused for good");
            End::Refused(reason)
        }
    }
}

/// Writes how a mail ended, in one step: the row and the audit trail.
async fn settle(state: &AppState, row: OutboxRow, end: End) -> Result<(), StoreError> {
    let (now, audit) = (state.clock.now(), state.audit);
    // Lost in a power cut, the mail would be sent again, as the same one.
    let settling = state.store.step_unsynced(move |step| {
        Box::pin(async move {
            let sign_in = &row.sign_in;
            let message_id = sign_in.message_id();
            match end {
                End::Sent => {
                    audit
                        .note(step, now, Note::of(Event::Sent).email(&sign_in.email).message_id(&message_id))
                        .await?;
                    // Once more: a standby that lags behind may have taken over without the claim that said so, and the mail is out.
                    step.let_code_count(&sign_in.challenge.hashed()).await?;
                    step.settle(&message_id).await?;
                    let tries = row.tries + 1;
                    step.after_commit(move || tracing::info!(message_id, tries, "sent"));
                }
                End::Later(due_at, trouble) => {
                    step.postpone(&message_id, due_at, Some(&trouble)).await?;
                }
                End::Refused(trouble) => {
                    let note = Note::of(Event::GaveUp).reason("refused_by_the_mail_server");
                    let note = note.email(&sign_in.email).message_id(&message_id).detail(&trouble);
                    audit.note(step, now, note).await?;
                    step.keep_refused(&message_id, &trouble, now).await?;
                    step.settle(&message_id).await?;
                }
                End::GivenUp(reason) => {
                    let note = Note::of(Event::GaveUp).reason(reason).email(&sign_in.email);
                    audit.note(step, now, note.message_id(&message_id)).await?;
                    step.settle(&message_id).await?;
                }
            }
            Ok(())
        })
    });
    settling.await
}

/// Settles what could not be settled before. The first one that fails again ends it: the rest stays kept.
async fn settle_again(state: &AppState) -> Result<(), StoreError> {
    while let Some((row, end)) = state.under_way.first_unsettled() {
        settle(state, row.clone(), end).await?;
        state.under_way.put_down(&row);
    }
    Ok(())
}
