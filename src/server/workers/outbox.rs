//! The outbox worker: hands over the mails that wait in the outbox.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

use crate::{
    flow::login::{
        deliver::{deliver, give_back, next, settle},
        queue::Then,
    },
    state::AppState,
    store::{StoreError, outbox::OutboxRow},
};

/// The mails that are being sent.
type Sending = JoinSet<()>;

/// How long the worker sleeps at most when nobody rings.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// As [`LONGEST_SLEEP`], where others share the database: what they leave behind rings no bell here.
const LONGEST_SLEEP_SHARED: Duration = Duration::from_secs(1);
/// How long the worker sleeps while it has no hand free.
const A_MOMENT: Duration = Duration::from_secs(1);
/// How long the worker leaves a database alone that could not be written: without a pause it would try again as
/// fast as it can.
const PAUSE: Duration = Duration::from_secs(3);

/// How long mails may take once the last request was answered: those in hand, and those that the last requests asked for.
/// A limit of time and not of mails: a mail server that hangs would hold up a fixed number as well.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// Sends what is due until the process is asked to stop; finishes what is in hand meanwhile, looks once more after the last
/// request, and gives back what could not be sent.
pub async fn run(state: AppState) {
    let mut under_way = JoinSet::new();
    let asked = &state.stop.asked;
    while !asked.is_cancelled() {
        let nap = match take_due(&state, &mut under_way).await {
            Ok(nap) => nap,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be used; trying again in a moment");
                tokio::select! {
                    () = asked.cancelled() => {}
                    () = sleep(PAUSE) => {}
                }
                continue;
            }
        };
        tokio::select! {
            () = asked.cancelled() => {}
            () = state.outbox_bell.notified() => {}
            () = sleep(nap) => {}
            // How it ended is to be written, and that of those that end meanwhile.
            Some(_) = under_way.join_next() => while under_way.try_join_next().is_some() {},
        }
    }
    // Until the last request is answered nothing is claimed, and how mails end is written as they do: the wish to stop may have come
    // between an end and its step.
    loop {
        settle_all(&state, &mut under_way).await;
        tokio::select! {
            () = state.stop.answered.cancelled() => break,
            Some(_) = under_way.join_next() => {}
        }
    }
    if let Err(error) = finish(&state, under_way).await {
        tracing::error!(%error, "mails in hand could not be given back: they wait for their lease");
    }
}

/// Starts as many due mails as there is room for; tells how long nothing else will be due.
async fn take_due(state: &AppState, under_way: &mut Sending) -> Result<Duration, StoreError> {
    let longest = if state.store.is_shared() { LONGEST_SLEEP_SHARED } else { LONGEST_SLEEP };
    while !state.stop.asked.is_cancelled() {
        let next = next(state).await?;
        next.send.into_iter().for_each(|row| send(state, under_way, row));
        match next.then {
            Then::Look => {}
            Then::Full => return Ok(A_MOMENT),
            Then::Wait(wait) => return Ok(wait.min(longest)),
            Then::Nothing(due) => {
                let until = due.map_or(longest, |due| due.since(state.clock.now()));
                return Ok(until.clamp(Duration::from_millis(100), longest));
            }
        }
    }
    Ok(longest)
}

/// Starts a mail.
fn send(state: &AppState, under_way: &mut Sending, row: OutboxRow) {
    let state = state.clone();
    under_way.spawn(async move { deliver(&state, row).await });
}

/// Sends what is due, and what is in hand, for [`LAST_LOOK`]; gives back the rest.
///
/// # Errors
/// If nothing can be given back.
async fn finish(state: &AppState, mut under_way: Sending) -> Result<(), StoreError> {
    let end = Instant::now() + LAST_LOOK;
    if let Err(error) = take_last(state, &mut under_way, end).await {
        tracing::error!(%error, "the outbox cannot be used: what was asked for last waits for the next start");
    }
    while let Ok(Some(_)) = timeout_at(end, under_way.join_next()).await {
        settle_all(state, &mut under_way).await;
    }
    state.under_way.let_go();
    while under_way.join_next().await.is_some() {}
    settle_all(state, &mut under_way).await;
    give_back(state).await
}

/// Writes how mails have ended, and those that end meanwhile. What cannot be written is tried again with the next one.
async fn settle_all(state: &AppState, under_way: &mut Sending) {
    while under_way.try_join_next().is_some() {}
    if let Err(error) = settle(state).await {
        tracing::error!(%error, "the outbox cannot be used: how mails have ended is not written yet");
    }
}

/// Starts what is due until `end`. Looks at the clock between two claims: a claim that was broken off would be in nobody's
/// hands.
async fn take_last(state: &AppState, under_way: &mut Sending, end: Instant) -> Result<(), StoreError> {
    while Instant::now() < end {
        let next = next(state).await?;
        next.send.into_iter().for_each(|row| send(state, under_way, row));
        match next.then {
            Then::Look => {}
            Then::Full => match timeout_at(end, under_way.join_next()).await {
                Ok(Some(_)) => {}
                _ => break,
            },
            Then::Wait(_) | Then::Nothing(_) => break,
        }
    }
    Ok(())
}
