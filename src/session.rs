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
mod stored;

pub use app::{AppCookie, AppSession, AppSessions};
pub use known_browser::BrowserCookie;
pub use stored::{Lifetimes, Pending, RefusedForm, Says, Stored};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tower_sessions::{
    Session,
    session::{Error, Id},
};

use crate::{
    domain::{EmailAddress, SecretKey, UnixTime},
    store::{Store, StoreError, sessions::HashedSessionId},
};

/// A session could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Cookie(#[from] Error),
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
        seen.is_some_and(|seen| now.since(seen) >= lifetimes.seen_every())
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

/// The hash of an id as the cookie writes it: the only form that reaches the database.
fn hashed(id: &Id) -> HashedSessionId {
    HashedSessionId::of(&id.to_string())
}
