//! The operator at work, beside a running server or without one: what the commands of the tool do. Whatever is looked at or
//! changed is noted in the trail, by the name of its command.

pub mod backup;
pub mod events;
pub mod limits;
pub mod outbox;
pub mod sessions;

use crate::{
    audit::{Audit, Event, Note},
    config::Config,
    domain::{Budget, EmailAddress, UnixTime},
    store::{Store, StoreError},
};

/// The operator, the database that they work on, and the second in which they do.
#[derive(Clone, Debug)]
pub struct Operator<'a> {
    /// The settings.
    pub config: &'a Config,
    /// The database.
    pub store: Store,
    /// The trail.
    pub audit: Audit,
    /// One moment for the whole command.
    pub now: UnixTime,
}

impl<'a> Operator<'a> {
    /// The operator of a site with these settings.
    pub fn of(config: &'a Config, store: Store, now: UnixTime) -> Self {
        let audit = Audit { limit: config.limits.of(Budget::Trail) };
        Self { config, store, audit, now }
    }

    /// Notes that a command was used, about `email` if it was about anybody.
    async fn note(&self, command: &'static str, email: Option<&EmailAddress>) -> Result<(), StoreError> {
        let (audit, now, email) = (self.audit, self.now, email.cloned());
        let noting = self.store.step(move |step| {
            Box::pin(async move {
                let note = Note::of(Event::Command).reason(command);
                audit.note(step, now, email.iter().fold(note, Note::email)).await
            })
        });
        noting.await
    }
}
