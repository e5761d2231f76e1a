//! Second step: a worker makes the mail and hands it over, again and again until the link would have expired.
//!
//! Nothing here is seen by the visitor who waits. Link and code exist only from here on. A mail is claimed in one step,
//! sent outside of every step, and settled in the step that claims the next ones; what cannot be written is not sent.
//!
//! A mail leaves at least once: a crash between the mail server's "250" and the step that settles sends it again, under
//! the same Message-ID. Rejected: sending while the visitor waits, because the time would tell who is on the allowlist;
//! and a queue in memory, because a restart would lose mails (docs/decisions/0004-outbox.md).

use std::{collections::HashSet, sync::Arc, time::Duration};

use super::queue::{Next, Queue, Then};
use crate::{
    audit::{Audit, Event, Note},
    domain::{Device, UnixTime},
    fail_point,
    flow::{hand_over::hand_over, retry::backoff},
    mail::{MailError, sign_in},
    state::{AppState, under_way::End},
    store::{Step, StoreError, outbox::OutboxRow},
};

/// The longest pause between two tries of a mail.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Sends everything that is due now and waits for it. Tests call this instead of sleeping.
///
/// # Errors
/// If the outbox cannot be read or written.
pub async fn deliver_due(state: &AppState) -> Result<(), StoreError> {
    loop {
        let Next { send, then } = next(state).await?;
        let is_idle = send.is_empty() && !matches!(then, Then::Look);
        for row in send {
            deliver(state, row).await;
        }
        if is_idle {
            return Ok(());
        }
    }
}

/// Writes how mails have ended, and claims the next ones, in one step.
///
/// # Errors
/// If the database fails; then nothing is claimed, and what has ended is written first of all the next time.
pub async fn next(state: &AppState) -> Result<Next, StoreError> {
    let (ended, being_sent) = state.under_way.in_hand();
    let (now, any_ended) = (state.clock.now(), !ended.is_empty());
    let is_due = move |due: Option<UnixTime>| due.is_some_and(|due| due <= now);
    if !any_ended {
        // Read, and no step: several instances look every second, and steps run one after the other.
        let due = state.store.next_due().await?;
        if !is_due(due) {
            return Ok(Next { send: Vec::new(), then: Then::Nothing(due) });
        }
    }
    let (settling, queue) = (Settling::of(state, ended), Queue::new(state, &being_sent));
    let settled = settling.mails();
    // Lost in a power cut, the mails would be claimed again, and those that were sent would be sent again, as the same ones.
    let stepping = state.store.step_unsynced(move |step| {
        Box::pin(async move {
            if any_ended {
                settling.write(step).await?;
                let due = step.next_due().await?;
                if !is_due(due) {
                    return Ok(Next { send: Vec::new(), then: Then::Nothing(due) });
                }
            }
            queue.next(step).await
        })
    });
    let next = match stepping.await {
        Ok(next) => next,
        Err(error) => {
            // Whatever keeps mails from being claimed, those that have left are not to leave again.
            if any_ended && is_about_the_work(&error) {
                settle(state).await?;
            }
            return Err(error);
        }
    };
    state.under_way.put_down(&settled);
    next.send.iter().for_each(|row| state.under_way.take(row));
    Ok(next)
}

/// Writes how mails have ended, and claims none. One whose end cannot be written keeps no other from it.
///
/// # Errors
/// If the database fails; what is not written stays in hand.
pub async fn settle(state: &AppState) -> Result<(), StoreError> {
    let (ended, _) = state.under_way.in_hand();
    if ended.is_empty() {
        return Ok(());
    }
    let together = Settling::of(state, ended.clone()).commit(state).await;
    if ended.len() == 1 || !together.as_ref().is_err_and(is_about_the_work) {
        return together;
    }
    let mut settled = Ok(());
    for one in ended {
        let message_id = one.0.sign_in.message_id();
        if let Err(error) = Settling::of(state, vec![one]).commit(state).await {
            tracing::error!(%error, message_id, "how a mail ended cannot be written");
            settled = Err(error);
        }
    }
    settled
}

