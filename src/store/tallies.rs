//! How often things happen, by the hour: also what the trail leaves out.

use super::{Row, Step, Store, StoreError, sql};
use crate::domain::UnixTime;

/// How often an event happened in an hour.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The first second of the hour.
    pub hour: UnixTime,
    /// One of the names of `audit::Event`.
    pub event: String,
    /// How often.
    pub times: u64,
}

impl Store {
    /// How often each event happened in each hour that began at `since` or later.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn tallies(&self, since: UnixTime) -> Result<Vec<Tally>, StoreError> {
        let find = sql("SELECT hour, event, times FROM tallies WHERE hour >= $1 ORDER BY hour");
        let rows = self.rows(find.bind(since.secs())).await?;
        let read = |row: &Row| -> Result<Tally, StoreError> {
            Ok(Tally {
                hour: UnixTime::from_secs(row.get("hour")?),
                event: row.get("event")?,
                times: u64::try_from(row.get::<i64>("times")?).unwrap_or_default(),
            })
        };
        rows.iter().map(read).collect()
    }
}

impl Step {
    /// Counts an event in its hour.
    pub fn tally(&mut self, event: &'static str, now: UnixTime) {
        self.counted.tally(now.secs() - now.secs().rem_euclid(3_600), event);
    }
}
