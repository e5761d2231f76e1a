//! The person behind a session, if there is one at this moment.

use std::time::Duration;

use tokio::time::timeout;

use super::Error;
use crate::{
    audit::{Event, Note},
    domain::EmailAddress,
    session::{LoginSession, Stored},
    state::AppState,
};

/// How long the first page after a sign-in waits until it is noted that its cookie has come back.
const LONGEST_NOTE: Duration = Duration::from_secs(1);

/// A person whose session lives and whose address is on the allowlist. Only [`find`] makes one, so holding it is proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn(EmailAddress);

impl SignedIn {
    /// The person's address.
    pub fn email(&self) -> &EmailAddress {
        &self.0
    }
}

/// Finds out who is signed in. An address that has left the allowlist is signed out here, and noted as `revoked`.
///
/// The allowlist is asked at each request and not only at the sign-in, so that removing somebody takes effect at once
/// (OWASP ASVS 5.0, 7.4.2).
///
/// # Errors
/// If a session that should end cannot be ended. One that cannot be noted as seen is let in all the same.
pub async fn find(state: &AppState, session: &LoginSession) -> Result<Option<SignedIn>, Error> {
    let Some(email) = session.email() else { return Ok(None) };
    if !state.allowlist.get().allows(&email) {
        revoke(state, session, email).await?;
        return Ok(None);
    }
    let (lifetimes, now) = (state.lifetimes, state.clock.now());
    if session.is_new() {
        // From here on the mail is used up; a step that redeems it once more may have been quicker.
        match timeout(LONGEST_NOTE, session.see(&state.store, lifetimes, now)).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return Ok(None),
            Ok(Err(error)) => tracing::warn!(%error, "a session could not be noted as seen"),
            // The step goes on, and notes it when it can.
            Err(_) => tracing::warn!("a session could not be noted as seen in time"),
        }
    } else if session.is_stale(lifetimes, now) {
        session.see_later(&state.store, lifetimes, now);
    }
    Ok(Some(SignedIn(email)))
}

/// Ends a session whose address has left the allowlist, and takes its cookie away.
async fn revoke(state: &AppState, session: &LoginSession, email: EmailAddress) -> Result<(), Error> {
    let Some(id) = session.id() else { return Ok(()) };
    let (audit, now) = (state.audit, state.clock.now());
    state
        .store
        .step(move |step| {
            Box::pin(async move {
                // Of several requests at once, one ends it and notes so.
                if Stored::end(step, &id).await? {
                    // Without network and user agent: this is the operator's doing, not the visitor's.
                    let note = Note::of(Event::Revoked).reason("not_on_the_allowlist").email(&email);
                    audit.note(step, now, note).await?;
                }
                Ok(())
            })
        })
        .await?;
    session.forget().await?;
    Ok(())
}
