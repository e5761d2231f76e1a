//! The development inbox: the last mails, in memory, for /dev/inbox. In production there is none.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use super::message::Mail;

const MAILS_KEPT: usize = 50;

/// The last mails of this process, the newest one first.
#[derive(Default)]
pub struct DevInbox(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    mails: VecDeque<(usize, Mail)>,
    /// The number of the newest mail; numbers are not used again.
    newest: usize,
}

impl DevInbox {
    /// Puts a mail on top. The oldest one goes when the shelf is full.
    pub fn put(&self, mail: Mail) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.newest += 1;
        let number = shelf.newest;
        shelf.mails.push_front((number, mail));
        shelf.mails.truncate(MAILS_KEPT);
    }

    /// All kept mails with their numbers, the newest first.
    pub fn mails(&self) -> Vec<(usize, Mail)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).mails.iter().cloned().collect()
    }

    /// The mail with that number, while it is kept.
    pub fn mail(&self, number: usize) -> Option<Mail> {
        self.mails().into_iter().find(|(kept, _)| *kept == number).map(|(_, mail)| mail)
    }
}
