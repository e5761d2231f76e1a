//! The connection to PostgreSQL that writes.
//!
//! PostgreSQL is a network away, so what needs no answer is not waited for: a statement that only writes is sent together
//! with the next one whose rows are wanted, or with the end of its step. The database works through them in order, and
//! one that fails makes all that follow fail, so that nothing is lost: the step fails with the first error. [`mod@joined`] makes one
//! statement of many that put a row into the same table, and [`prepared`] spares PostgreSQL reading the same statement twice.

mod joined;
mod prepared;

use std::{
    future::{Future, poll_fn},
    task::Poll,
    time::Duration,
};

use tokio_postgres::{Client, SimpleQueryMessage, error::SqlState, types::ToSql};

use super::{
    StoreError,
    statement::{Row, Statement, sql},
};
use joined::joined;
use prepared::Prepared;

pub use prepared::Names;

/// How long PostgreSQL may take for what is sent together. A database that is frozen, or a network that swallows
/// everything, would be waited for without end.
const LONGEST_ANSWER: Duration = Duration::from_secs(4);
/// The bounds of a transaction that writes, in milliseconds, which PostgreSQL itself keeps: how long it waits for the turn,
/// and after how long it gives up on an instance that was frozen in the middle, and holds up all others. And the plan of a
/// statement is kept with its name: one that was made while a table was empty must do for a full one. Where a table has no index
/// to offer, PostgreSQL takes the plan for a costly one, and would compile it for a quarter of a second.
const BOUNDS: &str = "SET LOCAL lock_timeout = 3500; SET LOCAL idle_in_transaction_session_timeout = 2000; \
     SET LOCAL enable_seqscan = off; SET LOCAL jit = off";
/// Groups run one after the other over all instances, so that a step reads what no other changes, as on SQLite. It tells which
/// of PostgreSQL's processes this is; numbers begin anew with a restart, and on another machine.
const TAKE_THE_TURN: &str =
    "SELECT pg_backend_pid() || ' ' || pg_postmaster_start_time() FROM _turn WHERE id = 1 FOR UPDATE";

/// A connection, and what is still to be sent on it.
#[derive(Debug)]
pub struct Pipeline {
    /// `None` once it is given up.
    client: Option<Client>,
    // After the client: it is dropped after it.
    prepared: Prepared,
    unsent: Vec<Unsent>,
    /// How many groups were committed on it.
    commits: u64,
}

#[derive(Debug)]
enum Unsent {
    /// A statement with values.
    Statement(Statement),
    /// Statements of ours without any.
    Batch(String),
}

impl Pipeline {
    /// Begins with nothing to be sent.
    pub fn new(client: Client, names: Names) -> Self {
        Self { client: Some(client), prepared: Prepared::new(names), unsent: Vec::new(), commits: 0 }
    }

