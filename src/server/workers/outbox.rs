//! The outbox worker: hands over the mails that wait in the outbox.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{
    flow::login::{
        deliver::{deliver, give_back, next},
        queue::Next,
    },
    state::AppState,
    store::{StoreError, outbox::OutboxRow},
};

/// The mails that are being sent.
type Sending = JoinSet<Result<(), StoreError>>;

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
                pause(asked).await;
                continue;
            }
        };
        let end = Instant::now() + nap.longest;
        loop {
            tokio::select! {
                () = asked.cancelled() => break,
                () = state.outbox_bell.notified() => break,
                () = sleep_until(end) => break,
                Some(ended) = under_way.join_next() => {
                    let mut failed = !matches!(ended, Ok(Ok(())));
                    // Those that ended meanwhile, too: one pause is enough for all that failed together.
                    while let Some(ended) = under_way.try_join_next() {
                        failed |= !matches!(ended, Ok(Ok(())));
                    }
                    if failed {
                        pause(asked).await;
                    }
                    // What else is due was seen before; one that is due again rings.
                    if failed || nap.ends_with_a_hand {
                        break;
                    }
                }
            }
        }
    }
    state.stop.answered.cancelled().await;
    if let Err(error) = finish(&state, under_way).await {
        tracing::error!(%error, "mails in hand could not be given back: they wait for their lease");
    }
}

/// Sleeps for [`PAUSE`], or until the process is asked to stop.
async fn pause(asked: &CancellationToken) {
    tokio::select! {
        () = asked.cancelled() => {}
        () = tokio::time::sleep(PAUSE) => {}
    }
}

/// How long there is nothing to do.
struct Nap {
    longest: Duration,
    /// Whether something waits for a hand that is free.
    ends_with_a_hand: bool,
}

/// Starts as many due mails as there is room for; tells how long nothing else will be due.
async fn take_due(state: &AppState, under_way: &mut Sending) -> Result<Nap, StoreError> {
    let longest = if state.store.is_shared() { LONGEST_SLEEP_SHARED } else { LONGEST_SLEEP };
    while !state.stop.asked.is_cancelled() {
        match next(state).await? {
            Next::Send(rows) => rows.into_iter().for_each(|row| send(state, under_way, row)),
            Next::Look => {}
            // Whoever ends wakes the worker; a retry that is due meanwhile does not.
            Next::Full => return Ok(Nap { longest: A_MOMENT, ends_with_a_hand: true }),
            Next::Wait(wait) => return Ok(Nap { longest: wait.min(longest), ends_with_a_hand: true }),
            Next::Nothing(due) => {
                let until = due.map_or(longest, |due| due.since(state.clock.now()));
                let longest = until.clamp(Duration::from_millis(100), longest);
                return Ok(Nap { longest, ends_with_a_hand: false });
            }
        }
    }
    Ok(Nap { longest, ends_with_a_hand: false })
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
    let _ = timeout_at(end, ended(&mut under_way)).await;
    state.under_way.let_go();
    ended(&mut under_way).await;
    give_back(state).await
}

/// Starts what is due until `end`. Looks at the clock between two claims: a claim that was broken off would be in nobody's
/// hands.
async fn take_last(state: &AppState, under_way: &mut Sending, end: Instant) -> Result<(), StoreError> {
    while Instant::now() < end {
        match next(state).await? {
            Next::Send(rows) => rows.into_iter().for_each(|row| send(state, under_way, row)),
            Next::Look => {}
            Next::Full => match timeout_at(end, under_way.join_next()).await {
                Ok(Some(_)) => {}
                _ => break,
            },
            Next::Wait(_) | Next::Nothing(_) => break,
        }
    }
    Ok(())
}

/// Waits for all mails under way.
async fn ended(under_way: &mut Sending) {
    while under_way.join_next().await.is_some() {}
}
