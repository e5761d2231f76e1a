//! First step: somebody types an address.
//!
//! Known and unknown addresses take the same path here, write the same rows and get the same answer. Only
//! [`super::deliver`] looks at the difference, when nobody is waiting for an answer.

use crate::{
    api::refusal::Refusal,
    domain::{Challenge, EmailAddress, ReturnPath},
    server::{
        session::{Draft, LoginSession, Pending},
        state::AppState,
        store::outbox::OutboxRow,
    },
};

/// How much of a refused input is kept for the form: more than any address has.
const LONGEST_DRAFT: usize = 320;

/// Parses what was typed, remembers it in this browser's session and puts a mail into the outbox.
///
/// # Errors
/// `MalformedAddress` with advice; `NotRecognized` where the operator reveals that; `NotReady`.
pub async fn request(
    state: &AppState,
    session: &LoginSession,
    typed: &str,
    next: Option<&str>,
) -> Result<(), Refusal> {
    let next = ReturnPath::parse_or_home(next);
    let refused = match EmailAddress::parse(typed) {
        Ok(email) if state.config.reveal_unknown_emails && !state.allowlist.get().allows(&email) => {
            Refusal::NotRecognized
        }
        Ok(email) => return ask(state, session, email, next).await,
        Err(malformed) => Refusal::MalformedAddress { advice: malformed.to_string() },
    };
    let email = typed.trim().chars().take(LONGEST_DRAFT).collect();
    session.keep_draft(&Draft { email, next }).await?;
    Err(refused)
}

/// Asks again for the address that this browser has asked for.
///
/// # Errors
/// `OtherBrowser` if it has not asked; `Limited` before the wait is over; `NotReady`.
pub async fn resend(state: &AppState, session: &LoginSession) -> Result<(), Refusal> {
    let pending = session.pending().await?.ok_or(Refusal::OtherBrowser)?;
    let wait = resend_wait(state, &pending);
    if wait > 0 {
        return Err(Refusal::Limited { retry_after: wait });
    }
    ask(state, session, pending.email, pending.next).await
}

/// Seconds until this browser may ask again.
pub fn resend_wait(state: &AppState, pending: &Pending) -> u64 {
    pending.issued_at.plus(state.config.resend_wait).since(state.clock.now()).as_secs()
}

async fn ask(
    state: &AppState,
    session: &LoginSession,
    email: EmailAddress,
    next: ReturnPath,
) -> Result<(), Refusal> {
    #[allow(clippy::disallowed_methods, reason = "this is the edge where chance enters")]
    let challenge = Challenge::random(&mut rand::rng());
    let pending = Pending { email, issued_at: state.clock.now(), challenge, next };
    session.ask(&pending).await?;
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
