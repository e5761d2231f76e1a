//! Who is signed in, now.

use super::Error;
use crate::{
    audit::{Event, Note},
    domain::EmailAddress,
    session::LoginSession,
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
/// # Errors
/// If the session cannot be read or ended.
pub async fn find(state: &AppState, session: &LoginSession) -> Result<Option<SignedIn>, Error> {
    match session.email().await? {
        Some(email) if !state.allowlist.get().allows(&email) => {
            session.end().await?;
            state.audit.note(Note::of(Event::Revoked).reason("not_on_the_allowlist").email(&email)).await;
            Ok(None)
        }
        email => Ok(email.map(SignedIn)),
    }
}
