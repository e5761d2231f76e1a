//! /login/sent: open the link from the mail, or type its code here.

use leptos::{prelude::*, server_fn::ServerFn};

use super::components::{Marked, NoticeLine, PageTitle, with_marked};
use crate::{
    api::{RequestLink, ResendLink},
    app::{
        islands::{
            Drawn,
            code_form::{CodeForm, CodeFormWords},
            resend_form::ResendForm,
        },
        page::{Sent, SentExpired},
    },
    words::{
        Words,
        marked::{around, mark},
    },
};

/// The page with the two ways on: the link in this browser, the code for a mail that is read elsewhere.
#[component]
pub fn SentPage(sent: Sent, words: Words) -> impl IntoView {
    let of_code = CodeFormWords {
        label: words.sent_code_label(),
        hint: words.sent_code_hint(),
        button: words.sent_code_button(),
    };
    let unreachable = words.unreachable().to_owned();
    let (before, after) = around(&words.sent_again_in(&mark("")));
    view! {
        <PageTitle title=words.sent_title()/>
        <section class="card">
            <h1>{words.sent_title()}</h1>
            <NoticeLine notice=sent.notice/>
            <p class="lead"><Marked sentence=words.sent_lead(&mark(&sent.email), &sent.lifetime)/></p>
            <p class="hint"><Marked sentence=words.sent_word(&mark(&sent.word))/></p>
            {sent.meant.map(|meant| view! {
                <form method="post" action=RequestLink::url()>
                    <input type="hidden" name="email" value=meant.email.clone()/>
                    <input type="hidden" name="next" value=meant.next/>
                    <button type="submit" class="button quiet">
                        <span class="address">
                            {with_marked(&words.sent_meant(&mark(&meant.email)), |email| {
                                view! { <strong>{email}</strong> }.into_any()
                            })}
                        </span>
                    </button>
                </form>
            })}
            {sent.inbox.map(|inbox| view! {
                // Another site: it may neither reach this window nor learn where its visitor comes from.
                <a class="button quiet" href=inbox.url target="_blank" rel="noopener noreferrer">
                    <span class="address">{words.sent_open_inbox(&inbox.name)}</span>
                </a>
            })}
            {sent.has_inbox.then(|| view! {
                <p class="hint">
                    {with_marked(&words.sent_development(&mark(words.sent_development_link())), |link| {
                        view! { <a href="/dev/inbox">{link}</a> }.into_any()
                    })}
                </p>
            })}
            <div class="other-way">
                <p>{words.sent_other_device()}</p>
                <CodeForm refused=sent.code_refused unreachable=unreachable.clone() words=Drawn(of_code)/>
            </div>
            <div class="aside">
                <ResendForm
                    wait=sent.resend_in
                    refused=sent.mail_refused
                    again=words.sent_again().to_owned()
                    before
                    after
                    unreachable
                />
                <p><a href="/login">{words.sent_wrong_address()}</a></p>
            </div>
        </section>
    }
}

/// The page once link and code have expired: one button for another mail. It is a plain form; the answer is another page
/// anyway.
#[component]
pub fn SentExpiredPage(sent: SentExpired, words: Words) -> impl IntoView {
    view! {
        <PageTitle title=words.headline_expired()/>
        <section class="card">
            // Not "your mail": whoever is not on the allowlist got none.
            <h1>{words.headline_expired()}</h1>
            <p class="lead"><Marked sentence=words.sent_expired_lead(&mark(&sent.email), &sent.lifetime)/></p>
            <form method="post" action=ResendLink::url()>
                <button type="submit" class="button">{words.sent_expired_button()}</button>
                {sent.refused.map(|message| view! { <p class="error after" role="alert">{message}</p> })}
            </form>
            <p class="aside"><a href="/login">{words.sent_wrong_address()}</a></p>
        </section>
    }
}
