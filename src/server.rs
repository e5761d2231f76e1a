//! Everything that touches the world, in the order in which a process meets it.
//!
//! [`config`] is read once; [`state`] holds what requests share; [`router`] puts the layers of [`http`] around
//! the pages and server functions; [`flow`] is the life of a login and the only caller of [`session`],
//! [`store`] and [`mail`]. [`clock`] is the one place that reads the time.

pub mod allowlist;
pub mod audit;
pub mod clock;
pub mod config;
pub mod flow;
pub mod http;
pub mod mail;
pub mod router;
pub mod session;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod visitor;

use std::{io, net::SocketAddr, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use config::Config;
use state::AppState;

/// Why the server could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "the address {address} cannot be opened: {source}. Stop what listens there, or set LEPTOS_SITE_ADDR."
    )]
    Bind { address: String, source: io::Error },
    #[error(
        "the database {url} cannot be used: {source}. Check DATABASE_URL and the permissions of its folder."
    )]
    Database { url: String, source: store::StoreError },
    #[error("the mail transport cannot be set up: {0}. Check the EMAIL_ settings.")]
    Mail(#[from] mail::MailError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until the process is asked to stop (SIGINT or SIGTERM), then lets open requests and mails finish.
///
/// # Errors
/// Names what could not be opened and what to do about it.
pub fn serve(config: Config) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let state = AppState::open(config).await?;
        let address = state.config.leptos.site_addr;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| ServeError::Bind { address: address.to_string(), source })?;
        let stop = CancellationToken::new();
        let workers = start_workers(&state, &stop);
        announce(&state);
        axum::serve(listener, router::build(state).into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(asked_to_stop(stop))
            .await?;
        for worker in workers {
            let _ = tokio::time::timeout(Duration::from_secs(30), worker).await;
        }
        Ok(())
    })
}

fn start_workers(state: &AppState, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    vec![
        tokio::spawn(flow::deliver::run(state.clone(), stop.clone())),
        tokio::spawn(store::housekeeping::run(state.clone(), stop.clone())),
    ]
}

/// The last lines of the console before the first request: where to go.
fn announce(state: &AppState) {
    println!("\n  Postern is ready: {}", state.config.public_url);
    if state.inbox.is_some() {
        println!("  Mails are shown at {}/dev/inbox", state.config.public_url);
    }
    println!();
}

async fn asked_to_stop(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
    tracing::info!("stopping: open requests and mails may finish");
    stop.cancel();
}
