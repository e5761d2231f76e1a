//! The figures that are looked at when somebody asks for the metrics, each by a bounded look at the database.

use crate::{
    domain::{Budget, UnixTime},
    state::AppState,
    store::{Store, StoreError, waiting::Kind},
};

/// Mails of a kind that are counted.
pub const MOST_MAILS: usize = 10_000;
/// Sessions that are counted.
const MOST_SESSIONS: usize = 100_000;
/// The budgets that all spend together.
pub const SHARED_BUDGETS: [Budget; 3] = [Budget::Mails, Budget::Codes, Budget::Trail];

/// Looks at everything anew. What is known without the database is looked at even where that fails.
///
/// # Errors
/// If the database fails: what it would have told stays as it was.
pub async fn look(state: &AppState) -> Result<(), StoreError> {
    let (gauges, now) = (&state.metrics.gauges, state.clock.now());
    let is_ready = !state.stop.asked.is_cancelled() && state.readiness.look(&state.store).await.is_ok();
    gauges.ready.set(is_ready.into());
    gauges.steps_waiting.set(whole(state.store.steps_waiting() as u64));
    gauges.allowlist_entries.set(whole(state.allowlist.get().len() as u64));
    gauges.mail_failing_seconds.set(age(state.mail_health.lately().failing_since, now));
    gauges.database_bytes.set(whole(state.store.size().await?));
    for kind in Kind::ALL {
        let label = [("kind", kind.name())];
        let mails = state.store.count_waiting(kind, MOST_MAILS).await?;
        gauges.outbox_mails.get_or_create(&label).set(whole(mails));
        let oldest = age(state.store.oldest_waiting(kind).await?, now);
        gauges.outbox_oldest_seconds.get_or_create(&label).set(oldest);
    }
    let refused = state.store.count_refused(MOST_MAILS).await?;
    gauges.outbox_mails.get_or_create(&[("kind", "refused")]).set(whole(refused));
    for (budget, used) in shared_budgets(state).await? {
        gauges.budget_used.get_or_create(&[("budget", budget.name())]).set(used);
    }
    gauges.sessions.set(whole(count_sessions(&state.store).await?));
    Ok(())
}

/// How much is used of each budget that all spend together, 0 to 1.
///
/// # Errors
/// If the database fails.
pub async fn shared_budgets(state: &AppState) -> Result<Vec<(Budget, f64)>, StoreError> {
    let now = state.clock.now();
    let keys: Vec<_> = SHARED_BUDGETS.iter().map(|budget| budget.of_all().key).collect();
    let arrivals = state.store.arrivals(&keys).await?;
    let used = |budget: Budget| {
        let limit = state.config.limits.of(budget);
        let stored =
            arrivals.iter().find(|(key, _)| *key == budget.of_all().key).map(|(_, arrival)| *arrival);
        limit.used(limit.arrival(stored, now), now)
    };
    Ok(SHARED_BUDGETS.iter().map(|budget| (*budget, used(*budget))).collect())
}

/// Sessions of people, up to a hundred thousand. Beside the threads that answer requests: SQLite reads as many entries of an
/// index.
///
/// # Errors
/// If the database fails.
pub async fn count_sessions(store: &Store) -> Result<u64, StoreError> {
    let (store, runtime) = (store.clone(), tokio::runtime::Handle::current());
    let counting = tokio::task::spawn_blocking(move || runtime.block_on(store.count_people(MOST_SESSIONS)));
    counting.await.map_err(|_| StoreError::Panicked)?
}

fn age(since: Option<UnixTime>, now: UnixTime) -> i64 {
    since.map_or(0, |since| whole(now.since(since).as_secs()))
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
