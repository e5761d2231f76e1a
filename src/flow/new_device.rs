//! A mail to whoever signs in with a browser that is not known: says which, when, and what to do if it was somebody else.
//!
//! A browser is known by its cookie alone, and no table of users tells whether anybody has been here before: so the first
//! sign-in of all is told like any other (docs/decisions/0015-mails-about-new-browsers.md).
//!
//! Who can cause one has just signed in, and each mail that signs in causes one at most. So it spends no budget, waits for
//! none, and has hands of its own: neither can strangers hold it up, nor does it hold up any sign-in.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{
    Asking,
    hand_over::hand_over,
    login::limits,
    retry::{LEASE, backoff},
};
use crate::{
    audit::{Event, Note},
    domain::{EmailAddress, UnixTime},
    fail_point,
    mail::{MailError, new_device},
    state::AppState,
    store::{Step, StoreError, notices::NoticeRow},
};

/// How long it is tried: longer than anybody can keep a mail server busy.
const MAX_AGE: Duration = Duration::from_secs(24 * 3_600);
/// The longest pause between two tries.
const LONGEST_BACKOFF: Duration = Duration::from_secs(15 * 60);
/// How long a database is left alone that could not be written.
const PAUSE: Duration = Duration::from_secs(1);
/// What the trail calls it.
const REASON: &str = "new_device";

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
    loop {
        match next(state, 1).await? {
            Next::Send(notices) => {
                for notice in notices {
                    deliver(state, notice).await?;
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

/// Claims the next mails that are of use, `most` at the most, and gives up those before them that are not.
///
/// # Errors
/// If the database fails; then nothing is claimed.
pub async fn next(state: &AppState, most: usize) -> Result<Next, StoreError> {
    loop {
        let (now, allowlist, audit) = (state.clock.now(), state.allowlist.get(), state.audit);
        // Read, and no step: mostly there is none.
        let due = state.store.next_notice_due().await?;
        if due.is_none_or(|due| due > now) {
            return Ok(Next::Nothing(due));
        }
        let claim = state.store.step_unsynced(move |step| {
            Box::pin(async move {
                let mut of_use = Vec::new();
                for (notice, is_expired) in step.claim_notices(now, LEASE, most).await? {
                    // Who has left the list gets no mail at all.
                    if !is_expired && allowlist.allows(&notice.email) {
                        of_use.push(notice);
                        continue;
                    }
                    let note = Note::of(Event::GaveUp)
                        .reason(REASON)
                        .email(&notice.email)
                        .message_id(&notice.message_id);
                    audit.note(step, now, note).await?;
                    step.settle(vec![notice.message_id.clone()]).await?;
                }
                Ok(of_use)
            })
        });
        let claimed = claim.await?;
        // Where all were given up, there may be more.
        if !claimed.is_empty() {
            return Ok(Next::Send(claimed));
        }
    }
}

/// Sends a claimed mail and writes how that ended, as soon as that can be written.
///
/// # Errors
/// If it could not be written until the process was asked to stop: the mail goes out once more then, under the same
/// Message-ID.
pub async fn deliver(state: &AppState, notice: NoticeRow) -> Result<(), StoreError> {
    let mail = new_device::mail(&notice, &state.config);
    let sent = hand_over(state, &mail).await;
    let (audit, now) = (state.audit, state.clock.now());
    let (message_id, tries) = (notice.message_id.clone(), notice.tries + 1);
    let refused = match sent {
        Ok(()) => {
            if let Some(inbox) = &state.inbox {
                inbox.put(mail);
            }
            None
        }
        Err(MailError::Temporary(reason)) => {
            tracing::warn!(message_id, tries, reason, "not sent yet: trying again");
            return postpone(state, message_id, now.plus(backoff(tries, LONGEST_BACKOFF)), reason).await;
        }
        Err(MailError::NotAccepted { reason, remedy }) => {
            tracing::error!(message_id, tries, reason, remedy, "the mail server does not accept us");
            return postpone(state, message_id, now.plus(backoff(tries, LONGEST_BACKOFF)), reason).await;
        }
        Err(MailError::Permanent(reason) | MailError::Setup(reason)) => {
            tracing::warn!(message_id, tries, reason, "the mail was refused for good");
            Some(reason)
        }
    };
    fail_point::pass("new_device", "after the mail server's 250");
    loop {
        let (message_id, email, refused) = (message_id.clone(), notice.email.clone(), refused.clone());
        let settling = state.store.step_unsynced(move |step| {
            Box::pin(async move {
                let note = |event| Note::of(event).reason(REASON).email(&email).message_id(&message_id);
                if let Some(trouble) = &refused {
                    audit.note(step, now, note(Event::GaveUp).detail(trouble)).await?;
                    step.keep_refused(&message_id, trouble, now).await?;
                    return step.settle(vec![message_id.clone()]).await;
                }
                audit.note(step, now, note(Event::Sent)).await?;
                step.settle(vec![message_id.clone()]).await?;
                step.after_commit(move || tracing::info!(message_id, tries, "sent"));
                Ok(())
            })
        });
        let Err(error) = settling.await else { return Ok(()) };
        tracing::error!(%error, "the outbox could not be updated");
        if timeout(PAUSE, state.stop.asked.cancelled()).await.is_ok() {
            return Err(error);
        }
    }
}

async fn postpone(
    state: &AppState,
    message_id: String,
    due_at: UnixTime,
    trouble: String,
) -> Result<(), StoreError> {
    let postponing = state.store.step_unsynced(move |step| {
        Box::pin(async move { step.postpone(&message_id, due_at, Some(&trouble)).await })
    });
    postponing.await?;
    state.notice_bell.notify_one();
    Ok(())
}