/// Whether an error is one of what was to be written: other work may succeed.
fn is_about_the_work(error: &StoreError) -> bool {
    error.kind() == "failed"
}

/// Sends a claimed mail; [`next`] writes how that ended. A mail that is let go stays in hand; [`give_back`] ends its claim.
pub async fn deliver(state: &AppState, row: OutboxRow) {
    let mut sending = Sending { state, row: Some(row) };
    let end = match &sending.row {
        Some(row) => state.under_way.unless_let_go(send(state, row)).await,
        None => None,
    };
    if let (Some(row), Some(end)) = (sending.row.take(), end) {
        state.under_way.end(row, end);
    }
}

/// A mail that is being sent. If that breaks off in the middle, by a defect of ours, it has ended all the same.
struct Sending<'s> {
    state: &'s AppState,
    row: Option<OutboxRow>,
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        if let Some(row) = self.row.take() {
            let again = self.state.clock.now().plus(backoff(row.tries + 1, LONGEST_BACKOFF));
            self.state.under_way.end(row, End::Later(again, "sending it broke off".to_owned()));
        }
    }
}

/// Gives back what is still in hand, in one step: whoever looks next, another process or the next start, may send it at
/// once. One that its mail server has taken without a word goes out again, as the same mail.
///
/// # Errors
/// If the database fails; then the claims run out by themselves.
pub async fn give_back(state: &AppState) -> Result<(), StoreError> {
    let (now, (_, rows)) = (state.clock.now(), state.under_way.in_hand());
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

/// Mails whose end is to be written.
#[derive(Clone)]
struct Settling {
    now: UnixTime,
    audit: Audit,
    ended: Arc<[(OutboxRow, End)]>,
}

impl Settling {
    fn of(state: &AppState, ended: Vec<(OutboxRow, End)>) -> Self {
        Self { now: state.clock.now(), audit: state.audit, ended: ended.into() }
    }

    /// Their Message-IDs.
    fn mails(&self) -> HashSet<String> {
        self.ended.iter().map(|(row, _)| row.sign_in.message_id()).collect()
    }

    /// Writes it in a step of its own, and puts the mails down.
    async fn commit(self, state: &AppState) -> Result<(), StoreError> {
        let settled = self.mails();
        // Lost in a power cut, they would be sent again, as the same ones.
        state.store.step_unsynced(move |step| Box::pin(self.write(step))).await?;
        state.under_way.put_down(&settled);
        Ok(())
    }

    /// Writes the rows and the audit trail.
    async fn write(self, step: &mut Step) -> Result<(), StoreError> {
        let (mut gone, mut sent) = (Vec::new(), Vec::new());
        for (row, end) in self.ended.iter() {
            let sign_in = &row.sign_in;
            let message_id = sign_in.message_id();
            let note = |event| Note::of(event).email(&sign_in.email).message_id(&message_id);
            match end {
                End::Sent => {
                    self.audit.note(step, self.now, note(Event::Sent)).await?;
                    sent.push(sign_in.challenge.hashed());
                    let (message_id, tries) = (message_id.clone(), row.tries + 1);
                    step.after_commit(move || tracing::info!(message_id, tries, "sent"));
                }
                End::Later(due_at, trouble) => {
                    step.postpone(&message_id, *due_at, Some(trouble)).await?;
                    continue;
                }
                End::Refused(trouble) => {
                    let note = note(Event::GaveUp).reason("refused_by_the_mail_server").detail(trouble);
                    self.audit.note(step, self.now, note).await?;
                    step.keep_refused(&message_id, trouble, self.now).await?;
                }
                End::GivenUp(reason) => {
                    self.audit.note(step, self.now, note(Event::GaveUp).reason(reason)).await?;
                }
            }
            gone.push(message_id);
        }
        // Once more: a standby that lags behind may have taken over without the claim that said so, and the mails are out.
        step.let_codes_count(&sent).await?;
        step.settle(gone).await
    }
}
