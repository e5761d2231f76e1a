//! The worker that hands over the mails about new browsers. It has hands of its own, so that none of them ever holds up a
//! mail that signs somebody in.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout_at},
};

use crate::{
    flow::{
        new_device::{Next, deliver, next, settle},
        settling::Ended,
    },
    state::{AppState, under_way::PAUSE},
    store::StoreError,
};

/// How many mails are under way at the same time.
const HANDS: usize = 8;
/// How long the worker sleeps at most when nobody rings.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// How long the worker waits for others, once there is a mail or one has ended: what is written together costs one step, and nobody
/// waits for it.
const GATHERING: Duration = Duration::from_millis(100);
/// How long mails in hand may take once the process was asked to stop.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// Sends what is due until the process is asked to stop. What is in hand then and does not end soon waits for the next
/// start, or for the end of its lease: it has a day.
pub async fn run(state: AppState) {
    let (mut under_way, mut ended) = (JoinSet::new(), Vec::new());
    let asked = &state.stop.asked;
    while !asked.is_cancelled() {
        let nap = match take_due(&state, &mut under_way, &mut ended).await {
            Ok(nap) => nap,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be used; trying again in a moment");
                sleep_or_stop(&state, PAUSE).await;
                continue;
            }
        };
        tokio::select! {
            () = asked.cancelled() => break,
            () = state.notice_bell.notified(), if under_way.len() < HANDS => sleep_or_stop(&state, GATHERING).await,
            () = sleep(nap) => {}
            Some(one) = under_way.join_next() => {
                ended.extend(one);
                gather(&state, &mut under_way, &mut ended).await;
            }
        }
    }
    let end = Instant::now() + LAST_LOOK;
    loop {
        if let Err(error) = settle(&state, &mut ended).await {
            tracing::error!(%error, "how mails have ended cannot be written");
        }
        match timeout_at(end, under_way.join_next()).await {
            Ok(Some(one)) => ended.extend(one),
            _ => break,
        }
    }
}

/// Waits a little for others to end: how they ended is written together.
async fn gather(state: &AppState, under_way: &mut JoinSet<Ended>, ended: &mut Vec<Ended>) {
    let until = Instant::now() + GATHERING;
    while ended.len() < HANDS / 2 && !under_way.is_empty() {
        tokio::select! {
            () = state.stop.asked.cancelled() => return,
            () = sleep_until(until) => return,
            Some(one) = under_way.join_next() => ended.extend(one),
        }
    }
}

async fn sleep_or_stop(state: &AppState, time: Duration) {
    tokio::select! {
        () = state.stop.asked.cancelled() => {}
        () = sleep(time) => {}
    }
}

/// Starts as many due mails as there are hands for; tells how long nothing else will be due.
async fn take_due(
    state: &AppState,
    under_way: &mut JoinSet<Ended>,
    ended: &mut Vec<Ended>,
) -> Result<Duration, StoreError> {
    // Many whose end cannot be written: something is wrong with more than a mail.
    let hands =
        |ended: &[Ended]| HANDS.saturating_sub(ended.iter().filter(|one| one.is_left_alone()).count());
    while under_way.len() < hands(ended) {
        match next(state, ended, hands(ended) - under_way.len()).await? {
            Next::Send(notices) => {
                for notice in notices {
                    let state = state.clone();
                    under_way.spawn(async move { deliver(&state, notice).await });
                }
            }
            Next::Nothing(due) => {
                let nap = due.map_or(LONGEST_SLEEP, |due| due.since(state.clock.now()));
                return Ok(nap.clamp(Duration::from_secs(1), longest(ended)));
            }
        }
    }
    // Whoever ends wakes the worker.
    Ok(longest(ended))
}

/// How long the worker sleeps at most: what could not be written is tried again.
fn longest(ended: &[Ended]) -> Duration {
    if ended.is_empty() { LONGEST_SLEEP } else { PAUSE }
}
