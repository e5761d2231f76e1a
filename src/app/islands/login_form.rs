//! The form that asks for a link.

use leptos::{html::Input, prelude::*, server_fn::ServerFn};

use crate::{
    api::{Refused, RequestLink, request_link},
    app::{
        islands::Drawn,
        submission::{Progress, Submission, SubmitButton, Trouble},
    },
};

/// The texts of the form.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoginFormWords {
    pub label: &'static str,
    pub example: &'static str,
    pub hint: &'static str,
}

/// The form that asks for a link. `typed`: what stands in its field at first. `next` and `form` go along unseen, as
/// `page::Login` explains them. `refused`: what a plain form was told. `button`: the label of its
/// button.
#[island]
pub fn LoginForm(
    typed: String,
    next: String,
    form: String,
    refused: Option<Refused>,
    button: String,
    waiting: String,
    words: Drawn<LoginFormWords>,
) -> impl IntoView {
    let Drawn(words) = words;
    let ask = Submission::new(refused, 0, waiting);
    let field = NodeRef::<Input>::new();
    let (wanted, known_by) = (next.clone(), form.clone());
    let submit = ask.on_submit(move || {
        let address = field.get_untracked().map(|field| field.value());
        request_link(address.unwrap_or_default(), Some(wanted.clone()), Some(known_by.clone()))
    });
    ask.returns_to(field, false);
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
                aria-invalid=ask.invalid()
                aria-describedby="email-error email-hint"
                on:input=ask.edited()
            />
            <div class="note">
                <Trouble form=ask id=Some("email-error")/>
                <p id="email-hint" class="hint">{words.hint}</p>
                <Progress form=ask/>
            </div>
            <SubmitButton form=ask label=button/>
        </form>
    }
}
