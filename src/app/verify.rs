//! /verify?token=…: the page behind the mailed link. Drawing it consumes nothing.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;

use super::{parts::RefusalNotice, visit::Visit};
use crate::api::{RedeemLink, refusal::Refusal};

#[component]
pub fn VerifyPage() -> impl IntoView {
    let visit = expect_context::<Visit>();
    let signed_in = visit.signed_in.is_some();
    view! {
        <Title text="Sign in · Postern"/>
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
        if refused().is_some()
            && let Some(heading) = document().get_element_by_id("refusal")
        {
            use leptos::wasm_bindgen::JsCast;
            let _ = heading.unchecked_ref::<leptos::web_sys::HtmlElement>().focus();
        }
    });
    let once = move |event: SubmitEvent| {
        if redeem.pending().get_untracked() {
            event.prevent_default();
        }
    };
    view! {
        {move || refused().map(|refusal| view! { <RefusalNotice refusal signed_in/> })}
        <div hidden=move || refused().is_some()>
            <h1>"Almost there"</h1>
            <p class="lead">"You are being signed in. If nothing happens, press the button."</p>
            <ActionForm action=redeem on:submit:capture=once>
                <input type="hidden" name="token" value=token.clone()/>
                <button type="submit" class="button">"Sign in"</button>
            </ActionForm>
        </div>
    }
}
