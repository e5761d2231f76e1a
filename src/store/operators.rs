//! What operators look at and change: the trail, the sessions of everybody, mails that wait or were refused, budgets, and
//! how often things happen. Each statement reads a bounded number of rows, however many there are.

use super::{
    Row, Statement, Step, Store, StoreError,
    sessions::{HashedSessionId, device_of, session_of},
    sql,
};
use crate::domain::{Device, EmailAddress, UnixTime};

/// An entry of the trail.
#[derive(Clone, Debug)]
pub struct TrailRow {
    /// A number that grows.
    pub id: i64,
    /// When it happened.
    pub at: UnixTime,
    /// One of the names of `audit::Event`.
    pub event: String,
    /// Why, in our words.
    pub reason: Option<String>,
    /// Whom it is about.
    pub email: Option<String>,
    /// Where it came from.
    pub network: Option<String>,
    /// What the browser says it is.
    pub user_agent: Option<String>,
    /// The app that it is about.
    pub app: Option<String>,
    /// The device whose session it is about.
    pub device: Option<String>,
    /// The operator who did it.
    pub by_whom: Option<String>,
    /// What a mail server said.
    pub detail: Option<String>,
}

/// A session of somebody, as an operator sees it.
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
}

/// Mails in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// Wait, and sign somebody in.
    SignIn,
    /// Wait, and tell of a new browser.
    NewDevice,
    /// Were refused by the mail server for good, and would have signed somebody in.
    RefusedSignIn,
    /// Were refused by the mail server for good, and would have told of a new browser.
    RefusedNewDevice,
}

impl MailKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::SignIn, Self::NewDevice, Self::RefusedSignIn, Self::RefusedNewDevice];

    /// As the column has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::NewDevice => "new_device",
            Self::RefusedSignIn => "refused_sign_in",
            Self::RefusedNewDevice => "refused_new_device",
        }
    }

    /// Whether the mail server has refused it for good.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::RefusedSignIn | Self::RefusedNewDevice)
    }
}

/// A mail in the outbox, as an operator sees it.
#[derive(Clone, Debug)]
pub struct MailRow {
    /// The left half of its Message-ID.
    pub message_id: String,
    /// What it is for, and whether it waits.
    pub kind: MailKind,
    /// Its recipient.
    pub email: String,
    /// When it was asked for.
    pub issued_at: UnixTime,
    /// When it is tried next; meaningless for one that was refused.
    pub due_at: UnixTime,
    /// After this no try is of use.
    pub expires_at: UnixTime,
    /// How often it was tried.
    pub tries: u32,
    /// Whether a process has it in its hands.
    pub in_hand: bool,
}

/// How often an event happened in an hour.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The first second of the hour.
    pub hour: UnixTime,
    /// One of the names of `audit::Event`.
    pub event: String,
    /// How often.
    pub times: u64,
}

impl Store {
    /// The entries of one event, the newest first: those before the entry with the id `before`, at most `most`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn trail(
        &self,
        event: &str,
        before: Option<i64>,
        most: usize,
    ) -> Result<Vec<TrailRow>, StoreError> {
        let find = sql(
            "SELECT id, at, event, reason, email, network, user_agent, app, device, by_whom, detail FROM audit \
             WHERE event = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        );
        let find = find.bind(event).bind(before.unwrap_or(i64::MAX)).bind(limit(most));
        self.rows(find).await?.iter().map(read_entry).collect()
    }

    /// The sessions of everybody who is signed in at `now`, the newest sign-in first: those after the one that began at
    /// `after.0` and has the key `after.1`, at most `most`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn people(
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
        let find = sql("SELECT id_hash, email, browser, system, created_at, last_seen_at FROM sessions \
             WHERE email IS NOT NULL AND (created_at, id_hash) < ($1, $2) AND expires_at > $3 \
             ORDER BY created_at DESC, id_hash DESC LIMIT $4");
        let find = find.bind(created_at).bind(id).bind(now.secs()).bind(limit(most));
        self.rows(find).await?.iter().map(read_person).collect()
    }

    /// How many sessions have a person, `most` at the most. Those that have just expired may be among them.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_people(&self, most: usize) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) AS found FROM \
             (SELECT email FROM sessions WHERE email IS NOT NULL LIMIT $1) AS people");
        self.number(count.bind(limit(most)), "found").await
    }

    /// The mails of a kind that were asked for first, at most `most`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn mails(&self, kind: MailKind, most: usize) -> Result<Vec<MailRow>, StoreError> {
        let find = sql("SELECT message_id, email, issued_at, due_at, expires_at, tries, owner FROM outbox \
             WHERE kind = $1 ORDER BY issued_at LIMIT $2");
        let rows = self.rows(find.bind(kind.name()).bind(limit(most))).await?;
        rows.iter().map(|row| read_mail(row, kind)).collect()
    }

    /// How many mails of a kind there are, `most` at the most.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_mails(&self, kind: MailKind, most: usize) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) AS found FROM \
             (SELECT issued_at FROM outbox WHERE kind = $1 LIMIT $2) AS mails");
        self.number(count.bind(kind.name()).bind(limit(most)), "found").await
    }

    /// When the first mail of a kind was asked for.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn oldest_mail(&self, kind: MailKind) -> Result<Option<UnixTime>, StoreError> {
        let find = sql("SELECT MIN(issued_at) AS oldest FROM outbox WHERE kind = $1").bind(kind.name());
        let oldest: Option<i64> = self.rows(find).await?.first().map_or(Ok(None), |row| row.get("oldest"))?;
        Ok(oldest.map(UnixTime::from_secs))
    }

    /// What was counted under these names: theoretical arrival times, in milliseconds since 1970.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn arrivals(&self, counted: &[String]) -> Result<Vec<(String, i64)>, StoreError> {
        if counted.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = (1..=counted.len()).map(|place| format!("${place}")).collect();
        let find =
            sql(format!("SELECT counted, arrival_ms FROM limits WHERE counted IN ({})", places.join(", ")));
        let find = counted.iter().fold(find, |find, counted| find.bind(counted.as_str()));
        self.rows(find).await?.iter().map(read_arrival).collect()
    }

    /// What is counted furthest beyond `now`, at most `most`: whoever has spent much is among them.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn furthest_arrivals(
        &self,
        now: UnixTime,
        most: usize,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let find = sql("SELECT counted, arrival_ms FROM limits WHERE arrival_ms > $1 \
             ORDER BY arrival_ms DESC LIMIT $2");
        let rows = self.rows(find.bind(now.secs() * 1_000).bind(limit(most))).await?;
        rows.iter().map(read_arrival).collect()
    }

    /// How often each event happened in each hour that began at `since` or later.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn tallies(&self, since: UnixTime) -> Result<Vec<Tally>, StoreError> {
        let find = sql("SELECT hour, event, times FROM tallies WHERE hour >= $1 ORDER BY hour");
        let rows = self.rows(find.bind(since.secs())).await?;
        let read = |row: &Row| -> Result<Tally, StoreError> {
            Ok(Tally {
                hour: UnixTime::from_secs(row.get("hour")?),
                event: row.get("event")?,
                times: u64::try_from(row.get::<i64>("times")?).unwrap_or_default(),
            })
        };
        rows.iter().map(read).collect()
    }

    async fn number(&self, statement: Statement, column: &str) -> Result<u64, StoreError> {
        let rows = self.rows(statement).await?;
        let number: i64 = rows.first().map_or(Ok(0), |row| row.get(column))?;
        Ok(u64::try_from(number).unwrap_or_default())
    }
}

