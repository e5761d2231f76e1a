//! EMAIL_HOST and its kin, and the same names with EMAIL_FALLBACK_: the mail servers.

use std::{fmt, path::PathBuf};

use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::{
    CertificateDer,
    pem::{self, PemObject},
};
use secrecy::SecretString;

use super::{
    PublicUrl,
    reader::{Noted, Reader},
    settings::{self, Setting},
};

/// The mail servers.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// The one that mails go to.
    pub first: SmtpServer,
    /// The one that they go to while the first fails.
    pub fallback: Option<SmtpServer>,
    /// What Postern calls itself in EHLO (RFC 5321, section 4.1.1.1).
    pub ehlo_name: ClientId,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Its host name or IP address.
    pub host: String,
    /// 1 to 65535; without a setting the one that goes with `security`.
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

impl fmt::Display for SmtpConfig {
    /// Where mails go, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        self.fallback.as_ref().map_or(Ok(()), |second| write!(f, "; if that fails, {second}"))
    }
}

impl fmt::Display for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}, {}", self.host, self.port, self.security)
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

/// The settings of one mail server.
struct Names {
    host: Setting,
    port: Setting,
    use_tls: Setting,
    use_ssl: Setting,
    user: Setting,
    password: Setting,
    ca_file: Setting,
}

const FIRST: Names = Names {
    host: settings::EMAIL_HOST,
    port: settings::EMAIL_PORT,
    use_tls: settings::EMAIL_USE_TLS,
    use_ssl: settings::EMAIL_USE_SSL,
    user: settings::EMAIL_HOST_USER,
    password: settings::EMAIL_HOST_PASSWORD,
    ca_file: settings::EMAIL_CA_FILE,
};

const FALLBACK: Names = Names {
    host: settings::EMAIL_FALLBACK_HOST,
    port: settings::EMAIL_FALLBACK_PORT,
    use_tls: settings::EMAIL_FALLBACK_USE_TLS,
    use_ssl: settings::EMAIL_FALLBACK_USE_SSL,
    user: settings::EMAIL_FALLBACK_HOST_USER,
    password: settings::EMAIL_FALLBACK_HOST_PASSWORD,
    ca_file: settings::EMAIL_FALLBACK_CA_FILE,
};

/// The mail server that EMAIL_HOST names, and the one that stands in for it.
///
/// # Errors
/// Notes whatever is missing, malformed, or would send links through the network in the clear.
pub fn read(reader: &mut Reader, public_url: Option<&PublicUrl>) -> Result<SmtpConfig, Noted> {
    let first = read_server(reader, &FIRST);
    let fallback = read_fallback(reader);
    let ehlo_name = read_ehlo_name(reader, public_url);
    Ok(SmtpConfig { first: first?, fallback: fallback?, ehlo_name: ehlo_name? })
}

fn read_fallback(reader: &mut Reader) -> Result<Option<SmtpServer>, Noted> {
    if reader.written(FALLBACK.host).is_some() {
        return read_server(reader, &FALLBACK).map(Some);
    }
    let Names { host: _, port, use_tls, use_ssl, user, password, ca_file } = FALLBACK;
    let rest = [port, use_tls, use_ssl, user, password, ca_file];
    match rest.into_iter().find(|setting| reader.written(*setting).is_some()) {
        None => Ok(None),
        Some(alone) => Err(reader.note(
            FALLBACK.host,
            format!("is not set, but {} is", alone.name),
            "name the second mail server, or remove all EMAIL_FALLBACK_ settings",
        )),
    }
}

fn read_server(reader: &mut Reader, names: &Names) -> Result<SmtpServer, Noted> {
    let security = read_security(reader, names);
    let host = reader.required(names.host, "name your mail server, like smtp.example.com");
    let port = reader.optional_port(names.port);
    let credentials = read_credentials(reader, names);
    let ca_file = read_ca_file(reader, names);
    require_encryption(reader, names, security, host, &credentials);
    let security = security?;
    Ok(SmtpServer {
        host: host?.to_owned(),
        port: port?.unwrap_or(security.port()),
        security,
        credentials: credentials?,
        ca_file: ca_file?,
    })
}

/// EMAIL_USE_TLS and EMAIL_USE_SSL, Django's names for STARTTLS and for TLS from the first byte.
fn read_security(reader: &mut Reader, names: &Names) -> Result<SmtpSecurity, Noted> {
    let start_tls = reader.flag(names.use_tls);
    let implicit_tls = reader.flag(names.use_ssl);
    match (start_tls?, implicit_tls?) {
        (false, false) => Ok(SmtpSecurity::None),
        (true, false) => Ok(SmtpSecurity::StartTls),
        (false, true) => Ok(SmtpSecurity::ImplicitTls),
        (true, true) => {
            let (tls, ssl) = (names.use_tls.name, names.use_ssl.name);
            let fix = format!("keep one: {tls} is STARTTLS on port 587, {ssl} is TLS on port 465");
            Err(reader.note(names.use_tls, format!("and {ssl} are both set"), fix))
        }
    }
}

