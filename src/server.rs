//! The server process: it opens what it needs, listens, works in the background, and ends when it is asked to.
//!
//! The end, from the first signal on: `/readyz` says no and everybody is answered for DRAIN_TIME more; [`listener`] closes
//! the port and lets requests finish; the outbox worker sends what the last of them asked for, and gives the rest back; the
//! database closes. Each part has a limit, so that the whole ends within DRAIN_TIME and fifteen seconds, whatever hangs.

mod listener;
pub mod log;
mod service_manager;
mod socket;
pub mod workers;

use std::{io, net::SocketAddr, time::Duration};

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    checks::{self, Finding, Weight},
    config::Config,
    domain::Limits,
    state::{AppState, OpenError, stop::Stop},
    store::{StoreError, lock::ServerLock},
    web::{inspection, router},
};

pub use listener::listen;
pub use socket::SocketError;

/// How long the workers may take once the last request is answered.
const LONGEST_LAST_WORK: Duration = Duration::from_secs(5);
/// How long the database may take to close.
const LONGEST_CLOSE: Duration = Duration::from_secs(3);

/// Why the server could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "the address {address} cannot be opened: {source}. Stop what listens there, or set METRICS_ADDR."
    )]
    Inspection { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What `postern check` would say as well.
    #[error("{}", in_words(.0))]
    CannotWork(Vec<Finding>),
    #[error(
        "the database cannot be used: {0}. Check DATABASE_URL, that its folder may be written, and that no other server uses it."
    )]
    Lock(StoreError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A process that will serve, before it has read its settings.
pub struct Process {
    runtime: Runtime,
    hang_up: Signal,
    socket: Option<std::net::TcpListener>,
}

impl Process {
    /// Takes the socket of the service manager, if there is one. From here on SIGHUP ends the process no more: it asks for
    /// another look at the settings that may change, also when it comes while the settings are read for the first time.
    /// To be called while the process has one thread.
    ///
    /// # Errors
    /// `Socket` if what the service manager hands over cannot be used; `Io` if the runtime or the signal fails.
    pub fn begin() -> Result<Self, ServeError> {
        let socket = socket::handed_over()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let hang_up = {
            let _context = runtime.enter();
            signal(SignalKind::hangup())?
        };
        Ok(Self { runtime, hang_up, socket })
    }

    /// Serves until the process is asked to stop (SIGINT or SIGTERM), then lets requests and mails finish. A second signal
    /// ends the process at once.
    ///
    /// # Errors
    /// `Socket` and `Open` name what could not be opened and what to do about it; `Io` if the listener fails.
    pub fn serve(self, config: Config) -> Result<(), ServeError> {
        let served = self.runtime.block_on(run(config, self.hang_up, self.socket));
        // Dropping it would wait for threads: one that looks up the mail server's name may hang for minutes.
        self.runtime.shutdown_background();
        served
    }
}

async fn run(
    config: Config,
    hang_up: Signal,
    socket: Option<std::net::TcpListener>,
) -> Result<(), ServeError> {
    // Before all else: until somebody listens, a signal ends the process in the middle of what it does.
    let signals = Signals::listen()?;
    allow_all_file_descriptors();
    look_around(&config).await?;
    // Until the process ends, however it does.
    let _lock = ServerLock::take(&config.database_url).map_err(ServeError::Lock)?;
    let state = AppState::open(config).await?;
    let listener = socket::open(socket, &state.config).await?;
    let inspection = bind_inspection(&state).await?;
    workers::release_claims(&state).await;
    warn_of_doubts(&state);
    announce(&state, listener.local_addr()?);
    // After that line, so that all they say comes below it.
    let workers = workers::start(&state, hang_up);
    service_manager::ready();
    tokio::spawn(service_manager::keep_alive(state.clone()));
    tokio::spawn(close_when_asked(signals, state.stop.clone()));
    if let Some(inspection) = inspection {
        let (routes, stop) = (inspection::routes(state.clone()), state.stop.clone());
        tokio::spawn(listen(inspection, routes, stop));
    }
    listen(listener, router::build(state.clone()), state.stop.clone()).await?;
    state.stop.answered.cancel();
    finish(workers).await;
    close(&state).await;
    Ok(())
}

/// Opens METRICS_ADDR, where there is one, and says so if other machines may reach it.
async fn bind_inspection(state: &AppState) -> Result<Option<TcpListener>, ServeError> {
    let Some(address) = state.config.metrics_addr else { return Ok(None) };
    let listener =
        TcpListener::bind(address).await.map_err(|source| ServeError::Inspection { address, source })?;
    if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "METRICS_ADDR is no loopback address: see to it that only Prometheus reaches it, for it asks nobody who they are"
        );
    }
    Ok(Some(listener))
}

