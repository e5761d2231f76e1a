//! What operators do to what belongs to others: end sessions, and have mails tried again. Everything is noted in the trail,
//! with who did it.
//!
//! Whether somebody is an operator is found out by whoever makes an [`Operator`]; nothing here knows of HTTP.

use crate::{
    audit::{Audit, Client, Event, Note},
    domain::{EmailAddress, UnixTime},
    store::{
        Step, Store, StoreError,
        sessions::{HashedSessionId, SessionRow},
    },
    words::moment,
};

/// What the trail says of whoever has done it at the machine.
const COMMAND: &str = "command";
/// Why a session was ended, as the trail has it.
const ENDED: &str = "ended_by_an_operator";

/// Who does it.
#[derive(Clone, Debug)]
pub enum Who {
    /// An admin who is signed in, and the browser.
    Admin(EmailAddress, Client),
    /// Somebody who may run commands at the machine.
    Command,
}

/// An operator at work at one moment.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The database.
    pub store: Store,
    /// The trail.
    pub audit: Audit,
    /// The second in which it happens.
    pub now: UnixTime,
    /// Who it is.
    pub who: Who,
}

impl Operator {
    /// Ends a session of somebody, and with it those of its apps; `false` if it had ended before.
    ///
    /// # Errors
    /// If the database fails; the session lives on then.
    pub async fn end_session(&self, session: HashedSessionId) -> Result<bool, StoreError> {
        let me = self.clone();
        self.store.step(move |step| Box::pin(async move { me.end(step, session).await })).await
    }

    /// Ends all sessions of a person; how many there were.
    ///
    /// # Errors
    /// If the database fails; then none was ended.
    pub async fn end_sessions_of(&self, email: &EmailAddress) -> Result<usize, StoreError> {
        let (me, email) = (self.clone(), email.clone());
        let ending = self.store.step(move |step| {
            Box::pin(async move {
                let mut ended = 0;
                // None of them comes first.
                for device in step.devices(&email, HashedSessionId::of(""), me.now).await? {
                    ended += usize::from(me.end(step, device.session).await?);
                }
                Ok(ended)
            })
        });
        ending.await
    }

    /// Has a mail tried again at once that waits for its next try, or that the mail server has refused: whose mail it is.
    /// `None` if there is none of that name, it has expired, or it is being sent just now.
    ///
    /// The worker of this process has to be told by whoever calls (`AppState::outbox_bell`, `notice_bell`); that of another
    /// one finds it within fifteen seconds.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn try_again(&self, message_id: &str) -> Result<Option<EmailAddress>, StoreError> {
        let (me, message_id) = (self.clone(), message_id.to_owned());
        let trying = self.store.step(move |step| {
            Box::pin(async move {
                let email = step.try_again(&message_id, me.now).await?;
                if let Some(email) = &email {
                    let note = me.signed(Note::of(Event::Retried).email(email));
                    me.audit.note(step, me.now, note).await?;
                }
                Ok(email)
            })
        });
        trying.await
    }

    async fn end(&self, step: &mut Step, session: HashedSessionId) -> Result<bool, StoreError> {
        let Some(row) = step.session(session, self.now).await? else { return Ok(false) };
        let email = row.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
        // A browser that nobody has signed in with has nothing to be ended.
        let Some(email) = email else { return Ok(false) };
        if !step.end_session(session).await? {
            return Ok(false);
        }
        let device = described(&row);
        let note = Note::of(Event::Revoked).reason(ENDED).email(&email).device(&device);
        self.audit.note(step, self.now, self.signed(note)).await?;
        Ok(true)
    }

    /// A note with who did it.
    fn signed<'a>(&'a self, note: Note<'a>) -> Note<'a> {
        match &self.who {
            Who::Admin(email, client) => note.by(email.as_str()).client(client),
            Who::Command => note.by(COMMAND),
        }
    }
}

/// The device of a session for the trail: its names, and the sign-in that is noted there too.
fn described(row: &SessionRow) -> String {
    let names = [row.device.browser, row.device.system].into_iter().flatten().map(str::to_owned);
    names.chain([format!("since {}", moment(row.created_at))]).collect::<Vec<_>>().join(", ")
}
