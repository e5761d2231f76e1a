//! The instances: the processes that share a database, each known by a random id. On SQLite there is one.
//!
//! Each commit of an instance leaves the time in its row; one that has nothing to write commits all the same
//! ([`Store::beat`]). The time is that of the database, so that the clocks of the machines need not agree. Whoever has not
//! been heard of for [`DEAD_AFTER`] is dead, and what it had claimed is claimed again; but only somebody who has beaten all
//! that time himself can tell that from a database that nobody could reach.

use std::{sync::Arc, time::Duration};

use rand::Rng;

use super::{Step, Store, StoreError, sql};
use crate::{domain::UnixTime, random};

/// How long an instance may be silent.
pub const DEAD_AFTER: Duration = Duration::from_secs(12);
/// How long the row of a dead one is kept, for whoever wonders.
const KEPT: Duration = Duration::from_secs(86_400);

/// An id for this process, in 32 hexadecimal digits. A restart makes another one: what the process before it held was lost
/// with it.
pub(super) fn random_id() -> Arc<str> {
    let mut bytes = [0; 16];
    random::rng().fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

impl Store {
    /// Lets the others know that this instance lives. Only for a shared database.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn beat(&self) -> Result<(), StoreError> {
        self.step(move |step| Box::pin(step.forget_the_dead())).await
    }

    /// Makes the mails due at `now` that a dead instance had claimed; how many they are. Only for one that has beaten
    /// without a gap for [`DEAD_AFTER`].
    ///
    /// # Errors
    /// If the database fails.
    pub async fn take_over(&self, now: UnixTime) -> Result<usize, StoreError> {
        self.step(move |step| Box::pin(step.take_over(now))).await
    }
}

impl Step {
    async fn take_over(&mut self, now: UnixTime) -> Result<usize, StoreError> {
        let take = sql(
            "UPDATE outbox SET due_at = $1, owner = NULL WHERE owner IS NOT NULL AND owner <> $2 AND owner NOT IN \
               (SELECT id FROM instances WHERE beat_at > EXTRACT(EPOCH FROM clock_timestamp())::BIGINT - $3) \
             RETURNING message_id",
        );
        let take = take.bind(now.secs()).bind(&*self.instance).bind(DEAD_AFTER.as_secs() as i64);
        Ok(self.connection.rows(take).await?.len())
    }

    /// The commit of this step is the beat.
    async fn forget_the_dead(&mut self) -> Result<(), StoreError> {
        let forget =
            sql("DELETE FROM instances WHERE beat_at < EXTRACT(EPOCH FROM clock_timestamp())::BIGINT - $1");
        self.connection.write(forget.bind(KEPT.as_secs() as i64)).await
    }
}
