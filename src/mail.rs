//! Mails: [`sign_in`] and [`new_device`] say what stands in one, as a [`letter`], which is drawn as a [`message`]; [`mailer`] hands it over
//! (to a mail server by [`smtp`]), [`trial`] is one that only shows that mails arrive, [`dev_inbox`] shows it in development.

pub mod dev_inbox;
pub mod letter;
pub mod mailer;
pub mod message;
pub mod new_device;
pub mod sign_in;
mod smtp;
pub mod trial;

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Another try may go better: no connection, a time-out, a 4xx answer (RFC 5321, section 4.2.1).
    #[error("{0}")]
    Temporary(String),
    /// The mail server refuses whatever we send, because of who we are or how we come: the operator has to mend it,
    /// and then the mail goes out.
    #[error("{reason}")]
    NotAccepted { reason: String, remedy: &'static str },
    /// Another try would end the same way: a 5xx answer about this recipient or this text, or a mail that cannot be
    /// written.
    #[error("{0}")]
    Permanent(String),
    /// The transport cannot be set up.
    #[error("{0}")]
    Setup(String),
}
