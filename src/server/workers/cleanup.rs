//! Deletes expired rows every ten minutes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::state::AppState;

const CLEANUP_EVERY: Duration = Duration::from_secs(600);

/// Cleans up at the start and every ten minutes, until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    loop {
        if let Err(error) = state.store.remove_expired(state.clock.now(), state.config.audit_kept).await {
            tracing::warn!(%error, "expired rows could not be removed; the next round tries again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(CLEANUP_EVERY) => {}
        }
    }
}
