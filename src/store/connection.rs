//! A connection to either database, and the transaction of a group of steps on it.

use super::{
    StoreError,
    pipeline::Pipeline,
    sqlite::query,
    statement::{Row, Statement},
};
use crate::fail_point;

/// An open connection.
#[derive(Debug)]
pub enum Connection {
    /// To SQLite's file.
    Sqlite(rusqlite::Connection),
    /// To PostgreSQL.
    Postgres(Pipeline),
}

impl Connection {
    /// Runs a statement and gives its rows.
    ///
    /// # Errors
    /// If it fails, or one that was written before it.
    pub async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        fail_point::pass_statement(&statement.text);
        match self {
            Self::Sqlite(connection) => query::rows(connection, statement),
            Self::Postgres(pipeline) => pipeline.rows(statement).await,
        }
    }

    /// Has a statement run whose rows nobody wants.
    ///
    /// # Errors
    /// If it fails; on PostgreSQL whatever comes after it fails instead, the step at the latest.
    pub async fn write(&mut self, statement: Statement) -> Result<(), StoreError> {
        fail_point::pass_statement(&statement.text);
        match self {
            Self::Sqlite(connection) => query::rows(connection, statement).map(drop),
            Self::Postgres(pipeline) => {
                pipeline.write(statement);
                Ok(())
            }
        }
    }

    /// Begins the transaction of a group. `apart`: with the savepoint of its first step; `synced`: whether its commit waits
    /// until the disk has it, which those on PostgreSQL always do.
    ///
    /// # Errors
    /// `Busy` if the turn does not come in time.
    pub async fn begin(&mut self, apart: bool, synced: bool) -> Result<(), StoreError> {
        let savepoint = if apart { "; SAVEPOINT step" } else { "" };
        match self {
            Self::Sqlite(connection) => {
                // With NORMAL the log is synced before it is copied, and whole commits are what a power cut leaves of it.
                let level = if synced { "FULL" } else { "NORMAL" };
                // Not DEFERRED: a transaction that has read cannot write any more once another process has written.
                Ok(connection
                    .execute_batch(&format!("PRAGMA synchronous = {level}; BEGIN IMMEDIATE{savepoint}"))?)
            }
            // What a standby takes over must have all that has left: its mails would leave twice.
            Self::Postgres(pipeline) => pipeline.begin(savepoint).await,
        }
    }

    /// Lets the writes of a step stay, and begins the savepoint of the next one.
    ///
    /// # Errors
    /// If one of them has failed.
    pub async fn release(&mut self) -> Result<(), StoreError> {
        let release = "RELEASE step; SAVEPOINT step";
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(release)?),
            Self::Postgres(pipeline) => pipeline.batch(release).await,
        }
    }

    /// Takes back what a step has written; the savepoint then is that of the next one.
    ///
    /// # Errors
    /// If the transaction is lost.
    pub async fn undo(&mut self) -> Result<(), StoreError> {
        let undo = "ROLLBACK TO step";
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(undo)?),
            Self::Postgres(pipeline) => pipeline.batch_instead(undo).await,
        }
    }

    /// Commits a group. On PostgreSQL it leaves the `number` of the group in the row of this `instance`, with the time.
    ///
    /// # Errors
    /// If the commit fails, or its answer is lost ([`Self::last_commit`] finds it).
    pub async fn commit(&mut self, instance: &str, number: i64) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch("COMMIT")?),
            Self::Postgres(pipeline) => pipeline.commit(instance, number).await,
        }
    }

    /// Ends the transaction of a group that has failed.
    // Fails where the database has rolled back by itself, as SQLite does on a full disk.
    pub async fn roll_back(&mut self) {
        match self {
            Self::Sqlite(connection) => _ = connection.execute_batch("ROLLBACK"),
            Self::Postgres(pipeline) => _ = pipeline.batch_instead("ROLLBACK").await,
        }
    }

    /// The number of the last group of this `instance` that PostgreSQL has committed. The turn is taken before it is read:
    /// a commit whose answer was lost may still be under way, and holds the turn until it has ended.
    ///
    /// # Errors
    /// If PostgreSQL cannot be asked.
    pub async fn last_commit(&mut self, instance: &str) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite(_) => Ok(0),
            Self::Postgres(pipeline) => pipeline.last_commit(instance).await,
        }
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
            Self::Postgres(pipeline) => pipeline.commits(),
        }
    }

    /// Whether it can be used no more.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Postgres(pipeline) if pipeline.is_closed())
    }

    /// Ends a connection to PostgreSQL without another word.
    pub fn abandon(&mut self) {
        if let Self::Postgres(pipeline) = self {
            pipeline.abandon();
        }
    }
}
