//! /verify?token=…: the page behind the mailed link. Drawing it consumes nothing.

use leptos::{html::Form, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{navigate::replace_by_refusal, submission::Submission};
use crate::api::{RedeemLink, redeem_link};

/// The page with the button that signs in. `token`: as it stands in the link, percent-decoded.
#[component]
pub fn VerifyPage(token: String, unreachable: &'static str) -> impl IntoView {
    view! {
        <Title text="Sign in · Postern"/>
        <section class="card">
            <VerifyForm token unreachable=unreachable.to_owned()/>
        </section>
    }
}

/// A link that signs nobody in: why, and what to do next. `signed_in`: whether the visitor is in all the same.
#[component]
pub fn LinkRefusedPage(headline: &'static str, message: String, signed_in: bool) -> impl IntoView {
    view! {
        <Title text=format!("{headline} · Postern")/>
        <section class="card">
            // Focused on arrival, so that it is read out first.
            <h1 id="refusal" tabindex="-1" autofocus>{headline}</h1>
            <p class="lead">{message}</p>
            <p class="actions">
                {signed_in.then(|| view! { <a class="button" href="/">"Continue"</a> })}
                <a class={if signed_in { "button quiet" } else { "button" }} href="/login">"Ask for a new link"</a>
            </p>
        </section>
    }
}

/// Presses its own button once it is alive; without JavaScript the visitor presses it.
///
/// Nothing is redeemed by GET, because mail scanners and previews fetch every link they see.
#[island]
fn VerifyForm(token: String, unreachable: String) -> impl IntoView {
    let redeem = Submission::new(None, 0, unreachable);
    let call = {
        let token = token.clone();
        move || redeem_link(token.clone())
    };
    let submit = redeem.on_submit(call.clone());
    let form = NodeRef::<Form>::new();
    Effect::new(move |_| {
        // A visitor who pressed before this came alive has sent the form already.
        if form.get_untracked().is_some_and(|form| !form.has_attribute("data-posted")) {
            redeem.send(call());
        }
    });
    // What may pass leaves the button where it is; for everything else the server has a page.
    Effect::new(move |_| {
        if let Some(refused) = redeem.refused().filter(|refused| !refused.is_passing()) {
            replace_by_refusal(&refused.refusal);
        }
    });
    let trouble = move || redeem.message().filter(|_| redeem.refused().is_some_and(|it| it.is_passing()));
    view! {
        <h1>"Almost there"</h1>
        <p class="lead scripted">"You are being signed in. If nothing happens, press the button."</p>
        <p class="lead unscripted">"Press the button, and you are in."</p>
        <form node_ref=form method="post" action=RedeemLink::url() on:submit=submit>
            <input type="hidden" name="token" value=token/>
            <p class="error" role="alert">{trouble}</p>
            <button type="submit" class="button" aria-disabled=move || redeem.busy()>
                "Sign in"
            </button>
        </form>
    }
}
