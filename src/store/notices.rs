//! The mails in the outbox that tell of a sign-in in a new browser.

use std::time::Duration;

use super::{Row, Step, Store, StoreError, sql};
use crate::domain::{EmailAddress, UnixTime};

/// A mail to be made and sent. It knows of no challenge, so it can have neither link nor code.
#[derive(Clone, Debug)]
pub struct NoticeRow {
    /// The left half of Message-ID, the same for each try.
    pub message_id: String,
    /// Who has signed in, and is told.
    pub email: EmailAddress,
    /// The sign-in.
    pub at: UnixTime,
    /// What the browser says it is.
    pub user_agent: String,
    /// The tag of the language in which it is told.
    pub language: String,
    /// How often it was tried before.
    pub tries: u32,
}

impl Step {
    /// Puts a notice into the outbox; after `expires_at` it is of no use.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn enqueue_notice(
        &mut self,
        notice: &NoticeRow,
        expires_at: UnixTime,
    ) -> Result<(), StoreError> {
        let put = sql(
            "INSERT INTO outbox (message_id, email, challenge, issued_at, expires_at, due_at, kind, user_agent, \
             language) \
             VALUES ($1, $2, '', $3, $4, $3, 'new_device', $5, $6)",
        )
        .bind(notice.message_id.as_str())
        .bind(notice.email.as_str())
        .bind(notice.at.secs())
        .bind(expires_at.secs())
        .bind(notice.user_agent.as_str())
        .bind(notice.language.as_str());
        self.connection.write(put).await
    }

    /// Takes the notices that are due for longest, `most` at the most, for `lease`, and counts the try; each with whether it
    /// has expired. A worker that dies gives them back by letting the lease run out.
    ///
    /// # Errors
    /// If the database fails. A row that cannot be read is reported and deleted: it would hold up all that come after it.
    pub async fn claim_notices(
        &mut self,
        now: UnixTime,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<(NoticeRow, bool)>, StoreError> {
        let claim = sql(
            "UPDATE outbox SET due_at = $2, tries = tries + 1, owner = $3 WHERE due_at <= $1 AND message_id IN \
               (SELECT message_id FROM outbox WHERE kind = 'new_device' AND due_at <= $1 ORDER BY due_at LIMIT $4) \
             RETURNING message_id, email, issued_at, expires_at, user_agent, language, tries",
        )
        .bind(now.secs())
        .bind(now.plus(lease).secs())
        .bind(&*self.instance)
        .bind(i64::try_from(most).unwrap_or(i64::MAX));
        let mut claimed = Vec::new();
        for row in &self.connection.rows(claim).await? {
            match read(row) {
                Ok(notice) => {
                    let expires_at = UnixTime::from_secs(row.get("expires_at")?);
                    claimed.push((notice, now >= expires_at));
                }
                Err(error) => {
                    let message_id: String = row.get("message_id")?;
                    self.settle(vec![message_id.clone()]).await?;
                    self.after_commit(move || {
                        tracing::error!(%error, message_id, "a mail in the outbox cannot be read: it was deleted");
                    });
                }
            }
        }
        Ok(claimed)
    }
}

impl Store {
    /// When the next notice is due; `None` if there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next_notice_due(&self) -> Result<Option<UnixTime>, StoreError> {
        let find = sql("SELECT MIN(due_at) AS due_at FROM outbox WHERE kind = 'new_device'");
        let due: Option<i64> = self.rows(find).await?.first().map_or(Ok(None), |row| row.get("due_at"))?;
        Ok(due.map(UnixTime::from_secs))
    }
}

fn read(row: &Row) -> Result<NoticeRow, StoreError> {
    let email = EmailAddress::parse(&row.get::<String>("email")?)
        .map_err(|error| StoreError::Column { column: "email", source: error.into() })?;
    let tries: i64 = row.get("tries")?;
    Ok(NoticeRow {
        message_id: row.get("message_id")?,
        email,
        at: UnixTime::from_secs(row.get("issued_at")?),
        user_agent: row.get("user_agent")?,
        language: row.get("language")?,
        // The one that has just begun is counted already.
        tries: u32::try_from(tries).unwrap_or_default().saturating_sub(1),
    })
}
