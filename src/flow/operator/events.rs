//! Reading the trail.

use super::Operator;
use crate::store::{
    StoreError,
    audit::{AuditRow, Wanted},
};

/// Entries that are read at once while the trail is followed.
const AT_ONCE: usize = 500;

/// The trail, as somebody reads it on.
pub struct Reading {
    wanted: Wanted,
    /// The place of the last entry that was looked at.
    last: i64,
}

/// The newest entries of those that are `wanted`, at most `most`, the newest last; and the reading, to go on with. The
/// command's own entry is not among them.
///
/// # Errors
/// If the database fails.
pub async fn read(
    operator: &Operator,
    wanted: Wanted,
    most: usize,
) -> Result<(Vec<AuditRow>, Reading), StoreError> {
    let rows = operator.state.store.newest_events(&wanted, most).await?;
    operator.note("events", wanted.email.as_ref()).await?;
    let last = operator.state.store.last_event().await?;
    Ok((rows, Reading { wanted, last }))
}

impl Reading {
    /// What was written since the last look.
    ///
    /// # Errors
    /// If the database fails, or is another one by now: nothing more would come.
    pub async fn next(&mut self, operator: &Operator) -> Result<Vec<AuditRow>, StoreError> {
        operator.state.store.is_in_place()?;
        let mut rows = operator.state.store.events_after(self.last, AT_ONCE).await?;
        self.last = rows.last().map_or(self.last, |row| row.id);
        rows.retain(|row| self.wanted.has(row));
        Ok(rows)
    }
}
