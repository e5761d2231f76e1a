//! The mails under way: those that this process has in its hands, whatever the database says.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::{
    domain::{Priority, UnixTime},
    store::outbox::OutboxRow,
};

/// How a try of a mail ended.
#[derive(Clone, Debug)]
pub enum End {
    /// It was accepted.
    Sent,
    /// It is due again then; what went wrong.
    Later(UnixTime, String),
    /// The mail server has refused it for good, with these words.
    Refused(String),
    /// It is of no use any more; the reason, as the audit trail has it.
    GivenUp(&'static str),
}

/// Mails that are being sent, or whose end could not be written yet. None of them may be claimed: a database that cannot
/// be written still says that they are due.
#[derive(Debug, Default)]
pub struct UnderWay {
    hands: Mutex<Hands>,
    let_go: CancellationToken,
}

#[derive(Debug, Default)]
struct Hands {
    /// By Message-ID.
    mails: HashMap<String, OutboxRow>,
    unsettled: Vec<(OutboxRow, End)>,
}

impl UnderWay {
    /// The Message-IDs of all of them, each with its priority.
    pub fn mails(&self) -> HashMap<String, Priority> {
        // One that nobody has looked at is never taken.
        let priority = |row: &OutboxRow| row.priority.unwrap_or(Priority::ByRule);
        self.hands().mails.iter().map(|(id, row)| (id.clone(), priority(row))).collect()
    }

    /// All of them.
    pub fn rows(&self) -> Vec<OutboxRow> {
        self.hands().mails.values().cloned().collect()
    }

    /// A mail was claimed.
    pub fn take(&self, row: &OutboxRow) {
        self.hands().mails.insert(row.sign_in.message_id(), row.clone());
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

    /// Breaks off all `sending`: the process ends, and the mails stay in its hands until they are given back.
    pub fn let_go(&self) {
        self.let_go.cancel();
    }

    /// The outcome of `sending`; `None` if it was broken off.
    pub async fn unless_let_go<T>(&self, sending: impl Future<Output = T>) -> Option<T> {
        self.let_go.run_until_cancelled(sending).await
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
