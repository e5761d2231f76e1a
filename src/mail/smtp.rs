//! The dialogue with a mail server (RFC 5321), one command after the other, so that a refusal is known to be about us
//! or about the mail.

use std::{
    error::Error as _,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_io::{AsyncRead as _, AsyncWrite as _};
#[expect(deprecated, reason = "the only door of lettre 0.11 to TLS over a socket of ours")]
use lettre::transport::smtp::client::AsyncNetworkStream;
use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, lookup_host},
    time::{Instant, sleep, timeout},
};

use super::MailError;
use crate::config::{SmtpConfig, SmtpSecurity};

/// The longest wait for one address of the mail server to take a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait for an answer without which nothing is lost: whether a connection still lives, and to a goodbye.
const SHORT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection waits for another mail, and how many do.
const MAX_IDLE_TIME: Duration = Duration::from_secs(30);
const MAX_IDLE: usize = 8;

/// A mail server, and the connections to it that wait for the next mail.
pub struct Smtp {
    config: SmtpConfig,
    /// How TLS is spoken and whose certificate is believed; `None` in the clear.
    tls: Option<TlsParameters>,
    idle: Arc<Idle>,
}

impl Smtp {
    /// Reads the certificates; the server is first spoken to when there is a mail.
    ///
    /// # Errors
    /// `Setup` if the CA file is not one.
    pub fn new(config: &SmtpConfig) -> Result<Self, MailError> {
        let tls = match config.security {
            SmtpSecurity::None => None,
            SmtpSecurity::StartTls | SmtpSecurity::ImplicitTls => Some(tls_parameters(config)?),
        };
        Ok(Self { config: config.clone(), tls, idle: Arc::default() })
    }

    /// Hands one mail over; returns when it has been accepted.
    ///
    /// Whoever waits may go away at any time: the connection is closed then, and never used again, because late
    /// answers would be taken for answers to the next mail.
    ///
    /// # Errors
    /// `Permanent` if the server refused this recipient or this text for good, `NotAccepted` if it refused us,
    /// `Temporary` for everything else.
    pub async fn send(&self, message: &Message) -> Result<(), MailError> {
        let mut connection = match self.idle.take().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let outcome = hand_over(&mut connection, message).await;
        match outcome {
            Ok(()) => self.idle.put(connection),
            Err(_) => leave(connection),
        }
        outcome
    }

    /// Goes as far as a mail could begin: connection, TLS, user and password.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn probe(&self) -> Result<(), MailError> {
        let mut connection = self.connect().await?;
        // Whether it says goodbye does not matter.
        let _ = timeout(SHORT_TIMEOUT, connection.quit()).await;
        Ok(())
    }

    /// A new connection on which a mail can begin.
    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let SmtpConfig { host, port, security, credentials, .. } = &self.config;
        let stream = open_socket(host, *port)
            .await
            .map_err(|error| MailError::Temporary(format!("no connection to {host}:{port}: {error}")))?;
        let name = ClientId::default();
        let stream: Box<dyn AsyncTokioStream> = match (security, &self.tls) {
            (SmtpSecurity::ImplicitTls, Some(tls)) => {
                Box::new(Encrypted::new(stream, tls.clone()).await.map_err(|e| Step::Tls.failed(&e))?)
            }
            _ => Box::new(stream),
        };
        let connected = AsyncSmtpConnection::connect_with_transport(stream, &name).await;
        let mut connection = connected.map_err(|error| Step::Greeting.failed(&error))?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (security, &self.tls) {
            // Fails if the server does not offer it: nothing more is said in the clear (RFC 3207).
            let upgraded = connection.starttls(tls.clone(), &name).await;
            upgraded.map_err(|error| Step::Tls.failed(&error))?;
        }
        if let Some((user, password)) = credentials {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            if let Err(error) = connection.auth(DEFAULT_MECHANISMS, &credentials).await {
                leave(connection);
                return Err(Step::Auth.failed(&error));
            }
        }
        Ok(connection)
    }
}

