//! The cleanup: deletes expired rows every ten minutes.

use std::time::Duration;

use tokio::{
    task::yield_now,
    time::{Instant, sleep},
};

use crate::{state::AppState, store::StoreError};

const CLEANUP_EVERY: Duration = Duration::from_secs(600);
/// Counted things that are looked at together, and of which those are forgotten in one step whose time is over.
const COUNTED_AT_ONCE: usize = 256;

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
        let is_all = state.store.step_unsynced(move |step| Box::pin(step.remove_expired(now, kept))).await?;
        sleep(began.elapsed()).await;
        if is_all {
            return forget_past(state).await;
        }
    }
}

/// Walks along all that is counted, in the order of its names, and forgets what is over: those that are forgotten together stand
/// together.
async fn forget_past(state: &AppState) -> Result<(), StoreError> {
    let (now, mut after) = (state.clock.now(), String::new());
    while !state.stop.asked.is_cancelled() {
        let some = state.store.counted(&after, COUNTED_AT_ONCE).await?;
        let Some((last, _)) = some.last() else { return Ok(()) };
        after.clone_from(last);
        let is_past = |arrival: i64| arrival < now.secs() * 1_000;
        let past: Vec<_> =
            some.into_iter().filter(|(_, ms)| is_past(*ms)).map(|(counted, _)| counted).collect();
        if past.is_empty() {
            yield_now().await;
            continue;
        }
        let began = Instant::now();
        state.store.step_unsynced(move |step| Box::pin(step.forget_past(past, now))).await?;
        sleep(began.elapsed()).await;
    }
    Ok(())
}
