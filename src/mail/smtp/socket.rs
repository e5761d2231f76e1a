//! The socket to a mail server, in the clear or inside TLS.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_io::{AsyncRead as _, AsyncWrite as _};
#[expect(deprecated, reason = "the only door of lettre 0.11 to TLS over a socket of ours")]
use lettre::transport::smtp::client::AsyncNetworkStream;
use lettre::transport::smtp::{
    Error,
    client::{AsyncTokioStream, TlsParameters},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, lookup_host},
    time::timeout,
};

/// The longest wait for one address of the mail server to take a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A socket that sends each line at once.
///
/// Without TCP_NODELAY the dot that ends a text would wait until the server has acknowledged the text, which most
/// systems put off for 40 ms.
pub async fn open_socket(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut failure = io::Error::other("it has no address");
    for address in lookup_host((host, port)).await? {
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => failure = error,
            Err(_) => failure = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(failure)
}

/// A socket inside TLS, for a server that speaks TLS from the first byte: lettre takes a socket of ours in the clear only.
#[derive(Debug)]
#[expect(deprecated, reason = "the only door of lettre 0.11 to TLS over a socket of ours")]
pub struct Encrypted(AsyncNetworkStream);

#[expect(deprecated, reason = "the only door of lettre 0.11 to TLS over a socket of ours")]
impl Encrypted {
    /// Speaks TLS on `stream`, as the client.
    ///
    /// # Errors
    /// If the certificate does not hold, or what answers is no TLS.
    pub async fn new(stream: TcpStream, tls: TlsParameters) -> Result<Self, Error> {
        let mut stream = AsyncNetworkStream::use_existing_tokio1(Box::new(stream));
        stream.upgrade_tls(tls).await?;
        Ok(Self(stream))
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<std::net::SocketAddr> {
        self.0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.0).poll_read(context, buffer.initialize_unfilled()))?;
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn the_socket_does_not_hold_the_last_line_back() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = open_socket("127.0.0.1", listener.local_addr().unwrap().port()).await.unwrap();
        assert!(stream.nodelay().unwrap());
    }
}
