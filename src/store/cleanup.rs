//! Deletes expired rows to keep the tables small. Correctness does not depend on it: every read checks expiry itself.

use std::time::Duration;

use super::{Step, StoreError, sql};
use crate::domain::UnixTime;

/// Rows of a table that one step deletes: all other steps wait meanwhile.
const AT_ONCE: i64 = 1_000;

impl Step {
    /// Removes some of what expired before `now`, and of the audit entries older than `audit_kept`. `false`: there is more.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn remove_expired(&mut self, now: UnixTime, audit_kept: Duration) -> Result<bool, StoreError> {
        // The worker settles each mail in time; a day later it is for a row that nobody can read.
        let day_ago = now.minus(Duration::from_secs(86_400));
        let mut is_all = true;
        for (table, key, condition, before) in [
            ("sessions", "id_hash", "expires_at <= $1", now.secs()),
            ("app_sessions", "id_hash", "expires_at <= $1", now.secs()),
            ("tickets", "ticket_hash", "expires_at <= $1", now.secs()),
            ("limits", "counted", "arrival_ms < $1", now.secs() * 1_000),
            ("outbox", "message_id", "expires_at < $1", day_ago.secs()),
            ("audit", "id", "at < $1", now.minus(audit_kept).secs()),
        ] {
            let some = format!("SELECT {key} FROM {table} WHERE {condition} LIMIT $2");
            let delete = format!("DELETE FROM {table} WHERE {key} IN ({some}) RETURNING 1 AS gone");
            let deleted = self.connection.rows(sql(delete).bind(before).bind(AT_ONCE)).await?;
            is_all &= deleted.len() < AT_ONCE as usize;
        }
        Ok(is_all)
    }
}
