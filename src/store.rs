//! The database: one layer of SQL between a flow and its rows. Each statement stands once, with `$1` placeholders.
//!
//! Whatever writes is a method of [`Step`], and a step commits as a whole or not at all ([`Store::step`]): no flow can
//! write half of something, and no statement can swallow the error of a commit, because none commits. What only reads
//! is a method of [`Store`], on connections that cannot write.
//!
//! [`lock`] keeps a second server from an SQLite file, [`probe`] looks at a database without changing it, `files` knows what lies
//! beside one.
//!
//! `statement` is what runs, and gives rows, on SQLite and PostgreSQL alike; `connection` is where. `sqlite` and
//! `postgres` open the database; `writer` runs steps, several to a commit, [`ahead`] reads what these will read, and `counted` holds what they
//! count. Then a file a table: [`sessions`], [`outbox`],
//! [`limits`], [`audit`], [`tallies`], [`gateway`], [`instances`], [`operator_links`]; [`devices`], [`people`], [`notices`] and
//! [`waiting`] read and write parts of the first two in their own way; [`cleanup`] for what has expired, [`backup`] for copies of
//! SQLite's file.

pub mod ahead;
pub mod audit;
pub mod backup;
pub mod cleanup;
mod connection;
mod counted;
pub mod devices;
mod files;
pub mod gateway;
pub mod instances;
pub mod limits;
pub mod lock;
pub mod notices;
pub mod operator_links;
pub mod outbox;
pub mod people;
mod pipeline;
#[cfg(test)]
mod plans;
mod postgres;
pub mod probe;
pub mod sessions;
mod sqlite;
mod statement;
pub mod tallies;
pub mod waiting;
mod writer;

use std::{
    future::Future,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use crate::{config::DatabaseUrl, metrics::Metrics};
use ahead::{Reads, SessionsAhead};
use connection::Connection;
use counted::Counted;
use statement::{Row, Statement, sql, sql_in, sql_row};

/// The database could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    // Without its DETAIL, which may quote a row.
    #[error("{}", postgres::reason(.0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("its tables are not ours to use: {0}")]
    Schema(String),
    /// Two servers would take each other's mails.
    #[error("{0} serves from this file already")]
    Served(String),
    /// Nobody has made it yet.
    #[error("it is not there, or has no tables yet: the first start of the server makes them")]
    Missing,
    /// The file that SQLite has open is no longer the one at its path: what is written would be lost at the next start.
    #[error(
        "its file is gone, or another one has taken its place: what is written is lost at the next start"
    )]
    Replaced,
    #[error("it, or its folder, cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    /// A row that no Postern has written, or a value that cannot be.
    #[error("the column {column} cannot be read or written: {source}")]
    Column { column: &'static str, source: Box<dyn std::error::Error + Send + Sync> },
    /// The transaction around a step failed, for this step and all that shared its commit.
    #[error("the commit failed: {0}")]
    Commit(Arc<StoreError>),
    /// It could not be done in time; nothing was written.
    #[error("the database is busy: its turn did not come within {0} s")]
    Busy(u64),
    /// PostgreSQL cannot be reached; nothing was written.
    #[error("the database is away: {0}")]
    Away(String),
    /// PostgreSQL is there and refuses us, or cannot prove who it is. Only the operator can mend that.
    #[error("the database refuses us: {0}")]
    Refused(String),
    /// PostgreSQL went away in the middle of a commit and did not come back to tell how that ended.
    #[error("the database went away in a commit: whether it was written is not known")]
    Unknown,
    /// PostgreSQL does not know a statement by its name; nothing was written. The same again is sent without names.
    #[error("the database knows no names of statements")]
    Unprepared,
    /// The step broke off in the middle; nothing was written.
    #[error("a step of the database panicked")]
    Panicked,
    /// The process is ending; nothing was read or written.
    #[error("the database is closed: the process is ending")]
    Closed,
}

/// Whose tables a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// None: the first start of the server makes them.
    Missing,
    /// Of an older Postern: the next start of the server brings them up to date.
    Older,
    /// Those of this version.
    Current,
}

/// Whose tables those are that have run the migrations `done`; `ours` are those of this version.
///
/// # Errors
/// `Schema` if a newer Postern has migrated them.
fn tables_after(done: &[i64], ours: impl Iterator<Item = i64>) -> Result<Tables, StoreError> {
    let ours: Vec<i64> = ours.collect();
    if done.iter().any(|version| !ours.contains(version)) {
        return Err(StoreError::Schema("a newer Postern has migrated them; use its binary".to_owned()));
    }
    Ok(if ours.iter().all(|version| done.contains(version)) { Tables::Current } else { Tables::Older })
}

