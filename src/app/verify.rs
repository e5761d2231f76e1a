//! /verify?token=…: the page behind the mailed link. Drawing it consumes nothing.

use leptos::{prelude::*, server_fn::ServerFn, wasm_bindgen::JsCast, web_sys::HtmlElement};
use leptos_meta::Title;

use super::{
    components::{RefusalNotice, headline},
    submission::Submission,
    visit::Visit,
};
use crate::{
    api::{RedeemLink, redeem_link},
    refusal::Refusal,
};

#[component]
pub fn VerifyPage() -> impl IntoView {
    let visit = expect_context::<Visit>();
    let signed_in = visit.signed_in.is_some();
    let title = match &visit.refusal {
        Some(refusal) => page_title(refusal),
        None => "Sign in · Postern".into(),
    };
    view! {
        <Title text=title/>
        <section class="card">
            {match (visit.refusal, visit.token) {
                (Some(refusal), _) => view! { <RefusalNotice refusal signed_in/> }.into_any(),
                (None, Some(token)) => view! { <VerifyForm token signed_in/> }.into_any(),
                (None, None) => view! { <RefusalNotice refusal=Refusal::MalformedLink signed_in/> }.into_any(),
            }}
        </section>
    }
}

/// Presses its own button once it is alive; without JavaScript the visitor presses it.
///
/// Nothing is redeemed by GET, because mail scanners and previews fetch every link they see.
#[island]
fn VerifyForm(token: String, signed_in: bool) -> impl IntoView {
    let redeem = Submission::new(None, 0);
    let call = {
        let token = token.clone();
        move || redeem_link(token.clone())
    };
    let submit = redeem.on_submit(call.clone());
    Effect::new(move |_| redeem.send(call()));
    // What may pass leaves the button where it is.
    let refused = move || redeem.refusal().filter(|refusal| !refusal.is_passing());
    let trouble = move || redeem.refusal().filter(Refusal::is_passing).map(|refusal| refusal.to_string());
    Effect::new(move |_| {
        let Some(refusal) = refused() else { return };
        document().set_title(&page_title(&refusal));
        if let Some(heading) = document().get_element_by_id("refusal") {
            let _ = heading.unchecked_ref::<HtmlElement>().focus();
        }
    });
    view! {
        {move || refused().map(|refusal| view! { <RefusalNotice refusal signed_in/> })}
        <div class="waiting" hidden=move || refused().is_some()>
            <h1>"Almost there"</h1>
            <p class="lead scripted">"You are being signed in. If nothing happens, press the button."</p>
            <p class="lead unscripted">"Press the button, and you are in."</p>
            <form method="post" action=RedeemLink::url() on:submit=submit>
                <input type="hidden" name="token" value=token.clone()/>
                <p class="error" role="alert">{trouble}</p>
                <button type="submit" class="button" aria-disabled=move || redeem.busy()>
                    "Sign in"
                </button>
            </form>
        </div>
    }
}

fn page_title(refusal: &Refusal) -> String {
    format!("{} · Postern", headline(refusal))
}