/// The commands that bring one mail across.
async fn hand_over(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), MailError> {
    let envelope = message.envelope();
    // Recipients are in ASCII, as EmailAddress has them, and so is the text, for lettre encodes what is not.
    let mut parameters = Vec::new();
    if envelope.from().is_some_and(|from| !from.to_string().is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let reason = "it does not take senders that are not in ASCII (SMTPUTF8)".to_owned();
            return Err(MailError::NotAccepted { reason, remedy: Step::Sender.remedy() });
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let sender = Mail::new(envelope.from().cloned(), parameters);
    connection.command(sender).await.map_err(|error| Step::Sender.failed(&error))?;
    for recipient in envelope.to() {
        let recipient = Rcpt::new(recipient.clone(), Vec::new());
        connection.command(recipient).await.map_err(|error| Step::Recipient.failed(&error))?;
    }
    connection.command(Data).await.map_err(|error| Step::Data.failed(&error))?;
    connection.message(&message.formatted()).await.map_err(|error| Step::Text.failed(&error))?;
    Ok(())
}

/// Ends a connection between two commands. Nobody waits for it.
fn leave(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move { timeout(SHORT_TIMEOUT, connection.abort()).await });
}

/// A socket that sends each line at once.
///
/// Without TCP_NODELAY the dot that ends a text would wait until the server has acknowledged the text, which most
/// systems put off for 40 ms.
async fn open_socket(host: &str, port: u16) -> io::Result<TcpStream> {
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

fn tls_parameters(config: &SmtpConfig) -> Result<TlsParameters, MailError> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(path) = &config.ca_file {
        let unusable = |error: &dyn std::fmt::Display| {
            MailError::Setup(format!("EMAIL_CA_FILE {} cannot be used: {error}", path.display()))
        };
        let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
        builder =
            builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| unusable(&error))?);
    }
    builder.build().map_err(|error| MailError::Setup(error.to_string()))
}

/// What was being said when the server refused, or the connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The server's first line and EHLO.
    Greeting,
    /// STARTTLS, the certificate and all else of TLS.
    Tls,
    Auth,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    Data,
    /// After the dot.
    Text,
}

impl Step {
    fn failed(self, error: &Error) -> MailError {
        let reason = format!("{}: {error}", self.name());
        let refused =
            error.is_permanent() || error.is_client() || (self == Self::Tls && is_no_valid_tls(error));
        if !refused {
            MailError::Temporary(reason)
        } else if self.is_about_us(error) {
            MailError::NotAccepted { reason, remedy: self.remedy() }
        } else {
            MailError::Permanent(reason)
        }
    }

    /// Whether a refusal at this step is one of us, and not of the recipient or the text.
    ///
    /// Two exceptions, by their enhanced status codes (RFC 3463). Postfix keeps what it has against our address, our
    /// EHLO name, our sender or our not being signed in until RCPT (`smtpd_delay_reject`), and says 5.1.7, 5.1.8,
    /// 5.5.x or 5.7.x; without such a code the reply's own number may tell. A quota that is used up is 5.4.5 at Google
    /// and 5.1.90 at Microsoft, wherever it shows. If a server uses them otherwise, a mail is tried again in vain; the
    /// other way round it would be lost.
    fn is_about_us(self, error: &Error) -> bool {
        let words = error.source().map(ToString::to_string).unwrap_or_default();
        match (self, enhanced_status(&words)) {
            (Self::Recipient | Self::Text, Some((1, 90) | (4, 5))) => true,
            (Self::Recipient, Some((1, 7 | 8) | (5 | 7, _))) => true,
            (Self::Recipient, None) => {
                let code = error.status().map(|code| code.to_string());
                matches!(code.as_deref(), Some("503" | "504" | "530" | "535" | "538"))
            }
            (Self::Recipient | Self::Text, _) => false,
            (Self::Greeting | Self::Tls | Self::Auth | Self::Sender | Self::Data, _) => true,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Tls => "TLS",
            Self::Auth => "AUTH",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Text => "after the text",
        }
    }

