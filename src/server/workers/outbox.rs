//! The outbox worker: hands over the mails that wait in the outbox.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    flow::login::{
        deliver::{deliver, next},
        queue::Next,
    },
    state::AppState,
    store::StoreError,
};

/// How long the worker sleeps at most when nobody rings.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// How long the worker sleeps while it has no hand free.
const A_MOMENT: Duration = Duration::from_secs(1);
/// How long the worker leaves a database alone that could not be written: without a pause it would try again as
/// fast as it can.
const PAUSE: Duration = Duration::from_secs(3);

/// Sends what is due until `stop`, then finishes the mails under way.
pub async fn run(state: AppState, stop: CancellationToken) {
    // One process for each database: what is claimed now was in the hands of one that died.
    let now = state.clock.now();
    if let Err(error) = state.store.step(move |step| Box::pin(step.release_claims(now))).await {
        tracing::error!(%error, "what a dead process left half-sent must wait for its lease");
    }
    let mut under_way = JoinSet::new();
    while !stop.is_cancelled() {
        let nap = match take_due(&state, &mut under_way).await {
            Ok(nap) => nap,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be used; trying again in a moment");
                pause(&stop).await;
                continue;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = state.outbox_bell.notified() => {}
            () = tokio::time::sleep(nap) => {}
            Some(ended) = under_way.join_next() => {
                let mut failed = !matches!(ended, Ok(Ok(())));
                // Those that ended meanwhile, too: one pause is enough for all that failed together.
                while let Some(ended) = under_way.try_join_next() {
                    failed |= !matches!(ended, Ok(Ok(())));
                }
                if failed {
                    pause(&stop).await;
                }
            }
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// Sleeps for [`PAUSE`], or until `stop`.
async fn pause(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(PAUSE) => {}
    }
}

/// Starts as many due mails as there is room for; tells how long nothing else will be due.
async fn take_due(
    state: &AppState,
    under_way: &mut JoinSet<Result<(), StoreError>>,
) -> Result<Duration, StoreError> {
    loop {
        match next(state).await? {
            Next::Send(row) => {
                let state = state.clone();
                under_way.spawn(async move { deliver(&state, row).await });
            }
            Next::Look => {}
            // Whoever ends wakes the worker; a retry that is due meanwhile does not.
            Next::Full => return Ok(A_MOMENT),
            Next::Wait(wait) => return Ok(wait.min(LONGEST_SLEEP)),
            Next::Nothing => break,
        }
    }
    let now = state.clock.now();
    Ok(match state.store.next_due().await? {
        Some(due) => due.since(now).clamp(Duration::from_millis(100), LONGEST_SLEEP),
        None => LONGEST_SLEEP,
    })
}
