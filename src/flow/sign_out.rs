//! Signing out: the end of a session by the person's own wish.

use super::{Error, Visitor};
use crate::{
    audit::{Event, Note},
    session::Stored,
    state::AppState,
};

/// Ends the session of this browser, on the server and in the browser.
///
/// # Errors
/// `SignedOut` if nobody is signed in; `Broken` if the session cannot be ended, which then lives on.
pub async fn sign_out(state: &AppState, visitor: &Visitor) -> Result<(), Error> {
    let email = visitor.signed_in()?.email().clone();
    let id = visitor.session.id();
    let (audit, client, now) = (state.audit, visitor.client.clone(), state.clock.now());
    state
        .store
        .step(move |step| {
            Box::pin(async move {
                // Pressed twice, it is noted once.
                if let Some(id) = id
                    && Stored::end(step, &id).await?
                {
                    audit.note(step, now, Note::of(Event::SignedOut).email(&email).client(&client)).await?;
                }
                Ok(())
            })
        })
        .await?;
    visitor.session.forget().await?;
    Ok(())
}
