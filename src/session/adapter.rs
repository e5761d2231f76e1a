//! The adapter to tower-sessions, which reads the id from the cookie and sends cookies, and keeps nothing.
//!
//! What a session says is written by the steps of `flow`, with all else that a step writes. tower-sessions is told of the
//! result after the commit ([`super::LoginSession::hand_out`], [`super::LoginSession::forget`]), so a cookie is only
//! ever set for a row that exists. docs/decisions/0003-own-session-store.md has the alternatives.

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// The key under which the id of a new session reaches [`SessionStore::create`].
pub const NEW_ID: &str = "id";

/// A store that stores nothing.
#[derive(Clone, Copy, Debug)]
pub struct CookieOnly;

#[async_trait]
impl SessionStore for CookieOnly {
    /// Gives the record the id of the session that a step has begun.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let id = record.data.get(NEW_ID).and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
        record.id = id.ok_or_else(|| Error::Backend("a cookie was to be set for no session".into()))?;
        Ok(())
    }

    async fn save(&self, _: &Record) -> Result<()> {
        Ok(())
    }

    /// Any id may stand for a session here; whether it does is for `LoginSession` to know.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        Ok(Some(Record { id: *id, data: Default::default(), expiry_date: OffsetDateTime::UNIX_EPOCH }))
    }

    async fn delete(&self, _: &Id) -> Result<()> {
        Ok(())
    }
}
