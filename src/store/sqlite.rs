//! SQLite: a file, one connection that writes, a few that read.
//!
//! A statement runs in the thread that asks for it: it takes some ten microseconds, and to hand it to another thread and back
//! takes longer than that (docs/decisions/0020-sqlite-in-the-thread-that-asks.md). Only commits wait for the disk, and the
//! writer has a thread of its own.

pub mod query;

use std::{
    fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    str::FromStr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use sqlx::{ConnectOptions as _, Connection as _, migrate::MigrateError, sqlite::SqliteConnectOptions};

use super::{
    Opener, Readers, Step, Store, StoreError, connection,
    statement::{Row, Statement},
};
use crate::fail_point;

/// How long a statement that writes waits for another process that holds the lock of the database.
const BUSY: Duration = Duration::from_secs(4);
/// As [`BUSY`], for one that reads, which seldom waits for anybody: the thread can do nothing else meanwhile.
const READER_BUSY: Duration = Duration::from_millis(250);
/// As [`BUSY`], for the one that proves that it could write.
const PROBER_BUSY: Duration = Duration::from_secs(1);
/// Bytes of the write-ahead log that are kept for the next writes.
const LARGEST_LOG: i64 = 64 << 20;
/// Statements that a connection keeps prepared.
const PREPARED: usize = 256;

impl Store {
    /// Opens an SQLite file, makes it where it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// If it cannot be opened, or was migrated by a newer Postern.
    pub(super) async fn open_sqlite(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url).map_err(MigrateError::Execute)?;
        let file = Arc::new(File::new(options.get_filename().to_owned()));
        if let Some(folder) = file.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        // First of all by us: whoever makes the file says how it keeps its log.
        let connection = file.connect()?;
        fail_point::enter("migrate");
        let mut migrating = options.busy_timeout(BUSY).connect().await.map_err(MigrateError::Execute)?;
        sqlx::migrate!("./migrations/sqlite").run(&mut migrating).await?;
        migrating.close().await.map_err(MigrateError::Execute)?;
        let connection = connection::Connection::Sqlite(connection);
        let step = Step::new(connection, Opener::Sqlite(Arc::clone(&file)));
        Ok(Self::new(Readers::Sqlite(file), step))
    }
}

/// A database file, and the connections that read it. Readers never wait for the writer (WAL).
pub struct File {
    path: PathBuf,
    /// Those that are not in use; there are never more than threads that read at the same time.
    readers: Mutex<Vec<Connection>>,
    /// The one that [`File::probe`] writes with.
    prober: Mutex<Option<Connection>>,
    /// Device and number of the file that was opened first.
    opened: OnceLock<(u64, u64)>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("path", &self.path).finish_non_exhaustive()
    }
}

impl File {
    fn new(path: PathBuf) -> Self {
        Self { path, readers: Mutex::default(), prober: Mutex::default(), opened: OnceLock::new() }
    }

    /// Opens a connection that writes.
    ///
    /// # Errors
    /// If that cannot be done now.
    pub fn connect(&self) -> Result<Connection, StoreError> {
        let connection =
            self.open(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A request that was answered survives a power cut, not only a crash. NORMAL would be faster, and would lose
        // answers that were given.
        connection.pragma_update(None, "synchronous", "FULL")?;
        // After a burst the log beside the database gives its space back.
        connection.pragma_update(None, "journal_size_limit", LARGEST_LOG)?;
        fail_point::watch(&connection)?;
        if let Some(identity) = self.identity() {
            self.opened.get_or_init(|| identity);
        }
        Ok(connection)
    }

    /// Device and number of the file at the path.
    fn identity(&self) -> Option<(u64, u64)> {
        fs::metadata(&self.path).ok().map(|file| (file.dev(), file.ino()))
    }

    /// # Errors
    /// `Replaced` if the file at the path is another one than that which is open.
    pub fn is_in_place(&self) -> Result<(), StoreError> {
        let is_other = self.opened.get().is_some_and(|opened| self.identity() != Some(*opened));
        if is_other { Err(StoreError::Replaced) } else { Ok(()) }
    }

    /// Writes a row and takes it back, through a connection that syncs nothing: its pages are in the log beside the database
    /// meanwhile, so a disk without room is found. Whoever writes next writes over them.
    ///
    /// # Errors
    /// Why it could not be written.
    // Rejected: an empty BEGIN IMMEDIATE, which touches no disk and passes on a full one; a file of its own beside the
    // database, which tells of the folder and not of the database.
    pub fn probe(&self) -> Result<(), StoreError> {
        let mut kept = self.prober.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match kept.take() {
            Some(connection) => connection,
            None => {
                let connection = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE, PROBER_BUSY)?;
                // It commits nothing, so nothing of what it writes has to last.
                connection.pragma_update(None, "synchronous", "OFF")?;
                connection
            }
        };
        connection.execute_batch(
            "BEGIN IMMEDIATE; INSERT INTO limits (counted, arrival_ms) VALUES ('probe', 0) ON CONFLICT DO NOTHING",
        )?;
        connection.cache_flush()?;
        connection.execute_batch("ROLLBACK")?;
        // One that has failed is closed, and what it wrote taken back with it.
        *kept = Some(connection);
        Ok(())
    }

    /// The bytes of the file and of the log beside it.
    ///
    /// # Errors
    /// If the file cannot be looked at.
    pub fn size(&self) -> io::Result<u64> {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        Ok(fs::metadata(&self.path)?.len() + fs::metadata(log).map_or(0, |log| log.len()))
    }

    fn open(&self, flags: OpenFlags, busy: Duration) -> Result<Connection, StoreError> {
        // A connection belongs to whoever holds it.
        let connection = Connection::open_with_flags(&self.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(busy)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(connection)
    }

    /// Runs a statement that only reads.
    ///
    /// # Errors
    /// If it fails.
    pub fn rows(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let connection = match self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            Some(connection) => connection,
            // Not read-only: whoever comes first after a crash puts the log in order.
            None => {
                let connection = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE, READER_BUSY)?;
                connection.pragma_update(None, "query_only", true)?;
                connection
            }
        };
        let rows = query::rows(&connection, statement)?;
        // One that has failed is not used again.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(rows)
    }
}
