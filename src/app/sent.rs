//! /login/sent: open the link from the mail, or type its code here.

use std::time::Duration;

use leptos::{html::Input, prelude::*, web_sys::js_sys::Date};
use leptos_meta::Title;

use super::{
    parts::{NoticeLine, ignore_while},
    visit::Visit,
};
use crate::api::{RedeemCode, ResendLink, refusal::Refusal};

#[component]
pub fn SentPage() -> impl IntoView {
    let visit = expect_context::<Visit>();
    // The server sends a visitor without a pending sign-in to /login before this page is drawn.
    let pending = visit.pending?;
    let has_inbox = visit.inbox.is_some();
    // A limit is about the mail, everything else about the code.
    let (resend_refusal, code_refusal) = match visit.refusal {
        Some(refusal @ Refusal::Limited { .. }) => (Some(refusal), None),
        refusal => (None, refusal),
    };
    Some(view! {
        <Title text="Check your inbox · Postern"/>
        <section class="card">
            <h1>"Check your inbox"</h1>
            <NoticeLine notice=visit.notice/>
            <p class="lead">
                "If " <strong class="address">{pending.email}</strong>
                " may sign in, a mail with a link is on its way. Open the link in this browser, within "
                {pending.lifetime} "."
            </p>
            {has_inbox.then(|| view! {
                <p class="hint">
                    "Development: no mail leaves this machine. It is in the "
                    <a href="/dev/inbox">"development inbox"</a> "."
                </p>
            })}
            <div class="other-way">
                <p>"Reading the mail on another device? Type its code here."</p>
                <CodeForm refusal=code_refusal/>
            </div>
            <div class="aside">
                <ResendForm wait=pending.resend_in refusal=resend_refusal/>
                <p><a href="/login">"Wrong address?"</a></p>
            </div>
        </section>
    })
}

/// The form that takes the six digits.
#[island]
fn CodeForm(refusal: Option<Refusal>) -> impl IntoView {
    let redeem = ServerAction::<RedeemCode>::new();
    let field = NodeRef::<Input>::new();
    let error = move || match redeem.value().get() {
        None => refusal.as_ref().map(Refusal::to_string),
        Some(answer) => answer.err().map(|refusal| refusal.to_string()),
    };
    let refused = Memo::new(move |_| error());
    let busy = move || redeem.pending().get() || matches!(redeem.value().get(), Some(Ok(())));
    Effect::new(move |_| {
        if matches!(redeem.value().get(), Some(Err(_)))
            && let Some(field) = field.get()
        {
            let _ = field.focus();
            field.select();
        }
    });
    view! {
        <ActionForm action=redeem attr:novalidate=true on:submit:capture=ignore_while(busy)>
            <label for="code">"Six-digit code"</label>
            <input
                node_ref=field
                id="code"
                name="code"
                type="text"
                class="code"
                required
                autofocus
                autocomplete="one-time-code"
                inputmode="numeric"
                maxlength="12"
                placeholder="000 000"
                aria-invalid=move || refused.get().is_some().then_some("true")
                aria-describedby="code-error code-hint"
            />
            <div class="note">
                <p id="code-error" class="error" role="alert">{move || refused.get()}</p>
                <p id="code-hint" class="hint">
                    "Never give the code to anybody, whoever they say they are."
                </p>
            </div>
            <button type="submit" class="button" aria-disabled=move || busy().then_some("true")>
                "Sign in"
            </button>
        </ActionForm>
    }
}

/// The button that asks for another mail. `wait`: seconds until it may be pressed.
#[island]
fn ResendForm(wait: u64, refusal: Option<Refusal>) -> impl IntoView {
    let resend = ServerAction::<ResendLink>::new();
    // Times of the browser in milliseconds. Both stay 0 without JavaScript, so the button is live there;
    // the server holds the limit. Counting ticks instead would fall behind while the visitor is in the mail app.
    let (now, set_now) = signal(0.0);
    let (free_at, set_free_at) = signal(0.0);
    let wait_for = move |seconds: u64| {
        let start = Date::now();
        set_now.set(start);
        set_free_at.set(start + seconds as f64 * 1_000.0);
    };
    Effect::new(move |_| {
        wait_for(wait);
        let tick = move || set_now.set(Date::now());
        if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || ticking.clear());
        }
    });
    Effect::new(move |_| {
        if let Some(Err(Refusal::Limited { retry_after })) = resend.value().get() {
            wait_for(retry_after);
        }
    });
    let left = Memo::new(move |_| ((free_at.get() - now.get()) / 1_000.0).ceil() as u64);
    let waiting = move || left.get() > 0;
    let label = move || match left.get() {
        0 => "Send again".into(),
        left => format!("Send again in {}:{:02}", left / 60, left % 60),
    };
    let busy = move || resend.pending().get();
    let error = move || match resend.value().get() {
        None => refusal.as_ref().map(Refusal::to_string),
        Some(answer) => answer.err().map(|refusal| refusal.to_string()),
    };
    view! {
        <ActionForm action=resend on:submit:capture=ignore_while(busy)>
            <button type="submit" class="link" disabled=waiting>{label}</button>
            <p class="error" role="alert">{error}</p>
        </ActionForm>
    }
}
