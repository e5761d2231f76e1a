//! The audit trail: what happened, to whom, from where. Never a token, code or cookie.

use super::{Store, StoreError};
use crate::domain::UnixTime;

/// One thing that happened.
#[derive(Clone, Debug, Default)]
pub struct Entry<'a> {
    /// One of a closed set: asked, sent, gave_up, signed_in, refused, signed_out, revoked, limited.
    pub event: &'static str,
    /// Why it was refused, limited or given up; in our words, never the visitor's.
    pub reason: Option<&'a str>,
    pub email: Option<&'a str>,
    pub network: Option<&'a str>,
    pub user_agent: Option<&'a str>,
}

impl Store {
    /// Writes one entry.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn record(&self, at: UnixTime, entry: &Entry<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO audit (at, event, reason, email, network, user_agent) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(at.secs())
        .bind(entry.event)
        .bind(entry.reason)
        .bind(entry.email)
        .bind(entry.network)
        .bind(entry.user_agent)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
