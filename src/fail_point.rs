//! Fail points: places where a test lets the process die as a power cut would, with no clean-up at all.
//!
//! Only debug builds have them; in a release build the functions are empty. A debug build heeds them where its environment
//! has `FAIL_AT`: it prints each place that it passes, with a number that tells the second time from the first, and
//! aborts at the one that `FAIL_AT` names. `tests/black_box/kill.rs` reads the places of a login, and dies at each.
//!
//! Statements need not name themselves: the connection that writes has each pass [`pass_statement`], so none can be forgotten.
//! SQLite's own hook would not tell of tables without rowids. Around them the writer of `store` passes the beginning and the commit
//! of every step, by its name, so that a place is the same one whichever steps share the commit. What they have counted is written
//! for all of them together, right before that commit, and has no place of its own.
//!
//! Rejected: the crate `fail`. Its newest release, 0.5.1, would bring a second and older `rand`, each statement would have
//! to name its own point, and none of its actions aborts.

pub use points::{enter, pass, pass_statement};

/// What is written in the name of no step, and passes no place: each time it would be another one.
pub const NO_STEP: &str = "";

#[cfg(debug_assertions)]
mod points {
    use std::{
        collections::HashMap,
        sync::{Mutex, OnceLock, PoisonError},
    };

    /// The places of this process.
    struct Places {
        /// Where to die; a text that names no place, to die nowhere.
        fatal: String,
        passed: Mutex<Passed>,
    }

    #[derive(Default)]
    struct Passed {
        /// How often each place was passed.
        times: HashMap<String, u32>,
        /// The step that runs.
        step: String,
    }

    /// `None` where nobody asked for them.
    fn places() -> Option<&'static Places> {
        static PLACES: OnceLock<Option<Places>> = OnceLock::new();
        #[allow(clippy::disallowed_methods, reason = "it is no setting: no server in use knows of it")]
        let places = PLACES.get_or_init(|| {
            let fatal = std::env::var("FAIL_AT").ok()?;
            Some(Places { fatal, passed: Mutex::default() })
        });
        places.as_ref()
    }

    impl Places {
        fn is_between_steps(&self) -> bool {
            self.passed.lock().unwrap_or_else(PoisonError::into_inner).step == super::NO_STEP
        }

        fn pass(&self, step: Option<&str>, what: &str) {
            // Held while it prints and dies: no other thread gets beyond its place meanwhile.
            let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
            // A step's name is the path of a closure.
            let step = step.unwrap_or(&passed.step).replace("::{{closure}}", "").replace("postern::", "");
            let place = format!("{step}: {what}");
            let times = passed.times.entry(place.clone()).or_default();
            *times += 1;
            let place = format!("{place} #{times}");
            println!("fail point: {place}");
            if place == self.fatal {
                std::process::abort();
            }
        }
    }

    /// Passes the place `what` of `step`.
    pub fn pass(step: &str, what: &str) {
        if let Some(places) = places() {
            places.pass(Some(step), what);
        }
    }

    /// Passes a place for a statement that writes, named by what it does to which table.
    pub fn pass_statement(text: &str) {
        let Some(places) = places().filter(|places| !places.is_between_steps()) else { return };
        let mut words = text.split([' ', '(']);
        if let (Some(operation @ ("INSERT" | "UPDATE" | "DELETE")), Some(second), Some(third)) =
            (words.next(), words.next(), words.next())
        {
            places.pass(None, &format!("{operation} {}", if operation == "UPDATE" { second } else { third }));
        }
    }

    /// Says which step writes from now on.
    pub fn enter(step: &str) {
        if let Some(places) = places() {
            let mut passed = places.passed.lock().unwrap_or_else(PoisonError::into_inner);
            step.clone_into(&mut passed.step);
        }
    }
}

#[cfg(not(debug_assertions))]
mod points {
    pub fn pass(_: &str, _: &str) {}

    pub fn pass_statement(_: &str) {}

    pub fn enter(_: &str) {}
}
