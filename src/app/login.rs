//! /login: type your e-mail address.

use leptos::{html::Input, prelude::*};
use leptos_meta::Title;

use super::{
    parts::{NoticeLine, ignore_while},
    visit::Visit,
};
use crate::api::{RequestLink, refusal::Refusal};

#[component]
pub fn LoginPage() -> impl IntoView {
    let visit = expect_context::<Visit>();
    view! {
        <Title text="Sign in · Postern"/>
        <section class="card">
            <h1>"Sign in"</h1>
            <NoticeLine notice=visit.notice/>
            <p class="lead">"Type your e-mail address. We send you a link that signs you in: no password."</p>
            <LoginForm draft=visit.draft next=visit.next refusal=visit.refusal/>
        </section>
    }
}

/// The form that asks for a link.
#[island]
fn LoginForm(draft: String, next: String, refusal: Option<Refusal>) -> impl IntoView {
    let ask = ServerAction::<RequestLink>::new();
    let field = NodeRef::<Input>::new();
    let error = move || match ask.value().get() {
        None => refusal.as_ref().map(Refusal::to_string),
        Some(answer) => answer.err().map(|refusal| refusal.to_string()),
    };
    let refused = Memo::new(move |_| error());
    // Busy until the next page is there, not only until the answer is.
    let busy = move || ask.pending().get() || matches!(ask.value().get(), Some(Ok(())));
    Effect::new(move |_| {
        if matches!(ask.value().get(), Some(Err(_)))
            && let Some(field) = field.get()
        {
            let _ = field.focus();
        }
    });
    view! {
        // novalidate: one way of saying what is wrong, for every browser and reader.
        <ActionForm action=ask attr:novalidate=true on:submit:capture=ignore_while(busy)>
            <input type="hidden" name="next" value=next/>
            <label for="email">"E-mail address"</label>
            <input
                node_ref=field
                id="email"
                name="email"
                type="email"
                value=draft
                required
                autofocus
                autocomplete="email"
                autocapitalize="none"
                spellcheck="false"
                maxlength="320"
                placeholder="name@example.com"
                aria-invalid=move || refused.get().is_some().then_some("true")
                aria-describedby="email-error email-hint"
            />
            <div class="note">
                <p id="email-error" class="error" role="alert">{move || refused.get()}</p>
                <p id="email-hint" class="hint">
                    "Open the link in this browser. It works once, for a few minutes, and nowhere else."
                </p>
            </div>
            <button type="submit" class="button" aria-disabled=move || busy().then_some("true")>
                "Send me a link"
            </button>
        </ActionForm>
    }
}
