//! The mailer: hands mails to the console, a folder or a mail server.

use std::{future::Future, path::PathBuf, time::Duration};

use lettre::message::Mailbox;
use tokio::time::timeout;

use super::{MailError, message::Mail, smtp::Smtp};
use crate::config::{MailBackend, MailConfig};

/// The longest wait for a whole mail; shorter than a worker's claim on it, so that no two send it at the same time.
pub const MAIL_TIMEOUT: Duration = Duration::from_secs(45);

/// The longest wait of somebody who looks on.
const PROBE_TIMEOUT: Duration = Duration::from_secs(15);

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
            MailBackend::Smtp(config) => Transport::Smtp(Box::new(Smtp::new(config)?)),
        };
        Ok(Self { from: config.from.clone(), transport })
    }

    /// Goes the way of a mail as far as it can be gone without one: to a folder that can be written, or to a mail server that
    /// has let us in.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn probe(&self) -> Result<(), MailError> {
        use rustix::fs::{Access, access};
        match &self.transport {
            Transport::Console => Ok(()),
            Transport::File(folder) => access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| {
                MailError::Setup(format!("{} cannot be written: {error}", folder.display()))
            }),
            Transport::Smtp(smtp) => in_time(PROBE_TIMEOUT, smtp.probe()).await,
        }
    }

    /// Hands one mail over; returns when it has been accepted.
    ///
    /// # Errors
    /// `Temporary` or `NotAccepted` if another try may go better, `Permanent` if not.
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
            Transport::Smtp(smtp) => in_time(MAIL_TIMEOUT, smtp.send(&message)).await,
        }
    }
}

async fn in_time(
    longest: Duration,
    talk: impl Future<Output = Result<(), MailError>>,
) -> Result<(), MailError> {
    timeout(longest, talk)
        .await
        .unwrap_or_else(|_| Err(MailError::Temporary(format!("no answer within {} s", longest.as_secs()))))
}
