//! The mailer: hands mails to the console, a folder or a mail server.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        PoolConfig,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use secrecy::ExposeSecret;

use super::{MailError, message::Mail};
use crate::config::{MailBackend, MailConfig, SmtpConfig, SmtpSecurity};

/// The longest wait for a connection to the mail server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait for a whole mail; shorter than a worker's claim on it, so that no two send it at the same time.
pub const MAIL_TIMEOUT: Duration = Duration::from_secs(45);

/// The sender's address, and the open transport for its mails.
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

enum Transport {
    Console,
    File(PathBuf),
    Smtp(Box<Smtp>),
}

/// A mail server, and the pool of connections to it that is in use now.
struct Smtp {
    config: SmtpConfig,
    pool: Mutex<AsyncSmtpTransport<Tokio1Executor>>,
}

impl Mailer {
    /// Sets up the transport; the mail server is first spoken to when there is a mail.
    ///
    /// # Errors
    /// If the folder cannot be made, or the CA file is not one.
    pub fn open(config: &MailConfig) -> Result<Self, MailError> {
        let transport = match &config.backend {
            MailBackend::Console => Transport::Console,
            MailBackend::File(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| {
                    MailError::Setup(format!("{} cannot be made: {error}", folder.display()))
                })?;
                Transport::File(folder.clone())
            }
            MailBackend::Smtp(config) => {
                let pool = Mutex::new(connect_later(config)?);
                Transport::Smtp(Box::new(Smtp { config: config.clone(), pool }))
            }
        };
        Ok(Self { from: config.from.clone(), transport })
    }

    /// Hands one mail over; returns when it has been accepted.
    ///
    /// # Errors
    /// `Temporary` if another try may go better, `Permanent` if not.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = mail.to_message(&self.from)?;
        match &self.transport {
            Transport::Console => {
                // The mail is for the developer's eyes: the console, never the log.
                println!("\n----- mail to {} -----\n{}-----\n", mail.to, mail.text);
                Ok(())
            }
            Transport::File(folder) => {
                let path = folder.join(format!("{}.eml", mail.message_id));
                tokio::fs::write(path, message.formatted())
                    .await
                    .map_err(|error| MailError::Temporary(error.to_string()))
            }
            Transport::Smtp(smtp) => smtp.send(message).await,
        }
    }
}

impl Smtp {
    async fn send(&self, message: Message) -> Result<(), MailError> {
        let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // In a task of its own: whoever waits here may go away, and lettre would put a connection whose dialogue
        // was cut short back into its pool, where late answers would be taken for answers to the next mail.
        let mut sending = tokio::spawn(async move { pool.send(message).await });
        match tokio::time::timeout(MAIL_TIMEOUT, &mut sending).await {
            Ok(Ok(Ok(_))) => Ok(()),
            Ok(Ok(Err(error))) if error.is_permanent() => Err(MailError::Permanent(error.to_string())),
            Ok(Ok(Err(error))) => Err(MailError::Temporary(error.to_string())),
            Ok(Err(error)) => Err(MailError::Temporary(error.to_string())),
            Err(_) => {
                // A server that says nothing would hold the connection for ever. It ends with its whole pool.
                *self.pool.lock().unwrap_or_else(PoisonError::into_inner) = connect_later(&self.config)?;
                sending.abort();
                Err(MailError::Temporary(format!("no answer within {} s", MAIL_TIMEOUT.as_secs())))
            }
        }
    }
}

fn connect_later(config: &SmtpConfig) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let tls = match config.security {
        SmtpSecurity::None => Tls::None,
        SmtpSecurity::StartTls => Tls::Required(tls_parameters(config)?),
        SmtpSecurity::ImplicitTls => Tls::Wrapper(tls_parameters(config)?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
        .port(config.port)
        .tls(tls)
        .timeout(Some(CONNECT_TIMEOUT))
        .pool_config(PoolConfig::new().max_size(8));
    if let Some((user, password)) = &config.credentials {
        builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
    }
    Ok(builder.build())
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
