//! The submission of a form to its server function: what an island shows while it waits, and when it is refused.
//!
//! Leptos' own `ActionForm` and `ServerAction` do this too, and more; they cost a first visit 40 kB
//! (docs/decisions/0001-islands.md).

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local, web_sys::js_sys::Date};

use crate::api::Refused;

/// The state of one form. Its signals stay as they are on the server.
#[derive(Clone, Copy)]
pub struct Submission {
    busy: RwSignal<bool>,
    refused: RwSignal<Option<Refused>>,
    /// What to say where no answer came.
    unreachable: StoredValue<String>,
    /// Browser clock in milliseconds, 0 until hydration. The clock is compared rather than ticks counted: timers pause
    /// in a background tab.
    now: RwSignal<f64>,
    /// When the next try makes sense, on that clock.
    free_at: RwSignal<f64>,
}

impl Submission {
    /// `refused`: how the last try ended, where a plain form made it. `wait`: seconds until the next try.
    /// `unreachable`: the sentence for when no answer comes.
    pub fn new(refused: Option<Refused>, wait: u64, unreachable: String) -> Self {
        let form = Self {
            busy: RwSignal::new(false),
            refused: RwSignal::new(refused),
            unreachable: StoredValue::new(unreachable),
            now: RwSignal::new(0.0),
            free_at: RwSignal::new(0.0),
        };
        Effect::new(move |_| {
            form.wait_for(wait);
            let tick = move || form.now.set(Date::now());
            if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_secs(1)) {
                on_cleanup(move || ticking.clear());
            }
        });
        Effect::new(move |_| {
            let wait = form.refused.with(|refused| refused.as_ref().and_then(|refused| refused.retry_after));
            form.wait_for(wait.unwrap_or_default());
        });
        form
    }

    /// What a submit event does: calls the server function, and nothing while a call is under way.
    pub fn on_submit<Call>(self, call: impl Fn() -> Call + 'static) -> impl Fn(SubmitEvent)
    where
        Call: Future<Output = Result<(), Refused>> + 'static,
    {
        move |event| {
            event.prevent_default();
            self.send(call());
        }
    }

    /// Sends the form. It stays busy until the next page is there, not only until the answer is.
    pub fn send(self, call: impl Future<Output = Result<(), Refused>> + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            if let Err(refused) = call.await {
                self.busy.set(false);
                self.refused.set(Some(refused));
            }
        });
    }

    /// For `aria-disabled`: the button keeps the focus, unlike with `disabled`.
    pub fn busy(self) -> Option<&'static str> {
        self.busy.get().then_some("true")
    }

    /// The refusal that was met last. It stays when its wait is over; [`Self::message`] does not.
    pub fn refused(self) -> Option<Refused> {
        self.refused.get()
    }

    /// The refusal in words; gone once the wait it speaks of is over.
    pub fn message(self) -> Option<String> {
        let waited = self.free_at.get() > 0.0 && self.left() == 0;
        let refused = self.refused.get().filter(|refused| !(waited && refused.retry_after.is_some()))?;
        let came = !refused.message.is_empty();
        Some(if came { refused.message } else { self.unreachable.get_value() })
    }

    /// Seconds until the next try makes sense.
    pub fn left(self) -> u64 {
        ((self.free_at.get() - self.now.get()) / 1_000.0).ceil().max(0.0) as u64
    }

    /// The wait as `0:42`, for eyes: a screen reader has heard it in the message, once.
    pub fn countdown(self) -> Option<String> {
        let left = self.left();
        (left > 0).then(|| format!("{}:{:02}", left / 60, left % 60))
    }

    /// Begins a wait of `seconds`; 0 leaves one that is under way as it is.
    fn wait_for(self, seconds: u64) {
        if seconds > 0 {
            let start = Date::now();
            self.now.set(start);
            self.free_at.set(start + seconds as f64 * 1_000.0);
        }
    }
}
