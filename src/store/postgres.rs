//! PostgreSQL: how it is reached, and the connections that read. [`health`] remembers whether it can be; [`migrate`] brings
//! the tables up to date.
//!
//! Only what PostgreSQL 15 has, what a pooler in transaction mode lets through (pgbouncer), and what others have that speak
//! its protocol: no LISTEN, no advisory locks, no settings that outlive a transaction, and names of statements only where
//! nobody gives connections away ([`super::pipeline`]).

mod health;
mod migrate;

use std::{
    error::Error as _,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};
use tokio_postgres::{Client, config::TargetSessionAttrs, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

use self::health::Health;
use super::{
    Opener, Readers, Step, Store, StoreError, Tables,
    connection::Connection,
    pipeline::{Names, Pipeline},
    statement::{Row, Statement, sql},
};
use crate::{config::PostgresUrl, domain::UnixTime, fail_point};

/// Connections that read.
const READERS: usize = 8;
/// How long a request waits for what it reads, and a writer for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How long the server may be silent until it is taken for away. Whoever has waited for others first, or has gone away, gave it
/// less time, which says nothing of it.
const LONGEST_SILENCE: Duration = Duration::from_secs(1);
/// Takes the turn, and gives it back.
const PROBE: &str =
    "BEGIN; SET LOCAL lock_timeout = 1500; SELECT id FROM _turn WHERE id = 1 FOR UPDATE; ROLLBACK";
const BUSY: StoreError = StoreError::Busy(LONGEST_WAIT.as_secs());

impl Store {
    /// Opens a database of PostgreSQL, and brings its tables up to date.
    ///
    /// # Errors
    /// If it cannot be reached, or its tables are those of a newer Postern that this one does not work with.
    pub(super) async fn open_postgres(url: &PostgresUrl) -> Result<Self, StoreError> {
        let server = Arc::new(Server::new(url)?);
        fail_point::enter("migrate");
        let client = migrate::run(&server).await?;
        Ok(Self::on_server(server, client))
    }

    /// As [`Self::open_postgres`], beside running servers: nothing is migrated.
    ///
    /// # Errors
    /// If it cannot be reached; `Missing` if it has no tables, `Schema` if this version does not work with them.
    pub(super) async fn open_postgres_beside(url: &PostgresUrl) -> Result<Self, StoreError> {
        let server = Arc::new(Server::new(url)?);
        let client = server.connect().await?;
        migrate::tables(&client).await?.must_be_current()?;
        Ok(Self::on_server(server, client))
    }

    fn on_server(server: Arc<Server>, client: Client) -> Self {
        let connection = Connection::Postgres(server.pipeline(client));
        let step = Step::new(connection, Opener::Postgres(Arc::clone(&server)));
        Self::new(Readers::Postgres(server), step)
    }
}

/// Whose tables a database has, whether it can be written, and what time it is there. A row is written and taken back.
///
/// # Errors
/// If it cannot be reached or read; `Schema` if this version does not work with its tables.
pub(super) async fn look_at(
    url: &PostgresUrl,
) -> Result<(Tables, Result<(), StoreError>, UnixTime), StoreError> {
    let client = Server::new(url)?.connect().await?;
    let now = client.query_typed("SELECT EXTRACT(EPOCH FROM clock_timestamp())::BIGINT", &[]).await?;
    let now = now.first().map_or(Ok(0), |row| row.try_get(0))?;
    let tables = migrate::tables(&client).await?;
    let written = match tables {
        // Whether tables can be made.
        Tables::Missing => "BEGIN; CREATE TABLE _probe (id BIGINT); ROLLBACK",
        _ => {
            "BEGIN; SET LOCAL lock_timeout = 3500; SELECT id FROM _turn WHERE id = 1 FOR UPDATE; \
             INSERT INTO limits (counted, arrival_ms) VALUES ('probe', 0) ON CONFLICT DO NOTHING; ROLLBACK"
        }
    };
    let written = client.batch_execute(written).await.map_err(StoreError::from);
    Ok((tables, written, UnixTime::from_secs(now)))
}

/// The server of a database, and the connections that read from it.
pub struct Server {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    idle: Mutex<Vec<Client>>,
    places: Semaphore,
    health: Health,
    /// Of the statements that the writer prepares.
    names: Names,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    fn new(url: &PostgresUrl) -> Result<Self, StoreError> {
        let mut config = tokio_postgres::Config::clone(&url.config);
        // Of several servers only the one that takes writes will do; a standby that was promoted is found by itself.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_application_name().is_none() {
            config.application_name("postern");
        }
        // The network may swallow everything: then nothing is heard, and nothing is sent for ever.
        config.tcp_user_timeout(Duration::from_secs(10)).keepalives_idle(Duration::from_secs(30));
        Ok(Self {
            config,
            tls: MakeRustlsConnect::new(tls(url)?),
            idle: Mutex::default(),
            places: Semaphore::new(READERS),
            health: Health::default(),
            names: Names::default(),
        })
    }

    /// Opens a connection. Where the server could not be reached a moment ago, this fails at once.
    ///
    /// # Errors
    /// `Away` if it cannot be reached, `Refused` if it does not let us in.
    pub async fn connect(&self) -> Result<Client, StoreError> {
        self.connect_until(Instant::now() + LONGEST_WAIT).await
    }

    async fn connect_until(&self, until: Instant) -> Result<Client, StoreError> {
        let Some(trial) = self.health.may_try() else {
            return Err(StoreError::Away("it could not be reached a moment ago".to_owned()));
        };
        let asked = Instant::now();
        let until = if trial.is_alone { until.min(asked + LONGEST_SILENCE) } else { until };
        match timeout_at(until, self.config.connect(self.tls.clone())).await {
            Ok(Ok((client, connection))) => {
                // Ends with the client. What breaks it is told to whoever uses the client.
                tokio::spawn(connection);
                trial.succeeded();
                Ok(client)
            }
            Ok(Err(error)) => {
                trial.failed();
                let away = if is_refusal(&error) { StoreError::Refused } else { StoreError::Away };
                Err(away(reason(&error)))
            }
            Err(_) if asked.elapsed() < LONGEST_SILENCE => Err(BUSY),
            Err(_) => {
                trial.failed();
                Err(StoreError::Away("no connection came about in time".to_owned()))
            }
        }
    }

    /// What writes on that connection.
    pub fn pipeline(&self, client: Client) -> Pipeline {
        Pipeline::new(client, self.names.clone())
    }

    /// Runs a statement that only reads. One whose connection is lost is run again on another.
    ///
    /// # Errors
    /// `Busy` or `Away` if there is no answer in time.
    pub async fn rows(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let until = Instant::now() + LONGEST_WAIT;
        let Ok(place) = timeout_at(until, self.places.acquire()).await else { return Err(BUSY) };
        let _place: SemaphorePermit<'_> = place.map_err(|_| StoreError::Panicked)?;
        let values = statement.typed();
        let mut tries = 0;
        loop {
            let client = match self.idle_one() {
                Some(client) => client,
                None => self.connect_until(until).await?,
            };
            tries += 1;
            let asked = Instant::now();
            match timeout_at(until, client.query_typed(&statement.text, &values)).await {
                Ok(Ok(rows)) => {
                    self.idle().push(client);
                    return Ok(rows.into_iter().map(Row::Postgres).collect());
                }
                Ok(Err(error)) => {
                    let error = StoreError::from(error);
                    if !error.is_lost() {
                        // The statement is wrong, not the connection.
                        self.idle().push(client);
                        return Err(error);
                    }
                    // All of them are, when the server was restarted.
                    self.idle().clear();
                    if tries > 1 {
                        return Err(error);
                    }
                }
                Err(_) if asked.elapsed() < LONGEST_SILENCE => return Err(BUSY),
                Err(_) => {
                    self.is_away();
                    return Err(StoreError::Away("PostgreSQL has fallen silent".to_owned()));
                }
            }
        }
    }

    /// Takes the turn to write and gives it back: no server that is read-only, frozen or held up by somebody lets that
    /// happen. It writes nothing that has to last.
    ///
    /// # Errors
    /// `Busy` or `Away` if there is no answer in time; else why the turn was refused.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let until = Instant::now() + LONGEST_WAIT;
        let Ok(place) = timeout_at(until, self.places.acquire()).await else { return Err(BUSY) };
        let _place: SemaphorePermit<'_> = place.map_err(|_| StoreError::Panicked)?;
        let mut tries = 0;
        loop {
            let client = match self.idle_one() {
                Some(client) => client,
                None => self.connect_until(until).await?,
            };
            tries += 1;
            // Where it fails the transaction hangs on the connection, which goes with it.
            match timeout_at(until, client.batch_execute(PROBE)).await {
                Ok(Ok(())) => {
                    self.idle().push(client);
                    return Ok(());
                }
                Ok(Err(error)) => {
                    let error = StoreError::from(error);
                    if !error.is_lost() || tries > 1 {
                        return Err(if error.is_busy() { BUSY } else { error });
                    }
                    self.idle().clear();
                }
                Err(_) => {
                    self.is_away();
                    return Err(StoreError::Away("PostgreSQL has fallen silent".to_owned()));
                }
            }
        }
    }

    /// The bytes of the database.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub async fn size(&self) -> Result<u64, StoreError> {
        let rows = self.rows(sql("SELECT pg_database_size(current_database()) AS bytes")).await?;
        let bytes: i64 = rows.first().map_or(Ok(0), |row| row.get("bytes"))?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    /// Notes that the server does not answer.
    pub fn is_away(&self) {
        self.idle().clear();
        self.health.is_away();
    }

    fn idle_one(&self) -> Option<Client> {
        let mut idle = self.idle();
        idle.retain(|client| !client.is_closed());
        idle.pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Client>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// TLS with the authorities of the system, or with those of `DATABASE_CA_FILE`. A certificate is always looked at: one that
/// is not protects from nobody who can stand in between.
fn tls(url: &PostgresUrl) -> Result<ClientConfig, StoreError> {
    let mut roots = RootCertStore::empty();
    if url.authorities.is_empty() {
        // Those that cannot be read are left out; without any, no certificate holds.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    } else {
        roots.add_parsable_certificates(url.authorities.iter().cloned());
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let tls =
        tls.with_safe_default_protocol_versions().map_err(|error| StoreError::Away(error.to_string()))?;
    Ok(tls.with_root_certificates(roots).with_no_client_auth())
}

impl StoreError {
    /// Whether the connection is of no more use: it is gone, the server is ending or starting, or it is a standby now.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::Away(_) | Self::Refused(_) => true,
            Self::Postgres(error) => error.code().map_or(error.is_closed() || is_broken(error), |code| {
                code.code().starts_with("08")
                    || [
                        SqlState::ADMIN_SHUTDOWN,
                        SqlState::CRASH_SHUTDOWN,
                        SqlState::CANNOT_CONNECT_NOW,
                        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                        SqlState::READ_ONLY_SQL_TRANSACTION,
                    ]
                    .contains(code)
            }),
            _ => false,
        }
    }

    /// Whether the same again may succeed at once: the connection is lost, or PostgreSQL has undone the transaction for the
    /// sake of another one (40001, 40P01), or wants no names of statements.
    pub(super) fn is_passing(&self) -> bool {
        let passing = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
        self.is_lost()
            || matches!(self, Self::Unprepared)
            || self.code().is_some_and(|code| passing.contains(code))
    }

    /// Whether another instance, or process, has kept the turn, or the lock, for too long.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy),
            _ => self.code() == Some(&SqlState::LOCK_NOT_AVAILABLE),
        }
    }

    fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Postgres(error) => error.code(),
            _ => None,
        }
    }
}

/// Whether a connection was refused by a server that is there: no such role, password or database, no TLS, or a certificate
/// that does not hold.
fn is_refusal(error: &tokio_postgres::Error) -> bool {
    match (error.as_db_error(), error.source()) {
        // Classes 28, invalid authorization, and 3D, invalid catalog name (PostgreSQL, appendix A).
        (Some(error), _) => ["28", "3D"].iter().any(|class| error.code().code().starts_with(class)),
        // rustls says of a certificate that its data is invalid; everything else is the network.
        (None, Some(source)) => source
            .downcast_ref::<std::io::Error>()
            .is_none_or(|error| error.kind() == std::io::ErrorKind::InvalidData),
        (None, None) => false,
    }
}

/// Whether the socket has failed.
fn is_broken(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// An error of PostgreSQL in one line: its code and its message, or what became of the connection.
pub(super) fn reason(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} ({})", error.message(), error.code().code()),
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
