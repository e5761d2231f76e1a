//! /login/sent: open the link from the mail, or type its code here.

use leptos::{html::Input, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{
    components::NoticeLine,
    page::{Sent, SentExpired},
    submission::Submission,
};
use crate::api::{RedeemCode, Refused, RequestLink, ResendLink, redeem_code, resend_link};

/// The page with the two ways on: the link in this browser, the code for a mail that is read elsewhere.
#[component]
pub fn SentPage(sent: Sent) -> impl IntoView {
    let unreachable = sent.unreachable.to_owned();
    view! {
        <Title text="Check your inbox · Postern"/>
        <section class="card">
            <h1>"Check your inbox"</h1>
            <NoticeLine notice=sent.notice/>
            <p class="lead">
                "If " <strong class="address">{sent.email}</strong>
                " may sign in, a mail with a link is on its way. Open the link in this browser, within "
                {sent.lifetime} "."
            </p>
            <p class="hint">"The newest mail has the word " <strong class="address">{sent.word}</strong> " in its subject."</p>
            {sent.meant.map(|meant| view! {
                <form method="post" action=RequestLink::url()>
                    <input type="hidden" name="email" value=meant.email.clone()/>
                    <input type="hidden" name="next" value=meant.next/>
                    <button type="submit" class="button quiet">
                        <span class="address">"Did you mean " <strong>{meant.email}</strong> "?"</span>
                    </button>
                </form>
            })}
            {sent.inbox.map(|inbox| view! {
                // Another site: it may neither reach this window nor learn where its visitor comes from.
                <a class="button quiet" href=inbox.url target="_blank" rel="noopener noreferrer">
                    <span class="address">{format!("Open {} in a new tab", inbox.name)}</span>
                </a>
            })}
            {sent.has_inbox.then(|| view! {
                <p class="hint">
                    "Development: no mail leaves this machine. It is in the "
                    <a href="/dev/inbox">"development inbox"</a> "."
                </p>
            })}
            <div class="other-way">
                <p>"Reading the mail on another device? Type its code here."</p>
                <CodeForm refused=sent.code_refused unreachable=unreachable.clone()/>
            </div>
            <div class="aside">
                <ResendForm wait=sent.resend_in refused=sent.mail_refused unreachable/>
                <p><a href="/login">"Wrong address?"</a></p>
            </div>
        </section>
    }
}

/// The page once link and code have expired: one button for another mail. It is a plain form; the answer is another page
/// anyway.
#[component]
pub fn SentExpiredPage(sent: SentExpired) -> impl IntoView {
    view! {
        <Title text="This link has expired · Postern"/>
        <section class="card">
            // Not "your mail": whoever is not on the allowlist got none.
            <h1>"This link has expired"</h1>
            <p class="lead">
                "Link and code for " <strong class="address">{sent.email}</strong> " were good for " {sent.lifetime}
                ". Ask for new ones to go on."
            </p>
            <form method="post" action=ResendLink::url()>
                <button type="submit" class="button">"Send a new mail"</button>
                {sent.refused.map(|message| view! { <p class="error after" role="alert">{message}</p> })}
            </form>
            <p class="aside"><a href="/login">"Wrong address?"</a></p>
        </section>
    }
}

/// The form that takes the eight digits.
#[island]
fn CodeForm(refused: Option<Refused>, unreachable: String) -> impl IntoView {
    let redeem = Submission::new(refused, 0, unreachable);
    let field = NodeRef::<Input>::new();
    let submit = redeem.on_submit(move || {
        let typed = field.get_untracked().map(|field| field.value());
        redeem_code(typed.unwrap_or_default())
    });
    Effect::new(move |before: Option<()>| {
        if redeem.refused().is_some()
            && before.is_some()
            && let Some(field) = field.get_untracked()
        {
            let _ = field.focus();
            field.select();
        }
    });
    view! {
        <form method="post" action=RedeemCode::url() novalidate on:submit=submit>
            <label for="code">"Eight-digit code"</label>
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
                maxlength="24"
                placeholder="0000 0000"
                aria-invalid=move || redeem.message().is_some().then_some("true")
                aria-describedby="code-error code-hint"
            />
            <div class="note">
                <p id="code-error" class="error" role="alert">{move || redeem.message()}</p>
                <p id="code-hint" class="hint">
                    "Never give the code to anybody, whoever they say they are."
                </p>
            </div>
            <button type="submit" class="button" aria-disabled=move || redeem.busy()>
                "Sign in"
            </button>
        </form>
    }
}

/// The button that asks for another mail. `wait`: seconds until it may be pressed.
#[island]
fn ResendForm(wait: u64, refused: Option<Refused>, unreachable: String) -> impl IntoView {
    // Without JavaScript the button is always live; the server holds the limit.
    let resend = Submission::new(refused, wait, unreachable);
    let submit = resend.on_submit(resend_link);
    let label = move || match resend.countdown() {
        None => "Send again".into(),
        Some(left) => format!("Send again in {left}"),
    };
    view! {
        <form method="post" action=ResendLink::url() on:submit=submit>
            <button type="submit" class="link" disabled=move || resend.countdown().is_some()>{label}</button>
            <p class="error" role="alert">{move || resend.message()}</p>
        </form>
    }
}
