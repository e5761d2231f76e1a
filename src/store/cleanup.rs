//! Deletes expired rows to keep the tables small. Correctness does not depend on it: every read checks expiry itself.

use std::time::Duration;

use tokio::time::Instant;

use super::{Step, StoreError, sql};
use crate::domain::UnixTime;

/// Rows that one statement deletes.
const AT_ONCE: i64 = 50;
/// How long a step goes on deleting: all other steps wait meanwhile, and for what its commit has to write.
const LONGEST: Duration = Duration::from_millis(5);

impl Step {
    /// Removes some of what expired before `now`, and of the audit entries older than `audit_kept`. `false`: there is more.
    ///
    /// What is counted has no index by its time, as every count would have to move an entry of that: see [`Step::forget_past`].
    ///
    /// # Errors
    /// If the database fails.
    pub async fn remove_expired(&mut self, now: UnixTime, audit_kept: Duration) -> Result<bool, StoreError> {
        // The worker settles each mail in time; a day later it is for a row that nobody can read.
        let day_ago = now.minus(Duration::from_secs(86_400));
        let began = Instant::now();
        self.sessions_ahead.clear();
        for (table, key, condition, before) in [
            ("sessions", "id_hash", "expires_at <= $1", now.secs()),
            ("app_sessions", "id_hash", "expires_at <= $1", now.secs()),
            ("tickets", "ticket_hash", "expires_at <= $1", now.secs()),
            // Good in its last second.
            ("operator_links", "secret_hash", "expires_at < $1", now.secs()),
            // No mail expires before it was asked for, and that there is an index for.
            (
                "outbox",
                "message_id",
                "kind IN ('sign_in', 'new_device') AND issued_at < $1 AND expires_at < $1",
                day_ago.secs(),
            ),
            ("refused_mails", "message_id", "expires_at < $1", day_ago.secs()),
            ("audit", "id", "at < $1", now.minus(audit_kept).secs()),
            ("tallies", "hour", "hour < $1", now.minus(audit_kept).secs()),
        ] {
            let some = format!("SELECT {key} FROM {table} WHERE {condition} LIMIT $2");
            let delete = format!("DELETE FROM {table} WHERE {key} IN ({some}) RETURNING 1 AS gone");
            loop {
                let deleted =
                    self.connection.rows(sql(delete.clone()).bind(before).bind(AT_ONCE)).await?.len();
                let is_all = deleted < AT_ONCE as usize;
                if !is_all && began.elapsed() >= LONGEST {
                    return Ok(false);
                }
                if is_all {
                    break;
                }
            }
        }
        Ok(true)
    }
}
