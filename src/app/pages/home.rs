//! /: who is signed in, with how many devices, and which apps are open to them.

use leptos::{prelude::*, server_fn::ServerFn};

use super::components::{Marked, PageTitle};
use crate::{
    api::SignOut,
    app::{
        page::{AppLink, Home},
        places::ADMIN,
    },
    words::{Words, marked::mark},
};

/// The page of whoever is signed in.
#[component]
pub fn HomePage(home: Home, words: Words) -> impl IntoView {
    let Home { email, devices, apps, is_admin } = home;
    view! {
        <PageTitle title=words.home_page_title()/>
        <section class="card home">
            <h1>{words.home_title()}</h1>
            <p class="lead"><Marked sentence=words.home_lead(&mark(&email))/></p>
            {(!apps.is_empty()).then(|| view! { <Apps apps words/> })}
            <p class="aside">
                <span class="hint">{devices}</span>
                <a href="/sessions">{words.devices_title()}</a>
            </p>
            {is_admin.then(|| view! { <p><a href=ADMIN.path>{words.admin_title()}</a></p> })}
            <form method="post" action=SignOut::url()>
                <button type="submit" class="button quiet">{words.sign_out()}</button>
            </form>
        </section>
    }
}

/// The apps behind the gateway that this person may open.
#[component]
fn Apps(apps: Vec<AppLink>, words: Words) -> impl IntoView {
    let links = apps.into_iter().map(|AppLink { name, url }| view! { <li><a href=url>{name}</a></li> });
    view! {
        <nav class="apps" aria-labelledby="apps">
            <h2 id="apps">{words.home_apps()}</h2>
            <ul>{links.collect_view()}</ul>
        </nav>
    }
}
