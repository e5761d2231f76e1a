//! The heartbeat: lets the other instances know that this one lives, and takes over the mails of one that does not.

use std::time::Duration;

use crate::state::AppState;

/// How far apart two beats are.
const BEAT_EVERY: Duration = Duration::from_secs(2);

/// Beats until the last request was answered. What the outbox worker does then is done before anybody takes this one for dead.
pub async fn run(state: AppState) {
    let mut is_well = true;
    loop {
        match state.store.beat(state.clock.now()).await {
            Ok(taken) => {
                is_well = true;
                if taken > 0 {
                    tracing::warn!(taken, "an instance has died with mails in its hands: they are due again");
                    state.outbox_bell.notify_one();
                    state.notice_bell.notify_one();
                }
            }
            // Once for each time that the database goes away.
            Err(error) if is_well => {
                is_well = false;
                tracing::error!(%error, "this instance cannot let the others know that it lives");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = state.stop.answered.cancelled() => return,
            () = tokio::time::sleep(BEAT_EVERY) => {}
        }
    }
}
