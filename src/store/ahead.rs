//! What steps say beforehand that they will read: it is read for all of a group at once, before the first of them. On PostgreSQL each
//! question by itself would be an answer to wait for.
//!
//! It is as good as read in the step itself: what is counted is kept in memory until the group ends ([`super::counted`]), and whatever
//! changes or deletes sessions ([`super::sessions`], [`super::cleanup`]) forgets here those that it may have changed.

use std::collections::HashMap;

use super::{
    Step, StoreError,
    sessions::{HashedSessionId, SessionRow, find, read},
};

/// What a step will read.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// Sessions, whether there are such or not.
    pub sessions: Vec<HashedSessionId>,
    /// Counted things, by their names in the database.
    pub counted: Vec<String>,
}

/// Sessions that were read ahead, with those that have expired; `None` where there is none.
pub type SessionsAhead = HashMap<HashedSessionId, Option<SessionRow>>;

impl Step {
    /// Reads all that the steps of a group are going to read.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn read_ahead(&mut self, reads: Vec<Reads>) -> Result<(), StoreError> {
        self.sessions_ahead.clear();
        let (mut sessions, mut counted) = (Vec::new(), Vec::new());
        for read in reads {
            sessions.extend(read.sessions);
            counted.extend(read.counted);
        }
        self.look_up(counted.into_iter()).await?;
        if sessions.is_empty() {
            return Ok(());
        }
        let rows = self.connection.rows(find(&sessions)).await?;
        self.sessions_ahead.extend(sessions.into_iter().map(|id| (id, None)));
        for row in &rows {
            let session = read(row)?;
            self.sessions_ahead.insert(session.id, Some(session));
        }
        Ok(())
    }
}