impl Tables {
    /// # Errors
    /// If they are not those of this version: a command makes none, and knows no others.
    fn must_be_current(self) -> Result<(), StoreError> {
        match self {
            Self::Current => Ok(()),
            Self::Missing => Err(StoreError::Missing),
            Self::Older => Err(StoreError::Schema(
                "an older Postern has made them; start this one's server once, which brings them up to date"
                    .to_owned(),
            )),
        }
    }
}

impl StoreError {
    /// The kind, in a word of ours, which tells nothing of any row.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => "busy",
                Some(rusqlite::ErrorCode::DiskFull) => "full",
                Some(rusqlite::ErrorCode::ReadOnly) => "read_only",
                Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => "damaged",
                _ => "failed",
            },
            Self::Commit(error) => error.kind(),
            Self::Busy(_) => "busy",
            Self::Away(_) => "away",
            Self::Refused(_) => "refused",
            Self::Replaced => "replaced",
            Self::Unknown => "unknown",
            _ if self.is_busy() => "busy",
            _ if self.is_lost() => "away",
            _ => "failed",
        }
    }

    /// Whether it is about what was to be written, and not about the database: something else may be written all the same.
    pub fn is_about_the_work(&self) -> bool {
        self.kind() == "failed"
    }
}

/// A migrated database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    readers: Readers,
    writer: writer::Writer,
    endings: Arc<AtomicU64>,
    metrics: Arc<Metrics>,
    proof: Proof,
}

/// When a step was last committed that has written something.
type Proof = Arc<Mutex<Option<Instant>>>;

/// The connections that only read.
#[derive(Clone, Debug)]
enum Readers {
    Sqlite(Arc<sqlite::File>),
    Postgres(Arc<postgres::Server>),
}

/// A transaction under way: everything that may be written.
pub struct Step {
    connection: Connection,
    /// How to open the connection anew.
    opener: Opener,
    /// The id of this process among those that share the database.
    instance: Arc<str>,
    sessions_ahead: SessionsAhead,
    counted: Counted,
    after_commit: Vec<AfterCommit>,
    /// Counts the sessions that were ended.
    endings: Arc<AtomicU64>,
    metrics: Arc<Metrics>,
    proof: Proof,
}

/// How the connection that writes is opened.
enum Opener {
    Sqlite { file: Arc<sqlite::File>, bell: sqlite::checkpoint::Bell },
    Postgres(Arc<postgres::Server>),
}

impl Opener {
    /// # Errors
    /// If that cannot be done now.
    async fn open(&self) -> Result<Connection, StoreError> {
        Ok(match self {
            Self::Sqlite { file, .. } => Connection::Sqlite(file.connect()?),
            Self::Postgres(server) => Connection::Postgres(server.pipeline(server.connect().await?)),
        })
    }
}

/// Something to do once a step has committed, such as a line in the log: before that, it may not have happened.
type AfterCommit = Box<dyn FnOnce() + Send>;

impl Step {
    fn new(connection: Connection, opener: Opener) -> Self {
        let (counted, after_commit) = (Counted::default(), Vec::new());
        let (endings, metrics, proof) = (Arc::default(), Arc::default(), Arc::default());
        Self {
            connection,
            opener,
            instance: instances::random_id(),
            sessions_ahead: SessionsAhead::default(),
            counted,
            after_commit,
            endings,
            metrics,
            proof,
        }
    }

    /// Where this process counts.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// Has something done right after the commit; not at all, if the step fails.
    pub fn after_commit(&mut self, act: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(act));
    }
}

/// What a step does; boxed, because the writer holds steps of many kinds.
pub type StepFuture<'s, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 's>>;

