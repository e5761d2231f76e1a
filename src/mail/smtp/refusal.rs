//! The meaning of a failure in the dialogue: whether another try may go better, and whether a refusal is about us or about
//! the mail.

use std::{error::Error as _, io};

use lettre::transport::smtp::Error;

use crate::mail::MailError;

/// What was being said when the server refused, or the connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
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
    /// What follows for the mail from a failure at this step.
    pub fn failed(self, error: &Error) -> MailError {
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
    pub fn remedy(self) -> &'static str {
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

#[cfg(test)]
mod tests {
    use super::enhanced_status;

    #[test]
    fn an_enhanced_status_is_read_from_the_first_word_only() {
        assert_eq!(enhanced_status("5.7.1 <ada@example.com>: Relay access denied"), Some((7, 1)));
        assert_eq!(enhanced_status("5.1.90"), Some((1, 90)));
        for other in ["", "no such person", "4.7.1 later", "5.7 x", "5.7.1.2 x", "5.x.1", "see 5.7.1"] {
            assert_eq!(enhanced_status(other), None, "{other}");
        }
    }
}
