//! How mails have ended, written for all of them in one step: those that sign somebody in, and those that tell of a new browser.

use std::{collections::HashSet, sync::Arc};

use tokio::time::Instant;

use crate::{
    audit::{Audit, Event, Note},
    domain::{EmailAddress, HashedChallenge, UnixTime},
    mail::MailError,
    state::{
        AppState,
        under_way::{End, is_left_alone},
    },
    store::{Step, StoreError, waiting::Kind},
};

/// What the trail calls a mail that tells of a new browser.
pub const NEW_DEVICE: &str = "new_device";

/// A mail whose try has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The left half of its Message-ID.
    pub message_id: String,
    /// Whom it goes to.
    pub email: EmailAddress,
    /// How often it was tried, this time included.
    pub tries: u32,
    /// The challenge of the login that it is for; none, if it tells of a new browser.
    pub challenge: Option<HashedChallenge>,
    /// How it ended.
    pub end: End,
    /// When that could not be written last.
    pub failed: Option<Instant>,
}

impl Ended {
    /// Whether its end could not be written a moment ago.
    pub fn is_left_alone(&self) -> bool {
        is_left_alone(self.failed)
    }
}

/// How a try of a mail ended that was handed over, and a word to the operator. `again`: when it would be tried next; `None`, if it is
/// of no use then.
pub fn end_of(
    handed_over: Result<(), MailError>,
    message_id: &str,
    tries: u32,
    again: Option<UnixTime>,
) -> End {
    match handed_over {
        Ok(()) => End::Sent,
        Err(error @ (MailError::Temporary(_) | MailError::NotAccepted { .. })) => {
            let reason = error.to_string();
            if let MailError::NotAccepted { remedy, .. } = error {
                tracing::error!(message_id, tries, reason, remedy, "the mail server does not accept us");
            }
            match again {
                Some(again) => {
                    tracing::warn!(message_id, tries, reason, "not sent yet: trying again");
                    End::Later(again, reason)
                }
                None => {
                    tracing::warn!(
                        message_id,
                        tries,
                        reason,
                        "the last try failed: the link would have expired"
                    );
                    End::GivenUp("expired")
                }
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
pub struct Settling {
    now: UnixTime,
    audit: Audit,
    ended: Arc<[Ended]>,
}

impl Settling {
    /// Those.
    pub fn of(state: &AppState, ended: Vec<Ended>) -> Self {
        Self { now: state.clock.now(), audit: state.audit, ended: ended.into() }
    }

    /// Writes the rows and the audit trail.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn write(self, step: &mut Step) -> Result<(), StoreError> {
        let (mut gone, mut sent) = (Vec::new(), Vec::new());
        for Ended { message_id, email, tries, challenge, end, .. } in self.ended.iter() {
            let note = |event, reason: Option<&'static str>| {
                let note = Note::of(event).email(email).message_id(message_id);
                // That it is such a mail says more than why it did not leave.
                match reason.filter(|_| challenge.is_some()).or(challenge.is_none().then_some(NEW_DEVICE)) {
                    Some(reason) => note.reason(reason),
                    None => note,
                }
            };
            match end {
                End::Sent => {
                    self.audit.note(step, self.now, note(Event::Sent, None)).await?;
                    sent.extend(challenge);
                    let kind = if challenge.is_some() { Kind::SignIn } else { Kind::NewDevice };
                    let (kind, message_id, tries) = (kind.name(), message_id.clone(), *tries);
                    step.after_commit(move || tracing::info!(kind, message_id, tries, "sent"));
                }
                End::Later(due_at, trouble) => {
                    step.postpone(message_id, *due_at, Some(trouble)).await?;
                    continue;
                }
                End::Refused(trouble) => {
                    let note = note(Event::GaveUp, Some("refused_by_the_mail_server")).detail(trouble);
                    self.audit.note(step, self.now, note).await?;
                    step.keep_refused(message_id, trouble, self.now).await?;
                }
                End::GivenUp(reason) => {
                    self.audit.note(step, self.now, note(Event::GaveUp, Some(reason))).await?;
                }
            }
            gone.push(message_id.clone());
        }
        // Once more: a standby that lags behind may have taken over without the claim that said so, and the mails are out.
        step.let_codes_count(&sent).await?;
        step.settle(gone).await
    }

    /// Writes it in a step of its own.
    async fn commit(self, state: &AppState) -> Result<(), StoreError> {
        // Lost in a power cut, they would be sent again, as the same ones.
        state.store.step_unsynced(move |step| Box::pin(self.write(step))).await
    }
}

/// Writes how mails have ended, in one step, or where that does not do, in one for each: one whose end cannot be written keeps no
/// other from it. Which of them were written, by Message-ID.
///
/// # Errors
/// The last one, beside what was written.
pub async fn settle(state: &AppState, ended: Vec<Ended>) -> (HashSet<String>, Result<(), StoreError>) {
    let names = |ended: &[Ended]| ended.iter().map(|one| one.message_id.clone()).collect();
    if ended.is_empty() {
        return (HashSet::new(), Ok(()));
    }
    match Settling::of(state, ended.clone()).commit(state).await {
        Ok(()) => return (names(&ended), Ok(())),
        Err(error) if !error.is_about_the_work() => return (HashSet::new(), Err(error)),
        Err(_) => {}
    }
    let (mut settled, mut outcome) = (HashSet::new(), Ok(()));
    for one in ended {
        let message_id = one.message_id.clone();
        match Settling::of(state, vec![one]).commit(state).await {
            Ok(()) => drop(settled.insert(message_id)),
            Err(error) => {
                tracing::error!(%error, message_id, "how a mail ended cannot be written");
                outcome = Err(error);
            }
        }
    }
    (settled, outcome)
}
