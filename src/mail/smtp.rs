//! The dialogue with a mail server (RFC 5321), one command after the other, so that a refusal is known to be about us
//! or about the mail ([`refusal`]). [`socket`] is the way there, [`idle`] what is kept between two mails.

mod idle;
mod refusal;
mod socket;

use std::sync::Arc;

use lettre::{
    Address, Message,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt, Rset},
        extension::{ClientId, Extension, MailParameter},
    },
};
use secrecy::ExposeSecret;

use super::MailError;
use crate::config::{SmtpSecurity, SmtpServer};
use idle::{Idle, leave};
use refusal::Step;
pub use refusal::{Blame, Failure};
use socket::{Encrypted, open_socket};

/// A mail server, and the connections to it that wait for the next mail.
pub struct Smtp {
    config: SmtpServer,
    /// What we call ourselves.
    name: ClientId,
    /// How TLS is spoken and whose certificate is believed; `None` in the clear.
    tls: Option<TlsParameters>,
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
        Ok(Self { config: config.clone(), name, tls, idle: Arc::default() })
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
        if let Err(failure) = begin(&mut connection, sender.as_ref()).await {
            leave(connection);
            return Err(failure);
        }
        connection.command(Rset).await.map_err(|error| Step::Sender.failed(&error))?;
        self.idle.put(connection);
        Ok(())
    }

    /// A new connection on which a mail can begin.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let SmtpServer { host, port, security, credentials, .. } = &self.config;
        let stream = open_socket(host, *port)
            .await
            .map_err(|error| Failure::unreachable(format!("no connection to {host}:{port}: {error}")))?;
        let name = &self.name;
        let stream: Box<dyn AsyncTokioStream> = match (security, &self.tls) {
            (SmtpSecurity::ImplicitTls, Some(tls)) => {
                Box::new(Encrypted::new(stream, tls.clone()).await.map_err(|e| Step::Tls.failed(&e))?)
            }
            _ => Box::new(stream),
        };
        let connected = AsyncSmtpConnection::connect_with_transport(stream, name).await;
        let mut connection = connected.map_err(|error| Step::Greeting.failed(&error))?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (security, &self.tls) {
            // Fails if the server does not offer it: nothing more is said in the clear (RFC 3207).
            let upgraded = connection.starttls(tls.clone(), name).await;
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
async fn hand_over(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), Failure> {
    let envelope = message.envelope();
    begin(connection, envelope.from()).await?;
    for recipient in envelope.to() {
        let recipient = Rcpt::new(recipient.clone(), Vec::new());
        connection.command(recipient).await.map_err(|error| Step::Recipient.failed(&error))?;
    }
    connection.command(Data).await.map_err(|error| Step::Data.failed(&error))?;
    connection.message(&message.formatted()).await.map_err(|error| Step::Text.failed(&error))?;
    Ok(())
}

/// The command that says whose mail it is.
async fn begin(connection: &mut AsyncSmtpConnection, sender: Option<&Address>) -> Result<(), Failure> {
    // Recipients are in ASCII, as EmailAddress has them, and so is the text, for lettre encodes what is not.
    let mut parameters = Vec::new();
    if sender.is_some_and(|sender| !sender.to_string().is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(
                Step::Sender.refused("it does not take senders that are not in ASCII (SMTPUTF8)".to_owned())
            );
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let begun = connection.command(Mail::new(sender.cloned(), parameters)).await;
    begun.map(drop).map_err(|error| Step::Sender.failed(&error))
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
