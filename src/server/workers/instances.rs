//! The heartbeat: lets the other instances know that this one lives, and takes over the mails of one that does not.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    state::AppState,
    store::{StoreError, instances::DEAD_AFTER},
};

/// How far apart two beats are.
const BEAT_EVERY: Duration = Duration::from_secs(2);
/// From one beat to the next, at most; what took longer is a gap. A beat may have waited for the database.
const LONGEST_GAP: Duration = Duration::from_secs(8);

/// Beats until the last request was answered. What the outbox worker does then is done before anybody takes this one for dead.
pub async fn run(state: AppState) {
    let mut is_well = true;
    let mut watch = Watch::default();
    loop {
        match beat(&state, &mut watch).await {
            Ok(taken) => {
                is_well = true;
                if taken > 0 {
                    tracing::warn!(taken, "an instance has died with mails in its hands: they are due again");
                    state.outbox_bell.notify_one();
                    state.notice_bell.notify_one();
                }
            }
            // Once for each time that the database goes away.
            Err(error) if is_well => {
                is_well = false;
                tracing::error!(%error, "this instance cannot let the others know that it lives");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = state.stop.answered.cancelled() => return,
            () = tokio::time::sleep(BEAT_EVERY) => {}
        }
    }
}

/// Beats once; takes over the mails of the dead if it can know who is, and says how many.
async fn beat(state: &AppState, watch: &mut Watch) -> Result<usize, StoreError> {
    state.store.beat().await.inspect_err(|_| *watch = Watch::default())?;
    if watch.beat(Instant::now()) { state.store.take_over(state.clock.now()).await } else { Ok(0) }
}

/// For how long this instance has beaten without a gap. After a time in which nobody could reach the database, all the others
/// look dead until they have beaten again, while they still send what they have claimed.
#[derive(Debug, Default)]
struct Watch(Option<Unbroken>);

#[derive(Debug)]
struct Unbroken {
    since: Instant,
    last: Instant,
}

impl Watch {
    /// Notes a beat; whether whoever has not been heard of for [`DEAD_AFTER`] would have been, if it lived.
    fn beat(&mut self, now: Instant) -> bool {
        match &mut self.0 {
            Some(unbroken) if now - unbroken.last <= LONGEST_GAP => unbroken.last = now,
            broken => *broken = Some(Unbroken { since: now, last: now }),
        }
        self.0.as_ref().is_some_and(|unbroken| now - unbroken.since >= DEAD_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_others_are_judged_after_as_long_without_a_gap_as_they_may_be_silent() {
        let (mut watch, start) = (Watch::default(), Instant::now());
        let judges: Vec<_> = (0..9).map(|n| watch.beat(start + n * BEAT_EVERY)).collect();
        assert_eq!(judges, [false, false, false, false, false, false, true, true, true]);
    }

    #[test]
    fn a_gap_in_its_own_beats_makes_it_wait_anew() {
        let (mut watch, start) = (Watch::default(), Instant::now());
        for n in 0..=12 {
            watch.beat(start + n * SECOND);
        }
        assert!(watch.beat(start + 13 * SECOND), "without a gap");
        let back = start + 13 * SECOND + LONGEST_GAP + SECOND;
        assert!(!watch.beat(back));
        assert!(!watch.beat(back + 8 * SECOND));
        assert!(watch.beat(back + 12 * SECOND));
    }
}
