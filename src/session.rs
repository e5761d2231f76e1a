//! The session of a browser, by intent. Nobody else knows a session key.
//!
//! [`LoginSession`] reads and writes, and does nothing else. `adapter` keeps sessions in the database for tower-sessions,
//! [`cookie`] sends their ids to browsers.

mod adapter;
pub mod cookie;

use serde::{Deserialize, Serialize};
use tower_sessions::{Session, session::Error};

use crate::domain::{EmailAddress, ReturnPath, SignIn};

/// The key of the signed-in address; the adapter copies it into a column of its own.
const AUTHENTICATED_USER: &str = "authenticated_user";
const PENDING: &str = "pending";
const REFUSED_FORM: &str = "draft";

/// A session could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SessionError(#[from] Error);

/// The sign-in that a browser has asked for, and the path to open afterwards. A newer request replaces it, and so
/// voids its link and code. In JSON one flat object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    #[serde(flatten)]
    pub sign_in: SignIn,
    pub next: ReturnPath,
}

/// What was typed into the form of a refused request, so that it need not be typed again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefusedForm {
    pub email: String,
    pub next: ReturnPath,
}

/// The session of the browser that sent a request. Every function fails if the database does.
#[derive(Clone, Debug)]
pub struct LoginSession(Session);

impl LoginSession {
    pub fn new(session: Session) -> Self {
        Self(session)
    }

    /// What this browser has asked for, redeemed or not.
    ///
    /// # Errors
    /// If the database fails, as for every function here.
    pub async fn pending(&self) -> Result<Option<Pending>, SessionError> {
        Ok(self.0.get(PENDING).await?)
    }

    /// Remembers that this browser asks.
    pub async fn set_pending(&self, pending: &Pending) -> Result<(), SessionError> {
        Ok(self.0.insert(PENDING, pending).await?)
    }

    /// Signs in. The id is renewed, so that an id from before the sign-in is worth nothing
    /// (OWASP Session Management, "Renew the Session ID After Any Privilege Level Change").
    pub async fn begin(&self, email: &EmailAddress) -> Result<(), SessionError> {
        self.0.cycle_id().await?;
        Ok(self.0.insert(AUTHENTICATED_USER, email).await?)
    }

    /// The address that this session was begun for. Whether it may still sign in is not looked at:
    /// `flow::signed_in` does.
    pub async fn email(&self) -> Result<Option<EmailAddress>, SessionError> {
        Ok(self.0.get(AUTHENTICATED_USER).await?)
    }

    /// Ends the session, on the server and in the browser.
    pub async fn end(&self) -> Result<(), SessionError> {
        Ok(self.0.flush().await?)
    }

    pub async fn keep_refused_form(&self, form: &RefusedForm) -> Result<(), SessionError> {
        Ok(self.0.insert(REFUSED_FORM, form).await?)
    }

    pub async fn refused_form(&self) -> Result<Option<RefusedForm>, SessionError> {
        Ok(self.0.get(REFUSED_FORM).await?)
    }
}
