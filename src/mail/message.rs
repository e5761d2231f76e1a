//! A mail: a letter with its recipient, as it crosses the wire.

use std::time::{Duration, SystemTime};

use lettre::{
    Message,
    message::{
        Body, Mailbox, MultiPart,
        header::{ContentTransferEncoding, HeaderName, HeaderValue},
    },
};

use super::MailError;
use crate::{
    domain::{EmailAddress, UnixTime},
    words::Words,
};

/// A mail on its way out. Holds secrets: it has no `Debug` and is never logged.
#[derive(Clone)]
pub struct Mail {
    /// The left half of Message-ID; the same for each try, so that a mail sent twice is seen to be one.
    pub message_id: String,
    pub to: EmailAddress,
    pub subject: String,
    /// The language that it is written in.
    pub words: Words,
    pub text: String,
    pub html: String,
    /// When the link was asked for.
    pub date: UnixTime,
}

impl Mail {
    /// The mail as it crosses the wire (RFC 5322, MIME multipart/alternative).
    ///
    /// # Errors
    /// `Permanent` if an address cannot stand in a header.
    pub fn to_message(&self, from: &Mailbox, reply_to: Option<&Mailbox>) -> Result<Message, MailError> {
        let unwritable = |error: &dyn std::fmt::Display| MailError::Permanent(error.to_string());
        let to = self.to.as_str().parse().map_err(|error| unwritable(&error))?;
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(self.date.secs().unsigned_abs());
        let message =
            reply_to.into_iter().fold(Message::builder(), |message, to| message.reply_to(to.clone()));
        let mut message = message
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(&self.subject)
            .date(date)
            .message_id(Some(format!("<{}@{}>", self.message_id, from.email.domain())))
            .multipart(MultiPart::alternative_plain_html(body(&self.text), body(&self.html)))
            .map_err(|error| unwritable(&error))?;
        let mut add = |name, value: &str| {
            let name = HeaderName::new_from_ascii_str(name);
            message.headers_mut().insert_raw(HeaderValue::new(name, value.to_owned()));
        };
        // So that no out-of-office note comes back (RFC 3834, section 5); Exchange reads the other one ([MS-OXCMAIL]).
        add("Auto-Submitted", "auto-generated");
        add("X-Auto-Response-Suppress", "All");
        // RFC 3282.
        add("Content-Language", self.words.lang());
        Ok(message)
    }
}

/// The longest line of a mail, in characters (RFC 5322, section 2.1.1).
const LONGEST_LINE: usize = 998;

/// A text as it stands (7bit, RFC 2045, section 2.7) where a mail can carry it so: links stay whole in it. Otherwise as lettre encodes it,
/// which would do that for a single line of more than 76 characters.
fn body(text: &str) -> Body {
    if text.is_ascii() && text.lines().all(|line| line.len() <= LONGEST_LINE) {
        let lines = text.replace('\n', "\r\n").into_bytes();
        return Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit);
    }
    Body::new(text.to_owned())
}
