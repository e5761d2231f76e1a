//! Mails that are still to be sent.

use std::time::Duration;

use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError};
use crate::domain::{Challenge, EmailAddress, UnixTime};

/// A mail to be made and sent. Holds no link and no code: they are made when it is sent.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    pub message_id: String,
    pub email: EmailAddress,
    pub challenge: Challenge,
    pub issued_at: UnixTime,
    /// When the link expires, and with it the use of sending it.
    pub expires_at: UnixTime,
    /// How often it was tried, this time included.
    pub tries: u32,
}

impl Store {
    /// Puts a mail into the outbox; it is durable when this returns.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn enqueue(&self, row: &OutboxRow) -> Result<(), StoreError> {
        let challenge =
            serde_json::to_string(&row.challenge).map_err(|error| sqlx::Error::Encode(error.into()))?;
        sqlx::query(
            "INSERT INTO outbox (message_id, email, challenge, issued_at, expires_at, due_at) \
             VALUES ($1, $2, $3, $4, $5, $4)",
        )
        .bind(&row.message_id)
        .bind(row.email.as_str())
        .bind(challenge)
        .bind(row.issued_at.secs())
        .bind(row.expires_at.secs())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes the next due mail for `lease`; a worker that dies gives it back by letting the lease run out.
    ///
    /// Two workers race for the same row: the condition on `due_at` stands in the update itself, so the second
    /// one finds nothing to update.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn claim_due(&self, now: UnixTime, lease: Duration) -> Result<Option<OutboxRow>, StoreError> {
        let row = sqlx::query(
            "UPDATE outbox SET tries = tries + 1, due_at = $2 \
             WHERE due_at <= $1 AND message_id = \
               (SELECT message_id FROM outbox WHERE due_at <= $1 ORDER BY due_at, issued_at LIMIT 1) \
             RETURNING message_id, email, challenge, issued_at, expires_at, tries",
        )
        .bind(now.secs())
        .bind(now.plus(lease).secs())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| read(&row)).transpose()
    }

    /// Makes every mail due, whoever claimed it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn release_claims(&self, now: UnixTime) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_at = $1 WHERE due_at > $1")
            .bind(now.secs())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Tries a mail again at `due_at`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn postpone(&self, message_id: &str, due_at: UnixTime) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_at = $2 WHERE message_id = $1")
            .bind(message_id)
            .bind(due_at.secs())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes a mail out of the outbox: sent, or given up.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn settle(&self, message_id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM outbox WHERE message_id = $1").bind(message_id).execute(&self.pool).await?;
        Ok(())
    }

    /// When the next mail is due; `None` if the outbox is empty.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next_due(&self) -> Result<Option<UnixTime>, StoreError> {
        let due: Option<i64> =
            sqlx::query_scalar("SELECT MIN(due_at) FROM outbox").fetch_one(&self.pool).await?;
        Ok(due.map(UnixTime::from_secs))
    }
}

fn read(row: &SqliteRow) -> Result<OutboxRow, StoreError> {
    let unreadable = |column: &str, source: Box<dyn std::error::Error + Send + Sync>| {
        sqlx::Error::ColumnDecode { index: column.into(), source }
    };
    let email =
        EmailAddress::parse(row.try_get("email")?).map_err(|error| unreadable("email", error.into()))?;
    let challenge = serde_json::from_str(row.try_get("challenge")?)
        .map_err(|error| unreadable("challenge", error.into()))?;
    Ok(OutboxRow {
        message_id: row.try_get("message_id")?,
        email,
        challenge,
        issued_at: UnixTime::from_secs(row.try_get("issued_at")?),
        expires_at: UnixTime::from_secs(row.try_get("expires_at")?),
        tries: row.try_get("tries")?,
    })
}
