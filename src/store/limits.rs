//! The table of limits: one number for each counted thing, kept in the database so that a restart forgets nothing.
//!
//! Nothing gets between looking and counting: both stand in one step, and steps run one after the other. What the steps of a
//! group have counted is written at its end ([`super::counted`]); until then whoever looks is told from memory.
//!
//! Counters in memory would be forgotten at a restart, which is easy to wait for
//! (docs/decisions/0006-limits-in-the-database.md).

use super::{Row, Statement, Step, Store, StoreError, sql, sql_in};
use crate::domain::{Limit, UnixTime};

impl Step {
    /// Seconds to wait until `limit` lets one more event through, or `None` if it does now. `percent`: how much of the
    /// limit may be used by such an event.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn wait_for(
        &mut self,
        counted: &str,
        limit: Limit,
        percent: u32,
        now: UnixTime,
    ) -> Result<Option<u64>, StoreError> {
        if limit == Limit::Off {
            return Ok(None);
        }
        Ok(limit.wait(self.arrival(counted, limit, now).await?, percent, now))
    }

    /// Counts one event; how much of the limit is used up now, 0 to 1 and beyond.
    ///
    /// # Errors
    /// If the database fails; the step, and so the event, does then not happen.
    pub async fn count(&mut self, counted: &str, limit: Limit, now: UnixTime) -> Result<f64, StoreError> {
        if limit == Limit::Off {
            return Ok(0.0);
        }
        let arrival = self.arrival(counted, limit, now).await? + limit.interval_ms();
        self.counted.set(counted, arrival);
        Ok(limit.used(arrival, now))
    }

    /// Reads several of them at once, for what follows in this step to know.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn look_up(&mut self, counted: impl Iterator<Item = String>) -> Result<(), StoreError> {
        let mut unknown: Vec<String> =
            counted.filter(|counted| self.counted.arrival(counted).is_none()).collect();
        unknown.sort_unstable();
        unknown.dedup();
        if unknown.is_empty() {
            return Ok(());
        }
        let rows = self.connection.rows(find(unknown.clone())).await?;
        unknown.into_iter().for_each(|counted| self.counted.read(counted, None));
        for row in rows {
            let (counted, arrival) = read_arrival(&row)?;
            self.counted.read(counted, Some(arrival));
        }
        Ok(())
    }

    /// The theoretical arrival time of what this group of steps has looked up; `None` if nothing is counted.
    pub fn looked_up(&self, counted: &str) -> Option<i64> {
        self.counted.arrival(counted).flatten()
    }

    /// Counts nothing of `counted` any more; `false` if nothing was.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn forget_counted(&mut self, counted: &str) -> Result<bool, StoreError> {
        let was_unwritten = self.counted.remove(counted);
        let forget = sql("DELETE FROM limits WHERE counted = $1 RETURNING arrival_ms").bind(counted);
        Ok(!self.connection.rows(forget).await?.is_empty() || was_unwritten)
    }

    /// Counts nothing any more of those of `counted` whose theoretical arrival time was before `now`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn forget_past(&mut self, counted: Vec<String>, now: UnixTime) -> Result<(), StoreError> {
        let first = vec![(now.secs() * 1_000).into()];
        self.connection
            .write(sql_in("DELETE FROM limits WHERE arrival_ms < $1 AND counted IN", first, counted))
            .await
    }

    /// The theoretical arrival time of `counted`, in milliseconds since 1970.
    async fn arrival(&mut self, counted: &str, limit: Limit, now: UnixTime) -> Result<i64, StoreError> {
        let stored = self.stored_arrival(counted).await?;
        let arrival = limit.arrival(stored, now);
        if stored.is_some_and(|stored| stored > arrival) {
            // Written down, or it would be as far ahead at the next look.
            self.counted.set(counted, arrival);
        }
        Ok(arrival)
    }

    /// The same as it was written down, whatever its limit says of it; `None` if nothing is counted.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn stored_arrival(&mut self, counted: &str) -> Result<Option<i64>, StoreError> {
        if let Some(known) = self.counted.arrival(counted) {
            return Ok(known);
        }
        let find = sql("SELECT arrival_ms FROM limits WHERE counted = $1").bind(counted);
        let stored =
            self.connection.rows(find).await?.first().map(|row| row.get("arrival_ms")).transpose()?;
        self.counted.read(counted.to_owned(), stored);
        Ok(stored)
    }
}

impl Store {
    /// What was counted, by its name in the database, with its theoretical arrival time in milliseconds since 1970, which may be
    /// long over: at most `most` that come after `after` in the order of names.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn counted(&self, after: &str, most: usize) -> Result<Vec<(String, i64)>, StoreError> {
        let find = sql("SELECT counted, arrival_ms FROM limits WHERE counted > $1 ORDER BY counted LIMIT $2")
            .bind(after)
            .bind(i64::try_from(most).unwrap_or(i64::MAX));
        self.rows(find).await?.iter().map(read_arrival).collect()
    }

    /// What was counted under these names: theoretical arrival times, in milliseconds since 1970.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn arrivals(&self, counted: &[String]) -> Result<Vec<(String, i64)>, StoreError> {
        if counted.is_empty() {
            return Ok(Vec::new());
        }
        self.rows(find(counted.to_vec())).await?.iter().map(read_arrival).collect()
    }
}

fn find(counted: Vec<String>) -> Statement {
    sql_in("SELECT counted, arrival_ms FROM limits WHERE counted IN", Vec::new(), counted)
}

fn read_arrival(row: &Row) -> Result<(String, i64), StoreError> {
    Ok((row.get("counted")?, row.get("arrival_ms")?))
}
