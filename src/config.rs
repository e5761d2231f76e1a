//! The configuration of a process: read once, checked whole, and only then used.
//!
//! Order: defaults < Leptos.toml < .env < environment. In reading order:
//!
//! 1. [`settings`]: the table of all settings, with their defaults.
//! 2. [`Sources`]: the one door: the text of a setting, from whichever place wins. [`leptos_toml`] sorts one of them.
//! 3. [`reader`]: typed values, and the mistakes that are found on the way; [`mistakes`] prints them.
//! 4. This file and the remaining ones, one for each group of settings: what each setting means.
//!
//! A running process never looks at a setting again, except for those of [`Config::reread`].
//!
//! docs/configuration.md is the list for people; a test in [`settings`] compares it with the table.

mod admins;
mod allowlist_source;
mod brand;
mod database_url;
mod exempt_paths;
mod gateway;
mod inbox_links;
mod languages;
mod leptos_options;
mod leptos_toml;
mod limits;
mod mail;
mod metrics_addr;
mod mistakes;
mod names;
mod public_url;
mod reader;
mod secret_key;
pub mod settings;
mod smtp;
mod sources;
mod trusted_proxies;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use leptos::config::{Env, LeptosOptions};
use tracing_subscriber::EnvFilter;

pub use allowlist_source::AllowlistSource;
pub use brand::{Accent, Brand, Logo, Shades, Support};
pub use database_url::{DatabaseUrl, PostgresUrl};
pub use mail::{MailBackend, MailConfig};
pub use mistakes::{Mistake, Mistakes};
pub use names::advice as advice_on_name;
pub use public_url::PublicUrl;
pub use smtp::{SmtpConfig, SmtpSecurity, SmtpServer};
pub use sources::{Origin, Sources};
pub use trusted_proxies::TrustedProxies;

use crate::{
    domain::{Allowlist, Gateway, InboxLinks, Limits, SecretKeys},
    words::choice::Offered,
};
use gateway::Surroundings;
use reader::{Noted, Reader};

/// Everything that an operator can set.
#[derive(Clone, Debug)]
pub struct Config {
    /// The options of Leptos and of its axum integration: address, built files, and whether this is production.
    pub leptos: LeptosOptions,
    /// The folder of the built files, where the operator has named one; it wins over the files in the binary.
    pub site_root: Option<PathBuf>,
    /// The port on which `cargo leptos watch` tells an open page to reload; `None` outside of it.
    pub live_reload: Option<u32>,
    /// How long the process goes on answering once it was asked to stop: 0 seconds to 5 minutes.
    pub drain_time: Duration,
    /// The languages that visitors may read.
    pub languages: Offered,
    /// The origin that visitors type. Links are built from it and never from a header: a forged `Host` would
    /// otherwise stand in a mail.
    pub public_url: PublicUrl,
    /// What pages and mails show of whoever runs this site.
    pub brand: Brand,
    /// Whether a deployed server may be without https where another layer encrypts.
    pub allow_http: bool,
    /// The keys that sign links and derive codes.
    pub keys: SecretKeys,
    /// The allowlist as the process started with it.
    pub credentials: AllowlistSource,
    /// Who may open /admin; they have to be on the allowlist as well.
    pub admins: Allowlist,
    /// Where the metrics are told; nowhere, if there is none.
    pub metrics_addr: Option<SocketAddr>,
    /// The database.
    pub database_url: DatabaseUrl,
    /// How long a link and its code live: 1 second to 1 day.
    pub link_max_age: Duration,
    /// The limits of mails, requests and wrong codes.
    pub limits: Limits,
    /// How long an entry of the audit trail is kept: 1 hour to 3,650 days.
    pub audit_kept: Duration,
    /// Proxies whose X-Forwarded-For and Forwarded (RFC 7239) are believed. Empty: no header is, and behind a proxy all
    /// visitors then share one limit.
    pub trusted_proxies: TrustedProxies,
    /// The sender of mails, and how they leave.
    pub mail: MailConfig,
    /// Where people read their mail.
    pub inbox_links: InboxLinks,
    /// Whether people are told by mail of a sign-in in a browser that is not known.
    pub new_device_mails: bool,
    /// A session ends after this long without a request: 60 seconds to 30 days, at most `session_absolute`.
    pub session_idle: Duration,
    /// A session ends this long after the sign-in: 60 seconds to 365 days.
    pub session_absolute: Duration,
    /// Paths that need no session, beside Postern's own; matched by whole segments.
    pub exempt_paths: Vec<String>,
    /// The apps behind this login, and the groups that they are told of, as the process started with them.
    pub gateway: Gateway,
    /// Whether a visitor is told that an address is not on the allowlist. Anybody can then find out who is.
    pub reveal_unknown_emails: bool,
    /// What is logged, and in which format.
    pub log: LogConfig,
    /// Where to read again what may change while the process runs.
    sources: Sources,
}

