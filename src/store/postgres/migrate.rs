//! The tables of PostgreSQL: each file of migrations/postgres/ once, in order, whoever starts at the same time.
//!
//! sqlx's migrator would hold an advisory lock on a connection of its own, which a pooler in transaction mode gives to
//! somebody else. Here each file is a transaction that begins by taking the turn, as every group of steps does, so that
//! instances that run meanwhile wait for a file and never see half of one.
//!
//! The first line of a file names the oldest Postern that works with the tables as they are after it. It stands in the
//! database too: an older binary, which has never seen the file, reads there whether it may run.

use std::time::Duration;

use sqlx::migrate::{Migration, Migrator};
use tokio::time::{Instant, sleep};
use tokio_postgres::{
    Client,
    error::SqlState,
    types::{ToSql, Type},
};

use super::Server;
use crate::store::{StoreError, Tables, tables_after};

static FILES: Migrator = sqlx::migrate!("./migrations/postgres");

/// What the first line of each file begins with.
const WORKS_WITH: &str = "-- works with: ";
/// How long a start waits for others that migrate the database.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long it tries to reach a database that may be starting as well. Then it ends: the operator has to see that.
const LONGEST_SEARCH: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);

/// The two tables of this file. Several may make them at once: then one is refused, and tries again.
const TABLES: &str = "CREATE TABLE IF NOT EXISTS _turn (id BIGINT PRIMARY KEY); \
                      CREATE TABLE IF NOT EXISTS _migrations (version BIGINT PRIMARY KEY, works_with TEXT NOT NULL, \
                        checksum BYTEA NOT NULL); \
                      INSERT INTO _turn (id) VALUES (1) ON CONFLICT DO NOTHING";

/// Brings the tables up to date; the connection that did it.
///
/// # Errors
/// `Schema` if they are those of a newer Postern that this one does not work with, or a file has changed since it ran.
pub async fn run(server: &Server) -> Result<Client, StoreError> {
    let began = Instant::now();
    loop {
        let migrated = async {
            let mut client = server.connect().await?;
            migrate(&mut client).await.map(|()| client)
        };
        let longest = |error: &StoreError| match error {
            StoreError::Refused(_) => Duration::ZERO,
            StoreError::Away(_) => LONGEST_SEARCH,
            error if may_pass(error) => LONGEST_WAIT,
            _ => Duration::ZERO,
        };
        match migrated.await {
            Err(error) if began.elapsed() < longest(&error) => sleep(PAUSE).await,
            migrated => return migrated,
        }
    }
}

/// Whether it is about somebody else who does the same at this moment.
fn may_pass(error: &StoreError) -> bool {
    let at_once = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
        SqlState::LOCK_NOT_AVAILABLE,
    ];
    match error {
        StoreError::Postgres(postgres) => {
            error.is_passing() || postgres.code().is_some_and(|code| at_once.contains(code))
        }
        _ => false,
    }
}

/// Whose tables they are. Those of a newer Postern that says that this one works with them count as this one's.
///
/// # Errors
/// If they cannot be read; `Schema` if this version does not work with them.
pub async fn tables(client: &Client) -> Result<Tables, StoreError> {
    if !are_there(client).await? {
        return Ok(Tables::Missing);
    }
    let done = client.query_typed("SELECT version, works_with FROM _migrations", &[]).await?;
    let mut versions = Vec::new();
    for row in &done {
        let (version, works_with): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        let is_ours = FILES.iter().any(|file| file.version == version);
        if is_ours || !is_at_least(env!("CARGO_PKG_VERSION"), &works_with) {
            versions.push(version);
        }
    }
    tables_after(&versions, FILES.iter().map(|file| file.version))
}

/// Whether the two tables of this file are there.
async fn are_there(client: &Client) -> Result<bool, StoreError> {
    let there = client.query_typed(
        "SELECT to_regclass('_turn') IS NOT NULL AND to_regclass('_migrations') IS NOT NULL",
        &[],
    );
    Ok(there.await?.first().is_some_and(|row| row.get(0)))
}

async fn migrate(client: &mut Client) -> Result<(), StoreError> {
    // A role that may not make tables can still run a Postern whose tables are there.
    if !are_there(client).await? {
        client.batch_execute(TABLES).await?;
    }
    while run_next(client).await? {}
    Ok(())
}

/// Runs the first file that has not run; `false` if there is none.
async fn run_next(client: &mut Client) -> Result<bool, StoreError> {
    let transaction = client.transaction().await?;
    transaction
        .batch_execute("SET LOCAL lock_timeout = 10000; SELECT id FROM _turn WHERE id = 1 FOR UPDATE")
        .await?;
    let done = transaction
        .query_typed("SELECT version, works_with, checksum FROM _migrations ORDER BY version", &[]);
    let done = done.await?;
    for row in &done {
        let (version, works_with): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        match FILES.iter().find(|file| file.version == version) {
            Some(file) if file.checksum.as_ref() != row.try_get::<_, &[u8]>(2)? => {
                return Err(StoreError::Schema(format!("migration {version} has changed since it ran")));
            }
            Some(_) => {}
            None if is_at_least(env!("CARGO_PKG_VERSION"), &works_with) => {}
            None => {
                return Err(StoreError::Schema(format!(
                    "a newer Postern has migrated them; they work with Postern {works_with} or newer, and this is {}",
                    env!("CARGO_PKG_VERSION")
                )));
            }
        }
    }
    let is_done = |file: &Migration| done.iter().any(|row| row.get::<_, i64>(0) == file.version);
    let Some(file) = FILES.iter().find(|file| !is_done(file)) else {
        transaction.commit().await?;
        return Ok(false);
    };
    transaction.batch_execute(file.sql.as_str()).await?;
    let works_with = works_with(file.sql.as_str());
    let note = "INSERT INTO _migrations (version, works_with, checksum) VALUES ($1, $2, $3)";
    let checksum = file.checksum.as_ref();
    let values: [(&(dyn ToSql + Sync), Type); 3] =
        [(&file.version, Type::INT8), (&works_with, Type::TEXT), (&checksum, Type::BYTEA)];
    transaction.query_typed(note, &values).await?;
    transaction.commit().await?;
    tracing::info!(version = file.version, "the database was migrated");
    Ok(true)
}

/// The oldest version of Postern that works with the tables after this file.
fn works_with(file: &str) -> &str {
    file.lines().next().and_then(|line| line.strip_prefix(WORKS_WITH)).unwrap_or(env!("CARGO_PKG_VERSION"))
}

/// Whether `version` is `other` or newer, both as 1.2.3. What is no version is newer than all.
fn is_at_least(version: &str, other: &str) -> bool {
    let numbers = |version: &str| -> Option<Vec<u64>> {
        version.trim().split('.').map(|number| number.parse().ok()).collect()
    };
    match (numbers(version), numbers(other)) {
        (Some(version), Some(other)) => version >= other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_at_least;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, other) in [("0.1.0", "0.1.0"), ("0.10.0", "0.9.7"), ("1.0.0", "0.99.0")] {
            assert!(is_at_least(version, other), "{version} {other}");
        }
        for (version, other) in [("0.1.0", "0.1.1"), ("0.9.0", "0.10.0"), ("1.0.0", "soon")] {
            assert!(!is_at_least(version, other), "{version} {other}");
        }
    }
}
