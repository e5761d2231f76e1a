//! Small pieces that several pages share.

use leptos::prelude::*;

use super::visit::Notice;
use crate::api::refusal::Refusal;

/// The name of the house, above every page.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <p class="mark" aria-hidden="true">
            <svg viewBox="0 0 24 24" width="28" height="28">
                <path d="M5 21V11a7 7 0 0 1 14 0v10z" class="mark-arch"/>
                <path d="M12 21V4.5" class="mark-seam"/>
                <circle cx="14.6" cy="14" r="1.1" class="mark-knob"/>
            </svg>
            <span>"Postern"</span>
        </p>
    }
}

/// A line of good news, announced to screen readers.
#[component]
pub fn NoticeLine(notice: Option<Notice>) -> impl IntoView {
    notice.map(|notice| view! { <p class="notice" role="status">{notice.text()}</p> })
}

/// A whole page that says no, and what to do next. `signed_in`: whether the visitor is in all the same.
#[component]
pub fn RefusalNotice(refusal: Refusal, signed_in: bool) -> impl IntoView {
    view! {
        // Focused on arrival, so that it is read out first.
        <h1 id="refusal" tabindex="-1" autofocus>{headline(&refusal)}</h1>
        <p>{refusal.to_string()}</p>
        <p class="actions">
            {signed_in.then(|| view! { <a class="button" href="/">"Continue"</a> })}
            <a class={if signed_in { "button quiet" } else { "button" }} href="/login">"Ask for a new link"</a>
        </p>
    }
}

fn headline(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::OtherBrowser => "Open this link in the browser where you asked for it",
        Refusal::Superseded => "A newer link was sent",
        Refusal::Expired => "This link has expired",
        Refusal::Used => "This link has already been used",
        Refusal::MalformedLink | Refusal::MalformedRequest => "This link is not complete",
        Refusal::NotAllowed => "This address may not sign in",
        Refusal::Unreachable | Refusal::NotReady => "That did not work",
        _ => "You are not signed in",
    }
}
