//! A mail to whoever signs in with a browser that is not known: says which, when, and what to do if it was somebody else.
//!
//! A browser is known by its cookie alone, and no table of users tells whether anybody has been here before: so the first
//! sign-in of all is told like any other (docs/decisions/0015-mails-about-new-browsers.md).
//!
//! Who can cause one has just signed in, and each mail that signs in causes one at most. So it spends no budget, waits for
//! none, and has hands of its own: neither can strangers hold it up, nor does it hold up any sign-in.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    Asking,
    hand_over::hand_over,
    login::limits,
    retry::{LEASE, backoff},
    settling::{self, Ended, NEW_DEVICE, Settling, end_of},
};
use crate::{
    audit::{Event, Note},
    domain::{EmailAddress, UnixTime},
    fail_point,
    mail::new_device,
    state::AppState,
    store::{Step, StoreError, notices::NoticeRow},
};

/// How long it is tried: longer than anybody can keep a mail server busy.
const MAX_AGE: Duration = Duration::from_secs(24 * 3_600);
/// The longest pause between two tries.
const LONGEST_BACKOFF: Duration = Duration::from_secs(15 * 60);

/// Puts the mail into the outbox, as a part of the step that signs in, unless the browser is known to `email`.
///
/// # Errors
/// If the database fails.
pub async fn tell(step: &mut Step, asking: &Asking, email: &EmailAddress) -> Result<(), StoreError> {
    if !asking.tells_of_new_devices || limits::known_browser(asking, email).is_some() {
        return Ok(());
    }
    let message_id = asking.new_challenge().hashed().to_string();
    let notice = NoticeRow {
        message_id,
        email: email.clone(),
        at: asking.now,
        user_agent: asking.client.user_agent.clone(),
        language: asking.words.lang().to_owned(),
        tries: 0,
    };
    step.enqueue_notice(&notice, asking.now.plus(MAX_AGE)).await?;
    let bell = Arc::clone(&asking.notice_bell);
    step.after_commit(move || bell.notify_one());
    Ok(())
}

/// Sends everything that is due now and waits for it. Tests call this instead of sleeping.
///
/// # Errors
/// If the outbox cannot be read or written.
pub async fn deliver_due(state: &AppState) -> Result<(), StoreError> {
    let mut ended = Vec::new();
    loop {
        match next(state, &mut ended, 1).await? {
            Next::Send(notices) => {
                for notice in notices {
                    ended.push(deliver(state, notice).await);
                }
            }
            Next::Nothing(_) => return Ok(()),
        }
    }
}

/// What there is to do next.
pub enum Next {
    /// Send these mails; they are claimed.
    Send(Vec<NoticeRow>),
    /// Nothing is due before then; `None` if nothing waits.
    Nothing(Option<UnixTime>),
}

/// Writes how mails have `ended`, in the step that claims the next ones that are of use, `most` at the most, and gives up those before
/// them that are not. What was written is taken out of `ended`; one that cannot be written keeps no other from leaving.
///
/// # Errors
/// If the database fails; then nothing is claimed.
pub async fn next(state: &AppState, ended: &mut Vec<Ended>, most: usize) -> Result<Next, StoreError> {
    loop {
        let (unwritten, due): (Vec<_>, Vec<_>) = ended.iter().cloned().partition(Ended::is_left_alone);
        if due.is_empty() {
            // Read, and no step: mostly there is none.
            let due = state.store.next_notice_due().await?;
            if due.is_none_or(|due| due > state.clock.now()) {
                return Ok(Next::Nothing(due));
            }
        }
        let any_ended = !due.is_empty();
        let claimed = match claim(state, due, &unwritten, most).await {
            // Whatever keeps mails from being claimed, those that have left are not to leave again.
            Err(error) if any_ended && error.is_about_the_work() => {
                if let Err(error) = settle(state, ended).await {
                    if !error.is_about_the_work() {
                        return Err(error);
                    }
                    tracing::error!(%error, "the outbox cannot be used: how mails have ended is not written yet");
                }
                claim(state, Vec::new(), ended, most).await?
            }
            outcome => {
                let claimed = outcome?;
                *ended = unwritten;
                claimed
            }
        };
        // Where all were given up, there may be more.
        if !claimed.is_empty() {
            return Ok(Next::Send(claimed));
        }
    }
}

/// Writes these `ends`, and claims the next mails, those of use, beside those whose end is `unwritten`.
async fn claim(
    state: &AppState,
    ends: Vec<Ended>,
    unwritten: &[Ended],
    most: usize,
) -> Result<Vec<NoticeRow>, StoreError> {
    let (now, allowlist, audit) = (state.clock.now(), state.allowlist.get(), state.audit);
    let settling = Settling::of(state, ends);
    let unwritten = unwritten.iter().map(|one| one.message_id.clone()).collect();
    // Lost in a power cut, the mails are claimed and sent again, as the same ones.
    let claiming = state.store.step_unsynced(move |step| {
        Box::pin(async move {
            settling.write(step).await?;
            step.keep(unwritten, now.plus(LEASE)).await?;
            let mut of_use = Vec::new();
            for (notice, is_expired) in step.claim_notices(now, LEASE, most).await? {
                // Who has left the list gets no mail at all.
                if !is_expired && allowlist.allows(&notice.email) {
                    of_use.push(notice);
                    continue;
                }
                let note = Note::of(Event::GaveUp)
                    .reason(NEW_DEVICE)
                    .email(&notice.email)
                    .message_id(&notice.message_id);
                audit.note(step, now, note).await?;
                step.settle(vec![notice.message_id.clone()]).await?;
            }
            Ok(of_use)
        })
    });
    claiming.await
}

/// Writes how mails have `ended`, and takes out what was written.
///
/// # Errors
/// If the database fails: what is left goes out once more, under the same Message-ID, if it is never written.
pub async fn settle(state: &AppState, ended: &mut Vec<Ended>) -> Result<(), StoreError> {
    let (settled, outcome) = settling::settle(state, ended.clone()).await;
    ended.retain(|one| !settled.contains(&one.message_id));
    ended.iter_mut().for_each(|one| one.failed = Some(Instant::now()));
    outcome
}

/// Sends a claimed mail; how that ended is still to be written.
pub async fn deliver(state: &AppState, notice: NoticeRow) -> Ended {
    let mail = new_device::mail(&notice, &state.config);
    let handed_over = hand_over(state, &mail).await;
    if handed_over.is_ok() {
        fail_point::pass("new_device", "after the mail server's 250");
        if let Some(inbox) = &state.inbox {
            inbox.put(mail);
        }
    }
    let (message_id, tries) = (notice.message_id, notice.tries + 1);
    let again = state.clock.now().plus(backoff(tries, LONGEST_BACKOFF));
    let end = end_of(handed_over, &message_id, tries, Some(again));
    Ended { message_id, email: notice.email, tries, challenge: None, end, failed: None }
}
