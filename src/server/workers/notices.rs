//! The worker that hands over the mails about new browsers. It has hands of its own, so that none of them ever holds up a
//! mail that signs somebody in.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    flow::new_device::{Next, deliver, next},
    state::AppState,
    store::StoreError,
};

/// How many mails are under way at the same time.
const HANDS: usize = 8;
/// How long the worker sleeps at most when nobody rings.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// How long the worker leaves a database alone that could not be read or written.
const PAUSE: Duration = Duration::from_secs(3);
/// How long mails in hand may take once the process was asked to stop.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// Sends what is due until the process is asked to stop. What is in hand then and does not end soon waits for the next
/// start, or for the end of its lease: it has a day.
pub async fn run(state: AppState) {
    let mut under_way = JoinSet::new();
    let asked = &state.stop.asked;
    while !asked.is_cancelled() {
        let nap = match take_due(&state, &mut under_way).await {
            Ok(nap) => nap,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be used; trying again in a moment");
                PAUSE
            }
        };
        let (end, had_a_hand) = (Instant::now() + nap, under_way.len() < HANDS);
        loop {
            tokio::select! {
                () = asked.cancelled() => break,
                () = state.notice_bell.notified() => break,
                () = sleep_until(end) => break,
                // What could not be written has a lease to run out, and what is due again rings: nothing else is due now.
                Some(_) = under_way.join_next() => if !had_a_hand { break },
            }
        }
    }
    let _ = timeout(LAST_LOOK, async { while under_way.join_next().await.is_some() {} }).await;
}

/// Starts as many due mails as there are hands for; tells how long nothing else will be due.
async fn take_due(
    state: &AppState,
    under_way: &mut JoinSet<Result<(), StoreError>>,
) -> Result<Duration, StoreError> {
    while under_way.len() < HANDS {
        match next(state, HANDS - under_way.len()).await? {
            Next::Send(notices) => {
                for notice in notices {
                    let state = state.clone();
                    under_way.spawn(async move { deliver(&state, notice).await });
                }
            }
            Next::Nothing(due) => {
                let nap = due.map_or(LONGEST_SLEEP, |due| due.since(state.clock.now()));
                return Ok(nap.clamp(Duration::from_secs(1), LONGEST_SLEEP));
            }
        }
    }
    // Whoever ends wakes the worker.
    Ok(LONGEST_SLEEP)
}
