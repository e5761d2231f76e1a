//! The socket that Postern listens on: its own, or one that a service manager has opened (systemd's `sd_listen_fds`).
//!
//! A socket of the service manager outlives the process. Whoever connects between two processes waits for the next one, and
//! nobody is refused.

use std::{io, net::SocketAddr};

use listenfd::ListenFd;
use tokio::net::TcpListener;

use crate::config::{Config, Origin, settings::LEPTOS_SITE_ADDR};

/// Why there is nothing to listen on.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    #[error(
        "the address {address} cannot be opened: {source}. Stop what listens there, or set LEPTOS_SITE_ADDR; \
         where systemd opens the socket, ListenStream= in postern.socket."
    )]
    Bind { address: SocketAddr, source: io::Error },
    #[error(
        "the service manager hands over {0} sockets, and Postern listens on one. Leave one ListenStream= in postern.socket."
    )]
    TooMany(usize),
    #[error(
        "the socket that the service manager hands over cannot be used: {0}. Postern listens on TCP: write \
         ListenStream=127.0.0.1:3000 in postern.socket."
    )]
    Unusable(io::Error),
    #[error(
        "this is a development server, which shows every mail to whoever can reach it, and the service manager has \
         it listen on {0}. Set LEPTOS_ENV=PROD, or ListenStream=127.0.0.1:3000 in postern.socket."
    )]
    DevelopmentForAll(SocketAddr),
}

/// The socket of the service manager, if it has handed one over.
///
/// Takes LISTEN_FDS and LISTEN_PID out of the environment, which is safe only while the process has one thread.
///
/// # Errors
/// `TooMany` and `Unusable` if it is not one socket of TCP.
pub fn handed_over() -> Result<Option<std::net::TcpListener>, SocketError> {
    let mut handed = ListenFd::from_env();
    if handed.len() > 1 {
        return Err(SocketError::TooMany(handed.len()));
    }
    let listener = handed.take_tcp_listener(0).map_err(SocketError::Unusable)?;
    // Its flags are shared with the process before, which may have ended in any state.
    if let Some(listener) = &listener {
        listener.set_nonblocking(true).map_err(SocketError::Unusable)?;
    }
    Ok(listener)
}

/// `handed`, or a socket of our own at LEPTOS_SITE_ADDR.
///
/// # Errors
/// `Bind` if that address cannot be opened, `Unusable` if `handed` does not listen, `DevelopmentForAll` if it does so to other
/// machines in development.
pub async fn open(
    handed: Option<std::net::TcpListener>,
    config: &Config,
) -> Result<TcpListener, SocketError> {
    let Some(handed) = handed else {
        let address = config.leptos.site_addr;
        let bound = TcpListener::bind(address).await;
        return bound.map_err(|source| SocketError::Bind { address, source });
    };
    let address = handed.local_addr().map_err(SocketError::Unusable)?;
    if !config.is_production() && !address.ip().is_loopback() {
        return Err(SocketError::DevelopmentForAll(address));
    }
    let listener = TcpListener::from_std(handed).map_err(SocketError::Unusable)?;
    let wanted = config.leptos.site_addr;
    if config.sources().place_of(LEPTOS_SITE_ADDR) != Origin::Default && wanted != address {
        tracing::warn!(%address, %wanted, "listening on the socket of the service manager, and not at LEPTOS_SITE_ADDR");
    } else {
        tracing::info!(%address, "listening on the socket of the service manager");
    }
    Ok(listener)
}
