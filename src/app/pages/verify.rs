//! /verify?token=…: the page behind the mailed link. Drawing it consumes nothing.

use leptos::prelude::*;

use super::components::{PageTitle, given};
use crate::{
    app::islands::{island, verify_form::VerifyForm},
    words::Words,
};

/// The page with the button that signs in. `token`: as it stands in the link, percent-decoded.
#[component]
pub fn VerifyPage(token: String, words: Words) -> impl IntoView {
    let verify_form = VerifyForm {
        token,
        title: words.verify_title(),
        lead_scripted: words.verify_lead_scripted(),
        lead_unscripted: words.verify_lead_unscripted(),
    };
    view! {
        <PageTitle title=words.verify_page_title()/>
        <section class="card">
            {island(verify_form, given(None, words.verify_button(), words))}
        </section>
    }
}

/// A link that signs nobody in: why, and what to do next. `next`: where to go on, if the visitor is in all the same.
#[component]
pub fn LinkRefusedPage(
    headline: &'static str,
    message: String,
    next: Option<String>,
    words: Words,
) -> impl IntoView {
    let ask_class = if next.is_some() { "button quiet" } else { "button" };
    view! {
        <PageTitle title=headline/>
        <section class="card">
            // Focused on arrival, so that it is read out first.
            <h1 id="refusal" tabindex="-1" autofocus>{headline}</h1>
            <p class="lead">{message}</p>
            <p class="actions">
                {next.map(|next| view! { <a class="button" href=next>{words.verify_continue()}</a> })}
                <a class=ask_class href="/login">{words.verify_new_link()}</a>
            </p>
        </section>
    }
}
