//! The pages of operators: at a glance, events, mails, sessions. Plain links and forms: they need no script.

mod chart;
mod events;
mod mails;
mod overview;
mod sessions;

use leptos::prelude::*;

use super::components::{NoticeLine, PageTitle};
use crate::{
    app::{
        page::{
            Moment,
            admin::{Admin, Tab},
        },
        places::{ADMIN, ADMIN_EVENTS, ADMIN_MAILS, ADMIN_SESSIONS},
    },
    words::Words,
};

/// A page of operators.
#[component]
pub fn AdminPage(admin: Admin, words: Words) -> impl IntoView {
    let Admin { tab, notice, refused } = admin;
    let here = match &tab {
        Tab::Overview(_) => ADMIN.path,
        Tab::Events(_) => ADMIN_EVENTS.path,
        Tab::Mails(_) => ADMIN_MAILS.path,
        Tab::Sessions(_) => ADMIN_SESSIONS.path,
    };
    let tab = match tab {
        Tab::Overview(overview) => view! { <overview::OverviewTab overview=*overview words/> }.into_any(),
        Tab::Events(events) => view! { <events::EventsTab events words/> }.into_any(),
        Tab::Mails(mails) => view! { <mails::MailsTab mails words/> }.into_any(),
        Tab::Sessions(sessions) => view! { <sessions::SessionsTab sessions words/> }.into_any(),
    };
    view! {
        <PageTitle title=words.admin_title()/>
        <div class="admin">
            <header>
                <h1>{words.admin_title()}</h1>
                <Tabs here words/>
            </header>
            <NoticeLine notice/>
            {refused.map(|refused| view! { <p class="error" role="alert">{refused}</p> })}
            {tab}
            <p class="aside"><a href="/">{words.devices_back()}</a></p>
        </div>
    }
}

/// The links between them. `here`: the path of the one that is drawn.
#[component]
fn Tabs(here: &'static str, words: Words) -> impl IntoView {
    let tabs = [
        (ADMIN.path, words.admin_tab_overview()),
        (ADMIN_EVENTS.path, words.admin_tab_events()),
        (ADMIN_MAILS.path, words.admin_tab_mails()),
        (ADMIN_SESSIONS.path, words.admin_tab_sessions()),
    ];
    let links = tabs.map(|(path, name)| {
        view! { <li><a href=path aria-current=(path == here).then_some("page")>{name}</a></li> }
    });
    view! {
        <nav class="tabs" aria-label=words.admin_title()>
            <ul>{links.into_iter().collect_view()}</ul>
        </nav>
    }
}

/// A moment of the past, exact where one looks closer.
#[component]
fn When(at: Moment) -> impl IntoView {
    let Moment { words, datetime } = at;
    view! { <time datetime=datetime.clone() title=datetime>{words}</time> }
}

/// The links below a list that goes on: back to its beginning, and on. `older`: where that is.
#[component]
fn Pages(newest: Option<String>, older: Option<String>, words: Words) -> impl IntoView {
    (newest.is_some() || older.is_some()).then(|| {
        view! {
            <p class="aside">
                {newest.map(|newest| view! { <a href=newest>{words.admin_newest()}</a> })}
                {older.map(|older| view! { <a href=older rel="next">{words.admin_older()}</a> })}
            </p>
        }
    })
}
