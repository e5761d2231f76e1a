//! What the service manager is told (systemd's sd_notify, over the socket that NOTIFY_SOCKET names): that the process is
//! ready, that it stops, and again and again that it works. Where nobody listens, nothing is told.
//!
//! NOTIFY_SOCKET and WATCHDOG_USEC are no settings of Postern's: the service manager writes them for this one process.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::{state::AppState, store::StoreError};

/// Requests can be answered.
pub fn ready() {
    tell(NotifyState::Ready);
}

/// The process was asked to stop.
pub fn stopping() {
    tell(NotifyState::Stopping);
}

/// Tells the service manager that the process works, twice in the time after which it would kill one that says nothing;
/// does nothing where it would not. The process works while this task is run and the database's writer comes to an end,
/// with whatever result: a database that is broken or away is no better after a restart.
pub async fn keep_alive(state: AppState) {
    let Some(half) = sd_notify::watchdog_enabled().map(|limit| limit / 2).filter(|half| !half.is_zero())
    else {
        return;
    };
    let mut ticks = interval(half);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if writer_answers(&state, half).await {
            tell(NotifyState::Watchdog);
        } else {
            tracing::error!(
                "the writer of the database does not answer: the service manager's watchdog is not told"
            );
        }
    }
}

/// Whether a step that does nothing ends within `patience`. One that got no turn says nothing of the one that has it, which
/// may wait for a database that is away; so another one is tried.
async fn writer_answers(state: &AppState, patience: Duration) -> bool {
    let answered = async {
        while matches!(state.store.step(|_| Box::pin(async { Ok(()) })).await, Err(StoreError::Busy(_))) {}
    };
    timeout(patience, answered).await.is_ok()
}

fn tell(news: NotifyState) {
    if let Err(error) = sd_notify::notify(&[news]) {
        tracing::warn!(%error, "the service manager cannot be told (NOTIFY_SOCKET)");
    }
}
