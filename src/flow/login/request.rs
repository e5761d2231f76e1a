//! First step: somebody types an address.
//!
//! Known and unknown addresses take the same path here, write the same rows and get the same answer. Only
//! [`super::deliver`] looks at the difference, when nobody is waiting for an answer.

use std::time::Duration;

use super::limits;
use crate::{
    audit::Event,
    domain::{Challenge, EmailAddress, ReturnPath},
    flow::Visitor,
    refusal::Refusal,
    session::{Draft, Pending},
    state::AppState,
    store::outbox::OutboxRow,
};

/// How much of a refused input is kept for the form: more than any address has.
const LONGEST_DRAFT: usize = 320;

/// Parses what was typed, remembers it in this browser's session and puts a mail into the outbox.
///
/// # Errors
/// `MalformedAddress` with advice; `Limited`; `NotRecognized` where the operator reveals that; `NotReady`.
pub async fn request(
    state: &AppState,
    visitor: &Visitor,
    typed: &str,
    next: Option<&str>,
) -> Result<(), Refusal> {
    limits::count_request(state, visitor).await?;
    let next = ReturnPath::parse_or_home(next);
    let asked = match EmailAddress::parse(typed) {
        Ok(email) => ask(state, visitor, email, next.clone()).await,
        Err(malformed) => Err(Refusal::MalformedAddress { advice: malformed.to_string() }),
    };
    if asked.is_err() {
        let email = typed.trim().chars().take(LONGEST_DRAFT).collect();
        visitor.session.keep_draft(&Draft { email, next }).await?;
    }
    asked
}

/// Asks again for the address that this browser has asked for.
///
/// # Errors
/// `OtherBrowser` if it has not asked; `Limited` before the wait is over; `NotReady`.
pub async fn resend(state: &AppState, visitor: &Visitor) -> Result<(), Refusal> {
    limits::count_request(state, visitor).await?;
    let pending = visitor.session.pending().await?.ok_or(Refusal::OtherBrowser)?;
    ask(state, visitor, pending.email, pending.next).await
}

/// Seconds until this browser may ask again.
pub fn resend_wait(state: &AppState, pending: &Pending) -> u64 {
    let gap = state.config.limits.address_gap.interval_ms().unsigned_abs().div_ceil(1_000);
    pending.issued_at.plus(Duration::from_secs(gap)).since(state.clock.now()).as_secs()
}

async fn ask(
    state: &AppState,
    visitor: &Visitor,
    email: EmailAddress,
    next: ReturnPath,
) -> Result<(), Refusal> {
    limits::count_mail(state, visitor, &email).await?;
    state.note(Event::Asked, None, Some(email.as_str()), Some(visitor)).await;
    if state.config.reveal_unknown_emails && !state.allowlist.get().allows(&email) {
        return Err(Refusal::NotRecognized);
    }
    #[allow(clippy::disallowed_methods, reason = "this is the edge where chance enters")]
    let challenge = Challenge::random(&mut rand::rng());
    let pending = Pending { email, issued_at: state.clock.now(), challenge, next };
    visitor.session.ask(&pending).await?;
    state
        .store
        .enqueue(&OutboxRow {
            // Known before the mail exists and the same for each try; a hash, so it tells nothing.
            message_id: pending.challenge.hashed().to_string(),
            email: pending.email,
            challenge: pending.challenge,
            issued_at: pending.issued_at,
            expires_at: pending.issued_at.plus(state.config.link_max_age),
            tries: 0,
        })
        .await?;
    state.outbox_bell.notify_one();
    Ok(())
}
