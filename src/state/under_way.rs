//! The mails under way: those that this process has in its hands, whatever the database says.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{domain::UnixTime, store::outbox::OutboxRow};

/// How long an end that could not be written is left alone.
pub const PAUSE: Duration = Duration::from_secs(3);

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
    /// Each with when its end could not be written last.
    ended: Vec<(OutboxRow, End, Option<Instant>)>,
}

/// What is in the hands of this process.
pub struct InHand {
    /// Those whose end is to be written now.
    pub ended: Vec<(OutboxRow, End)>,
    /// Those whose end could not be written a moment ago.
    pub unwritten: Vec<OutboxRow>,
    pub being_sent: Vec<OutboxRow>,
}

/// Whether an end that could not be written then is left alone for now.
pub fn is_left_alone(failed: Option<Instant>) -> bool {
    failed.is_some_and(|failed| failed.elapsed() < PAUSE)
}

impl UnderWay {
    /// What is in hand.
    pub fn in_hand(&self) -> InHand {
        let hands = self.hands();
        let (unwritten, ended): (Vec<_>, Vec<_>) =
            hands.ended.iter().cloned().partition(|(_, _, failed)| is_left_alone(*failed));
        InHand {
            ended: ended.into_iter().map(|(row, end, _)| (row, end)).collect(),
            unwritten: unwritten.into_iter().map(|(row, ..)| row).collect(),
            being_sent: hands.being_sent.values().cloned().collect(),
        }
    }

    /// Those whose end is still to be written, one that could not be written too.
    pub fn ended(&self) -> Vec<(OutboxRow, End)> {
        self.hands().ended.iter().map(|(row, end, _)| (row.clone(), end.clone())).collect()
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
        hands.ended.push((row, end, None));
    }

    /// The ends of these mails, by Message-ID, were written.
    pub fn put_down(&self, settled: &HashSet<String>) {
        self.hands().ended.retain(|(row, ..)| !settled.contains(&row.sign_in.message_id()));
    }

    /// Those of these ends that are still in hand could not be written.
    pub fn leave_alone(&self, tried: &[(OutboxRow, End)]) {
        let tried: HashSet<_> = tried.iter().map(|(row, _)| row.sign_in.message_id()).collect();
        let now = Instant::now();
        for (row, _, failed) in &mut self.hands().ended {
            if tried.contains(&row.sign_in.message_id()) {
                *failed = Some(now);
            }
        }
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
