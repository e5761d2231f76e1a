//! Mails: [`sign_in`] and [`new_device`] say what stands in one, as a [`letter`], which is drawn as a [`message`]; [`mailer`] hands it over
//! (to one of the mail [`servers`] by [`smtp`]), [`bounce`] reads what is told of one that came
//! back, [`trial`] is one that only shows that mails arrive, [`dev_inbox`] shows it in
//! development.

pub mod bounce;
pub mod dev_inbox;
pub mod letter;
pub mod mailer;
pub mod message;
pub mod new_device;
mod servers;
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
    NotAccepted { reason: String, remedy: String },
    /// Another try would end the same way: a 5xx answer about this recipient or this text, or a mail that cannot be
    /// written.
    #[error("{0}")]
    Permanent(String),
    /// The transport cannot be set up.
    #[error("{0}")]
    Setup(String),
}

impl MailError {
    /// The same of the server that EMAIL_FALLBACK_HOST names.
    fn of_fallback(self) -> Self {
        let there = |reason| format!("at EMAIL_FALLBACK_HOST: {reason}");
        match self {
            Self::Temporary(reason) => Self::Temporary(there(reason)),
            Self::Permanent(reason) => Self::Permanent(there(reason)),
            Self::Setup(reason) => Self::Setup(there(reason)),
            Self::NotAccepted { reason, remedy } => {
                let remedy = ["HOST", "PORT", "USE_", "CA_FILE"].iter().fold(remedy, |remedy, name| {
                    remedy.replace(&format!("EMAIL_{name}"), &format!("EMAIL_FALLBACK_{name}"))
                });
                Self::NotAccepted { reason: there(reason), remedy }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MailError;

    #[test]
    fn a_remedy_at_the_second_server_names_its_settings() {
        let remedy =
            "EMAIL_HOST_USER, EMAIL_USE_TLS, EMAIL_CA_FILE, EMAIL_EHLO_NAME, DEFAULT_FROM_EMAIL".to_owned();
        let MailError::NotAccepted { remedy, reason } =
            MailError::NotAccepted { reason: "AUTH: no".to_owned(), remedy }.of_fallback()
        else {
            panic!("it is still of that kind");
        };
        assert_eq!(reason, "at EMAIL_FALLBACK_HOST: AUTH: no");
        assert_eq!(
            remedy,
            "EMAIL_FALLBACK_HOST_USER, EMAIL_FALLBACK_USE_TLS, EMAIL_FALLBACK_CA_FILE, EMAIL_EHLO_NAME, DEFAULT_FROM_EMAIL"
        );
    }
}
