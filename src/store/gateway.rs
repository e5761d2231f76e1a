//! The tables of the gateway: sessions of apps, and tickets that lead to them. Both hang on a session of Postern.

use super::{
    Row, Step, Store, StoreError,
    sessions::{COLUMNS, HashedSessionId, SessionRow, read, session_of},
    sql,
};
use crate::domain::UnixTime;

/// A ticket as it is kept.
#[derive(Clone, Debug)]
pub struct TicketRow {
    /// The session of Postern that it was given to.
    pub session: HashedSessionId,
    /// The app that it opens.
    pub origin: String,
    /// SHA-256 of the nonce of the browser that set out.
    pub nonce_hash: [u8; 32],
    /// Path and query to open.
    pub next: Vec<u8>,
    /// The first second in which it is too late.
    pub expires_at: UnixTime,
}

/// The session of an app as it is kept.
#[derive(Clone, Debug)]
pub struct AppSessionRow {
    /// The key of the row.
    pub id: HashedSessionId,
    /// The session of Postern that it ends with.
    pub session: HashedSessionId,
    /// The app.
    pub origin: String,
    /// When its row may go; the session of Postern has ended then.
    pub expires_at: UnixTime,
}

impl Step {
    /// Keeps a ticket by its hash.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn put_ticket(&mut self, hash: [u8; 32], ticket: &TicketRow) -> Result<(), StoreError> {
        let put = sql("INSERT INTO tickets (ticket_hash, session, origin, nonce_hash, next, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(hash.as_slice())
        .bind(ticket.session.as_bytes())
        .bind(ticket.origin.as_str())
        .bind(ticket.nonce_hash.as_slice())
        .bind(ticket.next.as_slice())
        .bind(ticket.expires_at.secs());
        self.connection.write(put).await
    }

    /// Takes a ticket away, whatever becomes of it; `None` if there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn take_ticket(&mut self, hash: [u8; 32]) -> Result<Option<TicketRow>, StoreError> {
        let take = sql(
            "DELETE FROM tickets WHERE ticket_hash = $1 RETURNING session, origin, nonce_hash, next, expires_at",
        )
        .bind(hash.as_slice());
        self.connection.rows(take).await?.first().map(read_ticket).transpose()
    }

    /// Keeps the session of an app.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn put_app_session(&mut self, row: &AppSessionRow) -> Result<(), StoreError> {
        let put =
            sql("INSERT INTO app_sessions (id_hash, session, origin, expires_at) VALUES ($1, $2, $3, $4)")
                .bind(row.id.as_bytes())
                .bind(row.session.as_bytes())
                .bind(row.origin.as_str())
                .bind(row.expires_at.secs());
        self.connection.write(put).await
    }
}

impl Store {
    /// The session of Postern that the session of an app belongs to, if both live at `now`, and the app.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn app_session(
        &self,
        id: HashedSessionId,
        now: UnixTime,
    ) -> Result<Option<(SessionRow, String)>, StoreError> {
        let find = sql(format!(
            "SELECT {COLUMNS}, origin FROM app_sessions AS app JOIN sessions ON sessions.id_hash = app.session \
             WHERE app.id_hash = $1 AND sessions.expires_at > $2"
        ));
        let rows = self.rows(find.bind(id.as_bytes()).bind(now.secs())).await?;
        rows.first().map(|row| Ok((read(row)?, row.get("origin")?))).transpose()
    }
}

fn read_ticket(row: &Row) -> Result<TicketRow, StoreError> {
    let nonce_hash: Vec<u8> = row.get("nonce_hash")?;
    Ok(TicketRow {
        session: session_of(row, "session")?,
        origin: row.get("origin")?,
        // One of another length matches no nonce.
        nonce_hash: nonce_hash.try_into().unwrap_or_default(),
        next: row.get("next")?,
        expires_at: UnixTime::from_secs(row.get("expires_at")?),
    })
}
