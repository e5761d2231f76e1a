//! The mails that have not left, as the operator sees them: those in the outbox, and those that the mail server has refused
//! for good, which are kept until they are of no use.

use super::{Row, Statement, Step, Store, StoreError, outbox::short, sql};
use crate::domain::UnixTime;

/// Which mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It signs somebody in.
    SignIn,
    /// It tells of a new browser.
    NewDevice,
}

/// A mail that has not left.
#[derive(Clone, Debug)]
pub struct WaitingRow {
    /// The left half of its Message-ID, 64 hexadecimal digits.
    pub message_id: String,
    /// What it is for.
    pub kind: Kind,
    /// Whom it goes to.
    pub email: String,
    /// When it was asked for.
    pub issued_at: UnixTime,
    /// When it is of no use any more, as it was when it was asked for.
    pub expires_at: UnixTime,
    /// How often it was tried.
    pub tries: u32,
    /// The site that asked for it, as it is counted; empty where nobody has.
    pub network: String,
    /// Why it has not left.
    pub trouble: Option<String>,
    /// Where it is.
    pub stands: Stands,
}

/// What becomes of a mail next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It is tried then, or later.
    Due(UnixTime),
    /// A process has it in its hands.
    UnderWay,
    /// The mail server refused it then, and it is not tried again.
    Refused(UnixTime),
}

const WAITING: &str =
    "message_id, kind, email, issued_at, expires_at, tries, network, trouble, due_at, owner";
const REFUSED: &str = "message_id, kind, email, issued_at, expires_at, tries, network, trouble, refused_at";
/// What a refused mail keeps of its row in the outbox.
const KEPT: &str = "message_id, kind, email, challenge, issued_at, expires_at, network, user_agent, language";

impl Store {
    /// The mails that wait, `most` of each kind at the most, those first that are due first; and those that were refused,
    /// the last one first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn waiting(&self, most: usize) -> Result<Vec<WaitingRow>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut mails = Vec::new();
        for kind in Kind::ALL {
            let find = sql(format!("SELECT {WAITING} FROM outbox WHERE kind = $1 ORDER BY due_at LIMIT $2"));
            for row in &self.rows(find.bind(kind.name()).bind(most)).await? {
                mails.push(read_waiting(row)?);
            }
        }
        let find = sql(format!("SELECT {REFUSED} FROM refused_mails ORDER BY refused_at DESC LIMIT $1"));
        for row in &self.rows(find.bind(most)).await? {
            mails.push(read_refused(row)?);
        }
        Ok(mails)
    }
}

impl Store {
    /// How many mails of a kind wait, `most` at the most.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_waiting(&self, kind: Kind, most: usize) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) AS found FROM \
             (SELECT issued_at FROM outbox WHERE kind = $1 LIMIT $2) AS mails");
        self.number(count.bind(kind.name()).bind(i64::try_from(most).unwrap_or(i64::MAX))).await
    }

    /// How many mails the mail server has refused for good, `most` at the most.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_refused(&self, most: usize) -> Result<u64, StoreError> {
        let count =
            sql("SELECT COUNT(*) AS found FROM (SELECT refused_at FROM refused_mails LIMIT $1) AS mails");
        self.number(count.bind(i64::try_from(most).unwrap_or(i64::MAX))).await
    }

    /// When the first mail of a kind that waits was asked for.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn oldest_waiting(&self, kind: Kind) -> Result<Option<UnixTime>, StoreError> {
        let find = sql("SELECT MIN(issued_at) AS oldest FROM outbox WHERE kind = $1").bind(kind.name());
        let oldest: Option<i64> = self.rows(find).await?.first().map_or(Ok(None), |row| row.get("oldest"))?;
        Ok(oldest.map(UnixTime::from_secs))
    }
}

