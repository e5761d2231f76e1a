//! The configuration of a process: read once, checked whole, and only then used.
//!
//! Order: defaults < Leptos.toml < .env < environment. [`sources`] finds a setting, [`mistakes`] collects what
//! is wrong, this file and [`mail`] say what each setting means. docs/configuration.md is the list for people.

mod allowlist_source;
mod limits;
mod mail;
mod mistakes;
mod public_url;
mod secret_key;
mod sources;

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;
use leptos::config::{Env, LeptosOptions, get_configuration};

pub use allowlist_source::AllowlistSource;
pub use limits::Limits;
pub use mail::{MailBackend, MailConfig, SmtpConfig, SmtpSecurity};
pub use mistakes::{Mistake, Mistakes};
pub use public_url::PublicUrl;
pub use sources::Sources;

use tracing_subscriber::EnvFilter;

use crate::domain::SecretKeys;

/// Everything that an operator can set.
#[derive(Clone, Debug)]
pub struct Config {
    pub leptos: LeptosOptions,
    pub public_url: PublicUrl,
    pub keys: SecretKeys,
    pub credentials: AllowlistSource,
    pub database_url: String,
    /// How long a link and its code live: 1 second to 1 day.
    pub link_max_age: Duration,
    pub limits: Limits,
    /// How long the audit trail remembers.
    pub audit_kept: Duration,
    /// Proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    pub mail: MailConfig,
    /// A session ends after this long without a request.
    pub session_idle: Duration,
    /// A session ends this long after the sign-in.
    pub session_absolute: Duration,
    /// Paths that need no session, beside Postern's own; matched by whole segments.
    pub exempt_paths: Vec<String>,
    pub reveal_unknown_emails: bool,
    pub log: LogConfig,
}

/// How the log is written.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// A `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// JSON lines for machines instead of text for people.
    pub json: bool,
}

impl Config {
    /// Reads Leptos.toml and .env in the working directory, then the environment.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn load() -> Result<Self, Mistakes> {
        let sources = Sources::read()?;
        Sources::export_dotenv();
        let leptos_toml = std::path::Path::new("Leptos.toml").exists().then_some("Leptos.toml");
        let leptos = get_configuration(leptos_toml)
            .map_err(|error| Mistake::new("LEPTOS_*", error.to_string(), "see docs/configuration.md"))?
            .leptos_options;
        Self::from_sources(&sources, leptos)
    }

    /// Works out every setting from `sources`.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn from_sources(sources: &Sources, leptos: LeptosOptions) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::default();
        let m = &mut mistakes;
        let prod = leptos.env == Env::PROD;
        if !prod && !leptos.site_addr.ip().is_loopback() {
            m.add(
                "LEPTOS_ENV",
                "is DEV, which shows every mail to whoever can reach the server, but LEPTOS_SITE_ADDR listens to other machines",
                "set LEPTOS_ENV=PROD, or LEPTOS_SITE_ADDR=127.0.0.1:3000",
            );
        }
        let public_url = public_url::read(sources, &leptos, m);
        if !prod && !public_url.is_local() {
            m.add(
                "LEPTOS_ENV",
                format!("is DEV, which shows every mail to whoever can reach the server, but PUBLIC_URL is {public_url}"),
                "set LEPTOS_ENV=PROD, or leave PUBLIC_URL out",
            );
        }
        let mail = mail::read(sources, prod, m);
        let idle = sources.duration("SESSION_IDLE", 60..=30 * 86_400, "24h", m);
        let absolute = sources.duration("SESSION_ABSOLUTE", 60..=365 * 86_400, "7d", m);
        if idle > absolute {
            m.add("SESSION_IDLE", "is longer than SESSION_ABSOLUTE", "make it the shorter of the two");
        }
        let config = Self {
            keys: secret_key::read(sources, prod, m),
            credentials: allowlist_source::read(sources, prod, m),
            database_url: read_database_url(sources, m),
            link_max_age: sources.duration("LINK_MAX_AGE", 1..=86_400, "5m", m),
            limits: limits::read(sources, m),
            audit_kept: sources.duration("AUDIT_KEPT", 3_600..=10 * 365 * 86_400, "90d", m),
            trusted_proxies: read_trusted_proxies(sources, m),
            session_idle: idle,
            session_absolute: absolute,
            exempt_paths: read_exempt_paths(sources, m),
            reveal_unknown_emails: sources.flag("REVEAL_UNKNOWN_EMAILS", m),
            log: LogConfig {
                filter: read_log_filter(sources, m),
                json: sources.one_of("LOG_FORMAT", &["text", "json"], "text", m) == "json",
            },
            leptos,
            public_url,
            mail,
        };
        sources.report_unknown_settings(m);
        mistakes.none_or(config)
    }

    /// Whether this is a deployed server (LEPTOS_ENV=PROD).
    pub fn is_production(&self) -> bool {
        self.leptos.env == Env::PROD
    }
}

fn read_log_filter(sources: &Sources, m: &mut Mistakes) -> String {
    let filter = sources.get("RUST_LOG").unwrap_or("info");
    if let Err(error) = EnvFilter::try_new(filter) {
        m.add("RUST_LOG", format!("is `{filter}` ({error})"), "write it like info or info,postern=debug");
    }
    filter.to_owned()
}

fn read_database_url(sources: &Sources, m: &mut Mistakes) -> String {
    let url = sources.get("DATABASE_URL").unwrap_or("sqlite://data/postern.sqlite3");
    if !url.starts_with("sqlite:") || url.contains(":memory:") {
        m.add("DATABASE_URL", "does not name an SQLite file", "write it like sqlite://data/postern.sqlite3");
    }
    url.to_owned()
}

/// A comma-separated list of addresses and networks (CIDR, RFC 4632).
fn read_trusted_proxies(sources: &Sources, m: &mut Mistakes) -> Vec<IpNet> {
    let listed = sources.get("TRUSTED_PROXIES").unwrap_or_default();
    let entries = listed.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let mut networks = Vec::new();
    for entry in entries {
        match entry.parse().or_else(|_| entry.parse().map(|address: IpAddr| IpNet::from(address))) {
            Ok(network) => networks.push(network),
            Err(_) => m.add(
                "TRUSTED_PROXIES",
                format!("has the entry `{entry}`, which is neither an address nor a network"),
                "write them like 10.0.0.0/8,2001:db8::1",
            ),
        }
    }
    networks
}

/// A comma-separated list of absolute paths.
fn read_exempt_paths(sources: &Sources, m: &mut Mistakes) -> Vec<String> {
    let listed = sources.get("EXEMPT_PATHS").unwrap_or_default();
    let paths: Vec<String> =
        listed.split(',').map(str::trim).filter(|path| !path.is_empty()).map(str::to_owned).collect();
    for path in &paths {
        if !path.starts_with('/') || path == "/" || path.contains("//") || path.contains(['?', '#', '*', '%'])
        {
            m.add(
                "EXEMPT_PATHS",
                format!("has the entry `{path}`, which is not a path below /"),
                "write whole path segments, like /public,/api/health",
            );
        }
    }
    paths
}
