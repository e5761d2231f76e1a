//! The form that takes the eight digits of a code.

use leptos::{html::Input, prelude::*, server_fn::ServerFn};

use super::Island;
use crate::{
    api::RedeemCode,
    app::{
        given::Given,
        submission::{Progress, Submission, SubmitButton, Trouble},
    },
};

/// The form that takes the eight digits.
#[derive(Debug, Default)]
pub struct CodeForm {
    pub label: &'static str,
    pub hint: &'static str,
}

impl Island for CodeForm {
    const NAME: &'static str = "code-form";

    fn view(self, given: Given) -> impl IntoView + 'static {
        let redeem = Submission::new(given);
        let field = NodeRef::<Input>::new();
        redeem.returns_to(field, true);
        view! {
            <form method="post" action=RedeemCode::url() novalidate on:submit=redeem.on_submit()>
                <label for="code">{self.label}</label>
                // Above the field: its button stays beside it, over the keyboard of a phone.
                <div class="note">
                    <Trouble form=redeem id=Some("code-error")/>
                    <p id="code-hint" class="hint">{self.hint}</p>
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
                <SubmitButton form=redeem/>
            </form>
        }
    }
}
