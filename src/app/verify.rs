//! /verify?token=…: the page behind the mailed link. Drawing it consumes nothing.

use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys::HtmlElement};
use leptos_meta::Title;

use super::{
    parts::{RefusalNotice, headline, ignore_while},
    visit::Visit,
};
use crate::api::{RedeemLink, refusal::Refusal};

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
    let redeem = ServerAction::<RedeemLink>::new();
    Effect::new({
        let token = token.clone();
        move |_| {
            redeem.dispatch(RedeemLink { token: token.clone() });
        }
    });
    let refused = move || redeem.value().get().and_then(Result::err);
    Effect::new(move |_| {
        let Some(refusal) = refused() else { return };
        document().set_title(&page_title(&refusal));
        if let Some(heading) = document().get_element_by_id("refusal") {
            let _ = heading.unchecked_ref::<HtmlElement>().focus();
        }
    });
    // Busy until the next page is there, not only until the answer is.
    let busy = move || redeem.pending().get() || matches!(redeem.value().get(), Some(Ok(())));
    view! {
        {move || refused().map(|refusal| view! { <RefusalNotice refusal signed_in/> })}
        <div class="waiting" hidden=move || refused().is_some()>
            <h1>"Almost there"</h1>
            <p class="lead scripted">"You are being signed in. If nothing happens, press the button."</p>
            <p class="lead unscripted">"Press the button, and you are in."</p>
            <ActionForm action=redeem on:submit:capture=ignore_while(busy)>
                <input type="hidden" name="token" value=token.clone()/>
                <button type="submit" class="button" aria-disabled=move || busy().then_some("true")>
                    "Sign in"
                </button>
            </ActionForm>
        </div>
    }
}

fn page_title(refusal: &Refusal) -> String {
    format!("{} · Postern", headline(refusal))
}
