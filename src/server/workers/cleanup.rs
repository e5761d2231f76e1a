//! The cleanup: deletes expired rows every ten minutes.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{state::AppState, store::StoreError};

const CLEANUP_EVERY: Duration = Duration::from_secs(600);

/// Cleans up at the start and every ten minutes, until the process is asked to stop.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = remove_expired(&state).await {
            tracing::warn!(%error, "expired rows could not be removed; the next round tries again");
        }
        tokio::select! {
            () = state.stop.asked.cancelled() => return,
            () = sleep(CLEANUP_EVERY) => {}
        }
    }
}

/// Deletes what has expired, in short steps with pauses as long as they are: others get most of the writer's time, however
/// much there is to delete.
///
/// # Errors
/// If the database fails; nothing depends on it.
pub async fn remove_expired(state: &AppState) -> Result<(), StoreError> {
    let (now, kept) = (state.clock.now(), state.config.audit_kept);
    loop {
        let began = Instant::now();
        if state.store.step_unsynced(move |step| Box::pin(step.remove_expired(now, kept))).await? {
            return Ok(());
        }
        sleep(began.elapsed()).await;
    }
}
