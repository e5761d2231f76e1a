//! Removes what has expired. Nothing depends on it for being refused in time; it keeps the tables small.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Store, StoreError};
use crate::{domain::UnixTime, server::state::AppState};

const EVERY: Duration = Duration::from_secs(600);

/// Cleans up at the start and every ten minutes, until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    loop {
        if let Err(error) = state.store.remove_expired(state.clock.now(), state.config.audit_kept).await {
            tracing::warn!(%error, "expired rows could not be removed; the next round tries again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

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
