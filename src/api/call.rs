//! The context of a server function: what it works with, who calls, and where its refusal goes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderValue, header::SET_COOKIE, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use tower_sessions::cookie::Cookie;

use super::Refused;
use crate::{
    flow::{Error, Visitor, admin::Admin},
    refusal::Refusal,
    state::AppState,
};

/// Why a server function failed, as a type, for the layer around it: Leptos itself hands on text only.
#[derive(Clone, Default)]
pub struct Outcome(Arc<Mutex<Failed>>);

/// What is known of a call that failed.
#[derive(Default)]
pub struct Failed {
    /// Why; none, if the function was never reached.
    pub error: Option<Error>,
    /// The token of a link that it was about. A secret.
    pub token: Option<String>,
}

impl Outcome {
    /// Takes out what is known.
    pub fn take(&self) -> Failed {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Failed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends a cookie along with the answer.
pub fn set_cookie(cookie: &Cookie<'_>) {
    if let (Some(response), Ok(value)) =
        (use_context::<ResponseOptions>(), HeaderValue::try_from(cookie.to_string()))
    {
        response.append_header(SET_COOKIE, value);
    }
}

/// One call of a server function.
pub struct Call {
    /// The state of the process.
    pub state: AppState,
    /// Who calls.
    pub visitor: Visitor,
    outcome: Outcome,
}

impl Call {
    /// The call that is being answered.
    ///
    /// # Errors
    /// `not_ready` outside of the router, which provides all three parts.
    pub fn current() -> Result<Self, Refused> {
        let parts = use_context::<Parts>();
        let found = parts.as_ref().map(|parts| &parts.extensions);
        let visitor = found.and_then(|found| found.get::<Visitor>().cloned());
        let outcome = found.and_then(|found| found.get::<Outcome>().cloned());
        match (use_context::<AppState>(), visitor, outcome) {
            (Some(state), Some(visitor), Some(outcome)) => Ok(Self { state, visitor, outcome }),
            _ => Err(Refused::named("not_ready")),
        }
    }

    /// Whoever calls, as an admin. `web::layers::guard` has turned everybody else away; here it is proven.
    ///
    /// # Errors
    /// `SignedOut` for everybody else.
    pub fn admin(&self) -> Result<Admin, Refusal> {
        Admin::of(&self.state, &self.visitor).ok_or(Refusal::SignedOut)
    }

    /// Keeps the token of the link that the call is about, for the page that tells of its refusal.
    pub fn note_token(&self, token: String) {
        self.outcome.lock().token = Some(token);
    }

    /// Gives the result to the layer around this function, which logs, words and sends it.
    pub fn answer<T>(self, result: Result<T, Error>) -> Result<T, Refused> {
        result.map_err(|error| {
            self.outcome.lock().error = Some(error);
            Refused::named("not_ready")
        })
    }
}
