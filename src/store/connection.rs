//! A connection to either database, and the transaction of a group of steps on it.
//!
//! PostgreSQL is a network away, so what needs no answer is not waited for: a statement that only writes is sent together
//! with the next one whose rows are wanted, or with the end of its step. The database works through them in order, and
//! one that fails makes all that follow fail, so that nothing is lost: the step fails with the first error.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};

use tokio_postgres::Client;

use super::{
    StoreError,
    sqlite::query,
    statement::{Row, Statement},
};
use crate::fail_point;

/// How long PostgreSQL may take for what is sent together. A database that is frozen, or a network that swallows
/// everything, would be waited for without end.
const LONGEST_ANSWER: Duration = Duration::from_secs(4);
/// The bounds of a transaction that writes, in milliseconds, which PostgreSQL itself keeps: how long it waits for the turn,
/// and after how long it gives up on an instance that was frozen in the middle, and holds up all others.
const BOUNDS: &str = "SET LOCAL lock_timeout = 3500; SET LOCAL idle_in_transaction_session_timeout = 2000";
/// Groups run one after the other over all instances, so that a step reads what no other changes, as on SQLite.
const TAKE_THE_TURN: &str = "SELECT id FROM _turn WHERE id = 1 FOR UPDATE";

/// An open connection.
#[derive(Debug)]
pub enum Connection {
    /// To SQLite's file.
    Sqlite(rusqlite::Connection),
    /// To PostgreSQL.
    Postgres(Pipeline),
}

/// A connection to PostgreSQL, and what is still to be sent on it.
#[derive(Debug)]
pub struct Pipeline {
    /// `None` once it is given up.
    client: Option<Client>,
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
    pub fn new(client: Client) -> Self {
        Self { client: Some(client), unsent: Vec::new(), commits: 0 }
    }

    /// Sends all that is unsent at once, and waits until the last of it is answered: its rows.
    ///
    /// # Errors
    /// The first one; or that nothing was heard for too long.
    async fn flush(&mut self) -> Result<Vec<Row>, StoreError> {
        let unsent = std::mem::take(&mut self.unsent);
        let Some(client) = &self.client else {
            return Err(StoreError::Away("the connection was given up".to_owned()));
        };
        let answers = all(unsent.iter().map(|unsent| -> Answer<'_> {
            Box::pin(async move {
                match unsent {
                    Unsent::Batch(batch) => client.batch_execute(batch).await.map(|()| Vec::new()),
                    Unsent::Statement(statement) => {
                        let values: Vec<_> = statement.values.iter().map(|value| value.typed()).collect();
                        client.query_typed(&statement.text, &values).await
                    }
                }
            })
        }));
        let silence = |_| StoreError::Away("PostgreSQL has fallen silent".to_owned());
        let mut last = Vec::new();
        for rows in tokio::time::timeout(LONGEST_ANSWER, answers).await.map_err(silence)? {
            last = rows?;
        }
        Ok(last.into_iter().map(Row::Postgres).collect())
    }

    fn batch(&mut self, batch: impl Into<String>) {
        self.unsent.push(Unsent::Batch(batch.into()));
    }
}

type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<tokio_postgres::Row>, tokio_postgres::Error>> + Send + 'a>>;