impl Step {
    /// Keeps a mail that is in the outbox, as refused; it is still to be taken out of there.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn keep_refused(
        &mut self,
        message_id: &str,
        trouble: &str,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let keep = sql(format!(
            "INSERT INTO refused_mails ({KEPT}, tries, refused_at, trouble) \
             SELECT {KEPT}, tries, $2, $3 FROM outbox WHERE message_id = $1 \
             ON CONFLICT (message_id) DO UPDATE SET refused_at = $2, trouble = $3"
        ));
        self.connection.write(keep.bind(message_id).bind(now.secs()).bind(short(trouble))).await
    }

    /// The mails whose message id begins with `start`, two at the most; waiting or refused.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn mails_that_begin(&mut self, start: &str) -> Result<Vec<WaitingRow>, StoreError> {
        // Behind every digit.
        let end = format!("{start}g");
        let between = |find: Statement| find.bind(start).bind(end.as_str());
        let waiting = sql(format!(
            "SELECT {WAITING} FROM outbox WHERE message_id >= $1 AND message_id < $2 ORDER BY message_id LIMIT 2"
        ));
        let refused = sql(format!(
            "SELECT {REFUSED} FROM refused_mails WHERE message_id >= $1 AND message_id < $2 ORDER BY message_id LIMIT 2"
        ));
        let mut found = Vec::new();
        for row in &self.connection.rows(between(waiting)).await? {
            found.push(read_waiting(row)?);
        }
        for row in &self.connection.rows(between(refused)).await? {
            found.push(read_refused(row)?);
        }
        Ok(found)
    }

    /// Makes a mail due at `now` that waits or was refused; `false` if it is in somebody's hands, or not there any more. One
    /// that was refused is sorted, judged and counted as if it were new.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn try_again(&mut self, message_id: &str, now: UnixTime) -> Result<bool, StoreError> {
        let again =
            sql("UPDATE outbox SET due_at = $2 WHERE message_id = $1 AND owner IS NULL RETURNING tries");
        if !self.connection.rows(again.bind(message_id).bind(now.secs())).await?.is_empty() {
            return Ok(true);
        }
        let back = sql(format!(
            "INSERT INTO outbox ({KEPT}, due_at, trouble) \
             SELECT {KEPT}, $2, trouble FROM refused_mails WHERE message_id = $1 \
             ON CONFLICT (message_id) DO NOTHING RETURNING tries"
        ));
        let is_back = !self.connection.rows(back.bind(message_id).bind(now.secs())).await?.is_empty();
        if is_back {
            let gone = sql("DELETE FROM refused_mails WHERE message_id = $1");
            self.connection.write(gone.bind(message_id)).await?;
        }
        Ok(is_back)
    }
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::SignIn, Self::NewDevice];

    /// As it stands in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::NewDevice => "new_device",
        }
    }
}

fn read_waiting(row: &Row) -> Result<WaitingRow, StoreError> {
    let owner: Option<String> = row.get("owner")?;
    let due_at = UnixTime::from_secs(row.get("due_at")?);
    read(row, if owner.is_some() { Stands::UnderWay } else { Stands::Due(due_at) })
}

fn read_refused(row: &Row) -> Result<WaitingRow, StoreError> {
    read(row, Stands::Refused(UnixTime::from_secs(row.get("refused_at")?)))
}

fn read(row: &Row, stands: Stands) -> Result<WaitingRow, StoreError> {
    let is_notice = row.get::<String>("kind")? == Kind::NewDevice.name();
    let tries: i64 = row.get("tries")?;
    Ok(WaitingRow {
        message_id: row.get("message_id")?,
        kind: if is_notice { Kind::NewDevice } else { Kind::SignIn },
        email: row.get("email")?,
        issued_at: UnixTime::from_secs(row.get("issued_at")?),
        expires_at: UnixTime::from_secs(row.get("expires_at")?),
        tries: u32::try_from(tries).unwrap_or_default(),
        network: row.get("network")?,
        trouble: row.get("trouble")?,
        stands,
    })
}
