//! The outbox: a row for each mail that is still to be sent. Those that sign somebody in are read here, those that tell of
//! a new browser in [`super::notices`].
//!
//! Mails that were not tried yet and have to wait stand in lines, one for each network and priority. A line has a row of its own, which says
//! when it has its turn: what leaves next is found by looking at the lines that are first, not at all mails.

use std::{collections::BTreeSet, time::Duration};

use super::{Row, Step, Store, StoreError, sql, sql_in, sql_row};
use crate::domain::{Budget, EmailAddress, Priority, SignIn, UnixTime};

/// A mail to be made and sent. Holds no link and no code: they are made when it is sent.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// The login that the mail is for; link and code are derived from it.
    pub sign_in: SignIn,
    /// The site that asked, as it is counted.
    pub network: String,
    /// What the browser that asked says it is.
    pub user_agent: String,
    /// How often it was tried before.
    pub tries: u32,
    /// With which priority it leaves; none, if nobody has looked at it.
    pub priority: Option<Priority>,
    /// The tag of the language in which it was asked for.
    pub language: String,
}

/// Mails to look for.
#[derive(Clone, Copy, Debug)]
pub enum Due {
    /// Those that were asked for at this second or before.
    Old(UnixTime),
    /// Those that do not stand in a line: new ones, and those that have waited for a limit.
    Unsorted,
    /// Those that were tried before, or were in the hands of a process that died.
    Again(Priority),
    /// Those that stand first in the lines of that priority.
    Fresh(Priority),
}

/// Which kinds of mails are due.
#[derive(Debug, Default)]
pub struct Kinds {
    /// [`Due::Old`].
    pub old: bool,
    /// [`Due::Unsorted`].
    pub unsorted: bool,
    /// [`Due::Again`], of any priority.
    pub again: bool,
    /// The priorities of [`Due::Fresh`] ones.
    pub fresh: BTreeSet<Priority>,
}

/// Mails that were found.
#[derive(Debug)]
pub struct Found {
    /// In the order in which they should leave.
    pub mails: Vec<OutboxRow>,
    /// Whether there may be others that were not looked at.
    pub more: bool,
}

/// Characters that are kept of why a mail did not leave.
const LONGEST_TROUBLE: usize = 300;

const COLUMNS: &str =
    "message_id, email, challenge, issued_at, outbox.network, user_agent, tries, outbox.priority, language";

