//! What a server function finds around it.

use axum::http::request::Parts;
use leptos::prelude::use_context;

use crate::{domain::EmailAddress, flow::Visitor, refusal::Refusal, state::AppState};

/// One call of a server function: who calls, and what there is to work with.
pub struct Call {
    pub state: AppState,
    pub visitor: Visitor,
}

impl Call {
    /// The call that is being answered.
    ///
    /// # Errors
    /// `NotReady` outside of the router, which provides both parts.
    pub fn current() -> Result<Self, Refusal> {
        let state = use_context::<AppState>();
        let visitor = use_context::<Parts>().and_then(|parts| Visitor::of(&parts));
        match (state, visitor) {
            (Some(state), Some(visitor)) => Ok(Self { state, visitor }),
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
        self.visitor.session.current(&self.state).await?.ok_or(Refusal::SignedOut)
    }
}
