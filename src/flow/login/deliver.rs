//! Second step: a worker makes the mail and hands it over, again and again until the link would have expired.
//!
//! Nothing here is seen by the visitor who waits. Link and code exist only from here on. A mail is claimed in one step,
//! sent outside of every step, and settled in the step that claims the next ones; what cannot be written is not sent.
//!
//! A mail leaves at least once: a crash between the mail server's "250" and the step that settles sends it again, under
//! the same Message-ID. Rejected: sending while the visitor waits, because the time would tell who is on the allowlist;
//! and a queue in memory, because a restart would lose mails (docs/decisions/0004-outbox.md).

use std::time::Duration;

use super::queue::{MAX_PARALLEL_MAILS, Next, Queue, Then};
use crate::{
    domain::Device,
    fail_point,
    flow::{
        hand_over::hand_over,
        retry::{LEASE, backoff},
        settling::{self, Ended, Settling, end_of},
    },
    mail::sign_in,
    state::{
        AppState,
        under_way::{End, InHand},
    },
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

/// Writes how mails have ended, and claims the next ones, in one step. One whose end cannot be written stays in hand, and keeps no
/// other from leaving, as long as there are few of them.
///
/// # Errors
/// If the database fails; then nothing is claimed, and what has ended is written first of all the next time.
pub async fn next(state: &AppState) -> Result<Next, StoreError> {
    let in_hand = state.under_way.in_hand();
    if in_hand.unwritten.len() >= MAX_PARALLEL_MAILS {
        // Something is wrong with more than a mail: each that left now would be one more to leave again after a crash.
        return Ok(Next { send: Vec::new(), then: Then::Full });
    }
    let any_ended = !in_hand.ended.is_empty();
    match claim(state, in_hand).await {
        // Whatever keeps mails from being claimed, those that have left are not to leave again.
        Err(error) if any_ended && error.is_about_the_work() => {
            if let Err(error) = settle(state).await {
                if !error.is_about_the_work() {
                    return Err(error);
                }
                tracing::error!(%error, "the outbox cannot be used: how mails have ended is not written yet");
            }
            claim(state, InHand { ended: Vec::new(), ..state.under_way.in_hand() }).await
        }
        outcome => outcome,
    }
}

/// Writes the ends that are to be written now, and claims others than what is in hand.
async fn claim(state: &AppState, in_hand: InHand) -> Result<Next, StoreError> {
    let InHand { ended: ends, unwritten, being_sent } = in_hand;
    let ended = ended(ends);
    let settled = ended.iter().map(|one| one.message_id.clone()).collect();
    let queue = Queue::new(state, &being_sent, &unwritten);
    let unwritten = unwritten.iter().map(|row| row.sign_in.message_id()).collect();
    let (settling, kept_until) = (Settling::of(state, ended), state.clock.now().plus(LEASE));
    // Lost in a power cut, the mails would be claimed again, and those that were sent would be sent again, as the same ones.
    let claiming = state.store.step_unsynced(move |step| {
        Box::pin(async move {
            settling.write(step).await?;
            step.keep(unwritten, kept_until).await?;
            queue.next(step).await
        })
    });
    let next = claiming.await?;
    state.under_way.put_down(&settled);
    next.send.iter().for_each(|row| state.under_way.take(row));
    Ok(next)
}

/// Writes how mails have ended, and claims none. One whose end cannot be written keeps no other from it.
///
/// # Errors
/// If the database fails; what is not written stays in hand.
pub async fn settle(state: &AppState) -> Result<(), StoreError> {
    let ends = state.under_way.ended();
    let (settled, outcome) = settling::settle(state, ended(ends.clone())).await;
    state.under_way.put_down(&settled);
    if outcome.is_err() {
        state.under_way.leave_alone(&ends);
    }
    outcome
}

fn ended(ends: Vec<(OutboxRow, End)>) -> Vec<Ended> {
    let ended = |(row, end): (OutboxRow, End)| Ended {
        message_id: row.sign_in.message_id(),
        challenge: Some(row.sign_in.challenge.hashed()),
        email: row.sign_in.email,
        tries: row.tries + 1,
        end,
        failed: None,
    };
    ends.into_iter().map(ended).collect()
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
    let (now, rows) = (state.clock.now(), state.under_way.in_hand().being_sent);
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
    let handed_over = hand_over(state, &mail).await;
    if handed_over.is_ok() {
        fail_point::pass("deliver", "after the mail server's 250");
        if let Some(inbox) = &state.inbox {
            inbox.put(mail);
        }
    }
    let again = state.clock.now().plus(backoff(tries, LONGEST_BACKOFF));
    let is_of_use = again < row.sign_in.expires_at(state.config.link_max_age);
    end_of(handed_over, &message_id, tries, is_of_use.then_some(again))
}
