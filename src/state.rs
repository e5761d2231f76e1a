//! The state that all requests and workers of a process share.

pub mod mail_health;
pub mod readiness;
pub mod stop;
pub mod throttle;
pub mod under_way;

use std::{
    ops::Deref,
    sync::{Arc, PoisonError, RwLock},
};

use strum::IntoEnumIterator;
use tokio::sync::Notify;

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    config::{Config, DatabaseUrl, MailBackend},
    domain::{Allowlist, Budget, Gateway},
    mail::{MailError, dev_inbox::DevInbox, mailer::Mailer},
    metrics::Metrics,
    refusal::Refusal,
    session::{AppSessions, Lifetimes},
    site::{Site, SiteError},
    store::{Store, StoreError},
};

use mail_health::{MailHealth, OUTCOMES};
use readiness::Readiness;
use stop::Stop;
use throttle::Throttles;
use under_way::UnderWay;

/// Why a process cannot start: what could not be opened, and what to look at.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the database {url} cannot be used: {source}. Check DATABASE_URL, and that its folder, or the role at PostgreSQL, \
         may be used. A server without TLS on another machine, on a way that something else encrypts, needs ?sslmode=disable."
    )]
    Database { url: DatabaseUrl, source: StoreError },
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error("the mail transport cannot be set up: {0}. Check the EMAIL_ settings.")]
    Mail(#[from] MailError),
}

/// A handle to the shared parts; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The shared parts.
pub struct Shared {
    /// The configuration as it was at the start; only `allowlist`, `admins` and `gateway` change afterwards.
    pub config: Config,
    /// The allowlist of now.
    pub allowlist: Current<Allowlist>,
    /// Who may open /admin, of now.
    pub admins: Current<Allowlist>,
    /// The apps behind the gateway, and the groups, of now.
    pub gateway: Current<Gateway>,
    /// The database.
    pub store: Store,
    /// The audit trail.
    pub audit: Audit,
    /// What this process counts.
    pub metrics: Arc<Metrics>,
    /// Whether somebody could sign in.
    pub readiness: Readiness,
    /// The sessions with which apps are opened just now.
    pub app_sessions: AppSessions,
    /// How long sessions live.
    pub lifetimes: Lifetimes,
    /// The mails that this process has in its hands.
    pub under_way: UnderWay,
    /// What keeps strangers from filling the log.
    pub throttles: Throttles,
    /// The built files.
    pub site: Site,
    /// The way on which mails leave.
    pub mail: Mailer,
    /// How mails have left lately.
    pub mail_health: MailHealth,
    /// The mails of a development server; none in production, behind a proxy, and where mails leave by SMTP.
    pub inbox: Option<DevInbox>,
    /// The clock; tests turn theirs by hand.
    pub clock: Clock,
    /// How far the process has come with its end.
    pub stop: Arc<Stop>,
    /// Rung when the outbox has a new row, so that the worker need not poll.
    pub outbox_bell: Arc<Notify>,
    /// Rung when it has a new mail about a new browser.
    pub notice_bell: Arc<Notify>,
}

impl AppState {
    /// Finds the built site, and opens the database and the mail transport that `config` names.
    ///
    /// # Errors
    /// If one of them is missing or cannot be opened.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        Self::open_with_clock(config, Clock::System).await
    }

    /// As [`Self::open`], with a clock of the caller's.
    ///
    /// # Errors
    /// If the site, the database or the mail transport is missing or cannot be opened.
    pub async fn open_with_clock(config: Config, clock: Clock) -> Result<Self, OpenError> {
        let site = Site::find(&config.leptos, config.site_root.is_some())?;
        let store = Store::open(&config.database_url)
            .await
            .map_err(|source| OpenError::Database { url: config.database_url.clone(), source })?;
        Self::of(config, clock, site, store)
    }

    /// The state of a command beside a running server, or without one: the database as it is, and no site.
    ///
    /// # Errors
    /// If the database is not there, or was made for another version; or if the mail transport cannot be set up.
    pub async fn open_beside(config: Config) -> Result<Self, OpenError> {
        let store = Store::open_beside(&config.database_url)
            .await
            .map_err(|source| OpenError::Database { url: config.database_url.clone(), source })?;
        Self::of(config, Clock::System, Site::none(), store)
    }

    fn of(config: Config, clock: Clock, site: Site, store: Store) -> Result<Self, OpenError> {
        let mail = Mailer::open(&config.mail)?;
        // Behind a proxy everybody could be on this machine.
        let shows_mails = !config.is_production()
            && config.trusted_proxies.is_empty()
            && !matches!(config.mail.backend, MailBackend::Smtp(_));
        let metrics = store.metrics();
        let refusals = Refusal::iter().map(|refusal| refusal.name());
        metrics.begin(Event::iter().map(Event::name), refusals, &OUTCOMES);
        Ok(Self(Arc::new(Shared {
            metrics,
            readiness: Readiness::default(),
            mail_health: MailHealth::default(),
            allowlist: Current::new(Arc::clone(&config.credentials.allowlist)),
            admins: Current::new(config.admins.clone()),
            gateway: Current::new(config.gateway.clone()),
            app_sessions: AppSessions::default(),
            audit: Audit { limit: config.limits.of(Budget::Trail) },
            lifetimes: Lifetimes::of(&config),
            under_way: UnderWay::default(),
            throttles: Throttles::default(),
            site,
            store,
            mail,
            inbox: shows_mails.then(DevInbox::default),
            clock,
            stop: Arc::new(Stop { drain_time: config.drain_time, ..Stop::default() }),
            outbox_bell: Arc::default(),
            notice_bell: Arc::default(),
            config,
        })))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// A value that can be replaced while requests read it. A lock poisoned by a panic is used all the same: the value
/// behind it is always whole.
#[derive(Debug)]
pub struct Current<T>(RwLock<Arc<T>>);

impl<T> Current<T> {
    /// Starts with `value`.
    pub fn new(value: impl Into<Arc<T>>) -> Self {
        Self(RwLock::new(value.into()))
    }

    /// The value of this moment, to be asked as often as needed.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets `value` count from the next [`Self::get`] on.
    pub fn replace(&self, value: impl Into<Arc<T>>) {
        let mut now = value.into();
        std::mem::swap(&mut now, &mut *self.0.write().unwrap_or_else(PoisonError::into_inner));
        // The one before is dropped here, where nobody waits for the lock: it may have had hundreds of thousands of entries.
        drop(now);
    }
}
