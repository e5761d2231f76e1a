//! /admin: how it goes, at a glance.

use leptos::prelude::*;

use super::{chart::ChartCard, events::EventList};
use crate::{
    app::{
        page::admin::{Budget, Of, Overview, Spender},
        places::{ADMIN_EVENTS, ADMIN_MAILS, ADMIN_SESSIONS},
    },
    words::Words,
};

/// What operators see first.
#[component]
pub fn OverviewTab(overview: Overview, words: Words) -> impl IntoView {
    let Overview { charts, sessions, waiting, refused, budgets, spenders, sign_ins, refusals } = overview;
    let figures = [
        (ADMIN_SESSIONS.path, words.admin_sessions(), sessions),
        (ADMIN_MAILS.path, words.admin_waiting(), waiting),
        (ADMIN_MAILS.path, words.admin_refused(), refused),
    ];
    let figures = figures.map(|(path, name, number)| {
        view! { <li><a class="card figure" href=path><strong>{number}</strong>" "<span>{name}</span></a></li> }
    });
    let charts = charts.map(|chart| view! { <ChartCard chart words/> });
    let lists =
        [(Of::SignIns, words.admin_sign_ins(), sign_ins), (Of::Refusals, words.admin_refusals(), refusals)];
    let lists = lists.map(|(of, title, events)| {
        let (id, all) = (format!("list-{}", of.name()), format!("{}?of={}", ADMIN_EVENTS.path, of.name()));
        let (named_by, about) = (id.clone(), id.clone());
        view! {
            <section class="card" aria-labelledby=named_by>
                <h2 id=id>{title}</h2>
                <EventList events words/>
                <p><a href=all aria-describedby=about>{words.admin_all()}</a></p>
            </section>
        }
    });
    view! {
        <ul class="figures">{figures.into_iter().collect_view()}</ul>
        <div class="columns">{charts.into_iter().collect_view()}</div>
        <div class="columns">{lists.into_iter().collect_view()}</div>
        <Budgets budgets spenders words/>
    }
}

/// The limits in force, and who has spent nearly all of one.
#[component]
fn Budgets(budgets: Vec<Budget>, spenders: Vec<Spender>, words: Words) -> impl IntoView {
    let is_off = budgets.is_empty();
    let lines = budgets.into_iter().map(|Budget { setting, limit, used }| {
        let label = setting.clone();
        view! {
            <tr>
                <th scope="row"><code>{setting}</code></th>
                <td>{limit}</td>
                <td>
                    {used.map(|used| view! {
                        <meter min="0" max="100" high="80" optimum="0" value=used aria-label=label></meter>
                        " "{format!("{used} %")}
                    })}
                </td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    let spenders = (!spenders.is_empty()).then(|| {
        let lines = spenders.into_iter().map(|Spender { who, setting, used }| {
            view! { <li><span class="address">{who}</span>" "<code>{setting}</code>{format!(" {used} %")}</li> }
        });
        view! {
            <h3>{words.admin_spenders()}</h3>
            <ul class="rows">{lines.collect_view()}</ul>
        }
    });
    view! {
        <section class="card" aria-labelledby="budgets">
            <h2 id="budgets">{words.admin_budgets()}</h2>
            {if is_off {
                view! { <p class="hint">{words.admin_nothing()}</p> }.into_any()
            } else {
                view! {
                    <table class="budgets">
                        <thead>
                            <tr>
                                <th scope="col">{words.admin_budget()}</th>
                                <th scope="col">{words.admin_budget_limit()}</th>
                                <th scope="col">{words.admin_budget_used()}</th>
                            </tr>
                        </thead>
                        <tbody>{lines}</tbody>
                    </table>
                }
                    .into_any()
            }}
            {spenders}
        </section>
    }
}
