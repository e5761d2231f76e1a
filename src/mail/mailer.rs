//! The mailer: hands mails to the console, a folder or a mail server.

use std::path::PathBuf;

use lettre::message::Mailbox;

pub use super::servers::MAIL_TIMEOUT;
use super::{MailError, message::Mail, servers::Servers};
use crate::config::{MailBackend, MailConfig};

/// Sender and address for answers, and the open transport for its mails.
pub struct Mailer {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    transport: Transport,
}

enum Transport {
    Console,
    File(PathBuf),
    Smtp(Box<Servers>),
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
            MailBackend::Smtp(config) => Transport::Smtp(Box::new(Servers::new(config)?)),
        };
        Ok(Self { from: config.from.clone(), reply_to: config.reply_to.clone(), transport })
    }

    /// Goes the way of a mail as far as it can be gone without one: to a folder that can be written, or to each mail server
    /// until it has let us in. What is wrong with the way, as [`Self::send`] would say it, and with the second mail server;
    /// nothing, if all is well.
    pub async fn probe(&self) -> [Option<MailError>; 2] {
        use rustix::fs::{Access, access};
        match &self.transport {
            Transport::Console => [None, None],
            Transport::File(folder) => {
                let failed = access(folder, Access::WRITE_OK | Access::EXEC_OK).err();
                let said =
                    |error| MailError::Setup(format!("{} cannot be written: {error}", folder.display()));
                [failed.map(said), None]
            }
            Transport::Smtp(servers) => servers.probe().await,
        }
    }

    /// Hands one mail over; returns when it has been accepted.
    ///
    /// # Errors
    /// `Temporary` or `NotAccepted` if another try may go better, `Permanent` if not.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = mail.to_message(&self.from, self.reply_to.as_ref())?;
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
            Transport::Smtp(servers) => servers.send(&message).await,
        }
    }
}
