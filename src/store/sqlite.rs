//! SQLite: a file, one connection that writes, a few that read.
//!
//! A statement runs in the thread that asks for it: it takes some ten microseconds, and to hand it to another thread and back
//! takes longer than that (docs/decisions/0020-sqlite-in-the-thread-that-asks.md). Only commits wait for the disk, and the
//! writer has a thread of its own.

pub mod checkpoint;
pub mod query;

use std::{
    fmt, fs, io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use sqlx::{
    ConnectOptions as _, Connection as _,
    migrate::{MigrateError, Migrator},
    sqlite::SqliteConnectOptions,
};

use super::{
    Opener, Readers, Step, Store, StoreError, Tables, connection,
    files::{LOG, beside, leave_to_its_user},
    statement::{Row, Statement},
    tables_after,
};
use crate::fail_point;

/// The tables, file by file.
pub(super) static FILES: Migrator = sqlx::migrate!("./migrations/sqlite");

/// How long a statement that writes waits for another process that holds the lock of the database.
pub const BUSY: Duration = Duration::from_secs(4);
/// As [`BUSY`], for one that reads, which seldom waits for anybody: the thread can do nothing else meanwhile.
const READER_BUSY: Duration = Duration::from_millis(250);
/// As [`BUSY`], for the one that proves that it could write.
const PROBER_BUSY: Duration = Duration::from_secs(1);
/// Bytes of the write-ahead log that are kept for the next writes.
const LARGEST_LOG: i64 = 64 << 20;
/// How long the end of the process waits for a read that is under way.
const LONGEST_READ: Duration = Duration::from_secs(1);
/// Kibibytes of pages that the writer keeps: those that it changes again and again, of tables that have grown. What a reader keeps
/// is worth nothing after the next commit.
const KEPT_PAGES: i64 = 16 << 10;
/// Statements that a connection keeps prepared.
const PREPARED: usize = 256;

impl Store {
    /// Opens an SQLite file, makes it where it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// If it cannot be opened, or was migrated by a newer Postern.
    pub(super) async fn open_sqlite(url: &str) -> Result<Self, StoreError> {
        Self::open_file(path(url)?).await
    }

    /// As [`Self::open_sqlite`], by the path of the file.
    ///
    /// # Errors
    /// If it cannot be opened, or was migrated by a newer Postern.
    pub(super) async fn open_file(path: PathBuf) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().filename(&path);
        let file = Arc::new(File::new(path));
        if let Some(folder) = file.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        file.make()?;
        // First of all by us: whoever makes the file says how it keeps its log.
        let connection = file.connect()?;
        fail_point::enter("migrate");
        let mut migrating = options.busy_timeout(BUSY).connect().await.map_err(MigrateError::Execute)?;
        FILES.run(&mut migrating).await?;
        migrating.close().await.map_err(MigrateError::Execute)?;
        Ok(Self::on_file(file, connection))
    }

    /// As [`Self::open_sqlite`], beside a running server: nothing is made or migrated.
    ///
    /// # Errors
    /// `Missing` if there is no such file, or it has no tables; `Schema` if they are not those of this version.
    pub(super) async fn open_sqlite_beside(url: &str) -> Result<Self, StoreError> {
        let file = Arc::new(File::new(path(url)?));
        if !file.path.is_file() {
            return Err(StoreError::Missing);
        }
        let connection = file.connect()?;
        tables(&connection)?.must_be_current()?;
        Ok(Self::on_file(file, connection))
    }

    fn on_file(file: Arc<File>, connection: Connection) -> Self {
        let connection = connection::Connection::Sqlite(connection);
        let opener =
            Opener::Sqlite { bell: checkpoint::start(Arc::downgrade(&file)), file: Arc::clone(&file) };
        let step = Step::new(connection, opener);
        Self::new(Readers::Sqlite(file), step)
    }
}

/// The file that a URL names, by the one name that it has: two links to one file are one database.
///
/// # Errors
/// If it is no such URL.
pub(super) fn path(url: &str) -> Result<PathBuf, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(MigrateError::Execute)?;
    let path = options.get_filename();
    let folder = || Some(fs::canonicalize(path.parent()?).ok()?.join(path.file_name()?));
    Ok(fs::canonicalize(path).ok().or_else(folder).unwrap_or_else(|| path.to_owned()))
}

/// Whose tables a file has, and whether it can be written: a table is made and taken back.
///
/// # Errors
/// If it cannot be read; `Schema` if a newer Postern has migrated it.
pub(super) fn look_at(path: &Path) -> Result<(Tables, Result<(), StoreError>), StoreError> {
    let connection = File::new(path.to_owned()).open(OpenFlags::SQLITE_OPEN_READ_WRITE, BUSY)?;
    let tables = tables(&connection)?;
    // As in `File::probe`, with a patience of its own, and where there is no table yet.
    let write = || {
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.execute_batch("BEGIN IMMEDIATE; CREATE TABLE _probe (id)")?;
        connection.cache_flush()?;
        connection.execute_batch("ROLLBACK")
    };
    let written = write();
    // Whoever closes last puts the log of a crash into the file, and takes it away: not before that has reached the disk.
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok((tables, written.map_err(StoreError::from)))
}

/// Whose tables they are.
///
/// # Errors
/// If they cannot be read; `Schema` if a newer Postern has migrated them.
fn tables(connection: &Connection) -> Result<Tables, StoreError> {
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    if connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(Tables::Missing);
    }
    let mut done =
        connection.prepare("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")?;
    let done = done.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
    tables_after(&done, FILES.iter().map(|file| file.version))
}

