//! What a server function finds around it.

use axum::http::request::Parts;
use leptos::prelude::use_context;
use tower_sessions::Session;

use crate::{
    api::refusal::Refusal,
    domain::EmailAddress,
    server::{session::LoginSession, state::AppState},
};

/// One call of a server function: who calls, and what there is to work with.
pub struct Call {
    pub state: AppState,
    pub session: LoginSession,
}

impl Call {
    /// The call that is being answered.
    ///
    /// # Errors
    /// `NotReady` outside of the router, which provides both parts.
    pub fn current() -> Result<Self, Refusal> {
        let state = use_context::<AppState>();
        let session = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Session>().cloned());
        match (state, session) {
            (Some(state), Some(session)) => Ok(Self { state, session: LoginSession::new(session) }),
            _ => {
                tracing::error!("a server function was called outside of the router");
                Err(Refusal::NotReady)
            }
        }
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// `SignedOut` if nobody is.
    pub async fn user(&self) -> Result<EmailAddress, Refusal> {
        self.session.current(&self.state.allowlist.get()).await?.ok_or(Refusal::SignedOut)
    }
}
