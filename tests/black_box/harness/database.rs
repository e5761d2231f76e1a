//! The database of each test: an SQLite file in its folder, or with `POSTERN_TEST_DATABASE=postgres` a database of its own
//! in one [`Cluster`] of PostgreSQL that all tests of the run share.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        LazyLock,
        mpsc::{Sender, channel},
    },
    thread,
};

use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio_postgres::{Client, NoTls};

use super::cluster::Cluster;

/// Whether the tests run on PostgreSQL.
#[allow(clippy::disallowed_methods, reason = "what the tests run on is no setting of Postern")]
pub fn on_postgres() -> bool {
    match std::env::var("POSTERN_TEST_DATABASE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite" | "") | Err(_) => false,
        Ok(other) => panic!("POSTERN_TEST_DATABASE is sqlite or postgres, and not {other}"),
    }
}

/// The cluster that the tests of this run share; it starts with the first that needs it.
pub fn shared_cluster() -> &'static Cluster {
    static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(&[]));
    &CLUSTER
}

/// The DATABASE_URL of whoever runs in `folder`, the same each time. `file`: its name where it is an SQLite file.
pub fn database_url(folder: &Path, file: &str) -> String {
    if on_postgres() { new_database(folder) } else { format!("sqlite://{file}") }
}

/// A database of PostgreSQL for `folder`, the same each time. It goes once the folder is gone.
pub fn new_database(folder: &Path) -> String {
    type Wish = (PathBuf, Sender<String>);
    // Databases are made and dropped by a thread of its own: it outlives the test that asks first.
    static WISHES: LazyLock<Sender<Wish>> = LazyLock::new(|| {
        let (sender, wishes) = channel::<Wish>();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let mut databases = HashMap::<PathBuf, String>::new();
            let cluster = shared_cluster();
            let mut made = 0;
            let admin = runtime.block_on(cluster.connect("postgres"));
            for (folder, answer) in wishes {
                let gone: Vec<_> = databases.keys().filter(|folder| !folder.exists()).cloned().collect();
                for folder in gone {
                    let name = databases.remove(&folder).unwrap();
                    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                    runtime.block_on(admin.batch_execute(&drop)).unwrap();
                }
                let name = databases.entry(folder).or_insert_with(|| {
                    made += 1;
                    let name = format!("test_{made}");
                    let create = format!("CREATE DATABASE {name} TEMPLATE template0");
                    runtime.block_on(admin.batch_execute(&create)).unwrap();
                    name
                });
                let _ = answer.send(cluster.url(name));
            }
        });
        sender
    });
    let (answer, url) = channel();
    WISHES.send((folder.to_owned(), answer)).unwrap();
    url.recv().expect("PostgreSQL makes no database")
}

/// A connection of a test's own, to look at what is in a database.
pub enum Database {
    Sqlite(SqliteConnection),
    Postgres(Client),
}

/// A row of either.
pub enum Row {
    Sqlite(sqlx::sqlite::SqliteRow),
    Postgres(tokio_postgres::Row),
}

impl Row {
    /// The value in the column of that number: an `i64`, a `String`, bytes, or an `Option` of one.
    #[track_caller]
    pub fn get<T>(&self, column: usize) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Sqlite>
            + sqlx::Type<sqlx::Sqlite>
            + for<'r> tokio_postgres::types::FromSql<'r>,
    {
        match self {
            Self::Sqlite(row) => sqlx::Row::get(row, column),
            Self::Postgres(row) => row.get(column),
        }
    }
}

impl Database {
    /// Opens the database at a DATABASE_URL; the path of an SQLite file begins in `folder`.
    pub async fn open(url: &str, folder: &Path) -> Self {
        match url.strip_prefix("sqlite://") {
            Some(file) => {
                let options = SqliteConnectOptions::new().filename(folder.join(file));
                Self::Sqlite(options.connect().await.unwrap())
            }
            None => {
                let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
                tokio::spawn(connection);
                Self::Postgres(client)
            }
        }
    }

