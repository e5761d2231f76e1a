//! /login: type your e-mail address.

use leptos::{prelude::*, server_fn::ServerFn};

use super::components::{Marked, NoticeLine, PageTitle, given};
use crate::{
    api::RequestLink,
    app::{
        islands::{island, login_form::LoginForm},
        page::{KnownPeople, Login},
    },
    words::{Words, marked::mark},
};

/// The page with the address form.
#[component]
pub fn LoginPage(login: Login, words: Words) -> impl IntoView {
    let Login { typed, known, next, leads_to, form, on_its_way, notice, refused } = login;
    let (next_of_others, form_of_others) = (next.clone(), form.clone());
    let KnownPeople { somebody_else, others } = known;
    let lead = match somebody_else {
        Some(_) => words.login_lead_known(),
        None => words.login_lead(),
    };
    let login_form = LoginForm {
        typed,
        next,
        form,
        label: words.login_address_label(),
        example: words.login_address_example(),
        hint: words.login_hint(),
    };
    view! {
        <PageTitle title=words.login_title()/>
        <section class="card">
            <h1>{words.login_title()}</h1>
            <NoticeLine notice/>
            {on_its_way.map(|email| view! {
                <p class="notice">
                    <Marked sentence=words.login_on_its_way(&mark(&email))/> " "
                    <a href="/login/sent">{words.login_type_code()}</a>
                </p>
            })}
            <p class="lead">{lead}</p>
            {leads_to.map(|path| view! {
                <p class="hint"><Marked sentence=words.login_leads_to(&mark(&path))/></p>
            })}
            {island(login_form, given(refused, words.login_button(), words))}
            {somebody_else.map(|href| view! { <p class="aside"><a href=href>{words.login_somebody_else()}</a></p> })}
            {(!others.is_empty()).then(|| view! {
                <OtherPeople others next=next_of_others form=form_of_others words/>
            })}
        </section>
    }
}

/// The other people of a known browser: each has a button that asks for a link at once. A plain form: the answer is
/// another page anyway.
#[component]
fn OtherPeople(others: Vec<String>, next: String, form: String, words: Words) -> impl IntoView {
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
            <p id="others">{words.login_others()}</p>
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name="form" value=form/>
            {buttons.collect_view()}
        </form>
    }
}
