//! A bounce becomes an entry of the trail, which /admin and `postern events` show. Visitors see nothing of it.

use crate::{
    audit::{Event, Note},
    mail::bounce::Bounce,
    state::AppState,
    store::StoreError,
};

/// Notes a bounce of a mail that has left, or is leaving, once. What is told of any other mail is left out: whoever tells of
/// bounces can write nothing of their own choice but a reason.
///
/// # Errors
/// If the database fails.
pub async fn note(state: &AppState, bounce: Bounce) -> Result<(), StoreError> {
    let (now, audit) = (state.clock.now(), state.audit);
    let noting = state.store.step(move |step| {
        let bounce = bounce.clone();
        Box::pin(async move {
            let Some(email) =
                step.recipient_of_sent(&bounce.message_id, Event::Sent.name(), Event::Bounced.name()).await?
            else {
                return Ok(());
            };
            let note = Note::of(Event::Bounced).reason(bounce.outcome.name()).email(&email);
            audit.note(step, now, note.message_id(&bounce.message_id).detail(&bounce.words)).await
        })
    });
    noting.await
}
