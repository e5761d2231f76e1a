//! /login: type your e-mail address.

use leptos::{html::Input, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{components::NoticeLine, page::Login, submission::Submission};
use crate::api::{Refused, RequestLink, request_link};

/// The page with the address form.
#[component]
pub fn LoginPage(login: Login) -> impl IntoView {
    let Login { typed, next, form, notice, refused, unreachable } = login;
    view! {
        <Title text="Sign in · Postern"/>
        <section class="card">
            <h1>"Sign in"</h1>
            <NoticeLine notice/>
            <p class="lead">"Type your e-mail address. We send you a link that signs you in: no password."</p>
            <LoginForm typed next form refused unreachable=unreachable.to_owned()/>
        </section>
    }
}

/// The form that asks for a link. `typed`: what stands in its field at first. `next` and `form` go along unseen, as
/// `page::Login` explains them. `refused`: what a plain form was told.
#[island]
fn LoginForm(
    typed: String,
    next: String,
    form: String,
    refused: Option<Refused>,
    unreachable: String,
) -> impl IntoView {
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
            <label for="email">"E-mail address"</label>
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
                placeholder="name@example.com"
                aria-invalid=move || ask.message().is_some().then_some("true")
                aria-describedby="email-error email-hint"
            />
            <div class="note">
                <p id="email-error" class="error" role="alert">{move || ask.message()}</p>
                <p id="email-hint" class="hint">
                    "Open the link in this browser. It works once, for a few minutes, and nowhere else."
                </p>
            </div>
            <button type="submit" class="button" aria-disabled=move || ask.busy()>
                "Send me a link"
                <span class="countdown" aria-hidden="true">{move || ask.countdown()}</span>
            </button>
        </form>
    }
}
