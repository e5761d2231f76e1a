//! The connections to a mail server on which the last mail has been taken, kept for the next one.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout};

use super::connection::Connection;

/// The longest wait for an answer without which nothing is lost: whether a connection still lives, and to a goodbye.
const SHORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection waits for another mail, and how many do.
const MAX_IDLE_TIME: Duration = Duration::from_secs(30);
const MAX_IDLE: usize = 8;

/// How long a connection is believed to live without being asked.
const FRESH: Duration = Duration::from_secs(1);

/// Connections that wait for the next mail.
#[derive(Default)]
pub struct Idle(Mutex<Vec<(Instant, Connection)>>);

impl Idle {
    /// A connection that still lives, or did a moment ago: the one that was used last.
    pub async fn take(&self) -> Option<Connection> {
        loop {
            let (since, mut connection) = self.lock().pop()?;
            if since.elapsed() < FRESH || timeout(SHORT_TIMEOUT, connection.still_answers()).await == Ok(true)
            {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection on which a mail has been taken, but not for long.
    pub fn put(self: &Arc<Self>, connection: Connection) {
        let mut idle = self.lock();
        if idle.len() == MAX_IDLE {
            drop(idle);
            return leave(connection);
        }
        idle.push((Instant::now(), connection));
        drop(idle);
        let room = Arc::downgrade(self);
        tokio::spawn(async move {
            sleep(MAX_IDLE_TIME).await;
            if let Some(idle) = room.upgrade() {
                idle.close_old();
            }
        });
    }

    fn close_old(&self) {
        let mut idle = self.lock();
        // The oldest come first: the youngest are the first to be taken.
        let old = idle.partition_point(|(since, _)| since.elapsed() >= MAX_IDLE_TIME);
        idle.drain(..old).for_each(|(_, connection)| leave(connection));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, Connection)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a connection between two commands. Nobody waits for it.
pub fn leave(mut connection: Connection) {
    tokio::spawn(async move { timeout(SHORT_TIMEOUT, connection.end()).await });
}