/// Looks at what `postern check` looks at, as far as that takes no network.
///
/// # Errors
/// `CannotWork` with everything that keeps a server from working. What is only trouble goes into the log.
async fn look_around(config: &Config) -> Result<(), ServeError> {
    let findings = checks::at_start(config).await;
    for Finding { about, words, fix, .. } in
        findings.iter().filter(|finding| finding.weight == Weight::Trouble)
    {
        tracing::warn!(about, problem = words, fix, "trouble was found at the start");
    }
    let fatal: Vec<Finding> = findings.at_least(Weight::Fatal).cloned().collect();
    if fatal.is_empty() { Ok(()) } else { Err(ServeError::CannotWork(fatal)) }
}

fn in_words(findings: &[Finding]) -> String {
    let count = match findings.len() {
        1 => "one thing needs".to_owned(),
        many => format!("{many} things need"),
    };
    let each = findings.iter().map(|Finding { words, fix, .. }| {
        format!("\n\n  {words}.\n      Fix: {}.", fix.as_deref().unwrap_or_default())
    });
    format!("{count} attention.{}", each.collect::<String>())
}

/// Takes as many file descriptors as the system allows at all. What it gives at first, 1024 mostly, is meant for programs that
/// call `select`.
fn allow_all_file_descriptors() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of file descriptors stays as it is");
    }
}

/// Tells the operator what is allowed and may still be a mistake.
fn warn_of_doubts(state: &AppState) {
    if state.allowlist.get().lets_in_nobody() {
        tracing::error!(
            "the allowlist has no entry: nobody can sign in. Was CREDENTIALS_FILE written whole?"
        );
    }
    for network in state.config.trusted_proxies.wide() {
        tracing::warn!(
            %network,
            "TRUSTED_PROXIES names a wide network: whoever lives in it may write any address. Name the proxy itself"
        );
    }
}

/// Says that requests can be answered, and with what: one line in the log, and one on the console for people.
fn announce(state: &AppState, address: SocketAddr) {
    let config = &state.config;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        %address,
        public_url = %config.public_url,
        database = %config.database_url,
        entries = state.allowlist.get().len(),
        mail = %config.mail.backend,
        proxies = %config.trusted_proxies,
        apps = state.gateway.get().len(),
        "Postern is ready"
    );
    // Machines read the log.
    if !config.log.json {
        println!("\n  Postern is ready: {}", config.public_url);
        if state.inbox.is_some() {
            println!("  Mails are shown at {}/dev/inbox", config.public_url);
        }
        println!();
    }
    if state.config.limits == Limits::OFF {
        tracing::warn!("every limit is off (LIMITS): whoever comes may flood, guess and fill the disk");
    }
}

/// SIGINT and SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for either, and gives the status of a process that dies of it, as a shell tells it.
    async fn next(&mut self) -> i32 {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        };
        128 + kind.as_raw_value()
    }
}

/// Waits for a signal, and has the port closed once balancers have had their time. Another signal ends the process.
async fn close_when_asked(mut signals: Signals, stop: std::sync::Arc<Stop>) {
    signals.next().await;
    tracing::info!("stopping: open requests and mails may finish");
    stop.asked.cancel();
    service_manager::stopping();
    tokio::spawn(async move {
        let status = signals.next().await;
        tracing::warn!("a second signal: ending at once");
        std::process::exit(status);
    });
    sleep(stop.drain_time).await;
    stop.closed.cancel();
}

/// Lets the workers come to their end, for some time.
async fn finish(mut workers: JoinSet<()>) {
    if timeout(LONGEST_LAST_WORK, async { while workers.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!(
            "the workers would not end: mails in hand leave later, when their claims have run out"
        );
    }
}

/// Closes the database, so that it is one file which can be copied.
async fn close(state: &AppState) {
    if timeout(LONGEST_CLOSE, state.store.close()).await.is_err() {
        tracing::warn!("the database would not close: whoever copies it needs the files beside it too");
    } else if !state.store.is_whole() {
        tracing::warn!(
            "another process has the database open: whoever copies it needs the files beside it too"
        );
    }
}
