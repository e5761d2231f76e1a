//! The table of sessions. `session` knows what they say; this file knows their rows.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
};

use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteExecutor, sqlite::SqliteRow};

use super::{Step, Store, StoreError};
use crate::domain::{Device, HashedChallenge, UnixTime};

/// SHA-256 of a session's id, which stands in the cookie: the form to store and to look up. It does not lead back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashedSessionId([u8; 32]);

impl HashedSessionId {
    /// `id`: as the cookie has it. It has 128 random bits, so an unsalted fast hash is enough.
    pub fn of(id: &str) -> Self {
        Self(Sha256::digest(id).into())
    }

    /// The 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for HashedSessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashedSessionId")
    }
}

/// A session as it is kept.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The key of the row.
    pub id: HashedSessionId,
    /// The person, once signed in.
    pub email: Option<String>,
    /// What they signed in with.
    pub device: Device,
    /// JSON that only `session` reads.
    pub data: String,
    /// When this id was made: the sign-in, for the session of a person.
    pub created_at: UnixTime,
    /// The last request that was written down. Not every one is, and none of a session without a person.
    pub last_seen_at: UnixTime,
    /// The first second in which the session is over.
    pub expires_at: UnixTime,
    /// Whether the browser has sent this cookie back.
    pub seen: bool,
    /// The challenge of the login that this browser waits for.
    pub challenge: Option<HashedChallenge>,
    /// Whether the mail of that login was handed over.
    pub mail_left: bool,
    /// Wrong codes for that login.
    pub code_tries: u32,
    /// The session that this login began.
    pub successor: Option<HashedSessionId>,
}

impl Store {
    /// A session that lives at `now`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn session(
        &self,
        id: HashedSessionId,
        now: UnixTime,
    ) -> Result<Option<SessionRow>, StoreError> {
        select(&self.readers, id, now).await
    }
}

impl Step {
    /// A session that lives at `now`. No other step changes it before this one has committed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn session(
        &mut self,
        id: HashedSessionId,
        now: UnixTime,
    ) -> Result<Option<SessionRow>, StoreError> {
        select(&mut self.connection, id, now).await
    }

    /// Keeps a session, new or changed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn put_session(&mut self, row: &SessionRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sessions (id_hash, email, data, created_at, last_seen_at, expires_at, seen, challenge_hash, \
               mail_left, code_tries, successor, browser, system) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT (id_hash) DO UPDATE SET email = $2, data = $3, created_at = $4, last_seen_at = $5, \
               expires_at = $6, seen = $7, challenge_hash = $8, mail_left = $9, code_tries = $10, successor = $11, \
               browser = $12, system = $13",
        )
        .bind(row.id.0.as_slice())
        .bind(&row.email)
        .bind(&row.data)
        .bind(row.created_at.secs())
        .bind(row.last_seen_at.secs())
        .bind(row.expires_at.secs())
        .bind(i64::from(row.seen))
        .bind(row.challenge.map(|hash| hash.as_bytes().to_vec()))
        .bind(i64::from(row.mail_left))
        .bind(i64::from(row.code_tries))
        .bind(row.successor.map(|id| id.0.to_vec()))
        .bind(row.device.browser)
        .bind(row.device.system)
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Notes that the browser has sent its cookie, and how long the session lives now; `false` if it has ended.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn see_session(
        &mut self,
        id: HashedSessionId,
        now: UnixTime,
        expires_at: UnixTime,
    ) -> Result<bool, StoreError> {
        let seen = sqlx::query(
            "UPDATE sessions SET seen = 1, last_seen_at = $2, expires_at = $3 WHERE id_hash = $1 AND expires_at > $2",
        )
        .bind(id.0.as_slice())
        .bind(now.secs())
        .bind(expires_at.secs())
        .execute(&mut self.connection)
        .await?;
        Ok(seen.rows_affected() == 1)
    }

    /// Ends a session; `false` if it had ended before.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end_session(&mut self, id: HashedSessionId) -> Result<bool, StoreError> {
        let ended = sqlx::query("DELETE FROM sessions WHERE id_hash = $1")
            .bind(id.0.as_slice())
            .execute(&mut self.connection)
            .await?;
        // What hangs on it opens nothing any more; here only so that it does not lie about for days.
        for children in
            ["DELETE FROM app_sessions WHERE session = $1", "DELETE FROM tickets WHERE session = $1"]
        {
            sqlx::query(children).bind(id.0.as_slice()).execute(&mut self.connection).await?;
        }
        // Whoever has kept in mind that it lives has to look again.
        let endings = Arc::clone(&self.endings);
        self.after_commit(move || _ = endings.fetch_add(1, Ordering::Release));
        Ok(ended.rows_affected() == 1)
    }

    /// Whether a browser still waits for this login, or has redeemed it: one that has asked anew does not.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn is_waited_for(&mut self, challenge: &HashedChallenge) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sessions WHERE challenge_hash = $1)")
            .bind(challenge.as_bytes().as_slice())
            .fetch_one(&mut self.connection)
            .await?)
    }

    /// Notes that the mail of a login was handed over: its code counts from now on.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn let_code_count(&mut self, challenge: &HashedChallenge) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET mail_left = 1 WHERE challenge_hash = $1")
            .bind(challenge.as_bytes().as_slice())
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}

/// The id of a session that stands in another table.
///
/// # Errors
/// If there is none in that column.
pub(super) fn session_of(row: &SqliteRow, column: &str) -> Result<HashedSessionId, StoreError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    let wrong =
        || sqlx::Error::ColumnDecode { index: column.into(), source: "it is no hash of an id".into() };
    Ok(HashedSessionId(bytes.try_into().map_err(|_| wrong())?))
}

/// The device that a row names.
///
/// # Errors
/// If it has not the two columns.
pub(super) fn device_of(row: &SqliteRow) -> Result<Device, StoreError> {
    Ok(Device::named(row.try_get("browser")?, row.try_get("system")?))
}

async fn select(
    from: impl SqliteExecutor<'_>,
    id: HashedSessionId,
    now: UnixTime,
) -> Result<Option<SessionRow>, StoreError> {
    let row = sqlx::query(
        "SELECT id_hash, email, data, created_at, last_seen_at, expires_at, seen, challenge_hash, mail_left, code_tries, \
           successor, browser, system FROM sessions WHERE id_hash = $1 AND expires_at > $2",
    )
    .bind(id.0.as_slice())
    .bind(now.secs())
    .fetch_optional(from)
    .await?;
    row.map(|row| read(id, &row)).transpose()
}

fn read(id: HashedSessionId, row: &SqliteRow) -> Result<SessionRow, StoreError> {
    let time = |column: &str| row.try_get(column).map(UnixTime::from_secs);
    let hash = |column: &str| -> Result<Option<[u8; 32]>, sqlx::Error> {
        let bytes: Option<Vec<u8>> = row.try_get(column)?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()))
    };
    Ok(SessionRow {
        id,
        email: row.try_get("email")?,
        device: device_of(row)?,
        data: row.try_get("data")?,
        created_at: time("created_at")?,
        last_seen_at: time("last_seen_at")?,
        expires_at: time("expires_at")?,
        seen: row.try_get::<i64, _>("seen")? != 0,
        challenge: hash("challenge_hash")?.map(HashedChallenge::from_bytes),
        mail_left: row.try_get::<i64, _>("mail_left")? != 0,
        code_tries: row.try_get("code_tries")?,
        successor: hash("successor")?.map(HashedSessionId),
    })
}
