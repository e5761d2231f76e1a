//! SQLite: one connection that writes, a few that read.

use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Opener, Readers, Step, Store, StoreError, connection::Connection, writer::Writer};
use crate::fail_point;

/// How long a statement waits for another process that holds the lock of the database.
const BUSY: Duration = Duration::from_secs(4);
/// How long a request waits for a connection to read with.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Bytes of the write-ahead log that are kept for the next writes.
const LARGEST_LOG: &str = "67108864";
/// Connections that read. Readers never wait for the writer (WAL).
const READERS: u32 = 4;

impl Store {
    /// Opens an SQLite file, makes it where it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// If it cannot be opened, or was migrated by a newer Postern.
    pub(super) async fn open_sqlite(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A request that was answered survives a power cut, not only a crash. NORMAL would be faster, and
            // would lose answers that were given.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            // After a burst the log beside the database gives its space back.
            .pragma("journal_size_limit", LARGEST_LOG);
        if let Some(folder) = options.get_filename().parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut connection = connect(&options).await?;
        fail_point::enter("migrate");
        sqlx::migrate!("./migrations/sqlite").run(&mut connection).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(LONGEST_WAIT)
            .connect_with(options.clone().pragma("query_only", "ON"))
            .await?;
        let endings = Arc::default();
        let step = Step::new(
            Connection::Sqlite(connection),
            Opener::Sqlite(Box::new(options)),
            Arc::clone(&endings),
        );
        Ok(Self { readers: Readers::Sqlite(readers), writer: Writer::start(step), endings })
    }
}

/// Opens the connection that writes.
pub(super) async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    fail_point::watch(&mut connection).await?;
    Ok(connection)
}
