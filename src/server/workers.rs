//! The workers: what a process does beside answering requests. Each runs until it is asked to stop.

mod cleanup;
mod instances;
mod notices;
mod outbox;
mod reload;

use tokio::{signal::unix::Signal, task::JoinSet};

use crate::state::AppState;

pub use cleanup::remove_expired;
pub use notices::run as run_notices;
pub use outbox::run as run_outbox;
pub use reload::reload;

/// Makes the mails due again that a dead process had in its hands. Of a shared database the instances worker takes care.
pub async fn release_claims(state: &AppState) {
    let now = state.clock.now();
    // One process for each SQLite file: whoever has claimed something is dead.
    if !state.store.is_shared()
        && let Err(error) = state.store.step(move |step| Box::pin(step.release_claims(now))).await
    {
        tracing::error!(%error, "what a dead process left half-sent must wait for its lease");
    }
}

/// Starts all workers; each ends some time after the process was asked to stop, the outbox's after the last answer.
/// `hang_up`: SIGHUP, which the operator sends when files have changed.
pub fn start(state: &AppState, hang_up: Signal) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    workers.spawn(outbox::run(state.clone()));
    workers.spawn(notices::run(state.clone()));
    workers.spawn(cleanup::run(state.clone()));
    workers.spawn(reload::run(state.clone(), hang_up));
    if state.store.is_shared() {
        workers.spawn(instances::run(state.clone()));
    }
    workers
}
