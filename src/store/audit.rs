//! The audit trail: what happened, to whom, from where. Never a token, code or cookie.

use super::{Step, StoreError, sql};
use crate::domain::UnixTime;

/// One thing that happened.
#[derive(Clone, Debug, Default)]
pub struct Entry<'a> {
    /// One of the names of `audit::Event`.
    pub event: &'a str,
    /// Why it was refused, limited or given up; in our words, never the visitor's.
    pub reason: Option<&'a str>,
    /// Whom it is about, as a normalised address.
    pub email: Option<&'a str>,
    /// Where it came from: an IPv4 address or an IPv6 /64.
    pub network: Option<&'a str>,
    /// The app that it is about.
    pub app: Option<&'a str>,
    /// What the browser says it is, at most 200 characters.
    pub user_agent: Option<&'a str>,
    /// The device whose session it is about.
    pub device: Option<&'a str>,
    /// The operator who did it: an address, or `command`.
    pub by_whom: Option<&'a str>,
    /// What a mail server said.
    pub detail: Option<&'a str>,
}

impl Step {
    /// Writes one entry.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn record(&mut self, at: UnixTime, entry: &Entry<'_>) -> Result<(), StoreError> {
        let entry = sql("INSERT INTO audit (at, event, reason, email, network, user_agent, app, device, \
             by_whom, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(at.secs())
        .bind(entry.event)
        .bind(entry.reason)
        .bind(entry.email)
        .bind(entry.network)
        .bind(entry.user_agent)
        .bind(entry.app)
        .bind(entry.device)
        .bind(entry.by_whom)
        .bind(entry.detail);
        self.connection.write(entry).await
    }

    /// Counts an entry that is left out, in the row of this minute; how many that are now.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn leave_out(&mut self, event: &str, now: UnixTime) -> Result<i64, StoreError> {
        let counted = sql(
            "INSERT INTO audit (at, event, left_out) VALUES ($1, $2, 1) \
             ON CONFLICT (at) WHERE event = 'left_out' DO UPDATE SET left_out = audit.left_out + 1 RETURNING left_out",
        )
        .bind(now.secs() - now.secs().rem_euclid(60))
        .bind(event);
        let rows = self.connection.rows(counted).await?;
        rows.first().map_or(Ok(0), |row| row.get("left_out"))
    }
}
