//! /admin/sessions: the sessions of everybody, the newest sign-in first, each with a button that ends it.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{Pages, When};
use crate::{
    api::EndSessionOfAnybody,
    app::{
        page::admin::{Session, Sessions},
        places::ADMIN_SESSIONS,
    },
    words::Words,
};

/// Sessions of people.
#[component]
pub fn SessionsTab(sessions: Sessions, words: Words) -> impl IntoView {
    let Sessions { sessions, older, is_newest } = sessions;
    let lines =
        sessions.into_iter().enumerate().map(|(number, session)| view! { <Line number session words/> });
    let lines = lines.collect::<Vec<_>>();
    let list = if lines.is_empty() {
        view! { <p class="hint">{words.admin_nothing()}</p> }.into_any()
    } else {
        view! { <ul class="rows">{lines}</ul> }.into_any()
    };
    let older = older.map(|query| format!("{}?{query}", ADMIN_SESSIONS.path));
    view! {
        <section class="card" aria-labelledby="sessions">
            <h2 id="sessions">{words.admin_sessions()}</h2>
            {list}
            <Pages newest=(!is_newest).then(|| ADMIN_SESSIONS.path.to_owned()) older words/>
        </section>
    }
}

/// A session. `number`: its place in the list, from 0.
#[component]
fn Line(number: usize, session: Session, words: Words) -> impl IntoView {
    let Session { id, email, device, is_this, first_seen, last_seen } = session;
    let line = format!("session-{number}");
    view! {
        <li class="with-button">
            <div id=line.clone()>
                <p><strong class="address">{email}</strong></p>
                <p class="hint">{device}</p>
                <p class="hint">
                    <When at=first_seen/>" – "<When at=last_seen/>
                </p>
            </div>
            {if is_this {
                view! { <p class="badge">{words.devices_this()}</p> }.into_any()
            } else {
                view! {
                    <form method="post" action=EndSessionOfAnybody::url()>
                        <button
                            type="submit"
                            class="button quiet"
                            name="id"
                            value=id
                            aria-describedby=line
                        >{words.sign_out()}</button>
                    </form>
                }
                    .into_any()
            }}
        </li>
    }
}