/// What a running process reads again: each part as it stands now, or what is wrong with it.
#[derive(Debug)]
pub struct Reread {
    /// CREDENTIALS and CREDENTIALS_FILE.
    pub allowlist: Result<Arc<Allowlist>, Mistakes>,
    /// ADMINS.
    pub admins: Result<Allowlist, Mistakes>,
    /// GATEWAY_APPS and GATEWAY_GROUPS.
    pub gateway: Result<Gateway, Mistakes>,
}

/// How the log is written.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// A `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// JSON lines for machines instead of text for people.
    pub json: bool,
    /// Whether the text has colour codes in it.
    pub colors: bool,
}

impl Config {
    /// Works out every setting from `sources`. In development this makes `data/secret_key`, where no key is set.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn from_sources(sources: &Sources) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(sources);
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    /// As [`Self::from_sources`], for a command, which leaves no trace: where `data/secret_key` is missing, a key that nobody
    /// knows stands in for it.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn to_look_at(sources: &Sources) -> Result<Self, Mistakes> {
        let mut reader = Reader::to_look_at(sources);
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    /// Reads every setting. A wrong one is noted in `reader`, and reading goes on.
    fn read(reader: &mut Reader) -> Result<Self, Noted> {
        // Everything is read before the first `?`, so that one start names all mistakes.
        let site_addr = leptos_options::read_site_addr(reader);
        let leptos = leptos_options::read(reader, site_addr);
        let site_root = leptos_options::read_site_root(reader);
        let live_reload = leptos_options::read_live_reload(reader, &leptos);
        let drain_time = read_drain_time(reader);
        let languages = languages::read(reader);
        let allow_http = reader.flag(settings::ALLOW_HTTP);
        let public_url = public_url::read(reader, site_addr, allow_http);
        if !reader.production {
            keep_development_local(reader, site_addr, &public_url);
        }
        let brand = brand::read(reader, public_url.as_ref().map_err(|noted| *noted));
        let keys = secret_key::read(reader);
        let credentials = allowlist_source::read(reader);
        let (admins, metrics_addr) = (admins::read(reader), metrics_addr::read(reader, site_addr));
        let database_url = database_url::read(reader);
        let link_max_age = reader.duration(settings::LINK_MAX_AGE, 1..=86_400);
        let limits = limits::read(reader);
        let audit_kept = reader.duration(settings::AUDIT_KEPT, 3_600..=10 * 365 * 86_400);
        let trusted_proxies = trusted_proxies::read(reader);
        let surroundings = Surroundings {
            login: public_url.as_ref().ok(),
            // A flag that cannot be read is a mistake of its own.
            allows_http: !reader.production || allow_http.unwrap_or(true),
            trusts_a_proxy: trusted_proxies.as_ref().ok().map(|proxies| !proxies.is_empty()),
        };
        let gateway = gateway::read(reader, &surroundings);
        let mail = mail::read(reader, public_url.as_ref().ok());
        let inbox_links = inbox_links::read(reader);
        let new_device_mails =
            reader.one_of(settings::NEW_DEVICE_MAILS, &["on", "off"]).map(|word| word == "on");
        let session_idle = reader.duration(settings::SESSION_IDLE, 60..=30 * 86_400);
        let session_absolute = reader.duration(settings::SESSION_ABSOLUTE, 60..=365 * 86_400);
        if let (Ok(idle), Ok(absolute)) = (session_idle, session_absolute)
            && idle > absolute
        {
            let fix = "make it the shorter of the two";
            reader.note(settings::SESSION_IDLE, "is longer than SESSION_ABSOLUTE", fix);
        }
        let exempt_paths = exempt_paths::read(reader);
        let reveal_unknown_emails = reader.flag(settings::REVEAL_UNKNOWN_EMAILS);
        let log = read_log(reader);
        Ok(Self {
            leptos: leptos?,
            site_root,
            live_reload: live_reload?,
            drain_time: drain_time?,
            languages: languages?,
            public_url: public_url?,
            brand: brand?,
            allow_http: allow_http?,
            keys: keys?,
            credentials: credentials?,
            admins: admins?,
            metrics_addr: metrics_addr?,
            database_url: database_url?,
            link_max_age: link_max_age?,
            limits: limits?,
            audit_kept: audit_kept?,
            trusted_proxies: trusted_proxies?,
            mail: mail?,
            inbox_links: inbox_links?,
            new_device_mails: new_device_mails?,
            session_idle: session_idle?,
            session_absolute: session_absolute?,
            exempt_paths: exempt_paths?,
            gateway: gateway?,
            reveal_unknown_emails: reveal_unknown_emails?,
            log: log?,
            sources: reader.sources.clone(),
        })
    }

