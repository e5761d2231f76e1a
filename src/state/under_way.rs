//! The mails under way: those that this process has in its hands, whatever the database says.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::{domain::UnixTime, store::outbox::OutboxRow};

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

/// Mails in the hands of this process. None of them may be claimed before its end is written, whatever the database says.
#[derive(Debug, Default)]
pub struct UnderWay {
    hands: Mutex<Hands>,
    let_go: CancellationToken,
}

#[derive(Debug, Default)]
struct Hands {
    /// By Message-ID.
    being_sent: HashMap<String, OutboxRow>,
    ended: Vec<(OutboxRow, End)>,
}

impl UnderWay {
    /// Those whose end is still to be written, and those that are being sent.
    pub fn in_hand(&self) -> (Vec<(OutboxRow, End)>, Vec<OutboxRow>) {
        let hands = self.hands();
        (hands.ended.clone(), hands.being_sent.values().cloned().collect())
    }

    /// Whether the end of any is still to be written.
    pub fn has_ended(&self) -> bool {
        !self.hands().ended.is_empty()
    }

    /// A mail was claimed.
    pub fn take(&self, row: &OutboxRow) {
        self.hands().being_sent.insert(row.sign_in.message_id(), row.clone());
    }

    /// A mail is no longer being sent.
    pub fn end(&self, row: OutboxRow, end: End) {
        let mut hands = self.hands();
        hands.being_sent.remove(&row.sign_in.message_id());
        hands.ended.push((row, end));
    }

    /// The ends of these mails, by Message-ID, were written.
    pub fn put_down(&self, settled: &HashSet<String>) {
        self.hands().ended.retain(|(row, _)| !settled.contains(&row.sign_in.message_id()));
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
