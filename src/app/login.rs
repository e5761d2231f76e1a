//! /login: type your e-mail address.

use leptos::{html::Input, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{
    components::NoticeLine,
    page::{KnownPeople, Login},
    submission::Submission,
};
use crate::api::{Refused, RequestLink, request_link};

/// The page with the address form.
#[component]
pub fn LoginPage(login: Login) -> impl IntoView {
    let Login { typed, known, next, form, on_its_way, notice, refused, unreachable } = login;
    let (next_of_others, form_of_others) = (next.clone(), form.clone());
    let KnownPeople { somebody_else, others } = known;
    let lead = match somebody_else {
        Some(_) => "Welcome back. We send you a link that signs you in: no password.",
        None => "Type your e-mail address. We send you a link that signs you in: no password.",
    };
    view! {
        <Title text="Sign in · Postern"/>
        <section class="card">
            <h1>"Sign in"</h1>
            <NoticeLine notice/>
            {on_its_way.map(|email| view! {
                <p class="notice">
                    "If " <strong class="address">{email}</strong> " may sign in, a mail is on its way. "
                    <a href="/login/sent">"Type its code"</a>
                </p>
            })}
            <p class="lead">{lead}</p>
            <LoginForm typed next form refused unreachable=unreachable.to_owned()/>
            {somebody_else.map(|href| view! { <p class="aside"><a href=href>"Somebody else?"</a></p> })}
            {(!others.is_empty()).then(|| view! {
                <OtherPeople others next=next_of_others form=form_of_others/>
            })}
        </section>
    }
}

/// The other people of a known browser: each has a button that asks for a link at once. A plain form: the answer is
/// another page anyway.
#[component]
fn OtherPeople(others: Vec<String>, next: String, form: String) -> impl IntoView {
    let buttons = others.into_iter().map(|email| {
        let value = email.clone();
        view! {
            <button type="submit" class="button quiet" name="email" value=value>
                <span class="address">{email}</span>
            </button>
        }
    });
    view! {
        <form class="other-way" method="post" action=RequestLink::url() aria-labelledby="others">
            <p id="others">"Has signed in here before. Send a link to:"</p>
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name="form" value=form/>
            {buttons.collect_view()}
        </form>
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
