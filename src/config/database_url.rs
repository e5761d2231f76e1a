//! DATABASE_URL: where sessions, mails to send, limits and the audit trail are kept: in an SQLite file, or in PostgreSQL.

use std::{fmt, net::IpAddr};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio_postgres::config::{Host, SslMode};

use super::{
    reader::{Noted, Reader},
    settings,
};

/// What would not be read as a part of the path.
const NOT_IN_PATH: AsciiSet = CONTROLS.add(b'%').add(b'?').add(b'#');

/// A database. `Display` shows where it is, and no password.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// The URL of an SQLite file as sqlx reads it, with an absolute path and no parameters.
    Sqlite(String),
    /// A database of PostgreSQL.
    Postgres(PostgresUrl),
}

/// A database of PostgreSQL, and how to get there.
#[derive(Clone, Debug)]
pub struct PostgresUrl {
    /// The servers, the name of the database, and the user. Its `Debug` hides the password.
    pub config: Box<tokio_postgres::Config>,
    /// Who may have signed the server's certificate; empty for the authorities of the system.
    pub authorities: Vec<CertificateDer<'static>>,
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(url) => f.write_str(url),
            Self::Postgres(url) => {
                let (config, mut ports) = (&url.config, url.config.get_ports().iter());
                let hosts = config.get_hosts().iter().map(|host| {
                    let host = match host {
                        Host::Tcp(host) => host.clone(),
                        Host::Unix(folder) => folder.display().to_string(),
                    };
                    ports.next().map_or(host.clone(), |port| format!("{host}:{port}"))
                });
                let hosts = hosts.collect::<Vec<_>>().join(",");
                write!(f, "postgres://{hosts}/{}", config.get_dbname().unwrap_or_default())
            }
        }
    }
}

/// The database that DATABASE_URL names. A relative path of an SQLite file begins in the folder of the settings.
///
/// # Errors
/// Notes a URL that names no database. One in memory is none: a restart would forget limits and mails on their way.
pub fn read(reader: &mut Reader) -> Result<DatabaseUrl, Noted> {
    let authorities = read_authorities(reader);
    let fix = "write it like sqlite://data/postern.sqlite3, or like postgres://user:password@host/database";
    let url = reader.required(settings::DATABASE_URL, fix)?;
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return read_postgres(reader, url, authorities?).map(DatabaseUrl::Postgres);
    }
    let path = url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//")).unwrap_or_default();
    if path.is_empty() || path == ":memory:" {
        return Err(reader.note(settings::DATABASE_URL, "does not name a database", fix));
    }
    if path.contains('?') {
        let problem = "has parameters, and of SQLite Postern sets all that there is to set";
        let fix = "leave out the ? and what follows; a ? in the name of a file or folder is written %3F";
        return Err(reader.note(settings::DATABASE_URL, problem, fix));
    }
    if path.starts_with('/') {
        return Ok(DatabaseUrl::Sqlite(url.to_owned()));
    }
    let path = percent_decode_str(path).decode_utf8_lossy();
    let path = reader.sources.resolve(&*path);
    let path = path.to_string_lossy();
    Ok(DatabaseUrl::Sqlite(format!("sqlite://{}", utf8_percent_encode(&path, &NOT_IN_PATH))))
}

/// `url` has a password in it, so what is wrong with it is said without quoting it.
fn read_postgres(
    reader: &mut Reader,
    url: &str,
    authorities: Vec<CertificateDer<'static>>,
) -> Result<PostgresUrl, Noted> {
    let fix = "write it like postgres://user:password@host/database, with signs of the password that mean something in a \
               URL percent-encoded; of parameters, those of tokio-postgres can follow, such as ?sslmode=require";
    let mut config = match url.parse::<tokio_postgres::Config>() {
        Ok(config) => Box::new(config),
        Err(_) => return Err(reader.note(settings::DATABASE_URL, "cannot be read", fix)),
    };
    if config.get_user().is_none() || config.get_dbname().is_none() || config.get_hosts().is_empty() {
        let problem = "does not name user, host and database";
        return Err(reader.note(settings::DATABASE_URL, problem, fix));
    }
    if config.get_password().is_some() && reader.sources.is_committed(settings::DATABASE_URL) {
        let problem = "has a password in it and stands in Leptos.toml, which is committed";
        return Err(reader.note(settings::DATABASE_URL, problem, "move it to .env or the environment"));
    }
    insist_on_tls(url, &mut config);
    Ok(PostgresUrl { config, authorities })
}

/// Asks for TLS on the way to another machine, unless `url` says otherwise. tokio-postgres' own default is `prefer`: then
/// whoever stands in between says that there is no TLS, asks for the password in clear, and is given it.
fn insist_on_tls(url: &str, config: &mut tokio_postgres::Config) {
    let is_said = url.rsplit('@').next().is_some_and(|rest| rest.contains("sslmode="));
    let stays_here = config.get_hosts().iter().all(is_this_machine)
        && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    if !is_said && !stays_here {
        config.ssl_mode(SslMode::Require);
    }
}

/// Whether what is sent there stays on this machine: a socket, a loopback address, or `localhost` (RFC 6761).
fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

/// The certificates in DATABASE_CA_FILE.
fn read_authorities(reader: &mut Reader) -> Result<Vec<CertificateDer<'static>>, Noted> {
    let Some(path) = reader.optional_path(settings::DATABASE_CA_FILE) else { return Ok(Vec::new()) };
    let read = CertificateDer::pem_file_iter(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(authorities) if !authorities.is_empty() => Ok(authorities),
        _ => {
            let fix = "name a PEM file with the certificate of the authority";
            Err(reader.note(settings::DATABASE_CA_FILE, "holds no certificate, or cannot be read", fix))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        let mut config = url.parse().unwrap();
        insist_on_tls(url, &mut config);
        config.get_ssl_mode()
    }

    #[test]
    fn what_goes_to_another_machine_is_encrypted_unless_somebody_has_said_otherwise() {
        for url in [
            "postgres://postern:sslmode=x@db.example.com/postern",
            "postgres://postern@192.0.2.7/postern?connect_timeout=3",
            "postgres://postern@localhost,db.example.com/postern",
            "postgres://postern@localhost/postern?hostaddr=192.0.2.7",
        ] {
            assert_eq!(mode(url), SslMode::Require, "{url}");
        }
        for (url, said) in [
            ("postgres://postern@db.example.com/postern?sslmode=disable", SslMode::Disable),
            ("postgres://postern@db.example.com/postern?connect_timeout=3&sslmode=prefer", SslMode::Prefer),
            ("postgres://postern@localhost,127.0.0.2/postern", SslMode::Prefer),
            ("postgres://postern@%2Frun%2Fpostgresql/postern", SslMode::Prefer),
        ] {
            assert_eq!(mode(url), said, "{url}");
        }
    }
}