/// A database file, and the connections that read it. Readers never wait for the writer (WAL).
pub struct File {
    path: PathBuf,
    readers: Mutex<Shelf>,
    /// Rung when a connection that reads is not in use any more.
    put_back: Condvar,
    /// The one that [`File::probe`] writes with.
    prober: Mutex<Option<Connection>>,
    /// Device and number of the file that was opened first.
    opened: OnceLock<(u64, u64)>,
}

/// The connections that read; there are never more than threads that read at the same time.
#[derive(Default)]
struct Shelf {
    idle: Vec<Connection>,
    in_use: usize,
    /// The process is ending: nothing is read any more.
    is_closed: bool,
}

/// A connection that reads, in use. One that has failed is not used again.
struct Taken<'f> {
    file: &'f File,
    connection: Option<Connection>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut shelf = self.file.shelf();
        shelf.in_use -= 1;
        let is_closed = shelf.is_closed;
        shelf.idle.extend(self.connection.take().filter(|_| !is_closed));
        drop(shelf);
        self.file.put_back.notify_all();
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("path", &self.path).finish_non_exhaustive()
    }
}

impl File {
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            readers: Mutex::default(),
            put_back: Condvar::new(),
            prober: Mutex::default(),
            opened: OnceLock::new(),
        }
    }

    /// Makes the file where it is missing; SQLite takes an empty one for a new database. What SQLite puts beside it belongs to
    /// whom it belongs.
    ///
    /// # Errors
    /// If it cannot be made.
    fn make(&self) -> io::Result<()> {
        // For its owner alone.
        match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path) {
            Ok(_) => {
                let folder = self.path.parent().unwrap_or(&self.path);
                leave_to_its_user(&self.path, folder)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Opens a connection that writes.
    ///
    /// # Errors
    /// If that cannot be done now.
    pub fn connect(&self) -> Result<Connection, StoreError> {
        let connection =
            self.open(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // After a burst the log beside the database gives its space back.
        connection.pragma_update(None, "journal_size_limit", LARGEST_LOG)?;
        connection.pragma_update(None, "wal_autocheckpoint", checkpoint::BACKSTOP)?;
        // A negative number is one of kibibytes.
        connection.pragma_update(None, "cache_size", -KEPT_PAGES)?;
        // What a savepoint may take back, and what is sorted, needs no file.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        if let Some(identity) = self.identity() {
            self.opened.get_or_init(|| identity);
        }
        Ok(connection)
    }

    /// Has the disk take the log beside the database.
    ///
    /// # Errors
    /// If it does not, and the database does not take what is in the log.
    pub fn sync_log(&self) -> Result<(), StoreError> {
        let log = fs::File::open(beside(&self.path, LOG)).and_then(|log| log.sync_data());
        // What the disk has refused once the system does not offer it again, and all that follows in the log would be lost behind
        // it. The system still has it in memory, and the database can take it from there.
        log.or_else(|_| self.copy_log())
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
        if self.shelf().is_closed {
            return Err(StoreError::Closed);
        }
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
        Ok(fs::metadata(&self.path)?.len() + fs::metadata(beside(&self.path, LOG)).map_or(0, |log| log.len()))
    }

    fn open(&self, flags: OpenFlags, busy: Duration) -> Result<Connection, StoreError> {
        // A connection belongs to whoever holds it.
        let connection = Connection::open_with_flags(&self.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(busy)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Or each statement with a LIMIT would be planned anew whenever that is bound.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(connection)
    }

    /// Runs a statement that only reads.
    ///
    /// # Errors
    /// If it fails.
    pub fn rows(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        self.read(|connection| query::rows(connection, statement))
    }

    /// Lends a connection that cannot change a row.
    ///
    /// # Errors
    /// If `work` fails, or there is no connection to be had.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut shelf = self.shelf();
        if shelf.is_closed {
            return Err(StoreError::Closed);
        }
        let idle = shelf.idle.pop();
        shelf.in_use += 1;
        drop(shelf);
        let mut taken = Taken { file: self, connection: None };
        let connection = match idle {
            Some(connection) => connection,
            // Not read-only: whoever comes first after a crash puts the log in order.
            None => {
                let connection = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE, READER_BUSY)?;
                connection.pragma_update(None, "query_only", true)?;
                connection
            }
        };
        let done = work(&connection)?;
        taken.connection = Some(connection);
        Ok(done)
    }

    /// Closes the database for good, with the `writer` as the last connection of this process. If it is the last of all, the
    /// log goes into the file and both files beside it are gone. Where another process has it open the log stays, and nobody
    /// waits for that one.
    pub fn close(&self, writer: Connection) {
        let mut shelf = self.shelf();
        shelf.is_closed = true;
        shelf.idle.clear();
        let waited = self.put_back.wait_timeout_while(shelf, LONGEST_READ, |shelf| shelf.in_use > 0);
        drop(waited);
        self.prober.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Err((_, error)) = writer.close() {
            tracing::warn!(%error, "the log beside the database could not be put into it");
        }
    }

    /// Whether the file is the whole database: there is no log beside it with something in it.
    pub fn is_whole(&self) -> bool {
        fs::metadata(beside(&self.path, LOG)).map_or(true, |log| log.len() == 0)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