impl Step {
    /// Puts the mail for a sign-in into the outbox. `user_agent`: of the browser that asks. `priority`: if it is known
    /// already. `language`: the tag of that in which the mail is to be written.
    ///
    /// `expires_at` is only for the cleanup, which deletes even a row that cannot be read. The worker asks
    /// [`SignIn::expires_at`] instead, as the redeeming step does: `LINK_MAX_AGE` may change between restarts, and
    /// the two must agree on which link is worth sending.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn enqueue(
        &mut self,
        sign_in: &SignIn,
        expires_at: UnixTime,
        network: &str,
        user_agent: &str,
        priority: Option<Priority>,
        language: &str,
    ) -> Result<(), StoreError> {
        let challenge = serde_json::to_string(&sign_in.challenge)
            .map_err(|error| StoreError::Column { column: "challenge", source: error.into() })?;
        let put = sql_row(
            "INSERT INTO outbox (message_id, email, challenge, issued_at, expires_at, network, user_agent, language, \
             due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(sign_in.message_id())
        .bind(sign_in.email.as_str())
        .bind(challenge)
        .bind(sign_in.issued_at.secs())
        .bind(expires_at.secs())
        .bind(network)
        .bind(user_agent)
        .bind(language)
        .bind(sign_in.issued_at.secs());
        self.connection.write(put).await?;
        match priority {
            Some(priority) => self.line_up(sign_in, priority, network).await,
            None => Ok(()),
        }
    }

    /// Which kinds of mails are due, `old` ones being those that were asked for then or before. Mostly a mail is due alone: this
    /// spares looking for all others.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn kinds_due(&mut self, now: UnixTime, old: UnixTime) -> Result<Kinds, StoreError> {
        let look = sql("SELECT 'old' AS due WHERE EXISTS \
               (SELECT 1 FROM outbox WHERE kind = 'sign_in' AND issued_at <= $2 AND due_at <= $1) \
             UNION ALL SELECT 'unsorted' WHERE EXISTS \
               (SELECT 1 FROM outbox WHERE kind = 'sign_in' AND in_line = 0 AND tries = 0 AND due_at <= $1) \
             UNION ALL SELECT 'again' WHERE \
               EXISTS (SELECT 1 FROM outbox WHERE priority = 1 AND tries > 0 AND due_at <= $1) OR \
               EXISTS (SELECT 1 FROM outbox WHERE priority = 2 AND tries > 0 AND due_at <= $1) OR \
               EXISTS (SELECT 1 FROM outbox WHERE priority = 3 AND tries > 0 AND due_at <= $1) \
             UNION ALL SELECT '1' WHERE EXISTS \
               (SELECT 1 FROM outbox WHERE priority = 1 AND tries = 0 AND in_line = 1 AND due_at <= $1) \
             UNION ALL SELECT '2' WHERE EXISTS \
               (SELECT 1 FROM outbox WHERE priority = 2 AND tries = 0 AND in_line = 1 AND due_at <= $1) \
             UNION ALL SELECT '3' WHERE EXISTS \
               (SELECT 1 FROM outbox WHERE priority = 3 AND tries = 0 AND in_line = 1 AND due_at <= $1)");
        let mut kinds = Kinds::default();
        for row in self.connection.rows(look.bind(now.secs()).bind(old.secs())).await? {
            match row.get::<String>("due")?.as_str() {
                "old" => kinds.old = true,
                "unsorted" => kinds.unsorted = true,
                "again" => kinds.again = true,
                number => kinds.fresh.extend(number.parse().ok().and_then(Priority::numbered)),
            }
        }
        Ok(kinds)
    }

    /// At most `most` mails of that kind that are due.
    ///
    /// Of a line only the newest mail is found: an old mail in a long queue is about to expire, and whoever asked for it has
    /// asked again. The lines take turns, the one whose network has used least of its budget first.
    ///
    /// However many mails wait, few rows are read: each kind has an index in the order in which it is wanted.
    ///
    /// # Errors
    /// If the database fails. A row that cannot be read is reported and deleted: it would hold up all that come after it.
    pub async fn due(&mut self, due: Due, now: UnixTime, most: usize) -> Result<Found, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let query = match due {
            Due::Old(asked_at) => sql(format!(
                "SELECT {COLUMNS} FROM outbox WHERE kind = 'sign_in' AND issued_at <= $3 AND due_at <= $1 \
                 ORDER BY issued_at LIMIT $2"
            ))
            .bind(now.secs())
            .bind(limit)
            .bind(asked_at.secs()),
            Due::Unsorted => sql(format!(
                "SELECT {COLUMNS} FROM outbox WHERE kind = 'sign_in' AND in_line = 0 AND tries = 0 AND due_at <= $1 \
                 ORDER BY due_at DESC LIMIT $2"
            ))
            .bind(now.secs())
            .bind(limit),
            Due::Again(priority) => sql(format!(
                "SELECT {COLUMNS} FROM outbox WHERE priority = $3 AND tries > 0 AND due_at <= $1 \
                 ORDER BY due_at LIMIT $2"
            ))
            .bind(now.secs())
            .bind(limit)
            .bind(priority as i64),
            Due::Fresh(priority) => sql(format!(
                "SELECT {COLUMNS}, line FROM \
                   (SELECT network AS line, turn, newest, \
                      (SELECT message_id FROM outbox WHERE outbox.priority = outbox_lines.priority \
                         AND outbox.network = outbox_lines.network AND tries = 0 AND in_line = 1 AND due_at <= $1 \
                       ORDER BY issued_at DESC LIMIT 1) AS first \
                    FROM outbox_lines WHERE priority = $3 ORDER BY turn, newest DESC LIMIT $2) AS firsts \
                 LEFT JOIN outbox ON message_id = first ORDER BY turn, newest DESC"
            ))
            .bind(now.secs())
            .bind(limit)
            .bind(priority as i64),
        };
        let rows = self.connection.rows(query).await?;
        let mut found = Found { mails: Vec::new(), more: rows.len() >= most };
        for row in &rows {
            let Some(message_id) = row.get::<Option<String>>("message_id")? else {
                // Its last mail was given up.
                if let Due::Fresh(priority) = due {
                    self.end_empty_line(&row.get::<String>("line")?, priority).await?;
                }
                found.more = true;
                continue;
            };
            match read(row) {
                Ok(mail) => found.mails.push(mail),
                Err(error) => {
                    self.settle(vec![message_id.clone()]).await?;
                    self.after_commit(move || {
                        tracing::error!(%error, message_id, "a mail in the outbox cannot be read: it was deleted");
                    });
                }
            }
        }
        Ok(found)
    }

    /// Puts a mail into the line of its network at that priority.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn line_up(
        &mut self,
        sign_in: &SignIn,
        priority: Priority,
        network: &str,
    ) -> Result<(), StoreError> {
        let note = sql("UPDATE outbox SET priority = $2, in_line = 1 WHERE message_id = $1");
        self.connection.write(note.bind(sign_in.message_id()).bind(priority as i64)).await?;
        let turn = self.stored_arrival(&Budget::NetworkMails.of(network).key).await?.unwrap_or(0);
        let line = sql("INSERT INTO outbox_lines (network, priority, newest, turn) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (network, priority) DO UPDATE SET newest = $3 WHERE outbox_lines.newest < $3")
        .bind(network)
        .bind(priority as i64)
        .bind(sign_in.issued_at.secs())
        .bind(turn);
        self.connection.write(line).await
    }

    /// Sends a line to its next turn, after one of its mails was claimed: by what its network has used of its budget, or
    /// where that is not counted, behind all that wait now.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end_turn(
        &mut self,
        network: &str,
        priority: Priority,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let used = self.stored_arrival(&Budget::NetworkMails.of(network).key).await?;
        let next = sql("UPDATE outbox_lines SET turn = $2 WHERE network = $1");
        self.connection.write(next.bind(network).bind(used.unwrap_or(now.secs() * 1_000))).await?;
        self.end_empty_line(network, priority).await
    }

    /// Ends a line in which no mail stands any more.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end_empty_line(&mut self, network: &str, priority: Priority) -> Result<(), StoreError> {
        let end = sql("DELETE FROM outbox_lines WHERE network = $1 AND priority = $2 AND NOT EXISTS \
             (SELECT 1 FROM outbox WHERE priority = $2 AND network = $1 AND tries = 0 AND in_line = 1)");
        self.connection.write(end.bind(network).bind(priority as i64)).await
    }

    /// Takes mails of that priority, by Message-ID, for `lease`, and counts the try. A worker that dies gives them back by letting the
    /// lease run out.
    ///
    /// The statement asks for no state: the mails were found due by [`Step::due`] in the same step.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn claim(
        &mut self,
        message_ids: Vec<String>,
        priority: Priority,
        now: UnixTime,
        lease: Duration,
    ) -> Result<(), StoreError> {
        if message_ids.is_empty() {
            return Ok(());
        }
        let claim =
            "UPDATE outbox SET tries = tries + 1, due_at = $1, owner = $2, priority = $3 WHERE message_id IN";
        let first = vec![now.plus(lease).secs().into(), (&*self.instance).into(), (priority as i64).into()];
        self.connection.write(sql_in(claim, first, message_ids)).await
    }

    /// Makes every mail due, claimed or postponed. Only for a process that starts and has the database for itself.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn release_claims(&mut self, now: UnixTime) -> Result<(), StoreError> {
        let release = sql("UPDATE outbox SET due_at = $1, owner = NULL \
             WHERE kind IN ('sign_in', 'new_device') AND due_at > $1");
        self.connection.write(release.bind(now.secs())).await
    }

    /// Tries a mail again at `due_at`; until then it stands in no line. One that another instance has claimed meanwhile is left
    /// to it. `trouble`: why, for the operator; without it that stays as it was.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn postpone(
        &mut self,
        message_id: &str,
        due_at: UnixTime,
        trouble: Option<&str>,
    ) -> Result<(), StoreError> {
        let postpone =
            sql("UPDATE outbox SET due_at = $2, in_line = 0, owner = NULL, trouble = COALESCE($4, trouble) \
             WHERE message_id = $1 AND (owner IS NULL OR owner = $3)");
        let postpone =
            postpone.bind(message_id).bind(due_at.secs()).bind(&*self.instance).bind(trouble.map(short));
        self.connection.write(postpone).await
    }

    /// Keeps mails of this instance, by Message-ID, from being claimed until then.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn keep(&mut self, message_ids: Vec<String>, until: UnixTime) -> Result<(), StoreError> {
        if message_ids.is_empty() {
            return Ok(());
        }
        let first = vec![until.secs().into(), (&*self.instance).into()];
        let keep = "UPDATE outbox SET due_at = $1 WHERE owner = $2 AND message_id IN";
        self.connection.write(sql_in(keep, first, message_ids)).await
    }

    /// Takes mails, by Message-ID, out of the outbox: sent, or given up.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn settle(&mut self, message_ids: Vec<String>) -> Result<(), StoreError> {
        if message_ids.is_empty() {
            return Ok(());
        }
        self.connection.write(sql_in("DELETE FROM outbox WHERE message_id IN", Vec::new(), message_ids)).await
    }
}