impl Step {
    /// Counts an event in its hour.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn tally(&mut self, event: &str, now: UnixTime) -> Result<(), StoreError> {
        let count = sql("INSERT INTO tallies (hour, event, times) VALUES ($1, $2, 1) \
             ON CONFLICT (hour, event) DO UPDATE SET times = tallies.times + 1");
        let hour = now.secs() - now.secs().rem_euclid(3_600);
        self.connection.write(count.bind(hour).bind(event)).await
    }

    /// Keeps a mail that its mail server has refused for good until it expires, for an operator to try it again. No worker
    /// finds it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn keep_refused(&mut self, message_id: &str) -> Result<(), StoreError> {
        let keep = sql("UPDATE outbox SET kind = 'refused_' || kind, priority = -priority, in_line = 0, \
             owner = NULL WHERE message_id = $1 AND kind IN ('sign_in', 'new_device')");
        self.connection.write(keep.bind(message_id)).await
    }

    /// Makes a mail due at `now` that waits for its next try or was refused: its recipient; `None` if there is none of that
    /// name that has not expired, or if a process has it in its hands.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn try_again(
        &mut self,
        message_id: &str,
        now: UnixTime,
    ) -> Result<Option<EmailAddress>, StoreError> {
        let retry = sql("UPDATE outbox SET due_at = $2, priority = ABS(priority), \
               kind = CASE kind WHEN 'refused_sign_in' THEN 'sign_in' WHEN 'refused_new_device' THEN 'new_device' \
                 ELSE kind END \
             WHERE message_id = $1 AND owner IS NULL AND expires_at > $2 RETURNING email");
        let rows = self.connection.rows(retry.bind(message_id).bind(now.secs())).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let email: String = row.get("email")?;
        EmailAddress::parse(&email)
            .map(Some)
            .map_err(|error| StoreError::Column { column: "email", source: error.into() })
    }
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

fn read_entry(row: &Row) -> Result<TrailRow, StoreError> {
    Ok(TrailRow {
        id: row.get("id")?,
        at: UnixTime::from_secs(row.get("at")?),
        event: row.get("event")?,
        reason: row.get("reason")?,
        email: row.get("email")?,
        network: row.get("network")?,
        user_agent: row.get("user_agent")?,
        app: row.get("app")?,
        device: row.get("device")?,
        by_whom: row.get("by_whom")?,
        detail: row.get("detail")?,
    })
}

fn read_person(row: &Row) -> Result<PersonRow, StoreError> {
    Ok(PersonRow {
        session: session_of(row, "id_hash")?,
        email: row.get("email")?,
        device: device_of(row)?,
        created_at: UnixTime::from_secs(row.get("created_at")?),
        last_seen_at: UnixTime::from_secs(row.get("last_seen_at")?),
    })
}

fn read_mail(row: &Row, kind: MailKind) -> Result<MailRow, StoreError> {
    Ok(MailRow {
        message_id: row.get("message_id")?,
        kind,
        email: row.get("email")?,
        issued_at: UnixTime::from_secs(row.get("issued_at")?),
        due_at: UnixTime::from_secs(row.get("due_at")?),
        expires_at: UnixTime::from_secs(row.get("expires_at")?),
        tries: u32::try_from(row.get::<i64>("tries")?).unwrap_or(u32::MAX),
        in_hand: row.get::<Option<String>>("owner")?.is_some(),
    })
}

fn read_arrival(row: &Row) -> Result<(String, i64), StoreError> {
    Ok((row.get("counted")?, row.get("arrival_ms")?))
}
