//! The table of sessions. `session` knows what they say; this file knows their rows.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, atomic::Ordering},
};

use sha2::{Digest, Sha256};

use super::{Row, Statement, Step, Store, StoreError, sql, sql_in, sql_row};
use crate::domain::{Device, HashedChallenge, UnixTime};

/// SHA-256 of a session's id, which stands in the cookie: the form to store and to look up. It does not lead back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashedSessionId([u8; 32]);

impl HashedSessionId {
    /// `id`: as the cookie has it. It has 128 random bits, so an unsalted fast hash is enough.
    pub fn of(id: &str) -> Self {
        Self(Sha256::digest(id).into())
    }

    /// `bytes`: those that [`Self::as_bytes`] gave.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
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
    /// Whether the mail of that login is on its way, and its code counts.
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
        self.rows(select(id, now)).await?.first().map(read).transpose()
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
        if let Some(ahead) = self.sessions_ahead.get(&id) {
            return Ok(ahead.clone().filter(|session| session.expires_at > now));
        }
        self.connection.rows(select(id, now)).await?.first().map(read).transpose()
    }

    /// Keeps a session, new or changed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn put_session(&mut self, row: &SessionRow) -> Result<(), StoreError> {
        self.sessions_ahead.remove(&row.id);
        let put = sql_row(
            "INSERT INTO sessions (id_hash, email, data, created_at, last_seen_at, expires_at, seen, challenge_hash, \
               mail_left, code_tries, successor, browser, system) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT (id_hash) DO UPDATE SET email = excluded.email, data = excluded.data, \
               created_at = excluded.created_at, last_seen_at = excluded.last_seen_at, expires_at = excluded.expires_at, \
               seen = excluded.seen, challenge_hash = excluded.challenge_hash, mail_left = excluded.mail_left, \
               code_tries = excluded.code_tries, successor = excluded.successor, browser = excluded.browser, \
               system = excluded.system",
        )
        .bind(row.id.0.as_slice())
        .bind(row.email.as_deref())
        .bind(row.data.as_str())
        .bind(row.created_at.secs())
        .bind(row.last_seen_at.secs())
        .bind(row.expires_at.secs())
        .bind(row.seen)
        .bind(row.challenge.as_ref().map(|hash| hash.as_bytes().as_slice()))
        .bind(row.mail_left)
        .bind(i64::from(row.code_tries))
        .bind(row.successor.as_ref().map(HashedSessionId::as_bytes))
        .bind(row.device.browser)
        .bind(row.device.system);
        self.connection.write(put).await
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
        self.sessions_ahead.remove(&id);
        let see = sql("UPDATE sessions SET seen = 1, last_seen_at = $2, expires_at = $3 \
             WHERE id_hash = $1 AND expires_at > $2 RETURNING seen")
        .bind(id.0.as_slice())
        .bind(now.secs())
        .bind(expires_at.secs());
        Ok(!self.connection.rows(see).await?.is_empty())
    }

    /// Ends a session; `false` if it had ended before.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end_session(&mut self, id: HashedSessionId) -> Result<bool, StoreError> {
        self.sessions_ahead.remove(&id);
        let end = sql("DELETE FROM sessions WHERE id_hash = $1 RETURNING seen").bind(id.as_bytes());
        let ended = !self.connection.rows(end).await?.is_empty();
        // What hangs on it opens nothing any more; here only so that it does not lie about for days.
        for children in
            ["DELETE FROM app_sessions WHERE session = $1", "DELETE FROM tickets WHERE session = $1"]
        {
            self.connection.write(sql(children).bind(id.as_bytes())).await?;
        }
        // Whoever has kept in mind that it lives has to look again.
        let endings = Arc::clone(&self.endings);
        self.after_commit(move || _ = endings.fetch_add(1, Ordering::Release));
        Ok(ended)
    }

    /// Which of these logins a browser still waits for, or has redeemed: one that has asked anew waits for none before it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn waited_for(
        &mut self,
        challenges: &[HashedChallenge],
    ) -> Result<HashSet<[u8; 32]>, StoreError> {
        if challenges.is_empty() {
            return Ok(HashSet::new());
        }
        let hashes = challenges.iter().map(|challenge| challenge.as_bytes().as_slice()).collect();
        let find = sql_in("SELECT challenge_hash FROM sessions WHERE challenge_hash IN", Vec::new(), hashes);
        let rows = self.connection.rows(find).await?;
        let mut waited_for = HashSet::new();
        for row in rows {
            waited_for.extend(<[u8; 32]>::try_from(row.get::<Vec<u8>>("challenge_hash")?));
        }
        Ok(waited_for)
    }

    /// Notes that the mails of these logins are on their way: their codes count from now on.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn let_codes_count(&mut self, challenges: &[HashedChallenge]) -> Result<(), StoreError> {
        if challenges.is_empty() {
            return Ok(());
        }
        let hashes = challenges.iter().map(|challenge| challenge.as_bytes().as_slice()).collect();
        self.sessions_ahead.clear();
        let note = "UPDATE sessions SET mail_left = 1 WHERE mail_left = 0 AND challenge_hash IN";
        self.connection.write(sql_in(note, Vec::new(), hashes)).await
    }
}

