//! A form on its way to its server function: what an island shows while it waits, and when it is refused.
//!
//! Leptos' own `ActionForm` and `ServerAction` do this too, and more; they cost a first visit 40 kB
//! (docs/decisions/0001-islands.md).

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local, web_sys::js_sys::Date};

use crate::refusal::Refusal;

/// The state of one form. Its signals stay as they are on the server.
#[derive(Clone, Copy)]
pub struct Submission {
    busy: RwSignal<bool>,
    refusal: RwSignal<Option<Refusal>>,
    /// Times of the browser in milliseconds, both 0 until the form is alive. Counting ticks instead would fall
    /// behind while the visitor is in the mail app.
    now: RwSignal<f64>,
    free_at: RwSignal<f64>,
}

impl Submission {
    /// `refusal`: why the last try was refused, where a plain form made it. `wait`: seconds until the next try.
    pub fn new(refusal: Option<Refusal>, wait: u64) -> Self {
        let form = Self {
            busy: RwSignal::new(false),
            refusal: RwSignal::new(refusal),
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
            if let Some(Refusal::Limited { retry_after }) = form.refusal.get() {
                form.wait_for(retry_after);
            }
        });
        form
    }

    /// What a submit event does: calls the server function, and nothing while a call is under way.
    pub fn on_submit<Call>(self, call: impl Fn() -> Call + 'static) -> impl Fn(SubmitEvent)
    where
        Call: Future<Output = Result<(), Refusal>> + 'static,
    {
        move |event| {
            event.prevent_default();
            self.send(call());
        }
    }

    /// Sends the form. It stays busy until the next page is there, not only until the answer is.
    pub fn send(self, call: impl Future<Output = Result<(), Refusal>> + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            if let Err(refusal) = call.await {
                self.busy.set(false);
                self.refusal.set(Some(refusal));
            }
        });
    }

    /// For `aria-disabled`: the button keeps the focus, unlike with `disabled`.
    pub fn busy(self) -> Option<&'static str> {
        self.busy.get().then_some("true")
    }

    pub fn refusal(self) -> Option<Refusal> {
        self.refusal.get()
    }

    /// The refusal in words; gone once the wait it speaks of is over.
    pub fn message(self) -> Option<String> {
        let waited = self.free_at.get() > 0.0 && self.left() == 0;
        let refusal = self.refusal.get();
        refusal
            .filter(|refusal| !(waited && matches!(refusal, Refusal::Limited { .. })))
            .map(|why| why.to_string())
    }

    /// Seconds until the next try makes sense.
    pub fn left(self) -> u64 {
        ((self.free_at.get() - self.now.get()) / 1_000.0).ceil() as u64
    }

    /// The wait as `0:42`, for eyes: a screen reader has heard it in the message, once.
    pub fn countdown(self) -> Option<String> {
        let left = self.left();
        (left > 0).then(|| format!("{}:{:02}", left / 60, left % 60))
    }

    fn wait_for(self, seconds: u64) {
        if seconds > 0 {
            let start = Date::now();
            self.now.set(start);
            self.free_at.set(start + seconds as f64 * 1_000.0);
        }
    }
}
