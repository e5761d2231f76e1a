//! /admin/events: who has signed in, what was refused and why, and what operators did.

use leptos::prelude::*;

use super::{Pages, When};
use crate::{
    app::{
        page::admin::{Event, Events, Of},
        places::ADMIN_EVENTS,
    },
    words::Words,
};

/// Entries of the trail.
#[component]
pub fn EventsTab(events: Events, words: Words) -> impl IntoView {
    let Events { of, events, older, is_newest } = events;
    let title = |of: Of| match of {
        Of::SignIns => words.admin_sign_ins(),
        Of::Refusals => words.admin_refusals(),
        Of::Operators => words.admin_operators(),
    };
    let address = |of: Of| format!("{}?of={}", ADMIN_EVENTS.path, of.name());
    let choice = Of::ALL.map(|each| {
        view! { <li><a href=address(each) aria-current=(each == of).then_some("true")>{title(each)}</a></li> }
    });
    let older = older.map(|id| format!("{}&before={id}", address(of)));
    view! {
        <section class="card" aria-labelledby="events">
            <h2 id="events">{title(of)}</h2>
            <nav class="choice" aria-label=words.admin_tab_events()><ul>{choice.into_iter().collect_view()}</ul></nav>
            <EventList events words/>
            <Pages newest=(!is_newest).then(|| address(of)) older words/>
        </section>
    }
}

/// Entries, one below the other. Their names are those of docs/logging.md, in every language alike.
#[component]
pub fn EventList(events: Vec<Event>, words: Words) -> impl IntoView {
    if events.is_empty() {
        return view! { <p class="hint">{words.admin_nothing()}</p> }.into_any();
    }
    let lines = events.into_iter().map(|Event { at, name, email, facts, by }| {
        let facts = (!facts.is_empty()).then(|| view! { <p class="hint address">{facts.join(" · ")}</p> });
        view! {
            <li>
                <p>
                    <code lang="en">{name}</code>" "
                    {email.map(|email| view! { <strong class="address">{email}</strong> })}
                </p>
                {facts}
                <p class="hint">
                    <When at/>
                    {by.map(|by| view! { " · "{words.admin_by(&by)} })}
                </p>
            </li>
        }
    });
    view! { <ul class="rows">{lines.collect_view()}</ul> }.into_any()
}
