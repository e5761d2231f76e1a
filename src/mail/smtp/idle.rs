//! The connections to a mail server on which the last mail has been taken, kept for the next one.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::time::{Instant, sleep, timeout};

/// The longest wait for an answer without which nothing is lost: whether a connection still lives, and to a goodbye.
const SHORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection waits for another mail, and how many do.
const MAX_IDLE_TIME: Duration = Duration::from_secs(30);
const MAX_IDLE: usize = 8;

/// Connections that wait for the next mail.
#[derive(Default)]
pub struct Idle(Mutex<Vec<(Instant, AsyncSmtpConnection)>>);

impl Idle {
    /// A connection that still lives, the one that was used last.
    pub async fn take(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (_, mut connection) = self.lock().pop()?;
            if timeout(SHORT_TIMEOUT, connection.test_connected()).await == Ok(true) {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection on which a mail has been taken, but not for long.
    pub fn put(self: &Arc<Self>, connection: AsyncSmtpConnection) {
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

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, AsyncSmtpConnection)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a connection between two commands. Nobody waits for it.
pub fn leave(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move { timeout(SHORT_TIMEOUT, connection.abort()).await });
}
