//! /verify?token=…: the page behind the mailed link. Drawing it consumes nothing.

use leptos::prelude::*;

use super::components::PageTitle;
use crate::{
    app::islands::{
        Drawn,
        verify_form::{VerifyForm, VerifyFormWords},
    },
    words::Words,
};

/// The page with the button that signs in. `token`: as it stands in the link, percent-decoded.
#[component]
pub fn VerifyPage(token: String, words: Words) -> impl IntoView {
    let of_form = VerifyFormWords {
        title: words.verify_title(),
        lead_scripted: words.verify_lead_scripted(),
        lead_unscripted: words.verify_lead_unscripted(),
        button: words.verify_button(),
    };
    view! {
        <PageTitle title=words.verify_page_title()/>
        <section class="card">
            <VerifyForm token unreachable=words.unreachable().to_owned() words=Drawn(of_form)/>
        </section>
    }
}

/// A link that signs nobody in: why, and what to do next. `signed_in`: whether the visitor is in all the same.
#[component]
pub fn LinkRefusedPage(
    headline: &'static str,
    message: String,
    signed_in: bool,
    words: Words,
) -> impl IntoView {
    view! {
        <PageTitle title=headline/>
        <section class="card">
            // Focused on arrival, so that it is read out first.
            <h1 id="refusal" tabindex="-1" autofocus>{headline}</h1>
            <p class="lead">{message}</p>
            <p class="actions">
                {signed_in.then(|| view! { <a class="button" href="/">{words.verify_continue()}</a> })}
                <a class={if signed_in { "button quiet" } else { "button" }} href="/login">{words.verify_new_link()}</a>
            </p>
        </section>
    }
}
