//! Mails: [`message`] says what stands in one, [`mailer`] hands it over, [`dev_inbox`] shows it in development.

pub mod dev_inbox;
pub mod mailer;
pub mod message;

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Another try may go better: no connection, a time-out, a 4xx answer (RFC 5321, section 4.2.1).
    #[error("{0}")]
    Temporary(String),
    /// Another try would end the same way: a 5xx answer, or a mail that cannot be written.
    #[error("{0}")]
    Permanent(String),
    /// The transport cannot be set up.
    #[error("{0}")]
    Setup(String),
}