impl Store {
    /// When the next mail for a sign-in is due; `None` if there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next_due(&self) -> Result<Option<UnixTime>, StoreError> {
        let find = sql("SELECT MIN(due_at) AS due_at FROM outbox WHERE kind = 'sign_in'");
        let due: Option<i64> = self.rows(find).await?.first().map_or(Ok(None), |row| row.get("due_at"))?;
        Ok(due.map(UnixTime::from_secs))
    }
}

fn read(row: &Row) -> Result<OutboxRow, StoreError> {
    let text = |column: &str| row.get::<String>(column);
    let email = EmailAddress::parse(&text("email")?)
        .map_err(|error| StoreError::Column { column: "email", source: error.into() })?;
    let challenge = serde_json::from_str(&text("challenge")?)
        .map_err(|error| StoreError::Column { column: "challenge", source: error.into() })?;
    let issued_at = UnixTime::from_secs(row.get("issued_at")?);
    let sign_in = SignIn { email, issued_at, challenge };
    // Whatever becomes of it is written under the name that its challenge gives it.
    if sign_in.message_id() != text("message_id")? {
        let source = "it is not that of the challenge".into();
        return Err(StoreError::Column { column: "message_id", source });
    }
    Ok(OutboxRow {
        sign_in,
        network: text("network")?,
        user_agent: text("user_agent")?,
        tries: u32::try_from(row.get::<i64>("tries")?).unwrap_or(u32::MAX),
        priority: row.get::<Option<i64>>("priority")?.and_then(Priority::numbered),
        language: text("language")?,
    })
}

/// Words of a mail server, as many of them as are kept. PostgreSQL takes no text with a NUL in it.
pub(super) fn short(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(LONGEST_TROUBLE).collect()
}
