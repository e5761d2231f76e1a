//! The form that asks for a link.

use leptos::{html::Input, prelude::*, server_fn::ServerFn};

use super::Island;
use crate::{
    api::RequestLink,
    app::{
        given::Given,
        submission::{Progress, Submission, SubmitButton, Trouble},
    },
};

/// The form that asks for a link.
#[derive(Debug, Default)]
pub struct LoginForm {
    /// What stands in its field at first.
    pub typed: String,
    /// Goes along unseen, as `page::Login` explains it.
    pub next: String,
    /// The same.
    pub form: String,
    pub label: &'static str,
    pub example: &'static str,
    pub hint: &'static str,
}

impl Island for LoginForm {
    const NAME: &'static str = "login-form";

    fn view(self, given: Given) -> impl IntoView + 'static {
        let ask = Submission::new(given);
        let field = NodeRef::<Input>::new();
        ask.returns_to(field, false);
        view! {
            // novalidate: one way of saying what is wrong, for every browser and reader.
            <form method="post" action=RequestLink::url() novalidate on:submit=ask.on_submit()>
                <input type="hidden" name="next" value=self.next/>
                <input type="hidden" name="form" value=self.form/>
                <label for="email">{self.label}</label>
                <input
                    node_ref=field
                    id="email"
                    name="email"
                    type="email"
                    value=self.typed
                    required
                    autofocus
                    autocomplete="email"
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="320"
                    placeholder=self.example
                    aria-invalid=ask.invalid()
                    aria-describedby="email-error email-hint"
                    on:input=ask.edited()
                />
                <div class="note">
                    <Trouble form=ask id=Some("email-error")/>
                    <p id="email-hint" class="hint">{self.hint}</p>
                    <Progress form=ask/>
                </div>
                <SubmitButton form=ask/>
            </form>
        }
    }
}
