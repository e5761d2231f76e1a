//! SQLite: a file, one connection that writes, a few that read.
//!
//! A statement runs in the thread that asks for it: it takes some ten microseconds, and to hand it to another thread and back
//! takes longer than that (docs/decisions/0020-sqlite-in-the-thread-that-asks.md). Only commits wait for the disk, and the
//! writer has a thread of its own.

use std::{
    collections::HashMap,
    fmt,
    path::PathBuf,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, params_from_iter, types};
use sqlx::{ConnectOptions as _, Connection as _, migrate::MigrateError, sqlite::SqliteConnectOptions};

use super::{
    Opener, Readers, Step, Store, StoreError, connection,
    statement::{Row, Statement, Value},
    writer::Writer,
};
use crate::fail_point;

/// How long a statement that writes waits for another process that holds the lock of the database.
const BUSY: Duration = Duration::from_secs(4);
/// As [`BUSY`], for one that reads, which seldom waits for anybody: the thread can do nothing else meanwhile.
const READER_BUSY: Duration = Duration::from_millis(250);
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
        let endings = Arc::default();
        let connection = connection::Connection::Sqlite(connection);
        let step = Step::new(connection, Opener::Sqlite(Arc::clone(&file)), Arc::clone(&endings));
        Ok(Self { readers: Readers::Sqlite(file), writer: Writer::start(step), endings })
    }
}

/// A database file, and the connections that read it. Readers never wait for the writer (WAL).
pub struct File {
    path: PathBuf,
    /// Those that are not in use; there are never more than threads that read at the same time.
    readers: Mutex<Vec<Connection>>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("path", &self.path).finish_non_exhaustive()
    }
}

impl File {
    fn new(path: PathBuf) -> Self {
        Self { path, readers: Mutex::default() }
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
        Ok(connection)
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
        let rows = rows(&connection, statement)?;
        // One that has failed is not used again.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(rows)
    }
}

/// A row, and the names of its columns.
#[derive(Debug)]
pub struct SqliteRow {
    columns: Arc<HashMap<String, usize>>,
    values: Vec<types::Value>,
}

impl SqliteRow {
    /// The value in that column.
    ///
    /// # Errors
    /// If there is no such column, or it holds something else.
    pub fn get<T: types::FromSql>(&self, column: &str) -> Result<T, StoreError> {
        let index =
            *self.columns.get(column).ok_or_else(|| rusqlite::Error::InvalidColumnName(column.to_owned()))?;
        let value = (&self.values[index]).into();
        T::column_result(value).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(index, self.values[index].data_type(), error.into())
                .into()
        })
    }
}

/// Runs a statement and gives all of its rows.
///
/// # Errors
/// If it fails.
pub fn rows(connection: &Connection, statement: Statement) -> Result<Vec<Row>, StoreError> {
    let mut prepared = connection.prepare_cached(&statement.text)?;
    let columns =
        prepared.column_names().into_iter().enumerate().map(|(index, name)| (name.to_owned(), index));
    let columns: Arc<HashMap<_, _>> = Arc::new(columns.collect());
    let mut found = prepared.query(params_from_iter(statement.values))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns.len()).map(|index| row.get(index)).collect::<Result<_, _>>()?;
        rows.push(Row::Sqlite(SqliteRow { columns: Arc::clone(&columns), values }));
    }
    Ok(rows)
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<types::ToSqlOutput<'_>> {
        match self {
            Self::Number(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
            Self::Blob(bytes) => bytes.to_sql(),
        }
    }
}
