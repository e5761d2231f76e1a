//! /verify in a browser that did not ask for the link: mostly a mail app's own window. It says what happened and what
//! helps.

use leptos::{prelude::*, server_fn::ServerFn};

use super::components::{PageTitle, with_marked};
use crate::{
    api::RequestLink,
    app::page::OtherBrowser,
    words::{Words, marked::mark},
};

/// First the code, where the visitor asked; then the link, to be opened there; then a start of its own here.
#[component]
pub fn OtherBrowserPage(other: OtherBrowser, words: Words) -> impl IntoView {
    let OtherBrowser { link, next } = other;
    let start_here = match &link {
        Some((_, email)) => view! { <StartHere email=email.clone() words/> }.into_any(),
        None => view! { <p><a href="/login">{words.other_browser_start_over()}</a></p> }.into_any(),
    };
    view! {
        <PageTitle title=words.headline_other_browser()/>
        <section class="card">
            // Focused on arrival, so that it is read out first.
            <h1 id="refusal" tabindex="-1" autofocus>{words.headline_other_browser()}</h1>
            <p class="lead">{words.other_browser_lead()}</p>
            <p><strong>{words.other_browser_code()}</strong></p>
            {next.map(|next| view! {
                <p class="actions"><a class="button" href=next>{words.verify_continue()}</a></p>
            })}
            {link.map(|(link, _)| view! {
                <div class="other-way">
                    <p>{words.other_browser_link()}</p>
                    // Without scripts, or a clipboard, it is there to be selected.
                    <p id="link" class="copyable unscripted">{link}</p>
                    <button type="button" class="button quiet scripted" data-copied=words.other_browser_copied()>
                        {words.other_browser_copy()}
                    </button>
                    <p id="copied" class="hint" role="status"></p>
                </div>
            })}
            <div class="aside">{start_here}</div>
        </section>
    }
}

/// The button that asks for a mail from here, for the address that the link is for.
#[component]
fn StartHere(email: String, words: Words) -> impl IntoView {
    let label = with_marked(&words.other_browser_start_here(&mark(&email)), |email| {
        view! { <span class="address">{email}</span> }.into_any()
    });
    view! {
        <form method="post" action=RequestLink::url()>
            <input type="hidden" name="email" value=email/>
            <button type="submit" class="link"><span>{label}</span></button>
        </form>
    }
}
