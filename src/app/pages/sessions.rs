//! /sessions: the devices that are signed in as one person, each with a button that ends it. Plain forms: what they change
//! is drawn anew by the server.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::components::{Marked, NoticeLine, PageTitle, with_marked};
use crate::{
    api::{RevokeOtherSessions, RevokeSession, SignOut},
    app::page::{DeviceLine, Moment, Sessions},
    words::{Words, marked::mark},
};

/// The page with all devices.
#[component]
pub fn SessionsPage(sessions: Sessions, words: Words) -> impl IntoView {
    let Sessions { email, devices, left_out, notice, refused } = sessions;
    let has_others = devices.len() > 1;
    let lines =
        devices.into_iter().enumerate().map(|(number, device)| view! { <Device number device words/> });
    view! {
        <PageTitle title=words.devices_title()/>
        <section class="card">
            <h1>{words.devices_title()}</h1>
            <NoticeLine notice/>
            {refused.map(|refused| view! { <p class="error" role="alert">{refused}</p> })}
            <p class="lead"><Marked sentence=words.devices_lead(&mark(&email))/></p>
            <ul class="device-list">{lines.collect_view()}</ul>
            {left_out.map(|left_out| view! { <p class="hint">{left_out}</p> })}
            {has_others.then(|| view! { <Others words/> })}
            <p class="aside"><a href="/">{words.devices_back()}</a></p>
        </section>
    }
}

/// One device. `number`: its place in the list, from 0.
#[component]
fn Device(number: usize, device: DeviceLine, words: Words) -> impl IntoView {
    let DeviceLine { id, name, is_handheld, is_this, first_seen, last_seen, apps } = device;
    let (heading, when) = (format!("device-{number}"), format!("device-{number}-when"));
    let described_by = format!("{heading} {when}");
    view! {
        <li class="device" class:this=is_this>
            <DeviceSign is_handheld/>
            <div class="device-text">
                <h2 id=heading>{name}</h2>
                {is_this.then(|| view! { <p class="badge">{words.devices_this()}</p> })}
                <p id=when class="hint when">
                    {(!is_this).then(|| view! { <span>{ago(&last_seen, |time| words.devices_last_seen(time))}</span> })}
                    <span>{ago(&first_seen, |time| words.devices_first_seen(time))}</span>
                </p>
                {(!apps.is_empty()).then(|| view! { <OpenedApps apps words/> })}
            </div>
            {if is_this {
                Either::Left(view! {
                    <form method="post" action=SignOut::url()>
                        <button type="submit" class="button quiet" aria-describedby=described_by>{words.sign_out()}</button>
                    </form>
                })
            } else {
                Either::Right(view! {
                    <form method="post" action=RevokeSession::url()>
                        <button
                            type="submit"
                            class="button quiet"
                            name="id"
                            value=id
                            aria-describedby=described_by
                        >{words.sign_out()}</button>
                    </form>
                })
            }}
        </li>
    }
}

/// The apps that a device has opened.
#[component]
fn OpenedApps(apps: Vec<String>, words: Words) -> impl IntoView {
    let apps = apps.into_iter().map(|app| view! { <li>{app}</li> });
    view! {
        <p class="hint">{words.devices_apps()}</p>
        <ul class="opened">{apps.collect_view()}</ul>
    }
}

/// A sentence that tells how long ago something was.
fn ago(moment: &Moment, sentence: impl Fn(&str) -> String) -> Vec<AnyView> {
    let Moment { words, datetime } = moment;
    let draw = |text: String| view! { <time datetime=datetime.clone()>{text}</time> }.into_any();
    with_marked(&sentence(&mark(words)), draw)
}

/// A drawing of a telephone or of a computer.
#[component]
fn DeviceSign(is_handheld: bool) -> impl IntoView {
    let (screen, foot) = if is_handheld {
        (
            "M8 2.75h8a1.25 1.25 0 0 1 1.25 1.25v16a1.25 1.25 0 0 1-1.25 1.25H8A1.25 1.25 0 0 1 6.75 20V4A1.25 1.25 0 0 1 8 2.75z",
            "M11 18.25h2",
        )
    } else {
        ("M4.5 4.75h15a1.25 1.25 0 0 1 1.25 1.25v9.25H3.25V6A1.25 1.25 0 0 1 4.5 4.75z", "M1.75 18.75h20.5")
    };
    view! {
        <svg class="device-sign" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
            <path d=screen/>
            <path d=foot/>
        </svg>
    }
}

/// The button that ends all but this one, and what it does.
#[component]
fn Others(words: Words) -> impl IntoView {
    view! {
        <form class="other-way" method="post" action=RevokeOtherSessions::url()>
            <p id="others" class="hint">
                {words.devices_others_lead()}
            </p>
            <button type="submit" class="button quiet" aria-describedby="others">{words.devices_others_button()}</button>
        </form>
    }
}
