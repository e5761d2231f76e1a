//! /login/sent: open the link from the mail, or type its code here.

use leptos::{prelude::*, server_fn::ServerFn};

use super::components::{Marked, NoticeLine, PageTitle, given, lines, with_marked};
use crate::{
    api::{RequestLink, ResendLink},
    app::{
        given::Given,
        islands::{code_form::CodeForm, island, resend_form::ResendForm},
        page::{Sent, SentExpired},
        submission::clock,
    },
    words::{
        Words,
        marked::{around, mark},
    },
};

/// The page with the two ways on: the link in this browser, the code for a mail that is read elsewhere.
#[component]
pub fn SentPage(sent: Sent, words: Words) -> impl IntoView {
    let code_form = CodeForm { label: words.sent_code_label(), hint: words.sent_code_hint() };
    let lifetime = sent.lifetime;
    let lead = words.sent_lead(&mark(&sent.email), &mark(&lifetime));
    // As app/scripts/expiry.js goes on with it: the last second counts as none.
    let left = sent.expires_in.saturating_sub(1);
    let lead = with_marked(&lead, |part| match part == lifetime {
        // No live region: nobody hears each second. It begins as it goes on, so that no line breaks elsewhere then.
        true => view! {
            <strong class="address unscripted">{part}</strong>
            <strong class="address scripted" role="timer">{clock(left)}</strong>
        }
        .into_any(),
        false => view! { <strong class="address">{part}</strong> }.into_any(),
    });
    let (before, after) = around(&words.sent_again_in(&mark("")));
    let of_resend = given(sent.mail_refused, words.sent_again(), words);
    let of_resend = Given {
        wait: sent.resend_in,
        words: [of_resend.words, lines(&[&before, &after])].join("\n"),
        ..of_resend
    };
    view! {
        <PageTitle title=words.sent_title()/>
        <section class="card">
            <h1>{words.sent_title()}</h1>
            <NoticeLine notice=sent.notice/>
            <p id="lead" class="lead">{lead}</p>
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
                {island(code_form, given(sent.code_refused, words.sent_code_button(), words))}
            </div>
            <div class="aside">
                {island(ResendForm, of_resend)}
                <p><a href="/login">{words.sent_wrong_address()}</a></p>
            </div>
            <p class="hint late">{words.sent_spam()}</p>
            // app/scripts/expiry.js puts it in the place of this card.
            <template data-expires-in=sent.expires_in data-title=words.headline_expired()>
                <ExpiredCard sent=sent.expired words/>
            </template>
        </section>
    }
}

/// The page once link and code have expired.
#[component]
pub fn SentExpiredPage(sent: SentExpired, words: Words) -> impl IntoView {
    view! {
        <PageTitle title=words.headline_expired()/>
        <ExpiredCard sent words/>
    }
}

/// One button for another mail. It is a plain form; the answer is another page anyway.
#[component]
fn ExpiredCard(sent: SentExpired, words: Words) -> impl IntoView {
    view! {
        <section class="card">
            // Not "your mail": whoever is not on the allowlist got none. Focused when it comes by itself.
            <h1 tabindex="-1">{words.headline_expired()}</h1>
            <p class="lead"><Marked sentence=words.sent_expired_lead(&mark(&sent.email), &sent.lifetime)/></p>
            <form method="post" action=ResendLink::url()>
                <button type="submit" class="button">{words.sent_expired_button()}</button>
                {sent.refused.map(|message| view! { <p class="error after" role="alert">{message}</p> })}
            </form>
            <p class="aside"><a href="/login">{words.sent_wrong_address()}</a></p>
        </section>
    }
}
