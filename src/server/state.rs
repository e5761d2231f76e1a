//! What all requests and workers of a process share.

use std::{ops::Deref, sync::Arc};

use tokio::sync::Notify;

use super::{
    ServeError,
    allowlist::CurrentAllowlist,
    clock::Clock,
    config::{Backend, Config},
    mail::{inbox::DevInbox, transport::Transport},
    store::Store,
};

/// A handle to the shared parts; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The shared parts.
pub struct Shared {
    pub config: Config,
    pub allowlist: CurrentAllowlist,
    pub store: Store,
    pub mail: Transport,
    /// The mails of a development server; production has none.
    pub inbox: Option<DevInbox>,
    pub clock: Clock,
    /// Rung when the outbox has a new row, so that the worker need not poll.
    pub outbox_bell: Notify,
}

impl AppState {
    /// Opens the database and the mail transport that `config` names.
    ///
    /// # Errors
    /// If either cannot be opened.
    pub async fn open(config: Config) -> Result<Self, ServeError> {
        Self::open_with_clock(config, Clock::System).await
    }

    /// As [`Self::open`], with a clock of the caller's.
    pub async fn open_with_clock(config: Config, clock: Clock) -> Result<Self, ServeError> {
        let store = Store::open(&config.database_url)
            .await
            .map_err(|source| ServeError::Database { url: config.database_url.clone(), source })?;
        let mail = Transport::open(&config.mail)?;
        let shows_mails = !config.is_production() && !matches!(config.mail.backend, Backend::Smtp(_));
        Ok(Self(Arc::new(Shared {
            allowlist: CurrentAllowlist::new(config.credentials.allowlist.clone()),
            store,
            mail,
            inbox: shows_mails.then(DevInbox::default),
            clock,
            outbox_bell: Notify::new(),
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