    /// Runs statements.
    pub async fn run(&mut self, statements: &str) {
        let ran = match self {
            Self::Sqlite(connection) => {
                let ran = sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(connection).await;
                ran.map(drop).map_err(|error| error.to_string())
            }
            Self::Postgres(client) => {
                client.batch_execute(statements).await.map_err(|error| format!("{error:?}"))
            }
        };
        ran.unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// The rows of a query.
    pub async fn rows(&mut self, query: &str) -> Vec<Row> {
        match self {
            Self::Sqlite(connection) => {
                let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(connection).await;
                rows.unwrap().into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(client) => {
                let rows = client.query_typed(query, &[]).await;
                rows.unwrap_or_else(|error| panic!("{query}: {error:?}"))
                    .into_iter()
                    .map(Row::Postgres)
                    .collect()
            }
        }
    }

    /// The first column of a query.
    pub async fn column<T>(&mut self, query: &str) -> Vec<T>
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Sqlite>
            + sqlx::Type<sqlx::Sqlite>
            + for<'r> tokio_postgres::types::FromSql<'r>,
    {
        self.rows(query).await.iter().map(|row| row.get(0)).collect()
    }

    /// The one value of a query.
    pub async fn one<T>(&mut self, query: &str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Sqlite>
            + sqlx::Type<sqlx::Sqlite>
            + for<'r> tokio_postgres::types::FromSql<'r>,
    {
        let mut column = self.column(query).await;
        assert_eq!(column.len(), 1, "{query}");
        column.remove(0)
    }

    /// The number of rows in a table, or of such rows.
    pub async fn count(&mut self, rows: &str) -> i64 {
        self.one(&format!("SELECT COUNT(*) FROM {rows}")).await
    }

    /// The names of all tables that are ours, in their order.
    pub async fn tables(&mut self) -> Vec<String> {
        let tables = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            }
            Self::Postgres(_) => "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = 'public'",
        };
        let mut tables: Vec<String> = self.column(tables).await;
        tables.sort();
        tables
    }

    /// The names of the columns of a table, in their order.
    pub async fn columns(&mut self, table: &str) -> Vec<String> {
        let columns = match self {
            Self::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
            Self::Postgres(_) => format!(
                "SELECT column_name::TEXT FROM information_schema.columns WHERE table_schema = 'public' \
                 AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        self.column(&columns).await
    }

    /// The second that it is by the clock of the database, as an expression.
    pub fn now(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "unixepoch()",
            Self::Postgres(_) => "EXTRACT(EPOCH FROM clock_timestamp())",
        }
    }

    /// Keeps everybody else from writing, until [`Self::let_write`].
    pub async fn hold_the_turn(&mut self) {
        let hold = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN; SELECT id FROM _turn FOR UPDATE",
        };
        self.run(hold).await;
    }

    pub async fn let_write(&mut self) {
        self.run("ROLLBACK").await;
    }

    /// Makes every statement fail that inserts such a row, as a disk that fails would, until [`Self::mend_writing`].
    /// `such`: a condition on NEW.
    pub async fn break_writing(&mut self, table: &str, such: &str) {
        let broken = match self {
            Self::Sqlite(_) => format!(
                "CREATE TRIGGER broken BEFORE INSERT ON {table} WHEN {such} \
                 BEGIN SELECT RAISE(FAIL, 'a disk fails'); END"
            ),
            Self::Postgres(_) => format!(
                "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
                   $$ BEGIN RAISE EXCEPTION 'a disk fails'; END $$; \
                 CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW WHEN ({such}) EXECUTE FUNCTION fail()"
            ),
        };
        self.run(&broken).await;
    }

    pub async fn mend_writing(&mut self, table: &str) {
        let mended = match self {
            Self::Sqlite(_) => "DROP TRIGGER broken".to_owned(),
            Self::Postgres(_) => format!("DROP TRIGGER broken ON {table}; DROP FUNCTION fail"),
        };
        self.run(&mended).await;
    }
}
