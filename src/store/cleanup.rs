//! Deletes expired rows to keep the tables small. Correctness does not depend on it: every read checks expiry itself.

use std::time::Duration;

use super::{Step, StoreError};
use crate::domain::UnixTime;

impl Step {
    /// Removes what expired before `now`, and audit entries older than `audit_kept`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn remove_expired(&mut self, now: UnixTime, audit_kept: Duration) -> Result<(), StoreError> {
        // The worker settles each mail in time; a day later it is for a row that nobody can read.
        let day_ago = now.minus(Duration::from_secs(86_400));
        for (statement, before) in [
            ("DELETE FROM sessions WHERE expires_at <= $1", now.secs()),
            ("DELETE FROM app_sessions WHERE expires_at <= $1", now.secs()),
            ("DELETE FROM tickets WHERE expires_at <= $1", now.secs()),
            ("DELETE FROM limits WHERE arrival_ms < $1", now.secs() * 1_000),
            ("DELETE FROM outbox WHERE expires_at < $1", day_ago.secs()),
            ("DELETE FROM audit WHERE at < $1", now.minus(audit_kept).secs()),
        ] {
            sqlx::query(statement).bind(before).execute(&mut self.connection).await?;
        }
        Ok(())
    }
}