/// Waits for all of them. They are sent in their order: each is when it is first polled.
async fn all<'a>(
    answers: impl Iterator<Item = Answer<'a>>,
) -> Vec<Result<Vec<tokio_postgres::Row>, tokio_postgres::Error>> {
    let mut answers: Vec<_> = answers.map(|answer| (answer, None)).collect();
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

impl Connection {
    /// Runs a statement and gives its rows.
    ///
    /// # Errors
    /// If it fails, or one that was written before it.
    pub async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => query::rows(connection, statement),
            Self::Postgres(pipeline) => {
                fail_point::pass_statement(&statement.text);
                pipeline.unsent.push(Unsent::Statement(statement));
                pipeline.flush().await
            }
        }
    }

    /// Has a statement run whose rows nobody wants.
    ///
    /// # Errors
    /// If it fails; on PostgreSQL whatever comes after it fails instead, the step at the latest.
    pub async fn write(&mut self, statement: Statement) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => query::rows(connection, statement).map(drop),
            Self::Postgres(pipeline) => {
                fail_point::pass_statement(&statement.text);
                pipeline.unsent.push(Unsent::Statement(statement));
                Ok(())
            }
        }
    }

    /// Begins the transaction of a group; `apart`: with the savepoint of its first step.
    ///
    /// # Errors
    /// `Busy` if the turn does not come in time.
    pub async fn begin(&mut self, apart: bool) -> Result<(), StoreError> {
        let savepoint = if apart { "; SAVEPOINT step" } else { "" };
        match self {
            // Not DEFERRED: a transaction that has read cannot write any more once another process has written.
            Self::Sqlite(connection) => {
                connection.execute_batch(&format!("BEGIN IMMEDIATE{savepoint}"))?;
                Ok(())
            }
            Self::Postgres(pipeline) => {
                pipeline.unsent.clear();
                pipeline.batch(format!(
                    "BEGIN ISOLATION LEVEL READ COMMITTED; {BOUNDS}; {TAKE_THE_TURN}{savepoint}"
                ));
                pipeline.flush().await.map(drop)
            }
        }
    }

    /// Lets the writes of a step stay, and begins the savepoint of the next one.
    ///
    /// # Errors
    /// If one of them has failed.
    pub async fn release(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => {
                connection.execute_batch("RELEASE step; SAVEPOINT step")?;
                Ok(())
            }
            Self::Postgres(pipeline) => {
                pipeline.batch("RELEASE step; SAVEPOINT step");
                pipeline.flush().await.map(drop)
            }
        }
    }

    /// Takes back what a step has written; the savepoint then is that of the next one.
    ///
    /// # Errors
    /// If the transaction is lost.
    pub async fn undo(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch("ROLLBACK TO step")?),
            Self::Postgres(pipeline) => {
                pipeline.unsent.clear();
                pipeline.batch("ROLLBACK TO step");
                pipeline.flush().await.map(drop)
            }
        }
    }

    /// Commits a group. On PostgreSQL it leaves the `number` of the group in the row of this `instance`, with the time.
    ///
    /// # Errors
    /// If the commit fails, or its answer is lost ([`Self::last_commit`] finds it).
    pub async fn commit(&mut self, instance: &str, number: i64) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch("COMMIT")?),
            Self::Postgres(pipeline) => {
                // Both are ours: the id has hexadecimal digits only.
                pipeline.batch(format!(
                    "INSERT INTO instances (id, commits, beat_at) \
                     VALUES ('{instance}', {number}, EXTRACT(EPOCH FROM clock_timestamp())::BIGINT) \
                     ON CONFLICT (id) DO UPDATE SET commits = excluded.commits, beat_at = excluded.beat_at; \
                     COMMIT"
                ));
                pipeline.flush().await?;
                pipeline.commits += 1;
                Ok(())
            }
        }
    }

    /// Ends the transaction of a group that has failed.
    // Fails where the database has rolled back by itself, as SQLite does on a full disk.
    pub async fn roll_back(&mut self) {
        match self {
            Self::Sqlite(connection) => _ = connection.execute_batch("ROLLBACK"),
            Self::Postgres(pipeline) => {
                pipeline.unsent.clear();
                pipeline.batch("ROLLBACK");
                _ = pipeline.flush().await;
            }
        }
    }

    /// The number of the last group of this `instance` that PostgreSQL has committed. The turn is taken before it is read:
    /// a commit whose answer was lost may still be under way, and holds the turn until it has ended.
    ///
    /// # Errors
    /// If PostgreSQL cannot be asked.
    pub async fn last_commit(&mut self, instance: &str) -> Result<i64, StoreError> {
        let Self::Postgres(pipeline) = self else { return Ok(0) };
        pipeline.batch(format!("BEGIN ISOLATION LEVEL READ COMMITTED; {BOUNDS}; {TAKE_THE_TURN}"));
        pipeline.flush().await?;
        let last = super::statement::sql("SELECT commits FROM instances WHERE id = $1").bind(instance);
        pipeline.unsent.push(Unsent::Statement(last));
        let rows = pipeline.flush().await?;
        pipeline.batch("COMMIT");
        pipeline.flush().await?;
        rows.first().map_or(Ok(0), |row| row.get("commits"))
    }

    /// Whether a commit that was answered with an error has certainly not taken place.
    // SQLite may have written all of it, and have failed to sync it.
    pub fn fails_for_sure(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// A number that is another one once it has written something that was committed.
    pub fn changes(&self) -> u64 {
        match self {
            Self::Sqlite(connection) => connection.total_changes(),
            // Each commit leaves its number in the database.
            Self::Postgres(pipeline) => pipeline.commits,
        }
    }

    /// Whether it can be used no more.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Postgres(pipeline) if pipeline.client.as_ref().is_none_or(Client::is_closed))
    }

    /// Ends a connection to PostgreSQL without another word.
    pub fn abandon(&mut self) {
        if let Self::Postgres(pipeline) = self {
            pipeline.client = None;
        }
    }
}
