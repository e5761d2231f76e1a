//! The operator at work, beside a running server or without one: what the commands of the tool do. Whatever is looked at or
//! changed is noted in the trail, by the name of its command.

pub mod backup;
pub mod events;
pub mod limits;
pub mod outbox;
pub mod sessions;

use crate::{
    audit::{Event, Note},
    domain::{EmailAddress, UnixTime},
    state::AppState,
    store::StoreError,
};

/// The operator, what they work on, and the second in which they do.
#[derive(Clone)]
pub struct Operator {
    state: AppState,
    now: UnixTime,
}

impl Operator {
    /// The operator of that site, at this moment: one for a whole command.
    pub fn of(state: &AppState) -> Self {
        Self { state: state.clone(), now: state.clock.now() }
    }

    /// Notes that a command was used, about `email` if it was about anybody.
    async fn note(&self, command: &'static str, email: Option<&EmailAddress>) -> Result<(), StoreError> {
        let (audit, now, email) = (self.state.audit, self.now, email.cloned());
        let noting = self.state.store.step(move |step| {
            Box::pin(async move {
                let note = Note::of(Event::Command).reason(command);
                audit.note(step, now, email.iter().fold(note, Note::email)).await
            })
        });
        noting.await
    }
}
