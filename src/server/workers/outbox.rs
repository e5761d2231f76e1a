//! Hands over what waits in the outbox.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    flow::login::deliver::{LEASE, deliver},
    state::AppState,
    store::StoreError,
};

/// How many mails are under way at the same time: a slow recipient holds up nobody else.
pub const MAX_PARALLEL_MAILS: usize = 32;
/// How long the worker sleeps at most when nobody rings.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);

/// Sends what is due until `stop`, then finishes the mails under way.
pub async fn run(state: AppState, stop: CancellationToken) {
    // One process for each database: what is claimed now was in the hands of one that died.
    if let Err(error) = state.store.release_claims(state.clock.now()).await {
        tracing::error!(%error, "what a dead process left half-sent must wait for its lease");
    }
    let mut under_way = JoinSet::new();
    while !stop.is_cancelled() {
        let nap = match take_due(&state, &mut under_way).await {
            Ok(nap) => nap,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read; trying again in a second");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = state.outbox_bell.notified() => {}
            () = tokio::time::sleep(nap) => {}
            Some(_) = under_way.join_next() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// Starts as many due mails as there is room for; tells how long nothing else will be due.
async fn take_due(state: &AppState, under_way: &mut JoinSet<()>) -> Result<Duration, StoreError> {
    while under_way.len() < MAX_PARALLEL_MAILS {
        let Some(row) = state.store.claim_due(state.clock.now(), LEASE).await? else { break };
        let state = state.clone();
        under_way.spawn(async move { deliver(&state, row).await });
    }
    let now = state.clock.now();
    Ok(match state.store.next_due().await? {
        // Room is the next thing to wait for, not time.
        _ if under_way.len() == MAX_PARALLEL_MAILS => LONGEST_SLEEP,
        Some(due) => due.since(now).clamp(Duration::from_millis(100), LONGEST_SLEEP),
        None => LONGEST_SLEEP,
    })
}
