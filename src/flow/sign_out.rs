//! The end of a session, by the person's own wish.

use super::{Error, Visitor};
use crate::{
    audit::{Event, Note},
    state::AppState,
};

/// Ends the session of this browser, on the server and in the browser.
///
/// # Errors
/// `SignedOut` if nobody is signed in.
pub async fn sign_out(state: &AppState, visitor: &Visitor) -> Result<(), Error> {
    let person = visitor.signed_in()?;
    visitor.session.end().await?;
    state.audit.note(Note::of(Event::SignedOut).email(person.email()).client(&visitor.client)).await;
    Ok(())
}
