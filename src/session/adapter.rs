//! The sessions of browsers, for tower-sessions. docs/decisions/0003-own-session-store.md says why it is ours.

use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use sqlx::Row;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::AUTHENTICATED_USER;
use crate::{clock::Clock, config::Config, domain::UnixTime, store::Store};

/// How long a session without a person lives beyond the link that it waits for.
const ANONYMOUS_SPARE: Duration = Duration::from_secs(3_600);
/// How stale `last_seen_at` may get, so that not every request writes.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// Keeps sessions in the table of that name, under the hash of their id.
///
/// Its own clock and limits decide when a session ends; the expiry that tower-sessions works out only sets how
/// long the browser keeps the cookie.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Store,
    clock: Clock,
    idle: Duration,
    absolute: Duration,
    anonymous: Duration,
}

impl Sessions {
    pub fn new(store: Store, clock: Clock, config: &Config) -> Self {
        Self {
            store,
            clock,
            idle: config.session_idle,
            absolute: config.session_absolute,
            anonymous: config.link_max_age + ANONYMOUS_SPARE,
        }
    }

    /// The earlier one of the idle and the absolute limit (OWASP Session Management, "Session Expiration").
    fn expiry(&self, signed_in: bool, created_at: UnixTime, now: UnixTime) -> UnixTime {
        if signed_in {
            now.plus(self.idle).min(created_at.plus(self.absolute))
        } else {
            now.plus(self.anonymous)
        }
    }
}

/// What the database keeps instead of the id: a copy of the table signs nobody in.
fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.to_string()).to_vec()
}

/// The person of a session, as `LoginSession::begin` wrote it.
fn person(record: &Record) -> Option<&str> {
    record.data.get(AUTHENTICATED_USER)?.as_str()
}

fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let now = self.clock.now();
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        // The id has 128 random bits: a conflict is a fault, and the primary key reports it as one.
        sqlx::query(
            "INSERT INTO sessions (id_hash, email, data, created_at, last_seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $4, $5)",
        )
        .bind(hash(&record.id))
        .bind(person(record))
        .bind(data)
        .bind(now.secs())
        .bind(self.expiry(person(record).is_some(), now, now).secs())
        .execute(&self.store.pool)
        .await
        .map_err(backend)?;
        Ok(())
    }

    /// Updates and never inserts: a request that was under way when its session ended must not revive it.
    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let now = self.clock.now();
        // Only signing in gives a session a person, and signing in makes a new row: here `email` stays as it is.
        // A session that waits for a link lives on from its newest request.
        sqlx::query(
            "UPDATE sessions SET data = $2, expires_at = CASE WHEN email IS NULL THEN $3 ELSE expires_at END \
             WHERE id_hash = $1",
        )
        .bind(hash(&record.id))
        .bind(data)
        .bind(self.expiry(false, now, now).secs())
        .execute(&self.store.pool)
        .await
        .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.clock.now();
        let row = sqlx::query(
            "SELECT email, data, created_at, last_seen_at, expires_at FROM sessions \
             WHERE id_hash = $1 AND expires_at > $2",
        )
        .bind(hash(id))
        .bind(now.secs())
        .fetch_optional(&self.store.pool)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let time = |column: &str| row.try_get(column).map(UnixTime::from_secs).map_err(backend);
        let mut expires_at = time("expires_at")?;
        let signed_in = row.try_get::<Option<&str>, _>("email").map_err(backend)?.is_some();
        if signed_in && now.since(time("last_seen_at")?) >= SEEN_EVERY.min(self.idle / 10) {
            expires_at = self.expiry(true, time("created_at")?, now);
            sqlx::query("UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id_hash = $1")
                .bind(hash(id))
                .bind(now.secs())
                .bind(expires_at.secs())
                .execute(&self.store.pool)
                .await
                .map_err(backend)?;
        }
        let data = row.try_get("data").map_err(backend)?;
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_str(data).map_err(|error| Error::Decode(error.to_string()))?,
            expiry_date: OffsetDateTime::from_unix_timestamp(expires_at.secs())
                .map_err(|error| Error::Decode(error.to_string()))?,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE id_hash = $1")
            .bind(hash(id))
            .execute(&self.store.pool)
            .await
            .map_err(backend)?;
        Ok(())
    }
}
