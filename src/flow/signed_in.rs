//! The person behind a session, if there is one at this moment.

use super::Error;
use crate::{
    audit::{Event, Note},
    domain::EmailAddress,
    session::{LoginSession, Stored},
    state::AppState,
};

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
/// If a session that should end cannot be ended, or a new one not noted as seen.
pub async fn find(state: &AppState, session: &LoginSession) -> Result<Option<SignedIn>, Error> {
    let Some(email) = session.email() else { return Ok(None) };
    if !state.allowlist.get().allows(&email) {
        revoke(state, session, email).await?;
        return Ok(None);
    }
    let (lifetimes, now) = (state.lifetimes, state.clock.now());
    if session.is_new() {
        // From here on the mail is used up; a step that redeems it once more may have been quicker. Nobody is let in before
        // that is written: the mail would be good for a second session.
        if !session.see(&state.store, lifetimes, now).await? {
            return Ok(None);
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
