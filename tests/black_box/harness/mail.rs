//! A mail as its reader gets it.

use mail_parser::{HeaderValue, MessageParser};

use super::browser::query_value;

/// One mail, parsed by a library that is not the one that wrote it.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub from: String,
    /// The name beside that address; empty if there is none.
    pub from_name: String,
    pub subject: String,
    pub message_id: String,
    /// Seconds since 1970.
    pub date: i64,
    pub auto_submitted: String,
    pub text: String,
    pub html: String,
    /// As it crossed the wire.
    pub raw: String,
}

/// The same HTML with the characters that numeric references outside of ASCII stand for.
fn with_characters(html: &str) -> String {
    let mut parts = html.split("&#");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let reference = part.split_once(';').and_then(|(number, rest)| Some((number.parse().ok()?, rest)));
        match reference.and_then(|(number, rest)| Some((char::from_u32(number)?, rest))) {
            Some((char, rest)) if !char.is_ascii() => text.extend([char.to_string().as_str(), rest]),
            _ => text.extend(["&#", part]),
        }
    }
    text
}

impl Mail {
    pub fn read(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).unwrap();
        let address = |list: Option<&mail_parser::Address>| {
            list.and_then(|list| list.first()?.address.as_deref().map(str::to_owned)).unwrap()
        };
        let name = |list: Option<&mail_parser::Address>| {
            list.and_then(|list| list.first()?.name.as_deref().map(str::to_owned)).unwrap_or_default()
        };
        let auto_submitted = message.header("Auto-Submitted").and_then(HeaderValue::as_text);
        Self {
            to: address(message.to()),
            from: address(message.from()),
            from_name: name(message.from()),
            subject: message.subject().unwrap().to_owned(),
            message_id: message.message_id().unwrap().to_owned(),
            date: message.date().unwrap().to_timestamp(),
            auto_submitted: auto_submitted.unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap().replace("\r\n", "\n"),
            html: with_characters(&message.body_html(0).unwrap()),
            raw: String::from_utf8_lossy(raw).into_owned(),
        }
    }

    /// The link: a line of its own in the text.
    pub fn link(&self) -> String {
        let mut links = self.text.lines().filter(|line| line.contains("/verify?token="));
        let link = links.next().unwrap().to_owned();
        assert_eq!(links.next(), None, "one link was expected");
        link
    }

    /// The reference word at the end of the subject.
    pub fn word(&self) -> &str {
        self.subject.rsplit_once(" (").unwrap().1.strip_suffix(')').unwrap()
    }

    /// The link without the origin.
    pub fn path(&self) -> String {
        let link = self.link();
        link[link.find("/verify").unwrap()..].to_owned()
    }

    /// The token in the link, decoded.
    pub fn token(&self) -> String {
        query_value(&self.path(), "token").unwrap()
    }

    /// The eight digits: a line of their own in the text.
    pub fn code(&self) -> String {
        let digits = |line: &&str| line.len() == 9 && line.chars().all(|c| c.is_ascii_digit() || c == ' ');
        let mut codes = self.text.lines().filter(digits);
        let code = codes.next().unwrap().replace(' ', "");
        assert_eq!((code.len(), codes.next()), (8, None), "one code was expected");
        code
    }

    /// Eight digits that are not the code, a different one for each `n`.
    pub fn wrong_code(&self, n: u32) -> String {
        let right: u32 = self.code().parse().unwrap();
        format!("{:08}", (right + 1 + n) % 100_000_000)
    }
}
