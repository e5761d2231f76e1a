//! The submission of a form to its server function: what an island shows while it waits, and when it is refused.
//!
//! Leptos' own `ActionForm` and `ServerAction` do this too, and more; they cost a first visit 40 kB
//! (docs/decisions/0001-islands.md).

use std::time::Duration;

use leptos::{
    ev::{Event, SubmitEvent},
    html::Input,
    prelude::*,
    wasm_bindgen::prelude::*,
    web_sys::{EventTarget, js_sys::Date},
};

use super::given::{Given, Say, refusal_from_lines};
use crate::api::Refused;

#[wasm_bindgen(wasm_bindgen = leptos::wasm_bindgen)]
extern "C" {
    /// Posts a form as app/scripts/islands.js does. `refused`: is told of a refusal.
    #[wasm_bindgen(js_name = posternPost)]
    fn post(form: &EventTarget, refused: JsValue);
}

/// A time span as `0:42` or `1:00:00`.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Milliseconds after which a call takes longer than usual.
const SLOW: f64 = 10_000.0;

/// The state of one form. Its signals stay as they are on the server.
#[derive(Clone, Copy)]
pub struct Submission {
    refused: RwSignal<Option<Refused>>,
    /// When the call under way began, on the browser's clock in milliseconds; 0 while there is none.
    began: RwSignal<f64>,
    words: StoredValue<String>,
    /// Browser clock in milliseconds, 0 until hydration. The clock is compared rather than ticks counted: timers pause
    /// in a background tab.
    now: RwSignal<f64>,
    /// When the next try makes sense, on that clock.
    free_at: RwSignal<f64>,
}

impl Submission {
    /// A form that nobody has sent yet.
    pub fn new(given: Given) -> Self {
        let Given { refused, wait, words } = given;
        let form = Self {
            refused: RwSignal::new(refused),
            began: RwSignal::new(0.0),
            words: StoredValue::new(words),
            now: RwSignal::new(0.0),
            free_at: RwSignal::new(0.0),
        };
        Effect::new(move |_| {
            form.wait_for(wait);
            // It ticks as long as the page is there.
            let _ = set_interval_with_handle(move || form.now.set(Date::now()), Duration::from_secs(1));
        });
        Effect::new(move |_| {
            let wait = form.refused.with(|refused| refused.as_ref().and_then(|refused| refused.retry_after));
            form.wait_for(wait.unwrap_or_default());
        });
        form
    }

    /// What a submit event does: it sends its form.
    pub fn on_submit(self) -> impl Fn(SubmitEvent) {
        move |event| {
            event.prevent_default();
            if let Some(form) = event.target() {
                self.send(&form);
            }
        }
    }

    /// Sends the form, unless a call is under way or it has to wait. It stays busy until the next page is there, not only
    /// until the answer is.
    pub fn send(self, form: &EventTarget) {
        if self.began.get_untracked() > 0.0 || untrack(|| self.left()) > 0 {
            return;
        }
        // The same refusal, met again, is news again: a screen reader hears only what changes.
        self.refused.set(None);
        self.now.set(Date::now());
        self.began.set(Date::now());
        let end = move |lines: String| self.end(refusal_from_lines(&lines));
        post(form, Closure::<dyn Fn(String)>::new(end).into_js_value());
    }

    fn end(self, refused: Refused) {
        self.began.set(0.0);
        // First, because the sentence depends on it: a screen reader would hear both.
        self.wait_for(refused.retry_after.unwrap_or_default());
        self.refused.set(Some(refused));
    }

    /// Milliseconds since the call under way began.
    fn waited(self) -> f64 {
        let began = self.began.get();
        if began > 0.0 { self.now.get() - began } else { 0.0 }
    }

    fn is_slow(self) -> bool {
        self.waited() >= SLOW
    }

    fn is_busy(self) -> bool {
        self.began.get() > 0.0
    }

    pub fn say(self, what: Say) -> String {
        self.words.with_value(|words| words.split('\n').nth(what as usize).unwrap_or_default().to_owned())
    }

