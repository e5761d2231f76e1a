//! The outbox worker: hands over the mails that wait in the outbox.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout_at},
};

use crate::{
    flow::login::{
        deliver::{deliver, give_back, next, settle},
        queue::Then,
    },
    state::{AppState, under_way::PAUSE},
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
/// How long the worker waits for other mails to end, once one has.
const GATHERING: Duration = Duration::from_millis(20);
/// How many it waits for: their hands are free meanwhile.
const GATHERED: usize = 8;

/// How long mails may take once the last request was answered: those in hand, and those that the last requests asked for.
/// A limit of time and not of mails: a mail server that hangs would hold up a fixed number as well.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// Sends what is due until the process is asked to stop; finishes what is in hand meanwhile, looks once more after the last
/// request, and gives back what could not be sent.
pub async fn run(state: AppState) {
    let mut under_way = JoinSet::new();
    let asked = &state.stop.asked;
    let mut looks = true;
    while !asked.is_cancelled() {
        let rest = match take_due(&state, &mut under_way, looks).await {
            Ok(rest) => rest,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be used; trying again in a moment");
                tokio::select! {
                    () = asked.cancelled() => {}
                    () = sleep(PAUSE) => {}
                }
                looks = true;
                continue;
            }
        };
        // What could not be written is tried again, whatever the database says is due.
        let unwritten = state.under_way.has_ended();
        let longest = if unwritten { rest.longest.min(PAUSE) } else { rest.longest };
        let (ended, rings) = tokio::select! {
            () = asked.cancelled() => (0, false),
            () = state.outbox_bell.notified() => (0, true),
            () = sleep(longest) => (0, false),
            Some(_) = under_way.join_next() => (1, false),
        };
        looks = unwritten || ended > 0 || rings;
        if ended > 0 || rings && rest.hands_are_full {
            gather(&state, &mut under_way, ended, rest.hands_are_full).await;
            // The step writes how all of them ended.
            while under_way.try_join_next().is_some() {}
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

/// How the worker rests when there is nothing to do.
struct Rest {
    longest: Duration,
    /// Whether there may be more to do than it has hands for.
    hands_are_full: bool,
}

/// Waits a little for mails to end, of which some `ended` just now: what is written together costs one step, and nobody waits for that.
/// While a hand is free, whoever asks ends it.
async fn gather(state: &AppState, under_way: &mut Sending, mut ended: usize, hands_are_full: bool) {
    let until = Instant::now() + GATHERING;
    while ended < GATHERED {
        tokio::select! {
            () = state.stop.asked.cancelled() => return,
            () = state.outbox_bell.notified(), if !hands_are_full => return,
            () = sleep_until(until) => return,
            Some(_) = under_way.join_next() => ended += 1,
        }
    }
}

/// Starts as many due mails as there is room for; tells how long there is nothing else to do. `looks`: without asking first whether
/// anything is due.
async fn take_due(state: &AppState, under_way: &mut Sending, looks: bool) -> Result<Rest, StoreError> {
    let longest = if state.store.is_shared() { LONGEST_SLEEP_SHARED } else { LONGEST_SLEEP };
    // Read, and no step: several instances look every second, and steps run one after the other.
    if !looks && !is_due(state).await? {
        return until_due(state, longest).await;
    }
    while !state.stop.asked.is_cancelled() {
        let next = next(state).await?;
        next.send.into_iter().for_each(|row| send(state, under_way, row));
        match next.then {
            Then::Look => {}
            Then::Full => return Ok(Rest { longest: A_MOMENT, hands_are_full: true }),
            Then::Wait(wait) => return Ok(Rest { longest: wait.min(longest), hands_are_full: false }),
            Then::Nothing => return until_due(state, longest).await,
        }
    }
    Ok(Rest { longest, hands_are_full: false })
}

/// Whether a mail is due.
async fn is_due(state: &AppState) -> Result<bool, StoreError> {
    Ok(state.store.next_due().await?.is_some_and(|due| due <= state.clock.now()))
}

/// Until the next mail is due.
async fn until_due(state: &AppState, longest: Duration) -> Result<Rest, StoreError> {
    let due = state.store.next_due().await?;
    let wait = due.map_or(longest, |due| due.since(state.clock.now()));
    Ok(Rest { longest: wait.clamp(Duration::from_millis(100), longest), hands_are_full: false })
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
    while Instant::now() < end && is_due(state).await? {
        let next = next(state).await?;
        next.send.into_iter().for_each(|row| send(state, under_way, row));
        match next.then {
            Then::Look => {}
            Then::Full => match timeout_at(end, under_way.join_next()).await {
                Ok(Some(_)) => {}
                _ => break,
            },
            Then::Wait(_) | Then::Nothing => break,
        }
    }
    Ok(())
}
