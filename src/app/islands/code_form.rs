//! The form that takes the eight digits of a code.

use leptos::{html::Input, prelude::*, server_fn::ServerFn};

use crate::{
    api::{RedeemCode, Refused, redeem_code},
    app::{
        islands::Drawn,
        submission::{Progress, Submission, SubmitButton, Trouble},
    },
};

/// The texts of the form.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeFormWords {
    pub label: &'static str,
    pub hint: &'static str,
}

/// The form that takes the eight digits. `button`: the label of its button.
#[island]
pub fn CodeForm(
    refused: Option<Refused>,
    button: String,
    waiting: String,
    words: Drawn<CodeFormWords>,
) -> impl IntoView {
    let Drawn(words) = words;
    let redeem = Submission::new(refused, 0, waiting);
    let field = NodeRef::<Input>::new();
    let submit = redeem.on_submit(move || {
        let typed = field.get_untracked().map(|field| field.value());
        redeem_code(typed.unwrap_or_default())
    });
    redeem.returns_to(field, true);
    view! {
        <form method="post" action=RedeemCode::url() novalidate on:submit=submit>
            <label for="code">{words.label}</label>
            // Above the field: its button stays beside it, over the keyboard of a phone.
            <div class="note">
                <Trouble form=redeem id=Some("code-error")/>
                <p id="code-hint" class="hint">{words.hint}</p>
                <Progress form=redeem/>
            </div>
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
                enterkeyhint="go"
                aria-invalid=redeem.invalid()
                aria-describedby="lead code-error code-hint"
                on:input=redeem.edited()
            />
            <SubmitButton form=redeem label=button/>
        </form>
    }
}
