//! The context of a server function: what it works with, who calls, and where its refusal goes.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderValue, header::SET_COOKIE, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use tower_sessions::cookie::Cookie;

use super::Refused;
use crate::{
    flow::{Error, Visitor},
    state::AppState,
};

/// Why a server function failed, as a type, for the layer around it: Leptos itself hands on text only.
#[derive(Clone, Default)]
pub struct Outcome(Arc<Mutex<Option<Error>>>);

impl Outcome {
    /// Takes the error out, if there is one.
    pub fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
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

    /// Gives the result to the layer around this function, which logs, words and sends it.
    pub fn answer<T>(self, result: Result<T, Error>) -> Result<T, Refused> {
        result.map_err(|error| {
            self.outcome.put(error);
            Refused::named("not_ready")
        })
    }
}
