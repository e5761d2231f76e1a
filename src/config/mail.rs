//! EMAIL_* and DEFAULT_FROM_EMAIL: how mails leave, under the names that Django uses.

use std::{fmt, path::PathBuf};

use lettre::message::Mailbox;
use rustls::pki_types::{
    CertificateDer,
    pem::{self, PemObject},
};
use secrecy::SecretString;

use super::{
    reader::{Noted, Reader},
    settings,
};

/// How mails leave.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The sender of all mails.
    pub from: Mailbox,
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
    Smtp(SmtpConfig),
}

impl fmt::Display for MailBackend {
    /// Where mails go, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Console => f.write_str("the console"),
            Self::File(folder) => write!(f, "the folder {}", folder.display()),
            Self::Smtp(SmtpConfig { host, port, security, .. }) => write!(f, "{host}:{port}, {security}"),
        }
    }
}

impl fmt::Display for SmtpSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StartTls => "STARTTLS",
            Self::ImplicitTls => "TLS",
            Self::None => "in the clear",
        })
    }
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// Its host name or IP address.
    pub host: String,
    /// 1 to 65535; without EMAIL_PORT the one that goes with `security`.
    pub port: u16,
    /// Whether and when TLS begins.
    pub security: SmtpSecurity,
    /// User and password.
    pub credentials: Option<(String, SecretString)>,
    /// A PEM file with the authority that signed the server's certificate, beside the system's own.
    pub ca_file: Option<PathBuf>,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Plain, then upgraded; never continued in plain (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    ImplicitTls,
    /// In the clear.
    None,
}

impl SmtpSecurity {
    /// The port that mail servers use for it.
    fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::ImplicitTls => 465,
            Self::None => 25,
        }
    }
}

/// The sender and the backend, which has to be a mail server in production.
///
/// # Errors
/// Notes whatever is missing, malformed, or would send links through the network in the clear.
pub fn read(reader: &mut Reader) -> Result<MailConfig, Noted> {
    let backend = read_backend(reader);
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
    Ok(MailConfig { from: from?, backend: backend? })
}

/// The sender with a name: its own, else that of the site.
fn named(from: Mailbox, reader: &Reader) -> Mailbox {
    let name = from.name.or_else(|| reader.text(settings::SITE_NAME).map(str::to_owned));
    Mailbox { name, ..from }
}

fn read_backend(reader: &mut Reader) -> Result<MailBackend, Noted> {
    let backend = match reader.written(settings::EMAIL_BACKEND) {
        Some(_) => reader.one_of(settings::EMAIL_BACKEND, &["console", "file", "smtp"])?,
        None if reader.production => "smtp",
        None => "console",
    };
    match backend {
        "smtp" => Ok(MailBackend::Smtp(read_smtp(reader)?)),
        _ if reader.production => Err(reader.note(
            settings::EMAIL_BACKEND,
            "sends no mail to anybody",
            "set it to smtp, and EMAIL_HOST to your mail server",
        )),
        "file" => Ok(MailBackend::File(reader.path(settings::EMAIL_FILE_PATH, "name a folder")?)),
        _ => Ok(MailBackend::Console),
    }
}

fn read_smtp(reader: &mut Reader) -> Result<SmtpConfig, Noted> {
    let security = read_security(reader);
    let host = reader.required(settings::EMAIL_HOST, "name your mail server, like smtp.example.com");
    let port = reader.optional_port(settings::EMAIL_PORT);
    let credentials = read_credentials(reader);
    let ca_file = read_ca_file(reader);
    require_encryption(reader, security, host, &credentials);
    let security = security?;
    Ok(SmtpConfig {
        host: host?.to_owned(),
        port: port?.unwrap_or(security.port()),
        security,
        credentials: credentials?,
        ca_file: ca_file?,
    })
}

/// EMAIL_USE_TLS and EMAIL_USE_SSL, Django's names for STARTTLS and for TLS from the first byte.
fn read_security(reader: &mut Reader) -> Result<SmtpSecurity, Noted> {
    let start_tls = reader.flag(settings::EMAIL_USE_TLS);
    let implicit_tls = reader.flag(settings::EMAIL_USE_SSL);
    match (start_tls?, implicit_tls?) {
        (false, false) => Ok(SmtpSecurity::None),
        (true, false) => Ok(SmtpSecurity::StartTls),
        (false, true) => Ok(SmtpSecurity::ImplicitTls),
        (true, true) => Err(reader.note(
            settings::EMAIL_USE_TLS,
            "and EMAIL_USE_SSL are both set",
            "keep one: EMAIL_USE_TLS is STARTTLS on port 587, EMAIL_USE_SSL is TLS on port 465",
        )),
    }
}

/// EMAIL_HOST_USER and EMAIL_HOST_PASSWORD, both or neither.
fn read_credentials(reader: &mut Reader) -> Result<Option<(String, SecretString)>, Noted> {
    let user = reader.text(settings::EMAIL_HOST_USER);
    let password = reader.text(settings::EMAIL_HOST_PASSWORD);
    let fix = "set both or neither";
    match (user, password) {
        (Some(user), Some(password)) => Ok(Some((user.to_owned(), SecretString::from(password)))),
        (None, None) => Ok(None),
        (Some(_), None) => {
            Err(reader.note(settings::EMAIL_HOST_PASSWORD, "is not set, but EMAIL_HOST_USER is", fix))
        }
        (None, Some(_)) => {
            Err(reader.note(settings::EMAIL_HOST_USER, "is not set, but EMAIL_HOST_PASSWORD is", fix))
        }
    }
}

/// EMAIL_CA_FILE. Opening the transport would take a file without a certificate for one.
fn read_ca_file(reader: &mut Reader) -> Result<Option<PathBuf>, Noted> {
    let Some(path) = reader.optional_path(settings::EMAIL_CA_FILE) else { return Ok(None) };
    let problem = match CertificateDer::pem_file_iter(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>)
    {
        Ok(authorities) if !authorities.is_empty() => return Ok(Some(path)),
        Err(pem::Error::Io(error)) => format!("names {}, which cannot be read ({error})", path.display()),
        _ => format!("names {}, which holds no certificate in PEM", path.display()),
    };
    Err(reader.note(
        settings::EMAIL_CA_FILE,
        problem,
        "name a PEM file with the certificate of the authority",
    ))
}

/// Without TLS, mails go only to this machine, and only without a password.
fn require_encryption(
    reader: &mut Reader,
    security: Result<SmtpSecurity, Noted>,
    host: Result<&str, Noted>,
    credentials: &Result<Option<(String, SecretString)>, Noted>,
) {
    let allowed = reader.flag(settings::EMAIL_ALLOW_PLAINTEXT);
    let (Ok(SmtpSecurity::None), Ok(host), Ok(false)) = (security, host, allowed) else { return };
    if !matches!(host, "localhost" | "127.0.0.1" | "::1") || matches!(credentials, Ok(Some(_))) {
        reader.note(
            settings::EMAIL_USE_TLS,
            "is not set: links and the password would cross the network in the clear",
            "set EMAIL_USE_TLS=true or EMAIL_USE_SSL=true (or EMAIL_ALLOW_PLAINTEXT=true where another layer encrypts)",
        );
    }
}
