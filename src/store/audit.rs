//! The audit trail: what happened, to whom, from where. Never a token, code or cookie.

use super::{Row, Step, Store, StoreError, sql, sql_row};
use crate::domain::{EmailAddress, UnixTime};

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
    /// The mail that it is about: the left half of its Message-ID.
    pub message_id: Option<&'a str>,
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
        let entry = sql_row(
            "INSERT INTO audit (at, event, reason, email, network, user_agent, app, device, message_id, \
             by_whom, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(at.secs())
        .bind(entry.event)
        .bind(entry.reason)
        .bind(entry.email)
        .bind(entry.network)
        .bind(entry.user_agent)
        .bind(entry.app)
        .bind(entry.device)
        .bind(entry.message_id)
        .bind(entry.by_whom)
        .bind(entry.detail);
        self.connection.write(entry).await
    }

    /// The person whose mail that was, if an entry of the event `sent` tells that it left, or it is leaving just now (a mail server
    /// may be quicker than we are), and none of the event `bounced` that it came back.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn recipient_of_sent(
        &mut self,
        message_id: &str,
        sent: &str,
        bounced: &str,
    ) -> Result<Option<EmailAddress>, StoreError> {
        let find = sql("SELECT event, email FROM audit WHERE message_id = $1").bind(message_id);
        let mut recipient = None;
        for row in &self.connection.rows(find).await? {
            let event: String = row.get("event")?;
            if event == bounced {
                return Ok(None);
            }
            if event == sent {
                recipient = row.get::<Option<String>>("email")?;
            }
        }
        if recipient.is_none() {
            let find = sql("SELECT email FROM outbox WHERE message_id = $1 AND tries > 0").bind(message_id);
            let rows = self.connection.rows(find).await?;
            recipient = rows.first().map(|row| row.get("email")).transpose()?;
        }
        Ok(recipient.and_then(|email| EmailAddress::parse(&email).ok()))
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

/// An entry as it was written.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Its place: later ones have larger numbers.
    pub id: i64,
    /// When it happened.
    pub at: UnixTime,
    /// What happened, and all that is known of it, as in [`Entry`].
    pub event: String,
    pub reason: Option<String>,
    pub email: Option<String>,
    pub network: Option<String>,
    pub app: Option<String>,
    pub user_agent: Option<String>,
    pub device: Option<String>,
    pub message_id: Option<String>,
    pub by_whom: Option<String>,
    pub detail: Option<String>,
    /// How many entries of a minute were left out, where it says so.
    pub left_out: Option<i64>,
}

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// About this address.
    pub email: Option<EmailAddress>,
    /// Of this event.
    pub event: Option<String>,
    /// Not older than this.
    pub since: Option<UnixTime>,
}

const COLUMNS: &str = "id, at, event, reason, email, network, app, user_agent, device, message_id, by_whom, \
                       detail, left_out";

impl Store {
    /// The newest entries, at most `most` of them; the oldest of these first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn newest_events(&self, wanted: &Wanted, most: usize) -> Result<Vec<AuditRow>, StoreError> {
        let since = wanted.since.map_or(i64::MIN, UnixTime::secs);
        let (most, event) = (i64::try_from(most).unwrap_or(i64::MAX), wanted.event.as_deref());
        let only = if wanted.email.is_some() { "email = $4 AND" } else { "" };
        let find = sql(format!(
            "SELECT {COLUMNS} FROM audit WHERE {only} at >= $1 AND ($2 IS NULL OR event = $2) \
             ORDER BY at DESC, id DESC LIMIT $3"
        ));
        let find = find.bind(since).bind(event).bind(most);
        let find = wanted.email.iter().fold(find, |find, email| find.bind(email.as_str()));
        let mut rows = self.rows(find).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        rows.reverse();
        Ok(rows)
    }

    /// The entries of one event, the newest first: those before the entry with the id `before`, at most `most`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn events_of(
        &self,
        event: &str,
        before: Option<i64>,
        most: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let find = sql(format!(
            "SELECT {COLUMNS} FROM audit WHERE event = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        ));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = self.rows(find.bind(event).bind(before.unwrap_or(i64::MAX)).bind(most)).await?;
        rows.iter().map(read).collect()
    }

    /// The entries that were written after that one, in their order; at most `most`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn events_after(&self, id: i64, most: usize) -> Result<Vec<AuditRow>, StoreError> {
        let find = sql(format!("SELECT {COLUMNS} FROM audit WHERE id > $1 ORDER BY id LIMIT $2"));
        let rows = self.rows(find.bind(id).bind(i64::try_from(most).unwrap_or(i64::MAX))).await?;
        rows.iter().map(read).collect()
    }

    /// The place of the newest entry; 0 if there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn last_event(&self) -> Result<i64, StoreError> {
        let rows = self.rows(sql("SELECT MAX(id) AS id FROM audit")).await?;
        Ok(rows.first().map_or(Ok(None), |row| row.get::<Option<i64>>("id"))?.unwrap_or_default())
    }
}

impl Wanted {
    /// Whether an entry is one of them.
    pub fn has(&self, row: &AuditRow) -> bool {
        self.email.as_ref().is_none_or(|email| row.email.as_deref() == Some(email.as_str()))
            && self.event.as_ref().is_none_or(|event| row.event == *event)
            && self.since.is_none_or(|since| row.at >= since)
    }
}

fn read(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        id: row.get("id")?,
        at: UnixTime::from_secs(row.get("at")?),
        event: row.get("event")?,
        reason: row.get("reason")?,
        email: row.get("email")?,
        network: row.get("network")?,
        app: row.get("app")?,
        user_agent: row.get("user_agent")?,
        device: row.get("device")?,
        message_id: row.get("message_id")?,
        by_whom: row.get("by_whom")?,
        detail: row.get("detail")?,
        left_out: row.get("left_out")?,
    })
}
