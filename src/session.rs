//! The session of a browser, as a flow uses it. No other room knows what a session keeps.
//!
//! It is kept on the server. A signed cookie alone could not be revoked: signing out, and leaving the allowlist, would
//! only count from its expiry (docs/decisions/0003-own-session-store.md).
//!
//! [`LoginSession`] is what the door has read of it; [`Stored`] is the same inside a step, where it may change.
//! `adapter` and [`cookie`] let tower-sessions read and send the id; [`BrowserCookie`] is the other cookie, of known browsers.

mod adapter;
mod app;
pub mod cookie;
mod known_browser;

pub use app::{AppCookie, AppSession, AppSessions};
pub use known_browser::BrowserCookie;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use tower_sessions::{
    Session,
    session::{Error, Id},
};

use crate::{
    config::Config,
    domain::{Device, EmailAddress, ReturnPath, SecretKey, SignIn, UnixTime},
    store::{
        Step, Store, StoreError,
        sessions::{HashedSessionId, SessionRow},
    },
};

/// How long a session without a person lives beyond the link that it waits for.
const ANONYMOUS_SPARE: Duration = Duration::from_secs(3_600);
/// How stale `last_seen_at` may get, so that not every request writes; a tenth of the idle limit, where that is less.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// How far apart two presses of one form may be.
const TWICE_PRESSED: Duration = Duration::from_secs(60);

/// A session could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Cookie(#[from] Error),
}

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

    /// When a session ends that is seen at `now`.
    fn expiry(self, signed_in: bool, created_at: UnixTime, now: UnixTime) -> UnixTime {
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
    row: SessionRow,
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
    fn read(row: SessionRow) -> Self {
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

    /// Whether the mail that this browser waits for was handed over.
    pub fn mail_left(&self) -> bool {
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

/// The session of the browser that sent a request, as it was at the door.
#[derive(Clone, Debug)]
pub struct LoginSession {
    cookie: Session,
    stored: Option<Stored>,
}

impl LoginSession {
    /// Reads the session that the cookie names.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn read(cookie: Session, store: &Store, now: UnixTime) -> Result<Self, SessionError> {
        let row = match cookie.id() {
            Some(id) => store.session(hashed(&id), now).await?,
            None => None,
        };
        Ok(Self { cookie, stored: row.map(Stored::read) })
    }

    /// The id in the browser's cookie, if it named a session that lived.
    pub fn id(&self) -> Option<Id> {
        self.cookie.id().filter(|_| self.stored.is_some())
    }

    /// Whether the browser sent a cookie that names no session: an old one whose session has ended, or an invention.
    pub fn is_dead(&self) -> bool {
        self.cookie.id().is_some() && self.stored.is_none()
    }

    /// What the session says; nothing, if there is none.
    pub fn says(&self) -> Says {
        self.stored.as_ref().map(|stored| stored.says.clone()).unwrap_or_default()
    }

    /// The sign-in that this browser has asked for and not redeemed, expired or not.
    pub fn waits_for(&self) -> Option<&Pending> {
        let stored = self.stored.as_ref().filter(|stored| !stored.is_redeemed())?;
        stored.says.pending.as_ref()
    }

    /// The address that this session was begun for.
    pub fn email(&self) -> Option<EmailAddress> {
        self.stored.as_ref().and_then(Stored::email)
    }

    /// Whether the browser has never sent this cookie before.
    pub fn is_new(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| !stored.row.seen)
    }

    /// Whether it was last seen so long ago that it should be noted again.
    pub fn is_stale(&self, lifetimes: Lifetimes, now: UnixTime) -> bool {
        let seen = self.stored.as_ref().map(|stored| stored.row.last_seen_at);
        seen.is_some_and(|seen| now.since(seen) >= SEEN_EVERY.min(lifetimes.idle / 10))
    }

    /// Notes that the browser has sent this cookie, which also keeps the session alive; `false` if it has ended.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn see(
        &self,
        store: &Store,
        lifetimes: Lifetimes,
        now: UnixTime,
    ) -> Result<bool, SessionError> {
        let Some(row) = self.stored.as_ref().map(|stored| &stored.row) else { return Ok(false) };
        let (id, expires_at) = (row.id, lifetimes.expiry(row.email.is_some(), row.created_at, now));
        Ok(store.step(move |step| Box::pin(step.see_session(id, now, expires_at))).await?)
    }

    /// As [`Self::see`], without waiting: the answer does not depend on it.
    pub fn see_later(&self, store: &Store, lifetimes: Lifetimes, now: UnixTime) {
        if let Some(row) = self.stored.as_ref().map(|stored| &stored.row) {
            let (id, expires_at) = (row.id, lifetimes.expiry(row.email.is_some(), row.created_at, now));
            store.later(move |step| {
                Box::pin(async move { step.see_session(id, now, expires_at).await.map(drop) })
            });
        }
    }

    /// Gives the browser the cookie of a session that a step has begun. Call it after the commit.
    ///
    /// # Errors
    /// Never in practice: nothing is written.
    pub async fn hand_out(&self, id: Id) -> Result<(), SessionError> {
        self.cookie.cycle_id().await?;
        Ok(self.cookie.insert(adapter::NEW_ID, id.to_string()).await?)
    }

    /// Takes the cookie away from the browser. Call it after the commit that ended the session.
    ///
    /// # Errors
    /// Never in practice: nothing is written.
    pub async fn forget(&self) -> Result<(), SessionError> {
        Ok(self.cookie.flush().await?)
    }
}

/// The id of the session that a form begins, so that two presses of one form, each without a cookie, share one session.
/// `form`: what the form brought along, 1 to 64 bytes; without it the id is random.
// The form's value is a secret of the page it was drawn for: whoever posts it shares that session. Nobody is signed in
// by such a session: a sign-in begins another one, under a random id (`Stored::redeem`).
pub fn id_for(key: &SecretKey, form: Option<&str>) -> Id {
    match form.filter(|form| !form.is_empty() && form.len() <= 64) {
        Some(form) => {
            let [bytes @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
                key.derive("postern.form", form);
            Id(i128::from_le_bytes(bytes))
        }
        None => Id::default(),
    }
}

/// The name by which a session is ended on its owner's page. It leads back neither to the id in the cookie nor to its
/// hash, and no other page knows it.
// Derived, so that nothing has to be kept; another SECRET_KEY only makes a page that was drawn before it stale.
pub fn public_name(key: &SecretKey, id: &HashedSessionId) -> String {
    let name = key.derive("postern.session", &URL_SAFE_NO_PAD.encode(id.as_bytes()));
    URL_SAFE_NO_PAD.encode(&name[..16])
}

/// The name by which an admin ends a session: its key in hexadecimal digits. It is the hash of 128 random bits and leads back
/// to no cookie, and admins see all sessions anyway; a MAC, as on their owners' page, could not be looked up.
pub fn name_for_admins(id: &HashedSessionId) -> String {
    id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key of the session that [`name_for_admins`] has named so.
pub fn by_name(name: &str) -> Option<HashedSessionId> {
    let is_name = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = |at: usize| name.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let bytes = is_name.then(|| (0..32).map(|at| digits(at * 2)).collect::<Option<Vec<_>>>())??;
    Some(HashedSessionId::from_bytes(bytes.try_into().ok()?))
}

/// The hash of an id as the cookie writes it: the only form that reaches the database.
fn hashed(id: &Id) -> HashedSessionId {
    HashedSessionId::of(&id.to_string())
}
