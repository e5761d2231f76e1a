//! The server process: it opens what it needs, listens, works in the background, and gives open requests and mails
//! 30 seconds each when it is asked to stop.

pub mod log;
pub mod workers;

use std::{io, net::SocketAddr, time::Duration};

use axum_server::Handle;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    domain::Limits,
    state::{AppState, OpenError},
    web::router,
};

/// The longest time for the headers of a request, from its first byte to its last: a slow client must not hold a
/// connection for nothing.
const LONGEST_HEADERS: Duration = Duration::from_secs(10);
/// Bytes; a link is 200, a browser's headers a few thousand. hyper looks at the size between two reads, each up to twice
/// the one before: what is larger than this may pass, what is larger than 32 KiB never does (431, RFC 6585).
const LARGEST_HEADERS: usize = 20 * 1024;
/// How long open requests and mails may take once the process was asked to stop.
const LONGEST_GOODBYE: Duration = Duration::from_secs(30);

/// Why the server could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "the address {address} cannot be opened: {source}. Stop what listens there, or set LEPTOS_SITE_ADDR."
    )]
    Bind { address: String, source: io::Error },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until the process is asked to stop (SIGINT or SIGTERM), then lets open requests and mails finish.
///
/// # Errors
/// `Bind` and `Open` name what could not be opened and what to do about it; `Io` if the runtime or the listener fails.
pub fn serve(config: Config) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before all else: until somebody listens, a signal ends the process in the middle of what it does.
        let stopping = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        let hang_up = signal(SignalKind::hangup())?;
        let state = AppState::open(config).await?;
        let address = state.config.leptos.site_addr;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| ServeError::Bind { address: address.to_string(), source })?;
        let connections = Handle::new();
        let stop = CancellationToken::new();
        let workers = workers::start(&state, &stop, hang_up);
        warn_of_doubts(&state);
        announce(&state);
        tokio::spawn(asked_to_stop(stopping, stop, connections.clone()));
        listen(listener, state, connections).await?;
        for worker in workers {
            let _ = tokio::time::timeout(LONGEST_GOODBYE, worker).await;
        }
        Ok(())
    })
}

/// Answers requests until `connections` is shut down. A connection that sends its headers slowly, or sends
/// more of them than any browser does, is closed.
///
/// # Errors
/// If the listener fails.
pub async fn listen(
    listener: TcpListener,
    state: AppState,
    connections: Handle<SocketAddr>,
) -> io::Result<()> {
    let mut server = axum_server::Server::from_listener(listener)
        .handle(connections)
        .first_request_timeout(LONGEST_HEADERS);
    server.http_builder().http1().header_read_timeout(LONGEST_HEADERS).max_buf_size(LARGEST_HEADERS);
    // A proxy speaks HTTP/1.1 to us; of HTTP/2 in the clear nobody would end the idle connections.
    let server = server.http1_only();
    server.serve(router::build(state).into_make_service_with_connect_info::<SocketAddr>()).await
}

/// Tells the operator what is allowed and may still be a mistake.
fn warn_of_doubts(state: &AppState) {
    if state.allowlist.get().is_empty() {
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

/// The last lines of the console before the first request: where to go.
fn announce(state: &AppState) {
    println!("\n  Postern is ready: {}", state.config.public_url);
    if state.inbox.is_some() {
        println!("  Mails are shown at {}/dev/inbox", state.config.public_url);
    }
    println!();
    if state.config.limits == Limits::OFF {
        tracing::warn!("every limit is off (LIMITS): whoever comes may flood, guess and fill the disk");
    }
}

/// Waits for SIGINT or SIGTERM, then stops the workers and lets the connections finish.
async fn asked_to_stop(mut signals: [Signal; 2], stop: CancellationToken, connections: Handle<SocketAddr>) {
    let [interrupt, terminate] = &mut signals;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping: open requests and mails may finish");
    stop.cancel();
    connections.graceful_shutdown(Some(LONGEST_GOODBYE));
}
