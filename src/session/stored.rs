//! A session inside a step: its row, what it says, and how long it lives.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tower_sessions::session::Id;

use super::hashed;
use crate::{
    config::Config,
    domain::{Device, EmailAddress, ReturnPath, SignIn, UnixTime},
    store::{
        Step, StoreError,
        sessions::{HashedSessionId, SessionRow},
    },
};

/// How long a session without a person lives beyond the link that it waits for.
const ANONYMOUS_SPARE: Duration = Duration::from_secs(3_600);
/// How stale `last_seen_at` may get, so that not every request writes; a tenth of the idle limit, where that is less.
const SEEN_EVERY: Duration = Duration::from_secs(60);
/// How far apart two presses of one form may be.
const TWICE_PRESSED: Duration = Duration::from_secs(60);

/// The sign-in that a browser has asked for, and the path to open afterwards. A newer request replaces it, and so
/// voids its link and code. In JSON one flat object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    #[serde(flatten)]
    /// Address, second and challenge.
    pub sign_in: SignIn,
    /// The path to open after the sign-in.
    pub next: ReturnPath,
}

/// What was typed into the form of a refused request, so that it need not be typed again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefusedForm {
    /// The input, trimmed and cut to 320 characters.
    pub email: String,
    /// The path to open after the sign-in.
    pub next: ReturnPath,
}

/// The contents of a session, which stand in its row as JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Says {
    /// What this browser has asked for, redeemed or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// What was typed when the last request was refused; gone with the next mail that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_form: Option<RefusedForm>,
    /// Where the sign-in that began this session was to lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<ReturnPath>,
}

/// How long sessions live: the earlier one of the idle and the absolute limit (OWASP Session Management, "Session
/// Expiration"); one that waits for a link an hour longer than the link.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    idle: Duration,
    absolute: Duration,
    anonymous: Duration,
}

impl Lifetimes {
    /// The lifetimes that the settings ask for.
    pub fn of(config: &Config) -> Self {
        Self {
            idle: config.session_idle,
            absolute: config.session_absolute,
            anonymous: config.link_max_age + ANONYMOUS_SPARE,
        }
    }

    /// When a session ends at the latest, if a person began it at `created_at`.
    pub fn latest(self, created_at: UnixTime) -> UnixTime {
        created_at.plus(self.absolute)
    }

    /// How long ago a session may have been seen before that is noted again.
    pub(super) fn seen_every(self) -> Duration {
        SEEN_EVERY.min(self.idle / 10)
    }

    /// When a session ends that is seen at `now`.
    pub(super) fn expiry(self, signed_in: bool, created_at: UnixTime, now: UnixTime) -> UnixTime {
        if signed_in {
            now.plus(self.idle).min(created_at.plus(self.absolute))
        } else {
            now.plus(self.anonymous)
        }
    }
}

/// A session inside a step: its row and what it says. Changes count once [`Stored::save`] has written them.
#[derive(Clone, Debug)]
pub struct Stored {
    pub(super) row: SessionRow,
    /// What it says, for the step to change.
    pub says: Says,
}

impl Stored {
    /// A new session under `id`, which the browser does not know yet.
    pub fn new(id: &Id, now: UnixTime) -> Self {
        let row = SessionRow {
            id: hashed(id),
            email: None,
            device: Device::default(),
            data: String::new(),
            created_at: now,
            last_seen_at: now,
            expires_at: now,
            seen: false,
            challenge: None,
            mail_left: false,
            code_tries: 0,
            successor: None,
        };
        Self { row, says: Says::default() }
    }

    /// Whether the database has it already.
    pub fn is_kept(&self) -> bool {
        // Set when it is first saved.
        !self.row.data.is_empty()
    }

    /// Whether it was begun so lately that a form without a cookie may be the second press of the one that began it.
    pub fn is_twice_pressed(&self, now: UnixTime) -> bool {
        now.since(self.row.created_at) < TWICE_PRESSED && !self.is_redeemed() && self.row.email.is_none()
    }

    /// What [`Self::find`] reads for these ids, for a step that says so beforehand.
    pub fn reads(ids: impl IntoIterator<Item = Id>) -> Vec<HashedSessionId> {
        ids.into_iter().map(|id| hashed(&id)).collect()
    }

