//! The visitor: the browser that sent a request, and what a step needs to know of it.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::SignedIn;
use crate::{
    audit::{Audit, Client},
    domain::{Allowlist, Challenge, KnownBrowser, Limits, UnixTime},
    random,
    refusal::Refusal,
    session::{BrowserCookie, Lifetimes, LoginSession},
    state::AppState,
    words::Words,
};

/// Who sends a request: found once by `web::layers::identify`, and read by everybody after it.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Its session, as it was when the request came in. A step that depends on it reads it again.
    pub session: LoginSession,
    /// Its network and user agent, for limits and the audit trail.
    pub client: Client,
    /// The person, if somebody is signed in.
    pub signed_in: Option<SignedIn>,
    /// Who has signed in there before, and the way to remember somebody more.
    pub browser: BrowserCookie,
    /// The language that they read.
    pub words: Words,
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
    /// The second in which the request was taken up: one for the whole step.
    pub now: UnixTime,
    /// The same in milliseconds since 1970.
    now_ms: u64,
    /// Where the request comes from.
    pub client: Client,
    /// The browser, if anybody has signed in there before.
    pub browser: Option<KnownBrowser>,
    /// The language that they read, for the mail.
    pub words: Words,
    /// The operator's limits.
    pub limits: Limits,
    /// The allowlist of this moment; one that is read again meanwhile does not change a step under way.
    pub allowlist: Arc<Allowlist>,
    /// How long sessions live.
    pub lifetimes: Lifetimes,
    /// How long link and code live.
    pub link_max_age: Duration,
    /// Whether an unknown address is told that it is unknown (REVEAL_UNKNOWN_EMAILS).
    pub reveals_unknown: bool,
    /// Whether people are told by mail of a sign-in in a new browser (NEW_DEVICE_MAILS).
    pub tells_of_new_devices: bool,
    /// The audit trail that the step writes to.
    pub audit: Audit,
    pub outbox_bell: Arc<Notify>,
    pub notice_bell: Arc<Notify>,
}

impl Asking {
    /// Takes it all from `state` and `visitor` as they are now.
    pub fn by(state: &AppState, visitor: &Visitor) -> Self {
        Self {
            now: state.clock.now(),
            now_ms: state.clock.now_ms(),
            client: visitor.client.clone(),
            browser: visitor.browser.known().cloned(),
            words: visitor.words,
            limits: state.config.limits,
            allowlist: state.allowlist.get(),
            lifetimes: state.lifetimes,
            link_max_age: state.config.link_max_age,
            reveals_unknown: state.config.reveal_unknown_emails,
            tells_of_new_devices: state.config.new_device_mails,
            audit: state.audit,
            outbox_bell: Arc::clone(&state.outbox_bell),
            notice_bell: Arc::clone(&state.notice_bell),
        }
    }

    /// One that was never seen.
    pub fn new_challenge(&self) -> Challenge {
        Challenge::new(self.now_ms, &mut random::rng())
    }
}