    /// Runs a statement and gives its rows.
    ///
    /// # Errors
    /// If it fails, or one that was written before it.
    pub async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        self.write(statement);
        self.flush().await
    }

    /// Has a statement run together with what comes next.
    pub fn write(&mut self, statement: Statement) {
        self.unsent.push(Unsent::Statement(statement));
    }

    /// Runs statements of ours without values, after all that is unsent.
    ///
    /// # Errors
    /// If one of them fails, or one that was written before.
    pub async fn batch(&mut self, batch: impl Into<String>) -> Result<(), StoreError> {
        self.unsent.push(Unsent::Batch(batch.into()));
        self.flush().await.map(drop)
    }

    /// As [`Self::batch`], and sends nothing that is unsent.
    ///
    /// # Errors
    /// If one of them fails.
    pub async fn batch_instead(&mut self, batch: impl Into<String>) -> Result<(), StoreError> {
        self.unsent.clear();
        self.batch(batch).await
    }

    /// Takes the turn and begins the transaction of a group, and then runs that.
    ///
    /// # Errors
    /// `Busy` if the turn does not come in time.
    pub async fn begin(&mut self, more: &str) -> Result<(), StoreError> {
        self.unsent.clear();
        let begin = format!("BEGIN ISOLATION LEVEL READ COMMITTED; {BOUNDS}; {TAKE_THE_TURN}{more}");
        let answers = in_time(self.client()?.simple_query(&begin)).await??;
        let backend = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        if let Some(backend) = backend {
            self.prepared.runs_in(backend);
        }
        Ok(())
    }

    /// Commits a group, and leaves its `number` in the row of this `instance`, with the time.
    ///
    /// # Errors
    /// If the commit fails, or its answer is lost ([`Self::last_commit`] finds it).
    pub async fn commit(&mut self, instance: &str, number: i64) -> Result<(), StoreError> {
        let note = sql("INSERT INTO instances (id, commits, beat_at) \
             VALUES ($1, $2, EXTRACT(EPOCH FROM clock_timestamp())::BIGINT) \
             ON CONFLICT (id) DO UPDATE SET commits = excluded.commits, beat_at = excluded.beat_at");
        self.write(note.bind(instance).bind(number));
        self.batch("COMMIT").await?;
        self.commits += 1;
        Ok(())
    }

    /// The number of the last group of this `instance` that was committed. The turn is taken before it is read.
    ///
    /// # Errors
    /// If PostgreSQL cannot be asked.
    pub async fn last_commit(&mut self, instance: &str) -> Result<i64, StoreError> {
        self.begin("").await?;
        let rows = self.rows(sql("SELECT commits FROM instances WHERE id = $1").bind(instance)).await?;
        self.batch("COMMIT").await?;
        rows.first().map_or(Ok(0), |row| row.get("commits"))
    }

    /// How many groups were committed on it.
    pub fn commits(&self) -> u64 {
        self.commits
    }

    /// Whether it can be used no more.
    pub fn is_closed(&self) -> bool {
        self.client.as_ref().is_none_or(Client::is_closed)
    }

    /// Ends the connection without another word.
    pub fn abandon(&mut self) {
        self.client = None;
    }

    fn client(&self) -> Result<&Client, StoreError> {
        self.client.as_ref().ok_or_else(|| StoreError::Away("the connection was given up".to_owned()))
    }

    /// Sends all that is unsent at once, and waits until the last of it is answered: its rows.
    ///
    /// # Errors
    /// The first one; or that nothing was heard for too long.
    async fn flush(&mut self) -> Result<Vec<Row>, StoreError> {
        let unsent = joined(std::mem::take(&mut self.unsent));
        let Some(client) = &self.client else { return self.client().map(|_| Vec::new()) };
        let statements = unsent.iter().filter_map(|unsent| match unsent {
            Unsent::Statement(statement) => Some(statement),
            Unsent::Batch(_) => None,
        });
        let mut answers = match in_time(self.prepared.learn(client, statements)).await? {
            Ok(()) => {
                let prepared = &self.prepared;
                in_time(all(unsent.iter().map(|unsent| answer(client, prepared, unsent)))).await?
            }
            Err(error) => vec![Err(error)],
        };
        if let Some(error) = answers.iter().find_map(|answer| answer.as_ref().err()) {
            if self.prepared.is_refused(error) {
                return Err(StoreError::Unprepared);
            }
            // "Cached plan must not change result type": a newer version has changed a table. On a new connection nothing is old.
            if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED) && self.commits > 0 {
                self.abandon();
                return Err(StoreError::Unprepared);
            }
        }
        let last = answers.pop().unwrap_or_else(|| Ok(Vec::new()));
        answers.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(last?.into_iter().map(Row::Postgres).collect())
    }
}

/// The rows of what was sent, or none.
async fn answer(
    client: &Client,
    prepared: &Prepared,
    unsent: &Unsent,
) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
    let statement = match unsent {
        Unsent::Batch(batch) => return client.batch_execute(batch).await.map(|()| Vec::new()),
        Unsent::Statement(statement) => statement,
    };
    match prepared.get(statement) {
        Some(named) => {
            let values: Vec<_> = statement.values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            client.query(named, &values).await
        }
        None => client.query_typed(&statement.text, &statement.typed()).await,
    }
}

/// # Errors
/// `Away` if it takes too long.
async fn in_time<T>(answer: impl Future<Output = T>) -> Result<T, StoreError> {
    let silence = |_| StoreError::Away("PostgreSQL has fallen silent".to_owned());
    tokio::time::timeout(LONGEST_ANSWER, answer).await.map_err(silence)
}

/// Waits for all of them. They are sent in their order: each is when it is first polled.
async fn all<T>(answers: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut answers: Vec<_> = answers.map(|answer| (Box::pin(answer), None)).collect();
    poll_fn(|context| {
        for (answer, ended) in &mut answers {
            if ended.is_none()
                && let Poll::Ready(rows) = answer.as_mut().poll(context)
            {
                *ended = Some(rows);
            }
        }
        if answers.iter().all(|(_, ended)| ended.is_some()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().filter_map(|(_, ended)| ended).collect()
}
