//! The operator at work: what the commands of the tool do, beside a running server or without one, and what an admin does at
//! /admin. Whatever changes is noted in the trail, with who did it; a command is noted by its name, too.
//!
//! Whether somebody is an operator is found out by whoever makes an [`Operator`]; nothing here knows of HTTP.

pub mod backup;
pub mod events;
pub mod limits;
pub mod outbox;
pub mod sessions;

use crate::{
    audit::{Client, Event, Note},
    domain::{EmailAddress, UnixTime},
    state::AppState,
    store::StoreError,
};

/// What the trail says of whoever has done it at the machine.
const COMMAND: &str = "command";

/// Who does it.
#[derive(Clone, Debug)]
enum Who {
    /// Somebody who may run commands at the machine.
    Command,
    /// An admin who is signed in, and the browser.
    Admin(EmailAddress, Client),
}

/// The operator, what they work on, and the second in which they do.
#[derive(Clone)]
pub struct Operator {
    state: AppState,
    now: UnixTime,
    who: Who,
}

impl Operator {
    /// Somebody at the machine of that site, at this moment: one for a whole command.
    pub fn of(state: &AppState) -> Self {
        Self { state: state.clone(), now: state.clock.now(), who: Who::Command }
    }

    /// An admin in a browser, at this moment.
    pub fn admin(state: &AppState, email: EmailAddress, client: Client) -> Self {
        Self { state: state.clone(), now: state.clock.now(), who: Who::Admin(email, client) }
    }

    /// Notes that a command was used, about `email` if it was about anybody. Of what an admin looks at nothing is noted.
    async fn note(&self, command: &'static str, email: Option<&EmailAddress>) -> Result<(), StoreError> {
        if matches!(self.who, Who::Admin(..)) {
            return Ok(());
        }
        let (audit, now, email) = (self.state.audit, self.now, email.cloned());
        let noting = self.state.store.step(move |step| {
            Box::pin(async move {
                let note = Note::of(Event::Command).reason(command);
                audit.note(step, now, email.iter().fold(note, Note::email)).await
            })
        });
        noting.await
    }

    /// A note with who did it.
    fn signed<'a>(&'a self, note: Note<'a>) -> Note<'a> {
        match &self.who {
            Who::Admin(email, client) => note.by(email.as_str()).client(client),
            Who::Command => note.by(COMMAND),
        }
    }
}