    /// The settings as they were written, and where.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The files whose change makes [`Self::reread`] worth while, there or not.
    pub fn files(&self) -> Vec<PathBuf> {
        self.sources.files().into_iter().chain(self.credentials.file.clone()).collect()
    }

    /// Reads the allowlist, the admins and the gateway again. All other settings count as they were at the start, also those by which
    /// these are judged: an edited .env does not turn a running server into another one.
    ///
    /// # Errors
    /// If .env or Leptos.toml cannot be read; the caller keeps what it has.
    pub fn reread(&self) -> Result<Reread, Mistakes> {
        let sources = self.sources.reread()?;
        let mut reader = Reader::again(&sources, self.is_production());
        let credentials = allowlist_source::read(&mut reader);
        let allowlist = reader.finish(credentials).map(|credentials| credentials.allowlist);
        let mut reader = Reader::again(&sources, self.is_production());
        let admins = admins::read(&mut reader);
        let admins = reader.finish(admins);
        let mut reader = Reader::again_with_tables(&sources, self.is_production());
        let surroundings = Surroundings {
            login: Some(&self.public_url),
            allows_http: !self.is_production() || self.allow_http,
            trusts_a_proxy: Some(!self.trusted_proxies.is_empty()),
        };
        let gateway = gateway::read(&mut reader, &surroundings);
        Ok(Reread { allowlist, admins, gateway: reader.finish(gateway) })
    }

    /// Whether this is a deployed server (LEPTOS_ENV=PROD).
    pub fn is_production(&self) -> bool {
        self.leptos.env == Env::PROD
    }
}

/// Notes a development server that other machines can reach: it shows every mail at /dev/inbox.
fn keep_development_local(
    reader: &mut Reader,
    site_addr: Result<SocketAddr, Noted>,
    public_url: &Result<PublicUrl, Noted>,
) {
    if site_addr.is_ok_and(|address| !address.ip().is_loopback()) {
        reader.note(
            settings::LEPTOS_ENV,
            "is DEV, which shows every mail to whoever can reach the server, but LEPTOS_SITE_ADDR listens to other machines",
            "set LEPTOS_ENV=PROD, or LEPTOS_SITE_ADDR=127.0.0.1:3000",
        );
    }
    if let Ok(url) = public_url
        && !url.is_local()
    {
        reader.note(
            settings::LEPTOS_ENV,
            format!(
                "is DEV, which shows every mail to whoever can reach the server, but PUBLIC_URL is {url}"
            ),
            "set LEPTOS_ENV=PROD, or leave PUBLIC_URL out",
        );
    }
}

/// DRAIN_TIME. A development server has no balancer in front, and every change to the code would wait for nothing.
fn read_drain_time(reader: &mut Reader) -> Result<Duration, Noted> {
    match reader.written(settings::DRAIN_TIME) {
        Some(_) => reader.duration(settings::DRAIN_TIME, 0..=300),
        None => Ok(Duration::from_secs(if reader.production { 5 } else { 0 })),
    }
}

/// RUST_LOG, LOG_FORMAT and NO_COLOR. The filter is parsed here to find its mistakes, and kept as text.
fn read_log(reader: &mut Reader) -> Result<LogConfig, Noted> {
    let fix = "write it like info or info,postern=debug";
    let filter = reader.required(settings::RUST_LOG, fix).and_then(|filter| {
        EnvFilter::try_new(filter)
            .map(|_| filter.to_owned())
            .map_err(|error| reader.note(settings::RUST_LOG, format!("is `{filter}` ({error})"), fix))
    });
    let format = reader.one_of(settings::LOG_FORMAT, &["text", "json"]);
    let colors = reader.text(settings::NO_COLOR).is_none();
    Ok(LogConfig { filter: filter?, json: format? == "json", colors })
}
