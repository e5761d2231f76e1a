//! The workers: what a process does beside answering requests. Each runs until it is asked to stop.

mod cleanup;
mod outbox;
mod reload;

use tokio::{signal::unix::Signal, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::state::AppState;

pub use cleanup::remove_expired;
pub use outbox::run as run_outbox;
pub use reload::reload;

/// Starts all workers; each ends some time after `stop`, and the handles tell when. `hang_up`: SIGHUP, which the operator
/// sends when files have changed.
pub fn start(state: &AppState, stop: &CancellationToken, hang_up: Signal) -> Vec<JoinHandle<()>> {
    vec![
        tokio::spawn(outbox::run(state.clone(), stop.clone())),
        tokio::spawn(cleanup::run(state.clone(), stop.clone())),
        tokio::spawn(reload::run(state.clone(), stop.clone(), hang_up)),
    ]
}
