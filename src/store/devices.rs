//! The devices of a person: the sessions that somebody is signed in with, and the apps that hang on them.

use super::{
    Row, Statement, Step, Store, StoreError,
    sessions::{HashedSessionId, device_of, session_of},
    sql,
};
use crate::domain::{Device, EmailAddress, UnixTime};

/// A session of a person, as far as the person sees it.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// The key of the session.
    pub session: HashedSessionId,
    /// What the person signed in with.
    pub device: Device,
    /// The sign-in.
    pub created_at: UnixTime,
    /// The last request that was written down.
    pub last_seen_at: UnixTime,
}

impl Store {
    /// The devices that are signed in as `email` at `now`, the one last seen first: `this` and the others, at most `most`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn devices(
        &self,
        email: &EmailAddress,
        this: HashedSessionId,
        now: UnixTime,
        most: usize,
    ) -> Result<Vec<DeviceRow>, StoreError> {
        let select = select(email, this, now, i64::try_from(most).unwrap_or(i64::MAX));
        self.rows(select).await?.iter().map(read).collect()
    }

    /// How many devices are signed in as `email` at `now`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_devices(&self, email: &EmailAddress, now: UnixTime) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) AS devices FROM sessions WHERE email = $1 AND expires_at > $2");
        let rows = self.rows(count.bind(email.as_str()).bind(now.secs())).await?;
        let count: i64 = rows.first().map_or(Ok(0), |row| row.get("devices"))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// The origins of the apps that the devices of `email` have opened, each with the session that it hangs on; at most
    /// `most`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn apps_of_devices(
        &self,
        email: &EmailAddress,
        now: UnixTime,
        most: usize,
    ) -> Result<Vec<(HashedSessionId, String)>, StoreError> {
        let apps = sql(
            "SELECT DISTINCT session, origin FROM app_sessions JOIN sessions ON sessions.id_hash = app_sessions.session \
             WHERE sessions.email = $1 AND sessions.expires_at > $2 ORDER BY origin LIMIT $3",
        )
        .bind(email.as_str())
        .bind(now.secs())
        .bind(i64::try_from(most).unwrap_or(i64::MAX));
        let rows = self.rows(apps).await?;
        rows.iter().map(|row| Ok((session_of(row, "session")?, row.get("origin")?))).collect()
    }
}

impl Step {
    /// All devices that are signed in as `email` at `now`. No other step ends one before this one has committed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn devices(
        &mut self,
        email: &EmailAddress,
        this: HashedSessionId,
        now: UnixTime,
    ) -> Result<Vec<DeviceRow>, StoreError> {
        self.connection.rows(select(email, this, now, i64::MAX)).await?.iter().map(read).collect()
    }
}

fn select(email: &EmailAddress, this: HashedSessionId, now: UnixTime, most: i64) -> Statement {
    sql(
        "SELECT id_hash, browser, system, created_at, last_seen_at FROM sessions WHERE email = $1 AND expires_at > $2 \
         ORDER BY CASE WHEN id_hash = $3 THEN 0 ELSE 1 END, last_seen_at DESC, created_at DESC, id_hash LIMIT $4",
    )
    .bind(email.as_str())
    .bind(now.secs())
    .bind(this.as_bytes())
    .bind(most)
}

fn read(row: &Row) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        session: session_of(row, "id_hash")?,
        device: device_of(row)?,
        created_at: UnixTime::from_secs(row.get("created_at")?),
        last_seen_at: UnixTime::from_secs(row.get("last_seen_at")?),
    })
}
