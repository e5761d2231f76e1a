//! Everybody who is signed in, for the operator. [`super::devices`] is the same for one person, by themselves.

use super::{
    Row, Statement, Step, Store, StoreError,
    sessions::{HashedSessionId, device_of, session_of},
    sql,
};
use crate::domain::{Device, EmailAddress, UnixTime};

/// A session of a person.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// The key of the session.
    pub session: HashedSessionId,
    /// The person.
    pub email: String,
    /// What they signed in with.
    pub device: Device,
    /// The sign-in.
    pub created_at: UnixTime,
    /// The last request that was written down.
    pub last_seen_at: UnixTime,
    /// The first second in which it is over, as it is now.
    pub expires_at: UnixTime,
}

const COLUMNS: &str = "id_hash, email, browser, system, created_at, last_seen_at, expires_at";

impl Store {
    /// The sessions that live at `now`, by address; of `email`, or of everybody. At most `most`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn people(
        &self,
        email: Option<&EmailAddress>,
        now: UnixTime,
        most: usize,
    ) -> Result<Vec<PersonRow>, StoreError> {
        let find = select(email, now, i64::try_from(most).unwrap_or(i64::MAX));
        self.rows(find).await?.iter().map(read).collect()
    }

    /// The sessions of everybody who is signed in at `now`, the newest sign-in first: those after the one that began at
    /// `after.0` and has the key `after.1`, at most `most`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn latest_people(
        &self,
        now: UnixTime,
        after: Option<(UnixTime, HashedSessionId)>,
        most: usize,
    ) -> Result<Vec<PersonRow>, StoreError> {
        // The one in whose place `after` stands is not among them, whichever began in the same second.
        let (created_at, id) = match &after {
            Some((created_at, id)) => (created_at.secs(), id.as_bytes()),
            None => (i64::MAX, [].as_slice()),
        };
        let find = sql(format!(
            "SELECT {COLUMNS} FROM sessions \
             WHERE email IS NOT NULL AND (created_at, id_hash) < ($1, $2) AND expires_at > $3 \
             ORDER BY created_at DESC, id_hash DESC LIMIT $4"
        ));
        let find =
            find.bind(created_at).bind(id).bind(now.secs()).bind(i64::try_from(most).unwrap_or(i64::MAX));
        self.rows(find).await?.iter().map(read).collect()
    }

    /// How many sessions have a person, `most` at the most. Those that have just expired may be among them.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_people(&self, most: usize) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) AS found FROM \
             (SELECT email FROM sessions WHERE email IS NOT NULL LIMIT $1) AS people");
        self.number(count.bind(i64::try_from(most).unwrap_or(i64::MAX))).await
    }
}

impl Step {
    /// Sessions of people whose key begins with these bytes, two at the most.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn people_that_begin(
        &mut self,
        start: &[u8],
        now: UnixTime,
    ) -> Result<Vec<PersonRow>, StoreError> {
        let (mut least, mut most) = (start.to_vec(), start.to_vec());
        least.resize(32, 0);
        most.resize(32, u8::MAX);
        let find = sql(format!(
            "SELECT {COLUMNS} FROM sessions WHERE id_hash >= $1 AND id_hash <= $2 AND email IS NOT NULL AND expires_at > $3 \
             LIMIT 2"
        ));
        let find = find.bind(least.as_slice()).bind(most.as_slice()).bind(now.secs());
        self.connection.rows(find).await?.iter().map(read).collect()
    }

    /// Some sessions that live at `now`: of `email`, or of anybody.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn some_people(
        &mut self,
        email: Option<&EmailAddress>,
        now: UnixTime,
        most: i64,
    ) -> Result<Vec<PersonRow>, StoreError> {
        let find = select(email, now, most);
        self.connection.rows(find).await?.iter().map(read).collect()
    }
}

fn select(email: Option<&EmailAddress>, now: UnixTime, most: i64) -> Statement {
    let find = match email {
        Some(_) => "expires_at > $1 AND email = $3",
        None => "email IS NOT NULL AND expires_at > $1 ORDER BY email",
    };
    let find = sql(format!("SELECT {COLUMNS} FROM sessions WHERE {find} LIMIT $2"));
    let find = find.bind(now.secs()).bind(most);
    email.into_iter().fold(find, |find, email| find.bind(email.as_str()))
}

fn read(row: &Row) -> Result<PersonRow, StoreError> {
    let time = |column: &str| row.get(column).map(UnixTime::from_secs);
    Ok(PersonRow {
        session: session_of(row, "id_hash")?,
        email: row.get("email")?,
        device: device_of(row)?,
        created_at: time("created_at")?,
        last_seen_at: time("last_seen_at")?,
        expires_at: time("expires_at")?,
    })
}
