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

/// A socket on which neither side waits for the other one's acknowledgement, which most systems put off for 40 ms.
///
/// Without TCP_NODELAY the dot that ends a text would wait until the server has acknowledged the text. And a server without it that
/// answers several commands in several pieces holds back all but the first, until that one is acknowledged.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    /// Whether something was read since the last write: only what is written takes the acknowledgement of it along at once.
    owes: bool,
    /// Whether it waits for TLS to begin.
    is_clear: bool,
}

/// With which each first record of TLS begins, and no command of SMTP (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

impl Socket {
    /// Hands out single bytes until TLS begins. lettre would keep what somebody on the way has put behind the answer to STARTTLS,
    /// and take it for the first answer inside of TLS; so it is left to TLS, which fails (RFC 3207, section 6).
    pub fn until_tls(mut self) -> Self {
        self.is_clear = true;
        self
    }
}

/// A connection to the first address of `host` that takes one.
pub async fn open_socket(host: &str, port: u16) -> io::Result<Socket> {
    let mut failure = io::Error::other("it has no address");
    for address in lookup_host((host, port)).await? {
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(Socket { stream, owes: false, is_clear: false });
            }
            Ok(Err(error)) => failure = error,
            Err(_) => failure = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(failure)
}

impl AsyncTokioStream for Socket {
    fn peer_addr(&self) -> io::Result<std::net::SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = if self.is_clear {
            let mut byte = [0];
            let mut one = ReadBuf::new(&mut byte);
            let read = Pin::new(&mut self.stream).poll_read(context, &mut one);
            buffer.put_slice(one.filled());
            read
        } else {
            Pin::new(&mut self.stream).poll_read(context, buffer)
        };
        if read.is_pending() && self.owes {
            // Not for ever, so each time (tcp(7)). Where that cannot be had, the rest comes later.
            #[cfg(target_os = "linux")]
            let _ = self.stream.set_quickack(true);
        }
        self.owes = read.is_ready();
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.owes = false;
        self.is_clear &= bytes.first() != Some(&HANDSHAKE);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
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
    pub async fn new(stream: Socket, tls: TlsParameters) -> Result<Self, Error> {
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
    use std::time::Instant;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn the_socket_does_not_hold_the_last_line_back() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = open_socket("127.0.0.1", listener.local_addr().unwrap().port()).await.unwrap();
        assert!(socket.stream.nodelay().unwrap());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn most_answers_in_two_pieces_wait_for_no_delayed_ack() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (socket, accepted) = tokio::join!(open_socket("127.0.0.1", port), listener.accept());
        let (mut socket, mut server) = (socket.unwrap(), accepted.unwrap().0);
        server.set_nodelay(false).unwrap();
        let mut times = Vec::new();
        for _ in 0..20 {
            let began = Instant::now();
            socket.write_all(b"a").await.unwrap();
            server.read_u8().await.unwrap();
            let answer = async {
                server.write_all(b"1").await.unwrap();
                server.write_all(b"2").await.unwrap();
            };
            let read = async { (socket.read_u8().await.unwrap(), socket.read_u8().await.unwrap()) };
            tokio::join!(answer, read);
            times.push(began.elapsed());
        }
        // Linux puts an ACK off for 40 ms, but for the first ones on a connection.
        times.sort_unstable();
        assert!(times[10] < Duration::from_millis(40), "{times:?}");
    }
}
