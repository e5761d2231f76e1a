//! EMAIL_* and DEFAULT_FROM_EMAIL: how mails leave, under the names that Django uses.

use std::{fmt, path::PathBuf};

use lettre::message::Mailbox;
use secrecy::SecretString;

use super::{
    PublicUrl,
    reader::{Noted, Reader},
    settings, smtp,
    smtp::SmtpConfig,
};

/// How mails leave.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The sender of all mails.
    pub from: Mailbox,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Mailbox>,
    /// What whoever tells of bounces has to know; `None`: nobody may.
    pub bounce_token: Option<SecretString>,
    /// The way on which they leave; a mail server in production.
    pub backend: MailBackend,
}

/// Where mails go.
#[derive(Clone, Debug)]
pub enum MailBackend {
    /// To the console (and the development inbox).
    Console,
    /// Into a folder, one .eml file each.
    File(PathBuf),
    /// To a mail server.
    Smtp(Box<SmtpConfig>),
}

impl fmt::Display for MailBackend {
    /// Where mails go, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Console => f.write_str("the console"),
            Self::File(folder) => write!(f, "the folder {}", folder.display()),
            Self::Smtp(servers) => servers.fmt(f),
        }
    }
}

/// The sender and the backend, which has to be a mail server in production.
///
/// # Errors
/// Notes whatever is missing, malformed, or would send links through the network in the clear.
pub fn read(reader: &mut Reader, public_url: Option<&PublicUrl>) -> Result<MailConfig, Noted> {
    let backend = read_backend(reader, public_url);
    let fix = "write it like Postern <postern@example.com>";
    let from = match reader.text(settings::DEFAULT_FROM_EMAIL) {
        None => {
            Err(reader.note(settings::DEFAULT_FROM_EMAIL, "is not set, so mails would have no sender", fix))
        }
        Some(text) => text.parse::<Mailbox>().map(|from| named(from, reader)).map_err(|_| {
            let problem = format!("is `{text}`, which is not a mail address");
            reader.note(settings::DEFAULT_FROM_EMAIL, problem, fix)
        }),
    };
    let reply_to = match reader.text(settings::EMAIL_REPLY_TO) {
        None => Ok(None),
        Some(text) => text.parse::<Mailbox>().map(Some).map_err(|_| {
            let problem = format!("is `{text}`, which is not a mail address");
            reader.note(settings::EMAIL_REPLY_TO, problem, "write it like Help <help@example.com>")
        }),
    };
    let bounce_token = read_bounce_token(reader);
    Ok(MailConfig { from: from?, reply_to: reply_to?, bounce_token: bounce_token?, backend: backend? })
}

/// BOUNCE_WEBHOOK_TOKEN, long enough that nobody guesses it, in the characters of a bearer token (RFC 6750).
fn read_bounce_token(reader: &mut Reader) -> Result<Option<SecretString>, Noted> {
    let Some(token) = reader.text(settings::BOUNCE_WEBHOOK_TOKEN) else { return Ok(None) };
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if (32..=256).contains(&token.len()) && token.bytes().all(is_one) {
        return Ok(Some(SecretString::from(token)));
    }
    let problem = "is no token of 32 to 256 letters, digits and -._~+/=";
    Err(reader.note(settings::BOUNCE_WEBHOOK_TOKEN, problem, "make one with: openssl rand -hex 32"))
}

/// The sender with a name: its own, else that of the site.
fn named(from: Mailbox, reader: &Reader) -> Mailbox {
    let name = from.name.or_else(|| reader.text(settings::SITE_NAME).map(str::to_owned));
    Mailbox { name, ..from }
}

fn read_backend(reader: &mut Reader, public_url: Option<&PublicUrl>) -> Result<MailBackend, Noted> {
    let backend = match reader.written(settings::EMAIL_BACKEND) {
        Some(_) => reader.one_of(settings::EMAIL_BACKEND, &["console", "file", "smtp"])?,
        None if reader.production => "smtp",
        None => "console",
    };
    match backend {
        "smtp" => Ok(MailBackend::Smtp(Box::new(smtp::read(reader, public_url)?))),
        _ if reader.production => Err(reader.note(
            settings::EMAIL_BACKEND,
            "sends no mail to anybody",
            "set it to smtp, and EMAIL_HOST to your mail server",
        )),
        "file" => Ok(MailBackend::File(reader.path(settings::EMAIL_FILE_PATH, "name a folder")?)),
        _ => Ok(MailBackend::Console),
    }
}
