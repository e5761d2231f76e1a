//! A mail server (RFC 5321). [`socket`] is the way there, [`connection`] the dialogue, [`refusal`] what a refusal is about, [`idle`] what is
//! kept between two mails.

mod connection;
mod idle;
mod refusal;
mod socket;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use lettre::{
    Address, Message,
    transport::smtp::{
        authentication::Credentials,
        client::{AsyncTokioStream, Certificate, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::ExposeSecret;

use super::MailError;
use crate::config::{SmtpSecurity, SmtpServer};
use connection::Connection;
use idle::{Idle, leave};
use refusal::{Again, Step};
pub use refusal::{Blame, Failure};
use socket::{Encrypted, open_socket};

/// A mail server, and the connections to it that wait for the next mail.
pub struct Smtp {
    config: SmtpServer,
    /// What we call ourselves.
    name: ClientId,
    /// How TLS is spoken and whose certificate is believed; `None` in the clear.
    tls: Option<TlsParameters>,
    /// Whether the server has refused a text by BDAT. What it has against the text it says of DATA too; until the next start it is told
    /// by that.
    by_data: AtomicBool,
    idle: Arc<Idle>,
}

impl Smtp {
    /// Reads the certificates; the server is first spoken to when there is a mail.
    ///
    /// # Errors
    /// `Setup` if the CA file is not one.
    pub fn new(config: &SmtpServer, name: ClientId) -> Result<Self, MailError> {
        let tls = match config.security {
            SmtpSecurity::None => None,
            SmtpSecurity::StartTls | SmtpSecurity::ImplicitTls => Some(tls_parameters(config)?),
        };
        Ok(Self { config: config.clone(), name, tls, by_data: AtomicBool::new(false), idle: Arc::default() })
    }

    /// Hands one mail over; returns when it has been accepted.
    ///
    /// Whoever waits may go away at any time: the connection is closed then, and never used again, because late
    /// answers would be taken for answers to the next mail.
    ///
    /// # Errors
    /// `Permanent` if the server refused this recipient or this text for good, `NotAccepted` if it refused us,
    /// `Temporary` for everything else; and whether another server may take it.
    pub async fn send(&self, message: &Message) -> Result<(), Failure> {
        let mut waited = self.idle.take().await;
        loop {
            let has_waited = waited.is_some();
            let mut connection = match waited.take() {
                Some(connection) => connection,
                None => self.connect().await?,
            };
            let outcome = connection.hand_over(message).await;
            match outcome.as_ref().map_err(|failure| failure.again) {
                Err(Some(Again::Anew)) if has_waited => leave(connection),
                Err(Some(Again::ByData)) => {
                    tracing::info!(
                        host = self.config.host,
                        "the mail server refuses a text by BDAT: using DATA"
                    );
                    self.by_data.store(true, Ordering::Relaxed);
                    leave(connection);
                }
                _ => return self.put_back(connection, outcome),
            }
        }
    }

    /// Goes as far as a mail could begin: connection, TLS, user and password.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn probe(&self) -> Result<(), Failure> {
        leave(self.connect().await?);
        Ok(())
    }

    /// Goes as far as a mail from `sender` would before it names its recipient.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn would_take(&self, sender: Option<Address>) -> Result<(), Failure> {
        let mut connection = self.connect().await?;
        let outcome = connection.would_take(sender.as_ref()).await;
        self.put_back(connection, outcome)
    }

    /// Keeps a connection on which this went well.
    fn put_back(&self, connection: Connection, outcome: Result<(), Failure>) -> Result<(), Failure> {
        match outcome {
            Ok(()) => self.idle.put(connection),
            Err(_) => leave(connection),
        }
        outcome
    }

    /// A new connection on which a mail can begin.
    async fn connect(&self) -> Result<Connection, Failure> {
        let SmtpServer { host, port, security, credentials, .. } = &self.config;
        let stream = open_socket(host, *port)
            .await
            .map_err(|error| Failure::unreachable(format!("no connection to {host}:{port}: {error}")))?;
        let name = &self.name;
        let stream: Box<dyn AsyncTokioStream> = match (security, &self.tls) {
            (SmtpSecurity::ImplicitTls, Some(tls)) => {
                Box::new(Encrypted::new(stream, tls.clone()).await.map_err(|e| Step::Tls.failed(&e))?)
            }
            (SmtpSecurity::StartTls, _) => Box::new(stream.until_tls()),
            _ => Box::new(stream),
        };
        let mut connection = Connection::greet(stream, name).await?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (security, &self.tls) {
            connection.start_tls(tls.clone(), name).await?;
        }
        connection.learn(name).await?;
        if self.by_data.load(Ordering::Relaxed) {
            connection.use_data();
        }
        if let Some((user, password)) = credentials {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            if let Err(failure) = connection.log_in(&credentials).await {
                leave(connection);
                return Err(failure);
            }
        }
        Ok(connection)
    }
}

fn tls_parameters(config: &SmtpServer) -> Result<TlsParameters, MailError> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(path) = &config.ca_file {
        let unusable = |error: &dyn std::fmt::Display| {
            MailError::Setup(format!("the CA file {} cannot be used: {error}", path.display()))
        };
        let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
        builder =
            builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| unusable(&error))?);
    }
    builder.build().map_err(|error| MailError::Setup(error.to_string()))
}
