//! The table of limits: one number for each counted thing, kept in the database so that a restart forgets nothing.
//!
//! Looking and counting are two statements. Nothing gets between them: both stand in one step, and steps run one after
//! the other.
//!
//! Counters in memory would be forgotten at a restart, which is easy to wait for
//! (docs/decisions/0006-limits-in-the-database.md).

use super::{Row, Step, Store, StoreError, sql};
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
        self.set_arrival(counted, arrival).await?;
        Ok(limit.used(arrival, now))
    }

    /// Reads several of them at once, for what follows in this step to know. Those whose limit is off are not needed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn look_up(&mut self, counted: impl Iterator<Item = (&str, Limit)>) -> Result<(), StoreError> {
        let wanted =
            counted.filter(|(counted, limit)| *limit != Limit::Off && !self.arrivals.contains_key(*counted));
        let wanted: Vec<String> = wanted.map(|(counted, _)| counted.to_owned()).collect();
        if wanted.len() < 2 {
            return Ok(());
        }
        let places: Vec<_> = (1..=wanted.len()).map(|place| format!("${place}")).collect();
        let find =
            sql(format!("SELECT counted, arrival_ms FROM limits WHERE counted IN ({})", places.join(", ")));
        let find = wanted.iter().fold(find, |find, counted| find.bind(counted.as_str()));
        let rows = self.connection.rows(find).await?;
        self.arrivals.extend(wanted.into_iter().map(|counted| (counted, None)));
        for row in rows {
            self.arrivals.insert(row.get("counted")?, Some(row.get("arrival_ms")?));
        }
        Ok(())
    }

    /// Counts nothing of `counted` any more; `false` if nothing was.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn forget_counted(&mut self, counted: &str) -> Result<bool, StoreError> {
        self.arrivals.remove(counted);
        let forget = sql("DELETE FROM limits WHERE counted = $1 RETURNING arrival_ms").bind(counted);
        Ok(!self.connection.rows(forget).await?.is_empty())
    }

    /// The theoretical arrival time of `counted`, in milliseconds since 1970.
    async fn arrival(&mut self, counted: &str, limit: Limit, now: UnixTime) -> Result<i64, StoreError> {
        let stored = match self.arrivals.get(counted) {
            Some(known) => *known,
            None => {
                let find = sql("SELECT arrival_ms FROM limits WHERE counted = $1").bind(counted);
                let rows = self.connection.rows(find).await?;
                let stored = rows.first().map(|row| row.get("arrival_ms")).transpose()?;
                self.arrivals.insert(counted.to_owned(), stored);
                stored
            }
        };
        let arrival = limit.arrival(stored, now);
        if stored.is_some_and(|stored| stored > arrival) {
            // Written down, or it would be as far ahead at the next look.
            self.set_arrival(counted, arrival).await?;
        }
        Ok(arrival)
    }

    async fn set_arrival(&mut self, counted: &str, arrival: i64) -> Result<(), StoreError> {
        self.arrivals.insert(counted.to_owned(), Some(arrival));
        let set = sql("INSERT INTO limits (counted, arrival_ms) VALUES ($1, $2) \
             ON CONFLICT (counted) DO UPDATE SET arrival_ms = $2");
        self.connection.write(set.bind(counted).bind(arrival)).await
    }
}

impl Store {
    /// What is counted at `now`, by its name in the database, with its theoretical arrival time in milliseconds since 1970:
    /// at most `most` that come after `after` in the order of names.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn counted(
        &self,
        after: &str,
        now: UnixTime,
        most: usize,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let find = sql("SELECT counted, arrival_ms FROM limits WHERE counted > $1 AND arrival_ms > $2 \
             ORDER BY counted LIMIT $3")
        .bind(after)
        .bind(now.secs() * 1_000)
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
        let places: Vec<_> = (1..=counted.len()).map(|place| format!("${place}")).collect();
        let find =
            sql(format!("SELECT counted, arrival_ms FROM limits WHERE counted IN ({})", places.join(", ")));
        let find = counted.iter().fold(find, |find, counted| find.bind(counted.as_str()));
        self.rows(find).await?.iter().map(read_arrival).collect()
    }

    /// What is counted furthest beyond `now`, at most `most`: whoever has spent much is among them.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn furthest_arrivals(
        &self,
        now: UnixTime,
        most: usize,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let find = sql("SELECT counted, arrival_ms FROM limits WHERE arrival_ms > $1 \
             ORDER BY arrival_ms DESC LIMIT $2");
        let rows =
            self.rows(find.bind(now.secs() * 1_000).bind(i64::try_from(most).unwrap_or(i64::MAX))).await?;
        rows.iter().map(read_arrival).collect()
    }
}

fn read_arrival(row: &Row) -> Result<(String, i64), StoreError> {
    Ok((row.get("counted")?, row.get("arrival_ms")?))
}
