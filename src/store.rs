//! The database: one layer of SQL between a flow and its rows. Each statement stands once, with `$1` placeholders.
//!
//! Whatever writes is a method of [`Step`], and a step commits as a whole or not at all ([`Store::step`]): no flow can
//! write half of something, and no statement can swallow the error of a commit, because none commits. What only reads
//! is a method of [`Store`], on connections that cannot write.
//!
//! [`sqlite`] opens the database; `writer` runs steps, several to a commit. Then a file a table: [`sessions`], [`outbox`],
//! [`limits`], [`audit`], [`gateway`]; [`devices`] and [`notices`] read and write parts of the first two in their own way;
//! [`cleanup`] for what has expired.

pub mod audit;
pub mod cleanup;
pub mod devices;
pub mod gateway;
pub mod limits;
pub mod notices;
pub mod outbox;
pub mod sessions;
pub mod sqlite;
mod writer;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sqlx::{SqliteConnection, SqlitePool, sqlite::SqliteConnectOptions};

/// The database could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("its folder cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    /// The transaction around a step failed, for this step and all that shared its commit.
    #[error("the commit failed: {0}")]
    Commit(Arc<sqlx::Error>),
    /// The step was not begun in time; nothing was written.
    #[error("the database is busy: no step could begin within {0} s")]
    Busy(u64),
    /// The step broke off in the middle, or the writer has ended; nothing was written.
    #[error("a step of the database panicked")]
    Panicked,
}

/// A migrated database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    readers: SqlitePool,
    writer: writer::Writer,
    endings: Arc<AtomicU64>,
}

/// A transaction under way: everything that may be written.
pub struct Step {
    connection: SqliteConnection,
    /// How to open the connection anew.
    options: SqliteConnectOptions,
    after_commit: Vec<AfterCommit>,
    /// Counts the sessions that were ended.
    endings: Arc<AtomicU64>,
}

/// Something to do once a step has committed, such as a line in the log: before that, it may not have happened.
type AfterCommit = Box<dyn FnOnce() + Send>;

impl Step {
    /// Has something done right after the commit; not at all, if the step fails.
    pub fn after_commit(&mut self, act: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(act));
    }
}

/// What a step does; boxed, because the writer holds steps of many kinds.
pub type StepFuture<'s, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 's>>;

impl Store {
    /// Runs `work` as one transaction and returns after its commit. A refusal is a result like any other: what the step
    /// wrote for it stays.
    ///
    /// A step that has begun is not cancelled: whoever waits for it may go away. Steps run one after the other, so what
    /// one reads no other changes before it has committed.
    ///
    /// # Errors
    /// If a statement or the commit fails, or no step could begin for some seconds. Then nothing was written.
    pub async fn step<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, T> + Send + 'static,
    {
        self.writer.run(work).await
    }

    /// Has `work` done soon, as a step of its own, without waiting for it: for bookkeeping that a busy or broken database
    /// may leave out.
    pub fn later<W>(&self, work: W)
    where
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, ()> + Send + 'static,
    {
        self.writer.push(work);
    }

    /// A number that is another one once a session was ended: what was read of sessions before may be wrong.
    pub fn endings(&self) -> u64 {
        self.endings.load(Ordering::Acquire)
    }

    /// Whether the database answers a reader. Says nothing of writing: `flow` finds that out by itself.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }
}