/// EMAIL_HOST_USER and EMAIL_HOST_PASSWORD, both or neither.
fn read_credentials(reader: &mut Reader, names: &Names) -> Result<Option<(String, SecretString)>, Noted> {
    let fix = "set both or neither";
    match (reader.text(names.user), reader.text(names.password)) {
        (Some(user), Some(password)) => Ok(Some((user.to_owned(), SecretString::from(password)))),
        (None, None) => Ok(None),
        (Some(_), None) => {
            Err(reader.note(names.password, format!("is not set, but {} is", names.user.name), fix))
        }
        (None, Some(_)) => {
            Err(reader.note(names.user, format!("is not set, but {} is", names.password.name), fix))
        }
    }
}

/// EMAIL_CA_FILE. Opening the transport would take a file without a certificate for one.
fn read_ca_file(reader: &mut Reader, names: &Names) -> Result<Option<PathBuf>, Noted> {
    let Some(path) = reader.optional_path(names.ca_file) else { return Ok(None) };
    let problem = match CertificateDer::pem_file_iter(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>)
    {
        Ok(authorities) if !authorities.is_empty() => return Ok(Some(path)),
        Err(pem::Error::Io(error)) => format!("names {}, which cannot be read ({error})", path.display()),
        _ => format!("names {}, which holds no certificate in PEM", path.display()),
    };
    Err(reader.note(names.ca_file, problem, "name a PEM file with the certificate of the authority"))
}

/// Without TLS, mails go only to this machine, and only without a password.
fn require_encryption(
    reader: &mut Reader,
    names: &Names,
    security: Result<SmtpSecurity, Noted>,
    host: Result<&str, Noted>,
    credentials: &Result<Option<(String, SecretString)>, Noted>,
) {
    let allowed = reader.flag(settings::EMAIL_ALLOW_PLAINTEXT);
    let (Ok(SmtpSecurity::None), Ok(host), Ok(false)) = (security, host, allowed) else { return };
    if !matches!(host, "localhost" | "127.0.0.1" | "::1") || matches!(credentials, Ok(Some(_))) {
        let (tls, ssl) = (names.use_tls.name, names.use_ssl.name);
        reader.note(
            names.use_tls,
            "is not set: links and the password would cross the network in the clear",
            format!(
                "set {tls}=true or {ssl}=true (or EMAIL_ALLOW_PLAINTEXT=true where another layer encrypts)"
            ),
        );
    }
}

/// EMAIL_EHLO_NAME, or the host of PUBLIC_URL. Not the name of the machine: it often is a single word, which servers refuse.
fn read_ehlo_name(reader: &mut Reader, public_url: Option<&PublicUrl>) -> Result<ClientId, Noted> {
    if reader.written(settings::EMAIL_EHLO_NAME).is_some() {
        let fix = "write a domain like login.example.com, or an address in brackets like [192.0.2.1]";
        return reader.parsed(settings::EMAIL_EHLO_NAME, fix, parse_ehlo_name);
    }
    // A PUBLIC_URL that cannot be read is a mistake of its own.
    let host = public_url.map_or("localhost", PublicUrl::host);
    Ok(match host.parse() {
        Ok(address) => ClientId::Ipv4(address),
        Err(_) => parse_ehlo_name(host).unwrap_or_else(|| ClientId::Domain(host.to_owned())),
    })
}

/// A domain or an address literal (RFC 5321, sections 4.1.2 and 4.1.3). A literal of IPv6 may do without its tag.
fn parse_ehlo_name(text: &str) -> Option<ClientId> {
    if let Some(literal) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        let v4 = literal.parse().map(ClientId::Ipv4);
        let untagged = match literal.split_at_checked("IPv6:".len()) {
            Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => address,
            _ => literal,
        };
        return v4.or_else(|_| untagged.parse().map(ClientId::Ipv6)).ok();
    }
    let domain = idna::domain_to_ascii_strict(text).ok()?;
    let last = domain.rsplit('.').next()?;
    // An empty last label is a dot at the end; a number is an address without its brackets.
    (!last.bytes().all(|byte| byte.is_ascii_digit())).then_some(ClientId::Domain(domain))
}

#[cfg(test)]
mod tests {
    use super::parse_ehlo_name;

    #[test]
    fn an_ehlo_name_is_a_domain_or_an_address_in_brackets() {
        for (written, said) in [
            ("login.example.com", "login.example.com"),
            ("Mail.Example.COM", "mail.example.com"),
            ("localhost", "localhost"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("[192.0.2.1]", "[192.0.2.1]"),
            ("[2001:db8::1]", "[IPv6:2001:db8::1]"),
            ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
            ("[ipv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
        ] {
            assert_eq!(
                parse_ehlo_name(written).map(|name| name.to_string()).as_deref(),
                Some(said),
                "{written}"
            );
        }
        for other in [
            "192.0.2.1",
            "2001:db8::1",
            "[192.0.2]",
            "[mail.example.com]",
            "[192.0.2.1",
            "mail.example.com.",
            "-a.example",
            "a_b.example",
            "a b.example",
            "mail.example.com\r\nMAIL FROM:<x>",
            "a@example.com",
            "a..example",
            "[]",
            ".",
        ] {
            assert!(parse_ehlo_name(other).is_none(), "{other:?}");
        }
    }
}