    /// The session with that id, if it lives.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn find(step: &mut Step, id: &Id, now: UnixTime) -> Result<Option<Self>, StoreError> {
        let row = step.session(hashed(id), now).await?;
        Ok(row.map(Self::read))
    }

    /// Ends the session with that id; `false` if it had ended before.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end(step: &mut Step, id: &Id) -> Result<bool, StoreError> {
        step.end_session(hashed(id)).await
    }

    /// What cannot be read says nothing: the person signs in again.
    pub(super) fn read(row: SessionRow) -> Self {
        let says = serde_json::from_str(&row.data).unwrap_or_default();
        Self { row, says }
    }

    /// The address that this session was begun for. Whether it may still sign in is not looked at: `flow::signed_in`
    /// does.
    pub fn email(&self) -> Option<EmailAddress> {
        self.row.email.as_deref().and_then(|email| EmailAddress::parse(email).ok())
    }

    /// Waits for a sign-in; one that was waited for before is void.
    pub fn wait_for(&mut self, pending: Pending) {
        self.row.challenge = Some(pending.sign_in.challenge.hashed());
        self.row.mail_left = false;
        self.row.code_tries = 0;
        self.row.successor = None;
        self.says = Says { pending: Some(pending), refused_form: None, next: self.says.next.take() };
    }

    /// Whether the mail that this browser waits for is on its way: its code counts from then on.
    pub fn code_counts(&self) -> bool {
        self.row.mail_left
    }

    /// Wrong codes for the login that this browser waits for.
    pub fn code_tries(&self) -> u32 {
        self.row.code_tries
    }

    /// Counts a wrong code for the login that this browser waits for; [`Stored::save`] writes it.
    pub fn count_wrong_code(&mut self) {
        self.row.code_tries += 1;
    }

    /// Whether this login has begun a session already.
    pub fn is_redeemed(&self) -> bool {
        self.row.successor.is_some()
    }

    /// Keeps the session.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn save(
        &mut self,
        step: &mut Step,
        lifetimes: Lifetimes,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        if self.row.email.is_none() {
            // A session that waits for a link lives on from its newest request.
            self.row.expires_at = lifetimes.expiry(false, now, now);
        }
        self.row.data = serde_json::to_string(&self.says)
            .map_err(|error| StoreError::Column { column: "data", source: error.into() })?;
        step.put_session(&self.row).await
    }

    /// Begins a session of `device` under `id` for a person whom nothing here was waiting for. The id is new.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn begin(
        step: &mut Step,
        id: &Id,
        email: &EmailAddress,
        device: Device,
        lifetimes: Lifetimes,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut begun = Self::new(id, now);
        begun.row.email = Some(email.as_str().to_owned());
        begun.row.device = device;
        begun.row.expires_at = lifetimes.expiry(true, now, now);
        begun.save(step, lifetimes, now).await
    }

    /// Signs in: begins a session of `device` under `id` for the login that this one waits for; `false` if its mail is
    /// used up.
    ///
    /// The id is new, so that an id from before the sign-in is worth nothing (OWASP Session Management, "Renew the Session
    /// ID After Any Privilege Level Change"). This session stays behind, nobody's, for as long as it would have lived:
    /// until the browser has sent the new cookie back, the same link or code may be redeemed again from here, and the
    /// session that was never seen ends. So a lost answer costs nothing, and one mail never has two live sessions.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn redeem(
        &mut self,
        step: &mut Step,
        id: &Id,
        device: Device,
        lifetimes: Lifetimes,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let Some(pending) = self.says.pending.clone() else { return Ok(false) };
        if let Some(successor) = self.row.successor {
            match step.session(successor, now).await? {
                Some(unseen) if !unseen.seen => _ = step.end_session(successor).await?,
                _ => return Ok(false),
            }
        }
        let mut begun = Self::new(id, now);
        begun.row.email = Some(pending.sign_in.email.as_str().to_owned());
        begun.row.device = device;
        begun.row.expires_at = lifetimes.expiry(true, now, now);
        begun.says.next = Some(pending.next);
        begun.save(step, lifetimes, now).await?;
        self.row.email = None;
        self.row.successor = Some(begun.row.id);
        self.save(step, lifetimes, now).await?;
        Ok(true)
    }
}
