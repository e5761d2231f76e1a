//! The browser that sent a request, and what a step needs to know of it.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::SignedIn;
use crate::{
    audit::{Audit, Client},
    config::Limits,
    domain::{Allowlist, UnixTime},
    refusal::Refusal,
    session::{Lifetimes, LoginSession},
    state::AppState,
};

/// Who sends a request: found once by `web::layers::identify`, and read by everybody after it.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub session: LoginSession,
    pub client: Client,
    /// The person, if somebody is signed in.
    pub signed_in: Option<SignedIn>,
}

impl Visitor {
    /// The person.
    ///
    /// # Errors
    /// `SignedOut` if nobody is signed in.
    pub fn signed_in(&self) -> Result<&SignedIn, Refusal> {
        self.signed_in.as_ref().ok_or(Refusal::SignedOut)
    }
}

/// What a step takes along of the state and the visitor: it may outlive the request that began it.
#[derive(Clone, Debug)]
pub struct Asking {
    pub now: UnixTime,
    pub client: Client,
    pub limits: Limits,
    pub allowlist: Arc<Allowlist>,
    pub lifetimes: Lifetimes,
    pub link_max_age: Duration,
    pub reveals_unknown: bool,
    pub audit: Audit,
    pub outbox_bell: Arc<Notify>,
}

impl Asking {
    pub fn by(state: &AppState, visitor: &Visitor) -> Self {
        Self {
            now: state.clock.now(),
            client: visitor.client.clone(),
            limits: state.config.limits,
            allowlist: state.allowlist.get(),
            lifetimes: state.lifetimes,
            link_max_age: state.config.link_max_age,
            reveals_unknown: state.config.reveal_unknown_emails,
            audit: state.audit,
            outbox_bell: Arc::clone(&state.outbox_bell),
        }
    }
}