    /// The label of the button, or that it is at work.
    pub fn label(self) -> String {
        self.say(if self.is_busy() { Say::Busy } else { Say::Idle })
    }

    /// For `aria-disabled`: the button keeps the focus, unlike with `disabled`.
    // These give closures, not values: one type for the views of all forms.
    pub fn busy(self) -> impl Fn() -> Option<&'static str> + Clone {
        move || self.is_busy().then_some("true")
    }

    /// For `disabled`: whether the form has to wait.
    pub fn waits(self) -> impl Fn() -> bool + Clone {
        move || self.left() > 0
    }

    /// The refusal that was met last. It stays when its wait is over; [`Self::message`] does not.
    pub fn refused(self) -> Option<Refused> {
        self.refused.get()
    }

    /// What an input event does: what was wrong may have been mended, so nothing is said of it any more. A wait goes on.
    pub fn edited(self) -> impl Fn(Event) + Clone {
        move |_| {
            let waits = |refused: &Refused| refused.retry_after.is_some();
            if self.refused.with_untracked(|refused| refused.as_ref().is_some_and(|refused| !waits(refused)))
            {
                self.refused.set(None);
            }
        }
    }

    /// Takes the visitor back to `field` when it was refused; `selects` what stands there, to be typed over.
    pub fn returns_to(self, field: NodeRef<Input>, selects: bool) {
        Effect::new(move |before: Option<()>| {
            // The first run is about what a plain form was told; autofocus has seen to that.
            if self.refused.with(Option::is_some)
                && before.is_some()
                && let Some(field) = field.get_untracked()
            {
                let _ = field.focus();
                if selects {
                    field.select();
                }
            }
        });
    }

    /// For `aria-invalid`: only where what stands in the field is wrong.
    pub fn invalid(self) -> impl Fn() -> Option<&'static str> + Clone {
        let is_blamed =
            move |refused: &Option<Refused>| refused.as_ref().is_some_and(Refused::blames_the_field);
        move || self.refused.with(is_blamed).then_some("true")
    }

    /// The refusal in words; gone once the wait it speaks of is over.
    pub fn message(self) -> Option<String> {
        let refused = self.refused.get()?;
        // Once the button counts, the sentence has no number of its own, which would stand still.
        if refused.retry_after.is_some() && self.free_at.get() > 0.0 {
            return (self.left() > 0).then(|| self.say(Say::CountsDown));
        }
        Some(match refused.refusal.as_str() {
            _ if !refused.message.is_empty() => refused.message,
            "unreachable" => self.say(Say::Unreachable),
            "given_up" => self.say(Say::GivenUp),
            _ => self.say(Say::NotOurs),
        })
    }

    /// Seconds until the next try makes sense.
    fn left(self) -> u64 {
        ((self.free_at.get() - self.now.get()) / 1_000.0).ceil().max(0.0) as u64
    }

    /// The wait, while there is one. No live region: a screen reader says it where somebody asks for the button.
    pub fn countdown(self) -> Option<String> {
        let left = self.left();
        (left > 0).then(|| clock(left))
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

/// The button of a form: its label, or that it is at work; and how long it has to wait.
#[component]
pub fn SubmitButton(form: Submission) -> impl IntoView {
    view! {
        <button type="submit" class="button" disabled=form.waits() aria-disabled=form.busy()>
            {move || form.label()}
            <span class="countdown">{move || form.countdown()}</span>
        </button>
    }
}

/// The line that says what was wrong, as soon as it is.
#[component]
pub fn Trouble(form: Submission, id: Option<&'static str>) -> impl IntoView {
    view! { <p id=id class="error" role="alert">{move || form.message()}</p> }
}

/// The line that says how a form gets on: for ears at once, for eyes once it takes longer than usual.
#[component]
pub fn Progress(form: Submission) -> impl IntoView {
    let says = move || form.is_busy().then(|| form.say(if form.is_slow() { Say::Slow } else { Say::Busy }));
    view! { <p class="progress" class:slow=move || form.is_slow() role="status">{says}</p> }
}
