//! The meaning of a failure in the dialogue: whether another try may go better, and whether a refusal is about us or about
//! the mail.

use std::{error::Error as _, io, time::Duration};

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
    /// BDAT, which is DATA and the text in one.
    Chunk,
}

/// Why a mail did not leave by this server, and whether another one may take it.
#[derive(Debug)]
pub struct Failure {
    pub error: MailError,
    pub blame: Blame,
    /// What may go better at once, on another connection.
    pub again: Option<Again>,
}

/// How a mail may be told once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// On a new connection: the server was gone before it said anything of this mail.
    Anew,
    /// By DATA: the server has refused BDAT, which is command and text in one.
    ByData,
}

/// Whose doing a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The server's, or the way's there: every other mail fares the same.
    Server,
    /// The server's by what it says, but it says so of this recipient or this text.
    Doubtful,
    /// This recipient's or this text's.
    Mail,
}

impl Failure {
    /// No connection could be made.
    pub fn unreachable(reason: String) -> Self {
        Self { error: MailError::Temporary(reason), blame: Blame::Server, again: None }
    }

    /// The server has let `patience` pass.
    pub fn no_answer(patience: Duration) -> Self {
        Self::unreachable(format!("no answer within {} s", patience.as_secs()))
    }
}

impl Step {
    /// What follows for the mail from a failure at this step.
    pub fn failed(self, error: &Error) -> Failure {
        let reason = format!("{}: {error}", self.name());
        let refused =
            error.is_permanent() || error.is_client() || (self == Self::Tls && is_no_valid_tls(error));
        let is_about_us = self.is_about_us(error);
        let blame = match self {
            Self::Recipient | Self::Text | Self::Chunk if error.status().is_none() => Blame::Server,
            Self::Recipient | Self::Text | Self::Chunk if is_about_us => Blame::Doubtful,
            Self::Recipient | Self::Text | Self::Chunk => Blame::Mail,
            Self::Greeting | Self::Tls | Self::Auth | Self::Sender | Self::Data => Blame::Server,
        };
        let meaning = if !refused {
            MailError::Temporary(reason)
        } else if is_about_us {
            MailError::NotAccepted { reason, remedy: self.remedy().to_owned() }
        } else {
            MailError::Permanent(reason)
        };
        let is_gone = error.status().is_none_or(|code| code.to_string() == "421");
        let again = match self {
            Self::Sender if is_gone => Some(Again::Anew),
            Self::Chunk if !is_gone => Some(Again::ByData),
            _ => None,
        };
        Failure { error: meaning, blame, again }
    }

    /// We know beforehand that the server does not take us as we are.
    pub fn refused(self, reason: String) -> Failure {
        Failure {
            error: MailError::NotAccepted { reason, remedy: self.remedy().to_owned() },
            blame: Blame::Server,
            again: None,
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
        let code = error.status().map(|code| code.to_string());
        match (self, enhanced_status(&words)) {
            (Self::Greeting | Self::Tls | Self::Auth | Self::Sender | Self::Data, _) => true,
            // The server is out of service, or its disk, its memory or its queue is full.
            (_, _) if code.as_deref() == Some("421") => true,
            (_, Some(Status { class: 4, subject: 3, .. })) => true,
            (_, Some(Status { subject: 1, detail: 90, .. })) => true,
            (_, Some(Status { subject: 4, detail: 5, .. })) => true,
            (Self::Recipient, Some(Status { class: 5, subject: 1, detail: 7 | 8 })) => true,
            (Self::Recipient, Some(Status { class: 5, subject: 5 | 7, .. })) => true,
            (Self::Recipient, None) => {
                matches!(code.as_deref(), Some("503" | "504" | "530" | "535" | "538"))
            }
            (Self::Recipient | Self::Text | Self::Chunk, _) => false,
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
            Self::Chunk => "BDAT",
        }
    }

    /// What the operator can do about being refused here.
    fn remedy(self) -> &'static str {
        match self {
            Self::Greeting => {
                "check EMAIL_HOST and EMAIL_PORT; if they are right, ask whoever runs the mail server why it turns \
                 away this machine's address, or the name in EMAIL_EHLO_NAME"
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
            Self::Recipient | Self::Data | Self::Text | Self::Chunk => {
                "see whether its quota is used up and whether it relays for us: it may want EMAIL_HOST_USER and \
                 EMAIL_HOST_PASSWORD, another DEFAULT_FROM_EMAIL, or this machine's address and EMAIL_EHLO_NAME on its list"
            }
        }
    }
}

/// An enhanced status code: 5.7.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Status {
    /// 4 or 5.
    class: u16,
    subject: u16,
    detail: u16,
}

/// The enhanced status code at the beginning of a refusal, as in `5.7.1 Relay access denied`.
fn enhanced_status(words: &str) -> Option<Status> {
    let mut numbers = words.split_whitespace().next()?.split('.').map(str::parse);
    match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(class @ (4 | 5))), Some(Ok(subject)), Some(Ok(detail)), None) => {
            Some(Status { class, subject, detail })
        }
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
    use super::{Status, enhanced_status};

    #[test]
    fn an_enhanced_status_is_read_from_the_first_word_only() {
        let status = |class, subject, detail| Some(Status { class, subject, detail });
        assert_eq!(enhanced_status("5.7.1 <ada@example.com>: Relay access denied"), status(5, 7, 1));
        assert_eq!(enhanced_status("5.1.90"), status(5, 1, 90));
        assert_eq!(enhanced_status("4.3.1 the disk is full"), status(4, 3, 1));
        for other in ["", "no such person", "2.7.1 fine", "5.7 x", "5.7.1.2 x", "5.x.1", "see 5.7.1"] {
            assert_eq!(enhanced_status(other), None, "{other}");
        }
    }
}