    /// What the operator can do about being refused here.
    fn remedy(self) -> &'static str {
        match self {
            Self::Greeting => {
                "check EMAIL_HOST and EMAIL_PORT; if they are right, ask whoever runs the mail server why it turns \
                 away this machine's address or host name"
            }
            Self::Tls => {
                "check EMAIL_USE_TLS (STARTTLS), EMAIL_USE_SSL and EMAIL_PORT; the server's certificate must be for \
                 the name in EMAIL_HOST, and a private authority goes into EMAIL_CA_FILE"
            }
            Self::Auth => {
                "correct EMAIL_HOST_USER and EMAIL_HOST_PASSWORD; if the server offers no AUTH, it may want \
                 EMAIL_USE_TLS or EMAIL_USE_SSL first"
            }
            Self::Sender => {
                "make DEFAULT_FROM_EMAIL a sender that EMAIL_HOST_USER may use, and see whether its quota is used up"
            }
            Self::Recipient | Self::Data | Self::Text => {
                "see whether its quota is used up and whether it relays for us: it may want EMAIL_HOST_USER and \
                 EMAIL_HOST_PASSWORD, another DEFAULT_FROM_EMAIL, or this machine's address and host name on its list"
            }
        }
    }
}

/// Subject and detail of an enhanced status code at the beginning of a refusal, as in `5.7.1 Relay access denied`.
fn enhanced_status(words: &str) -> Option<(u16, u16)> {
    let mut numbers = words.split_whitespace().next()?.strip_prefix("5.")?.split('.').map(str::parse);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(subject)), Some(Ok(detail)), None) => Some((subject, detail)),
        _ => None,
    }
}

/// Whether a certificate does not hold, or what came was no TLS at all; not, whether the connection broke.
fn is_no_valid_tls(error: &Error) -> bool {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let mut failures = causes.filter_map(|cause| cause.downcast_ref::<io::Error>());
    failures.any(|failure| failure.kind() == io::ErrorKind::InvalidData)
}

/// Connections that wait for the next mail.
#[derive(Default)]
struct Idle(Mutex<Vec<(Instant, AsyncSmtpConnection)>>);

impl Idle {
    /// A connection that still lives, the one that was used last.
    async fn take(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (_, mut connection) = self.lock().pop()?;
            if timeout(SHORT_TIMEOUT, connection.test_connected()).await == Ok(true) {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection on which a mail has been taken, but not for long.
    fn put(self: &Arc<Self>, connection: AsyncSmtpConnection) {
        let mut idle = self.lock();
        if idle.len() == MAX_IDLE {
            drop(idle);
            return leave(connection);
        }
        idle.push((Instant::now(), connection));
        drop(idle);
        let room = Arc::downgrade(self);
        tokio::spawn(async move {
            sleep(MAX_IDLE_TIME).await;
            if let Some(idle) = room.upgrade() {
                idle.close_old();
            }
        });
    }

    fn close_old(&self) {
        let mut idle = self.lock();
        // The oldest come first: the youngest are the first to be taken.
        let old = idle.partition_point(|(since, _)| since.elapsed() >= MAX_IDLE_TIME);
        idle.drain(..old).for_each(|(_, connection)| leave(connection));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, AsyncSmtpConnection)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket inside TLS, for a server that speaks TLS from the first byte: lettre takes a socket of ours in the clear only.
#[derive(Debug)]
#[expect(deprecated, reason = "the only door of lettre 0.11 to TLS over a socket of ours")]
struct Encrypted(AsyncNetworkStream);

#[expect(deprecated, reason = "the only door of lettre 0.11 to TLS over a socket of ours")]
impl Encrypted {
    async fn new(stream: TcpStream, tls: TlsParameters) -> Result<Self, Error> {
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

    #[test]
    fn an_enhanced_status_is_read_from_the_first_word_only() {
        assert_eq!(enhanced_status("5.7.1 <ada@example.com>: Relay access denied"), Some((7, 1)));
        assert_eq!(enhanced_status("5.1.90"), Some((1, 90)));
        for other in ["", "no such person", "4.7.1 later", "5.7 x", "5.7.1.2 x", "5.x.1", "see 5.7.1"] {
            assert_eq!(enhanced_status(other), None, "{other}");
        }
    }
}
