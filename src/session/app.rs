//! The session of an app behind the gateway, as a check reads it before every request of that app.
//!
//! It says nothing by itself: it belongs to a session of Postern and ends with it.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::{Lifetimes, LoginSession};
use crate::{
    domain::{EmailAddress, UnixTime},
    store::{
        Store, StoreError,
        sessions::{HashedSessionId, SessionRow},
    },
};

/// Sessions that are kept in mind.
const MOST_IN_MIND: usize = 20_000;

/// The cookie that a check was sent.
#[derive(Clone, Copy, Debug)]
pub enum AppCookie<'a> {
    /// That of an app on a host of its own.
    App(&'a str),
    /// That of Postern itself, for an app on the same host.
    Own(&'a str),
}

/// A person's session, as it opens an app.
#[derive(Clone, Debug)]
pub struct AppSession {
    /// The person. Whether they may still sign in is not looked at.
    pub email: EmailAddress,
    /// The key of the session of Postern.
    pub session: HashedSessionId,
    /// The app that it was begun for; `None` for the session of Postern itself.
    pub origin: Option<String>,
    created_at: UnixTime,
    last_seen_at: UnixTime,
    expires_at: UnixTime,
}

impl AppSession {
    fn of(row: &SessionRow, origin: Option<String>) -> Option<Self> {
        let email = EmailAddress::parse(row.email.as_deref()?).ok()?;
        let (created_at, last_seen_at, expires_at) = (row.created_at, row.last_seen_at, row.expires_at);
        Some(Self { email, session: row.id, origin, created_at, last_seen_at, expires_at })
    }

    /// Keeps the session alive, if it was last noted long enough ago. Waits for nothing.
    pub fn see_later(&self, store: &Store, lifetimes: Lifetimes, now: UnixTime) {
        if now.since(self.last_seen_at) >= lifetimes.seen_every() {
            let (id, expires_at) = (self.session, lifetimes.expiry(true, self.created_at, now));
            store.later(move |step| {
                Box::pin(async move { step.see_session(id, now, expires_at).await.map(drop) })
            });
        }
    }
}

impl LoginSession {
    /// The key of its row: what the session of an app hangs on.
    pub fn key(&self) -> Option<HashedSessionId> {
        self.stored.as_ref().map(|stored| stored.row.id)
    }
}

/// Sessions that were read within this second, so that a check need not ask the database each time.
///
/// A session that this process has ended counts no more at once; one that another process has, a second later.
pub struct AppSessions(Cache<HashedSessionId, Arc<InMind>>);

struct InMind {
    session: AppSession,
    read_at: UnixTime,
    /// What [`Store::endings`] was before it was read.
    endings: u64,
}

impl Default for AppSessions {
    fn default() -> Self {
        Self(Cache::new(MOST_IN_MIND))
    }
}

impl AppSessions {
    /// The session that the cookie names, if it lives.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn find(
        &self,
        store: &Store,
        cookie: AppCookie<'_>,
        now: UnixTime,
    ) -> Result<Option<AppSession>, StoreError> {
        let (AppCookie::App(value) | AppCookie::Own(value)) = cookie;
        let id = HashedSessionId::of(value);
        let endings = store.endings();
        if let Some(known) = self.0.get(&id)
            && known.read_at == now
            && known.endings == endings
            && known.session.expires_at > now
            && known.session.origin.is_some() == matches!(cookie, AppCookie::App(_))
        {
            return Ok(Some(known.session.clone()));
        }
        let found = match cookie {
            AppCookie::App(_) => {
                let row = store.app_session(id, now).await?;
                row.and_then(|(row, origin)| AppSession::of(&row, Some(origin)))
            }
            AppCookie::Own(_) => store.session(id, now).await?.and_then(|row| AppSession::of(&row, None)),
        };
        // What names no session is forgotten: strangers could fill the memory with inventions.
        if let Some(mut session) = found.clone() {
            // Whoever reads it notes that it was seen. A thousand checks of the same second need not.
            session.last_seen_at = now;
            self.0.insert(id, Arc::new(InMind { session, read_at: now, endings }));
        }
        Ok(found)
    }
}
