//! First step: somebody types an address.
//!
//! Known and unknown addresses take the same path here, write the same rows and get the same answer. Only
//! [`super::deliver`] looks at the difference, when nobody is waiting for an answer.

use std::time::Duration;

use super::limits;
use crate::{
    audit::{Event, Note},
    domain::{Challenge, EmailAddress, ReturnPath, SignIn},
    flow::{Error, Visitor},
    random,
    refusal::Refusal,
    session::{Pending, RefusedForm},
    state::AppState,
};

/// How much of a refused input is kept for the form: more than any address has.
const LONGEST_KEPT: usize = 320;

/// Parses what was typed, remembers it in this browser's session and puts a mail into the outbox.
///
/// # Errors
/// `MalformedAddress`; `Limited`; `NotRecognized` where the operator reveals that.
pub async fn request(
    state: &AppState,
    visitor: &Visitor,
    typed: &str,
    next: Option<&str>,
) -> Result<(), Error> {
    limits::count_request(state, visitor).await?;
    let next = ReturnPath::parse_or_home(next);
    let asked = match EmailAddress::parse(typed) {
        Ok(email) => send_login_mail(state, visitor, email, next.clone()).await,
        Err(fault) => Err(Refusal::MalformedAddress { fault }.into()),
    };
    if let Err(Error::Refused(_)) = asked {
        let email = typed.trim().chars().take(LONGEST_KEPT).collect();
        visitor.session.keep_refused_form(&RefusedForm { email, next }).await?;
    }
    asked
}

/// Asks again for the address that this browser has asked for.
///
/// # Errors
/// `OtherBrowser` if it has not asked; `Limited` before the wait is over.
pub async fn resend(state: &AppState, visitor: &Visitor) -> Result<(), Error> {
    limits::count_request(state, visitor).await?;
    let pending = visitor.session.pending().await?.ok_or(Refusal::OtherBrowser)?;
    send_login_mail(state, visitor, pending.sign_in.email, pending.next).await
}

/// Seconds until this browser may ask again.
pub fn resend_wait(state: &AppState, pending: &Pending) -> u64 {
    let gap = state.config.limits.address_gap.interval_ms().unsigned_abs().div_ceil(1_000);
    pending.sign_in.issued_at.plus(Duration::from_secs(gap)).since(state.clock.now()).as_secs()
}

async fn send_login_mail(
    state: &AppState,
    visitor: &Visitor,
    email: EmailAddress,
    next: ReturnPath,
) -> Result<(), Error> {
    limits::count_mail(state, visitor, &email).await?;
    state.audit.note(Note::of(Event::Asked).email(&email).client(&visitor.client)).await;
    if state.config.reveal_unknown_emails && !state.allowlist.get().allows(&email) {
        return Err(Refusal::NotRecognized.into());
    }
    let challenge = Challenge::random(&mut random::rng());
    let sign_in = SignIn { email, issued_at: state.clock.now(), challenge };
    visitor.session.set_pending(&Pending { sign_in: sign_in.clone(), next }).await?;
    state.store.enqueue(&sign_in, sign_in.expires_at(state.config.link_max_age)).await?;
    state.outbox_bell.notify_one();
    Ok(())
}
