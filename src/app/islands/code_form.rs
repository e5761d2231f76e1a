//! The form that takes the eight digits of a code.

use leptos::{html::Input, prelude::*, server_fn::ServerFn};

use crate::{
    api::{RedeemCode, Refused, redeem_code},
    app::{islands::Drawn, submission::Submission},
};

/// The texts of the form.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeFormWords {
    pub label: &'static str,
    pub hint: &'static str,
    pub button: &'static str,
}

/// The form that takes the eight digits.
#[island]
pub fn CodeForm(refused: Option<Refused>, unreachable: String, words: Drawn<CodeFormWords>) -> impl IntoView {
    let Drawn(words) = words;
    let redeem = Submission::new(refused, 0, unreachable);
    let field = NodeRef::<Input>::new();
    let submit = redeem.on_submit(move || {
        let typed = field.get_untracked().map(|field| field.value());
        redeem_code(typed.unwrap_or_default())
    });
    Effect::new(move |before: Option<()>| {
        if redeem.refused().is_some()
            && before.is_some()
            && let Some(field) = field.get_untracked()
        {
            let _ = field.focus();
            field.select();
        }
    });
    view! {
        <form method="post" action=RedeemCode::url() novalidate on:submit=submit>
            <label for="code">{words.label}</label>
            <input
                node_ref=field
                id="code"
                name="code"
                type="text"
                class="code"
                required
                autofocus
                autocomplete="one-time-code"
                inputmode="numeric"
                maxlength="24"
                placeholder="0000 0000"
                aria-invalid=move || redeem.message().is_some().then_some("true")
                aria-describedby="code-error code-hint"
            />
            <div class="note">
                <p id="code-error" class="error" role="alert">{move || redeem.message()}</p>
                <p id="code-hint" class="hint">{words.hint}</p>
            </div>
            <button type="submit" class="button" aria-disabled=move || redeem.busy()>{words.button}</button>
        </form>
    }
}
