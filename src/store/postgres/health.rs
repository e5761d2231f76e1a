//! Whether the server can be reached, as far as is known. While it cannot be, one request at a time finds out whether it can
//! again; all others are refused at once, and do not pile up.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How far apart two tries are to reach a database that is away.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// What is known of the server.
#[derive(Debug, Default)]
pub struct Health(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Up,
    Down {
        tried_at: Instant,
        trying: bool,
    },
}

impl Health {
    /// Begins a try to reach the server; `None` if somebody else is about to find out, or just has.
    pub fn may_try(&self) -> Option<Trial<'_>> {
        let mut is_alone = false;
        if let State::Down { tried_at, trying } = &mut *self.state() {
            if *trying || tried_at.elapsed() < TRY_EVERY {
                return None;
            }
            (*trying, is_alone) = (true, true);
        }
        Some(Trial { health: self, is_alone, reached: None })
    }

    /// Notes that the server does not answer.
    pub fn is_away(&self) {
        let mut state = self.state();
        if matches!(*state, State::Up) {
            *state = State::Down { tried_at: Instant::now(), trying: false };
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A try to reach the server. One that ends before either is known, because its visitor goes away, says nothing of the server.
pub struct Trial<'h> {
    health: &'h Health,
    /// Whether it is the one that finds out if the server is back.
    pub is_alone: bool,
    reached: Option<bool>,
}

impl Trial<'_> {
    /// The server was reached.
    pub fn succeeded(mut self) {
        self.reached = Some(true);
    }

    /// The server could not be reached.
    pub fn failed(mut self) {
        self.reached = Some(false);
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        let mut state = self.health.state();
        match (self.reached, &mut *state) {
            (Some(true), _) => *state = State::Up,
            (Some(false), _) => *state = State::Down { tried_at: Instant::now(), trying: false },
            (None, State::Down { trying, .. }) if self.is_alone => *trying = false,
            (None, _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_try_that_its_visitor_gives_up_says_nothing_of_the_server() {
        let health = Health::default();
        drop(health.may_try());
        assert!(health.may_try().is_some(), "up as before");
        health.may_try().unwrap().failed();
        assert!(health.may_try().is_none(), "it has failed just now");
        tokio::time::advance(TRY_EVERY).await;
        drop(health.may_try());
        assert!(health.may_try().is_some_and(|trial| trial.is_alone), "down as before");
    }

    #[tokio::test(start_paused = true)]
    async fn while_the_server_is_away_one_at_a_time_tries_until_one_succeeds() {
        let health = Health::default();
        health.is_away();
        tokio::time::advance(TRY_EVERY).await;
        let trial = health.may_try().unwrap();
        assert!(health.may_try().is_none());
        trial.succeeded();
        assert!(health.may_try().is_some_and(|trial| !trial.is_alone));
        assert!(health.may_try().is_some());
    }
}
