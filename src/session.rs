//! The session of a browser, by intent. Nobody else knows a session key.

mod adapter;

use serde::{Deserialize, Serialize};
use tower_sessions::{Expiry, Session, SessionManagerLayer, cookie::SameSite, session::Error};

use adapter::Sessions;

use crate::{
    audit::Event,
    config::Config,
    domain::{Challenge, EmailAddress, ReturnPath, UnixTime},
    refusal::Refusal,
    state::AppState,
};

/// The key of the signed-in address; the store copies it into a column of its own.
const AUTHENTICATED_USER: &str = "authenticated_user";
const PENDING: &str = "pending";
const DRAFT: &str = "draft";

/// The sign-in that a browser has asked for. A newer request replaces it, and so voids its link and code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    pub email: EmailAddress,
    pub issued_at: UnixTime,
    pub challenge: Challenge,
    pub next: ReturnPath,
}

/// What was typed into the form of a refused request, so that it need not be typed again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Draft {
    pub email: String,
    pub next: ReturnPath,
}

/// The session of the browser that sent a request.
#[derive(Clone, Debug)]
pub struct LoginSession(Session);

impl LoginSession {
    pub fn new(session: Session) -> Self {
        Self(session)
    }

    /// What this browser has asked for, redeemed or not.
    ///
    /// # Errors
    /// `NotReady` if the database fails, as for every function here.
    pub async fn pending(&self) -> Result<Option<Pending>, Refusal> {
        Ok(self.0.get(PENDING).await?)
    }

    /// Remembers that this browser asks.
    pub async fn ask(&self, pending: &Pending) -> Result<(), Refusal> {
        Ok(self.0.insert(PENDING, pending).await?)
    }

    /// Signs in. The id is renewed, so that an id from before the sign-in is worth nothing
    /// (OWASP Session Management, "Renew the Session ID After Any Privilege Level Change").
    pub async fn begin(&self, email: &EmailAddress) -> Result<(), Refusal> {
        self.0.cycle_id().await?;
        Ok(self.0.insert(AUTHENTICATED_USER, email).await?)
    }

    /// Who is signed in. Whoever is no longer on the allowlist is signed out by asking.
    pub async fn current(&self, state: &AppState) -> Result<Option<EmailAddress>, Refusal> {
        match self.0.get::<EmailAddress>(AUTHENTICATED_USER).await? {
            Some(email) if !state.allowlist.get().allows(&email) => {
                self.end().await?;
                state.note(Event::Revoked, Some("not_on_the_allowlist"), Some(email.as_str()), None).await;
                Ok(None)
            }
            current => Ok(current),
        }
    }

    /// Ends the session, on the server and in the browser.
    pub async fn end(&self) -> Result<(), Refusal> {
        Ok(self.0.flush().await?)
    }

    pub async fn keep_draft(&self, draft: &Draft) -> Result<(), Refusal> {
        Ok(self.0.insert(DRAFT, draft).await?)
    }

    pub async fn draft(&self) -> Result<Option<Draft>, Refusal> {
        Ok(self.0.get(DRAFT).await?)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "a session could not be read or written");
        Self::NotReady
    }
}

/// The name of the cookie. `__Host-` binds it to this host and to https (RFC 6265bis, section 4.1.3.2).
pub fn cookie_name(config: &Config) -> &'static str {
    if config.public_url.is_https() { "__Host-postern" } else { "postern" }
}

/// The layer that hands each request its session.
pub fn layer(state: &AppState) -> SessionManagerLayer<Sessions> {
    let config = &state.config;
    let sessions = Sessions::new(state.store.clone(), state.clock.clone(), config);
    // The server ends sessions; the browser may keep the cookie for as long as one could last.
    let kept = time::Duration::seconds(config.session_absolute.as_secs() as i64);
    SessionManagerLayer::new(sessions)
        .with_name(cookie_name(config))
        .with_secure(config.public_url.is_https())
        .with_http_only(true)
        // Strict would drop the cookie on the click from a web mail program.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(kept))
}