/// The id of a session that stands in another table.
///
/// # Errors
/// If there is none in that column.
pub(super) fn session_of(row: &Row, column: &'static str) -> Result<HashedSessionId, StoreError> {
    let bytes: Vec<u8> = row.get(column)?;
    let wrong = || StoreError::Column { column, source: "it is no hash of an id".into() };
    Ok(HashedSessionId(bytes.try_into().map_err(|_| wrong())?))
}

/// The device that a row names.
///
/// # Errors
/// If it has not the two columns.
pub(super) fn device_of(row: &Row) -> Result<Device, StoreError> {
    let (browser, system): (Option<String>, Option<String>) = (row.get("browser")?, row.get("system")?);
    Ok(Device::named(browser.as_deref(), system.as_deref()))
}

/// The columns that [`read`] needs.
pub(super) const COLUMNS: &str = "sessions.id_hash, email, data, created_at, last_seen_at, sessions.expires_at, seen, \
                                  challenge_hash, mail_left, code_tries, successor, browser, system";

fn select(id: HashedSessionId, now: UnixTime) -> Statement {
    let select = format!("SELECT {COLUMNS} FROM sessions WHERE id_hash = $1 AND expires_at > $2");
    sql(select).bind(id.as_bytes()).bind(now.secs())
}

/// Those of these sessions that there are, with those that have expired; at least one.
pub(super) fn find(ids: &[HashedSessionId]) -> Statement {
    let ids = ids.iter().map(HashedSessionId::as_bytes).collect();
    sql_in(&format!("SELECT {COLUMNS} FROM sessions WHERE id_hash IN"), Vec::new(), ids)
}

/// Reads a session.
///
/// # Errors
/// If there is none in that row.
pub(super) fn read(row: &Row) -> Result<SessionRow, StoreError> {
    let time = |column: &str| row.get(column).map(UnixTime::from_secs);
    let hash = |column: &str| -> Result<Option<[u8; 32]>, StoreError> {
        let bytes: Option<Vec<u8>> = row.get(column)?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()))
    };
    Ok(SessionRow {
        id: session_of(row, "id_hash")?,
        email: row.get("email")?,
        device: device_of(row)?,
        data: row.get("data")?,
        created_at: time("created_at")?,
        last_seen_at: time("last_seen_at")?,
        expires_at: time("expires_at")?,
        seen: row.get::<i64>("seen")? != 0,
        challenge: hash("challenge_hash")?.map(HashedChallenge::from_bytes),
        mail_left: row.get::<i64>("mail_left")? != 0,
        code_tries: u32::try_from(row.get::<i64>("code_tries")?).unwrap_or(u32::MAX),
        successor: hash("successor")?.map(HashedSessionId),
    })
}
