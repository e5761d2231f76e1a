//! The database: one layer of SQL between a flow and its rows. Each statement stands once, with `$1` placeholders.
//!
//! [`outbox`] for `flow::login::request` and `flow::login::deliver`, [`redemptions`] for `flow::login::redeem`, [`limits`] for
//! `flow::login::limits`, [`audit`] for all of them, [`cleanup`] for what has expired.
//! The table of sessions belongs to [`crate::session`].

pub mod audit;
pub mod cleanup;
pub mod limits;
pub mod outbox;
pub mod redemptions;

use std::{str::FromStr, time::Duration};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// The database could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("its folder cannot be made: {0}")]
    Folder(#[from] std::io::Error),
}

/// A pool of connections to a migrated database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) pool: SqlitePool,
}

impl Store {
    /// Opens the SQLite file that `url` names, makes it where it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// If it cannot be opened, or was migrated by a newer Postern.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A request that was answered survives a power cut, not only a crash.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        if let Some(folder) = options.get_filename().parent() {
            std::fs::create_dir_all(folder)?;
        }
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        Ok(Self { pool })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }
}
