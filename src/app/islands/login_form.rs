//! The form that asks for a link.

use leptos::{html::Input, prelude::*, server_fn::ServerFn};

use crate::{
    api::{Refused, RequestLink, request_link},
    app::{islands::Drawn, submission::Submission},
};

/// The texts of the form.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoginFormWords {
    pub label: &'static str,
    pub example: &'static str,
    pub hint: &'static str,
    pub button: &'static str,
}

/// The form that asks for a link. `typed`: what stands in its field at first. `next` and `form` go along unseen, as
/// `page::Login` explains them. `refused`: what a plain form was told.
#[island]
pub fn LoginForm(
    typed: String,
    next: String,
    form: String,
    refused: Option<Refused>,
    unreachable: String,
    words: Drawn<LoginFormWords>,
) -> impl IntoView {
    let Drawn(words) = words;
    let ask = Submission::new(refused, 0, unreachable);
    let field = NodeRef::<Input>::new();
    let (wanted, known_by) = (next.clone(), form.clone());
    let submit = ask.on_submit(move || {
        let address = field.get_untracked().map(|field| field.value());
        request_link(address.unwrap_or_default(), Some(wanted.clone()), Some(known_by.clone()))
    });
    Effect::new(move |before: Option<()>| {
        // The first run is about what a plain form was told; autofocus has seen to that.
        if ask.refused().is_some()
            && before.is_some()
            && let Some(field) = field.get_untracked()
        {
            let _ = field.focus();
        }
    });
    view! {
        // novalidate: one way of saying what is wrong, for every browser and reader.
        <form method="post" action=RequestLink::url() novalidate on:submit=submit>
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name="form" value=form/>
            <label for="email">{words.label}</label>
            <input
                node_ref=field
                id="email"
                name="email"
                type="email"
                value=typed
                required
                autofocus
                autocomplete="email"
                autocapitalize="none"
                spellcheck="false"
                maxlength="320"
                placeholder=words.example
                aria-invalid=move || ask.message().is_some().then_some("true")
                aria-describedby="email-error email-hint"
            />
            <div class="note">
                <p id="email-error" class="error" role="alert">{move || ask.message()}</p>
                <p id="email-hint" class="hint">{words.hint}</p>
            </div>
            <button type="submit" class="button" aria-disabled=move || ask.busy()>
                {words.button}
                <span class="countdown" aria-hidden="true">{move || ask.countdown()}</span>
            </button>
        </form>
    }
}
