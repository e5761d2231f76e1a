//! The mails under way: those that this process has in its hands, whatever the database says.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    domain::{Priority, UnixTime},
    store::outbox::OutboxRow,
};

/// How a try of a mail ended.
#[derive(Clone, Debug)]
pub enum End {
    /// It was accepted.
    Sent,
    /// It is due again then.
    Later(UnixTime),
    /// For good; the reason, as the audit trail has it.
    GivenUp(&'static str),
}

/// Mails that are being sent, or whose end could not be written yet. None of them may be claimed: a database that cannot
/// be written still says that they are due.
#[derive(Debug, Default)]
pub struct UnderWay(Mutex<Hands>);

#[derive(Debug, Default)]
struct Hands {
    mails: HashMap<String, Priority>,
    unsettled: Vec<(OutboxRow, End)>,
}

impl UnderWay {
    /// The Message-IDs of all of them, each with its priority.
    pub fn mails(&self) -> HashMap<String, Priority> {
        self.hands().mails.clone()
    }

    /// A mail was claimed.
    pub fn take(&self, row: &OutboxRow) {
        // One that nobody has looked at is never taken.
        let priority = row.priority.unwrap_or(Priority::ByRule);
        self.hands().mails.insert(row.sign_in.message_id(), priority);
    }

    /// The end of a mail was written.
    pub fn put_down(&self, row: &OutboxRow) {
        let mut hands = self.hands();
        let message_id = row.sign_in.message_id();
        hands.mails.remove(&message_id);
        hands.unsettled.retain(|(row, _)| row.sign_in.message_id() != message_id);
    }

    /// The end of a mail could not be written.
    pub fn keep_unsettled(&self, row: OutboxRow, end: End) {
        self.hands().unsettled.push((row, end));
    }

    /// A mail whose end is still to be written.
    pub fn first_unsettled(&self) -> Option<(OutboxRow, End)> {
        self.hands().unsettled.first().cloned()
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
