//! The sign-in mail: link and code, as plain text and as HTML.

use std::time::{Duration, SystemTime};

use askama::Template;
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use super::MailError;
use crate::{
    config::Config,
    domain::{EmailAddress, SignIn, UnixTime},
    palette::{self, Palette},
    words::{
        Words,
        marked::{Part, mark, parts},
    },
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

/// The mail that signs somebody in. Its link and code exist only from here on.
pub fn sign_in(sign_in: &SignIn, config: &Config, words: Words) -> Mail {
    let site = config.public_url.authority();
    let mail = SignInMail {
        words,
        site,
        link: &sign_in.link(&config.keys, config.public_url.origin()),
        code: &sign_in.code(&config.keys).grouped(),
        word: &sign_in.word().to_string(),
        lifetime: &words.span(config.link_max_age),
    };
    Mail {
        message_id: sign_in.message_id(),
        to: sign_in.email.clone(),
        // Mails with the same subject become one thread, in which the older ones hide the newest.
        subject: words.mail_subject(site, mail.word),
        words,
        text: written(&Text { mail }),
        html: written(&Html { mail, light: palette::LIGHT, dark: palette::DARK }),
        date: sign_in.issued_at,
    }
}

/// What differs from one sign-in mail to the next.
#[derive(Clone, Copy)]
struct SignInMail<'a> {
    words: Words,
    /// The host that visitors know.
    site: &'a str,
    link: &'a str,
    /// The code in groups, alone on its line in the text.
    code: &'a str,
    /// The reference word, which the page shows too.
    word: &'a str,
    lifetime: &'a str,
}

impl SignInMail<'_> {
    /// The sentence about the reference word, which stands out in it.
    fn about_the_word(&self) -> Vec<Part> {
        parts(&self.words.mail_word(&mark(self.word)))
    }
}

/// The plain text part.
#[derive(Template)]
#[template(path = "sign_in.txt")]
struct Text<'a> {
    mail: SignInMail<'a>,
}

/// The HTML part. The inline styles are the light ones, for mail programs that read no style sheet; the style sheet
/// overrides them in the dark.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct Html<'a> {
    mail: SignInMail<'a>,
    light: Palette<'static>,
    dark: Palette<'static>,
}

fn written(template: &impl Template) -> String {
    // askama drops the line break at the end of a file.
    template.render().expect("writing text into a String does not fail") + "\n"
}

impl Mail {
    /// The mail as it crosses the wire (RFC 5322, MIME multipart/alternative).
    ///
    /// # Errors
    /// `Permanent` if an address cannot stand in a header.
    pub fn to_message(&self, from: &Mailbox) -> Result<Message, MailError> {
        let unwritable = |error: &dyn std::fmt::Display| MailError::Permanent(error.to_string());
        let to = self.to.as_str().parse().map_err(|error| unwritable(&error))?;
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(self.date.secs().unsigned_abs());
        let mut message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(&self.subject)
            .date(date)
            .message_id(Some(format!("<{}@{}>", self.message_id, from.email.domain())))
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))
            .map_err(|error| unwritable(&error))?;
        // So that no out-of-office note comes back (RFC 3834, section 5).
        let auto_submitted = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(auto_submitted, "auto-generated".to_owned()));
        // RFC 3282.
        let language = HeaderName::new_from_ascii_str("Content-Language");
        message.headers_mut().insert_raw(HeaderValue::new(language, self.words.lang().to_owned()));
        Ok(message)
    }
}
