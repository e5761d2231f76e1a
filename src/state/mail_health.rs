//! How mails have left lately: when the last one did, and what the last failure was, in words of ours. No recipient.

use std::sync::{Mutex, PoisonError};

use crate::{domain::UnixTime, mail::MailError};

/// How the last mails of this process have left.
#[derive(Debug, Default)]
pub struct MailHealth(Mutex<Lately>);

/// What is known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// When the mail server last took one.
    pub sent_at: Option<UnixTime>,
    /// Since when every try has failed; none, while mails leave.
    pub failing_since: Option<UnixTime>,
    /// The last failure, whatever came after it.
    pub failure: Option<Failure>,
}

/// A try that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When that was.
    pub at: UnixTime,
    /// The kind: one of [`OUTCOMES`].
    pub kind: &'static str,
    /// What the operator can do about it, where that is known.
    pub remedy: Option<String>,
}

/// How a try of a mail may end.
pub const OUTCOMES: [&str; 4] = ["sent", "temporary", "not_accepted", "refused"];

/// The kind of an end: one of [`OUTCOMES`].
pub fn outcome(ended: &Result<(), MailError>) -> &'static str {
    match ended {
        Ok(()) => "sent",
        Err(MailError::Temporary(_)) => "temporary",
        Err(MailError::NotAccepted { .. }) => "not_accepted",
        Err(MailError::Permanent(_) | MailError::Setup(_)) => "refused",
    }
}

impl MailHealth {
    /// A try has ended at `now`.
    pub fn note(&self, ended: &Result<(), MailError>, now: UnixTime) {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match ended {
            Ok(()) => (lately.sent_at, lately.failing_since) = (Some(now), None),
            Err(error) => {
                let remedy = match error {
                    MailError::NotAccepted { remedy, .. } => Some(remedy.clone()),
                    _ => None,
                };
                lately.failure = Some(Failure { at: now, kind: outcome(ended), remedy });
                // One that is refused for its recipient says that the server works.
                match error {
                    MailError::Permanent(_) => lately.failing_since = None,
                    _ => _ = lately.failing_since.get_or_insert(now),
                }
            }
        }
    }

    /// What is known now.
    pub fn lately(&self) -> Lately {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