impl Store {
    /// Opens the database that `url` names, and brings its tables up to date. An SQLite file is made where it is missing.
    ///
    /// # Errors
    /// If it cannot be opened, or its tables are those of a newer Postern that this one does not work with.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        match url {
            DatabaseUrl::Sqlite(url) => Self::open_sqlite(url).await,
            DatabaseUrl::Postgres(url) => Self::open_postgres(url).await,
        }
    }

    /// The file that `url` names; `None` for a database that is none.
    ///
    /// # Errors
    /// If it is an SQLite database without a file.
    pub fn file(url: &DatabaseUrl) -> Result<Option<PathBuf>, StoreError> {
        match url {
            DatabaseUrl::Sqlite(url) => sqlite::path(url).map(Some),
            DatabaseUrl::Postgres(_) => Ok(None),
        }
    }

    /// As [`Self::open`], for a command beside a running server: nothing is made or migrated. On PostgreSQL it leaves a row
    /// in `instances` if it writes, as every instance does.
    ///
    /// # Errors
    /// If the database is not there, or its tables are not those of this version.
    pub async fn open_beside(url: &DatabaseUrl) -> Result<Self, StoreError> {
        match url {
            DatabaseUrl::Sqlite(url) => Self::open_sqlite_beside(url).await,
            DatabaseUrl::Postgres(url) => Self::open_postgres_beside(url).await,
        }
    }

    /// With `step` as the one that writes.
    fn new(readers: Readers, step: Step) -> Self {
        let (endings, metrics, proof) = (Arc::clone(&step.endings), step.metrics(), Arc::clone(&step.proof));
        Self { readers, writer: writer::Writer::start(step), endings, metrics, proof }
    }

    /// Where this process counts.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// Steps that wait for their turn to write.
    pub fn steps_waiting(&self) -> usize {
        self.writer.waiting()
    }

    /// Whether other processes may work on the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self.readers, Readers::Postgres(_))
    }

    /// Runs `work` as one transaction and returns after its commit. A refusal is a result like any other: what the step
    /// wrote for it stays.
    ///
    /// A step that has begun is not cancelled: whoever waits for it may go away. Steps run one after the other, those of
    /// all instances, so what one reads no other changes before it has committed. One that PostgreSQL has undone may be
    /// run again, from the beginning.
    ///
    /// # Errors
    /// If a statement or the commit fails, or no step could begin for some seconds. Then nothing was written, except where
    /// the error is `Unknown`.
    pub async fn step<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, T> + Clone + Send + 'static,
    {
        self.run(work, Reads::default(), true).await
    }

    /// As [`Self::step`], for one that is going to read that: it need not wait for each of it.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub async fn step_reading<T, W>(&self, reads: Reads, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, T> + Clone + Send + 'static,
    {
        self.run(work, reads, true).await
    }

    /// As [`Self::step`], but returns before the disk has it: some other commit, or a second without one, takes it there.
    /// For what happens once more by itself where a power cut undoes it, and what nobody was promised. Steps reach the disk
    /// in their order, and the end of this process undoes none. On PostgreSQL it is the same as [`Self::step`].
    ///
    /// # Errors
    /// As [`Self::step`].
    pub async fn step_unsynced<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, T> + Clone + Send + 'static,
    {
        self.run(work, Reads::default(), false).await
    }

    async fn run<T, W>(&self, work: W, reads: Reads, synced: bool) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, T> + Clone + Send + 'static,
    {
        let asked = Instant::now();
        let done = self.writer.run(work, reads, synced).await;
        self.metrics.step(asked.elapsed(), done.as_ref().err().map(StoreError::kind));
        done
    }

    /// Has `work` done soon, as a step of its own, without waiting for it: for bookkeeping that a busy or broken database
    /// may leave out.
    pub fn later<W>(&self, work: W)
    where
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, ()> + Clone + Send + 'static,
    {
        self.writer.push(work);
    }

    /// Has all written that was to be written by now, and closes every connection. Nothing is read or written afterwards. An
    /// SQLite database then is one file, unless another process has it open.
    pub async fn close(&self) {
        self.writer.close().await;
    }

    /// Whether an SQLite file is the whole database, without the files beside it. On PostgreSQL nothing is beside it.
    pub fn is_whole(&self) -> bool {
        match &self.readers {
            Readers::Sqlite(file) => file.is_whole(),
            Readers::Postgres(_) => true,
        }
    }

    /// A number that is another one once a session was ended: what was read of sessions before may be wrong.
    pub fn endings(&self) -> u64 {
        self.endings.load(Ordering::Acquire)
    }

    /// The bytes that the database takes.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub async fn size(&self) -> Result<u64, StoreError> {
        match &self.readers {
            Readers::Sqlite(file) => Ok(file.size()?),
            Readers::Postgres(server) => server.size().await,
        }
    }

    /// The number that a statement has `found`.
    ///
    /// # Errors
    /// If the database fails.
    async fn number(&self, statement: Statement) -> Result<u64, StoreError> {
        let rows = self.rows(statement).await?;
        let number: i64 = rows.first().map_or(Ok(0), |row| row.get("found"))?;
        Ok(u64::try_from(number).unwrap_or_default())
    }

    /// Runs a statement that only reads.
    ///
    /// # Errors
    /// If it fails, or no answer comes in time.
    async fn rows(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        match &self.readers {
            Readers::Sqlite(file) => file.rows(statement),
            Readers::Postgres(server) => server.rows(statement).await,
        }
    }
}
