//! The outbox: a row for each mail that is still to be sent.

use std::time::Duration;

use sqlx::{Row, sqlite::SqliteRow};

use super::{Step, Store, StoreError};
use crate::domain::{EmailAddress, SignIn, UnixTime};

/// A mail to be made and sent. Holds no link and no code: they are made when it is sent.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// The login that the mail is for; link and code are derived from it.
    pub sign_in: SignIn,
    /// How often it was tried before.
    pub tries: u32,
}

impl Step {
    /// Puts the mail for a sign-in into the outbox.
    ///
    /// `expires_at` is only for the cleanup, which deletes even a row that cannot be read. The worker asks
    /// [`SignIn::expires_at`] instead, as the redeeming step does: `LINK_MAX_AGE` may change between restarts, and
    /// the two must agree on which link is worth sending.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn enqueue(&mut self, sign_in: &SignIn, expires_at: UnixTime) -> Result<(), StoreError> {
        let challenge =
            serde_json::to_string(&sign_in.challenge).map_err(|error| sqlx::Error::Encode(error.into()))?;
        sqlx::query(
            "INSERT INTO outbox (message_id, email, challenge, issued_at, expires_at, due_at) \
             VALUES ($1, $2, $3, $4, $5, $4)",
        )
        .bind(sign_in.message_id())
        .bind(sign_in.email.as_str())
        .bind(challenge)
        .bind(sign_in.issued_at.secs())
        .bind(expires_at.secs())
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// The mails that are due, the oldest first, at most `most` of them.
    ///
    /// # Errors
    /// If the database fails. A row that cannot be read is reported and deleted: it would hold up all that come after it.
    pub async fn due(&mut self, now: UnixTime, most: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT message_id, email, challenge, issued_at, tries FROM outbox WHERE due_at <= $1 \
             ORDER BY due_at, issued_at LIMIT $2",
        )
        .bind(now.secs())
        .bind(i64::from(most))
        .fetch_all(&mut self.connection)
        .await?;
        let mut due = Vec::new();
        for row in &rows {
            match read(row) {
                Ok(mail) => due.push(mail),
                Err(error) => {
                    let message_id: String = row.try_get("message_id")?;
                    self.delete_mail(&message_id).await?;
                    self.after_commit(move || {
                        tracing::error!(%error, message_id, "a mail in the outbox cannot be read: it was deleted");
                    });
                }
            }
        }
        Ok(due)
    }

    /// Takes a mail for `lease`, and counts the try. A worker that dies gives it back by letting the lease run out.
    ///
    /// The statement asks for no state: the mail was found due by [`Step::due`] in the same step.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn claim(
        &mut self,
        sign_in: &SignIn,
        now: UnixTime,
        lease: Duration,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET tries = tries + 1, due_at = $2 WHERE message_id = $1")
            .bind(sign_in.message_id())
            .bind(now.plus(lease).secs())
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Makes every mail due, claimed or postponed. Only for a process that starts: there is one for each
    /// database.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn release_claims(&mut self, now: UnixTime) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_at = $1 WHERE due_at > $1")
            .bind(now.secs())
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Tries a mail again at `due_at`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn postpone(&mut self, sign_in: &SignIn, due_at: UnixTime) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_at = $2 WHERE message_id = $1")
            .bind(sign_in.message_id())
            .bind(due_at.secs())
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Takes a mail out of the outbox: sent, or given up.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn settle(&mut self, sign_in: &SignIn) -> Result<(), StoreError> {
        self.delete_mail(&sign_in.message_id()).await
    }

    async fn delete_mail(&mut self, message_id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM outbox WHERE message_id = $1")
            .bind(message_id)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}

impl Store {
    /// When the next mail is due; `None` if the outbox is empty.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next_due(&self) -> Result<Option<UnixTime>, StoreError> {
        let due: Option<i64> =
            sqlx::query_scalar("SELECT MIN(due_at) FROM outbox").fetch_one(&self.readers).await?;
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
    let issued_at = UnixTime::from_secs(row.try_get("issued_at")?);
    Ok(OutboxRow { sign_in: SignIn { email, issued_at, challenge }, tries: row.try_get("tries")? })
}
