//! The listener: takes connections, answers the requests that each brings, and ends without refusing any.
//!
//! A balancer sends requests for some time after `/readyz` has said no, and whoever has a connection may be sending on it
//! just now. So connections end one after the other, each with an answer; only then is the port closed, and what has
//! reached it by then is answered too.
//!
//! Rejected: axum-server and `axum::serve`. When they end they drop a connection that was taken and not read from yet,
//! and the second has no limit for slow headers.

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    http::{HeaderValue, header::CONNECTION},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::process::{Resource, getrlimit};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutWriter;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    clock::Clock,
    state::{stop::Stop, throttle::OnceAMinute},
};

/// The longest time for the headers of a request, from the moment on at which they could come: a slow client must not hold
/// a connection for nothing.
const LONGEST_HEADERS: Duration = Duration::from_secs(10);
/// Bytes; a link is 200, a browser's headers a few thousand. hyper looks at the size between two reads, each up to twice
/// the one before: what is larger than this may pass, what is larger than 32 KiB never does (431, RFC 6585).
const LARGEST_HEADERS: usize = 20 * 1024;
/// The longest time in which a client takes nothing of an answer: it holds what is left of it in memory, or a file.
const LONGEST_UNREAD: Duration = Duration::from_secs(30);
/// The largest number of connections at a time. One that asks nothing costs some 10 kB.
const MOST_CONNECTIONS: usize = 8192;
/// File descriptors that connections leave to the database, the mail server, files and the log.
const KEPT_DESCRIPTORS: usize = 128;
/// How long a connection without a request may still bring one after the port was closed; no longer than the drain.
const LINGER: Duration = Duration::from_secs(1);
/// How long requests under way may take after that.
const LONGEST_GOODBYE: Duration = Duration::from_secs(6);
/// How long nothing is accepted after it has failed.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers requests with `router` until `stop` says to close; returns when the last one is answered, or was cut off.
///
/// A proxy speaks HTTP/1.1 to us; of HTTP/2 in the clear nobody would end the idle connections.
/// Whoever opens connections and asks nothing makes others wait, for as long as headers may take; what has come in goes on, and
/// can open what it needs.
///
/// # Errors
/// If the listener cannot be given back to the system at the end.
pub async fn listen(listener: TcpListener, router: Router, stop: Arc<Stop>) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(LONGEST_HEADERS).max_buf_size(LARGEST_HEADERS);
    let (mut connections, leave) = (JoinSet::new(), CancellationToken::new());
    let (most, warning) = (most_connections(), OnceAMinute::default());
    let serve =
        |stream, peer| serve(stream, peer, http.clone(), router.clone(), Arc::clone(&stop), leave.clone());
    loop {
        tokio::select! {
            () = stop.closed.cancelled() => break,
            (stream, peer) = accept(&listener, &warning), if connections.len() < most => {
                connections.spawn(serve(stream, peer));
                if connections.len() == most && let Some(left_out) = warning.pass(Clock::System.now()) {
                    tracing::warn!(most, left_out, "no more connections are taken until one ends");
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
    // Closing the port resets whatever waits behind it with its handshake done.
    let listener = listener.into_std()?;
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                if let Ok(stream) = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream)) {
                    connections.spawn(serve(stream, peer));
                }
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(_) => break,
        }
    }
    drop(listener);
    let _ = timeout(LINGER.min(stop.drain_time), ended(&mut connections)).await;
    leave.cancel();
    if timeout(LONGEST_GOODBYE, ended(&mut connections)).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests that would not end were cut off");
    }
    connections.shutdown().await;
    Ok(())
}

/// As many as the process has file descriptors for.
fn most_connections() -> usize {
    let descriptors = getrlimit(Resource::Nofile).current.and_then(|most| usize::try_from(most).ok());
    descriptors
        .map_or(MOST_CONNECTIONS, |most| most.saturating_sub(KEPT_DESCRIPTORS).clamp(1, MOST_CONNECTIONS))
}

/// The next connection. Where none can be taken, without a free file descriptor for example, this says so and waits.
async fn accept(listener: &TcpListener, warning: &OnceAMinute) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if let Some(left_out) = warning.pass(Clock::System.now()) {
                    tracing::error!(%error, left_out, "no connection can be taken");
                }
                sleep(PAUSE).await;
            }
        }
    }
}

/// Whether only the connection that was to be taken is gone, which is nobody's fault.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Answers the requests on one connection, until its end or the first moment without one after `leave`.
async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    http: http1::Builder,
    router: Router,
    stop: Arc<Stop>,
    leave: CancellationToken,
) {
    // A page goes out in pieces; without this the second would wait for the visitor's delayed ACK.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(LONGEST_UNREAD));
    let service = service_fn(move |request| answer(request, peer, router.clone(), Arc::clone(&stop)));
    let mut connection = pin!(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
    tokio::select! {
        // How a connection ends is the client's affair.
        _ = connection.as_mut() => return,
        () = leave.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Answers one request; with the last answer of a connection once the process was asked to stop (RFC 9112, section 9.6).
async fn answer(
    request: Request<Incoming>,
    peer: SocketAddr,
    router: Router,
    stop: Arc<Stop>,
) -> Result<axum::response::Response, Infallible> {
    let mut request = request.map(axum::body::Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = router.oneshot(request).await?;
    if stop.asked.is_cancelled() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// Returns when all connections have ended.
async fn ended(connections: &mut JoinSet<()>) {
    while connections.join_next().await.is_some() {}
}
