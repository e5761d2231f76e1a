//! EMAIL_* and DEFAULT_FROM_EMAIL: how mails leave, under the names that Django uses.

use std::path::PathBuf;

use lettre::message::Mailbox;
use secrecy::SecretString;

use super::{mistakes::Mistakes, sources::Sources};

/// How mails leave.
#[derive(Clone, Debug)]
pub struct MailConfig {
    pub from: Mailbox,
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

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
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

pub fn read(sources: &Sources, prod: bool, m: &mut Mistakes) -> MailConfig {
    let backend = match sources.one_of("EMAIL_BACKEND", &["console", "file", "smtp"], "console", m) {
        "smtp" => MailBackend::Smtp(read_smtp(sources, m)),
        "file" => MailBackend::File(sources.get("EMAIL_FILE_PATH").unwrap_or("data/mail").into()),
        _ => MailBackend::Console,
    };
    if prod && !matches!(backend, MailBackend::Smtp(_)) {
        m.add(
            "EMAIL_BACKEND",
            "sends no mail to anybody",
            "set it to smtp, and EMAIL_HOST to your mail server",
        );
    }
    MailConfig { from: read_from(sources, prod, m), backend }
}

fn read_from(sources: &Sources, prod: bool, m: &mut Mistakes) -> Mailbox {
    let fix = "write it like Postern <postern@example.com>";
    if prod && sources.get("DEFAULT_FROM_EMAIL").is_none() {
        m.add("DEFAULT_FROM_EMAIL", "is not set, so mails would have no sender", fix);
    }
    let text = sources.get("DEFAULT_FROM_EMAIL").unwrap_or("Postern <postern@localhost>");
    text.parse().unwrap_or_else(|_| {
        m.add("DEFAULT_FROM_EMAIL", format!("is `{text}`, which is not a mail address"), fix);
        invalid_mailbox()
    })
}

/// Stands in for a sender that was refused; the process ends before it is used.
fn invalid_mailbox() -> Mailbox {
    "invalid@localhost".parse().unwrap_or_else(|_| unreachable!("a plain address"))
}

fn read_smtp(sources: &Sources, m: &mut Mistakes) -> SmtpConfig {
    let security = match (sources.flag("EMAIL_USE_TLS", m), sources.flag("EMAIL_USE_SSL", m)) {
        (true, true) => {
            m.add(
                "EMAIL_USE_TLS",
                "and EMAIL_USE_SSL are both set",
                "keep one: EMAIL_USE_TLS is STARTTLS on port 587, EMAIL_USE_SSL is TLS on port 465",
            );
            SmtpSecurity::ImplicitTls
        }
        (_, true) => SmtpSecurity::ImplicitTls,
        (true, _) => SmtpSecurity::StartTls,
        _ => SmtpSecurity::None,
    };
    let host = sources.get("EMAIL_HOST").unwrap_or_else(|| {
        m.add("EMAIL_HOST", "is not set", "name your mail server, like smtp.example.com");
        "localhost"
    });
    let default_port = match security {
        SmtpSecurity::StartTls => "587",
        SmtpSecurity::ImplicitTls => "465",
        SmtpSecurity::None => "25",
    };
    let port = sources.get("EMAIL_PORT").unwrap_or(default_port);
    let port = port.parse().ok().filter(|port| *port > 0).unwrap_or_else(|| {
        m.add("EMAIL_PORT", format!("is `{port}`"), "write a port number, 1 to 65535");
        0
    });
    let credentials = match (sources.get("EMAIL_HOST_USER"), sources.get("EMAIL_HOST_PASSWORD")) {
        (Some(user), Some(password)) => Some((user.to_owned(), SecretString::from(password))),
        (None, None) => None,
        (Some(_), None) => {
            m.add("EMAIL_HOST_PASSWORD", "is not set, but EMAIL_HOST_USER is", "set both or neither");
            None
        }
        (None, Some(_)) => {
            m.add("EMAIL_HOST_USER", "is not set, but EMAIL_HOST_PASSWORD is", "set both or neither");
            None
        }
    };
    let stays_here = matches!(host, "localhost" | "127.0.0.1" | "::1") && credentials.is_none();
    if security == SmtpSecurity::None && !stays_here && !sources.flag("EMAIL_ALLOW_PLAINTEXT", m) {
        m.add(
            "EMAIL_USE_TLS",
            "is not set: links and the password would cross the network in the clear",
            "set EMAIL_USE_TLS=true or EMAIL_USE_SSL=true (or EMAIL_ALLOW_PLAINTEXT=true where another layer encrypts)",
        );
    }
    let ca_file = sources.get("EMAIL_CA_FILE").map(PathBuf::from);
    if let Some(path) = ca_file.as_deref().filter(|path| !path.is_file()) {
        m.add("EMAIL_CA_FILE", format!("names {}, which is not there", path.display()), "name a PEM file");
    }
    SmtpConfig { host: host.to_owned(), port, security, credentials, ca_file }
}
