//! Deletes expired rows to keep the tables small. Correctness does not depend on it: every read checks expiry itself.

use std::time::Duration;

use super::{Store, StoreError};
use crate::domain::UnixTime;

impl Store {
    /// Removes what expired before `now`, and audit entries older than `audit_kept`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn remove_expired(&self, now: UnixTime, audit_kept: Duration) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM sessions WHERE expires_at <= $1",
            "DELETE FROM redeemed_challenges WHERE expires_at < $1",
            "DELETE FROM code_tries WHERE expires_at < $1",
        ] {
            sqlx::query(statement).bind(now.secs()).execute(&self.pool).await?;
        }
        sqlx::query("DELETE FROM limits WHERE arrival_ms < $1")
            .bind(now.secs() * 1_000)
            .execute(&self.pool)
            .await?;
        // The worker settles each mail in time; this is for a row that nobody can read.
        let day_ago = now.minus(Duration::from_secs(86_400));
        sqlx::query("DELETE FROM outbox WHERE expires_at < $1")
            .bind(day_ago.secs())
            .execute(&self.pool)
            .await?;
        let oldest = now.minus(audit_kept);
        sqlx::query("DELETE FROM audit WHERE at < $1").bind(oldest.secs()).execute(&self.pool).await?;
        Ok(())
    }
}
