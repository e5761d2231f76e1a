//! /dev/inbox: the mails of a development server, as a person would see them. In production it does not exist.

use leptos::{attr::custom::custom_attribute, prelude::*};

use super::components::{PageTitle, with_marked};
use crate::{
    app::page::SentMail,
    words::{Words, marked::mark},
};

/// The list of mails, the newest one open. `mails`: the newest first.
#[component]
pub fn InboxPage(mails: Vec<SentMail>, words: Words) -> impl IntoView {
    view! {
        <PageTitle title=words.dev_inbox_title()/>
        <section class="inbox">
            <header>
                <h1>{words.dev_inbox_title()}</h1>
                <a class="button quiet" href="/dev/inbox">{words.dev_inbox_again()}</a>
            </header>
            <p class="lead">{words.dev_inbox_lead()}</p>
            <div class="mails">
                {mails.is_empty().then(|| view! {
                    <p class="empty">
                        {with_marked(&words.dev_inbox_empty(&mark(words.dev_inbox_empty_link())), |link| {
                            view! { <a href="/login">{link}</a> }.into_any()
                        })}
                    </p>
                })}
                {mails.into_iter().enumerate().map(|(place, mail)| view! { <InboxMail mail open=place == 0 words/> }).collect_view()}
            </div>
        </section>
    }
}

/// One mail. The browser loads the frame when the mail is opened.
#[component]
fn InboxMail(mail: SentMail, open: bool, words: Words) -> impl IntoView {
    let initial = mail.to.chars().next().map(String::from);
    view! {
        <article class="mail">
            <details name="mail" open=open>
                <summary>
                    <span class="initial" aria-hidden="true">{initial}</span>
                    <h2>{mail.subject.clone()}</h2>
                    <span class="envelope hint">
                        <span>{words.dev_inbox_to(&mail.to)}</span> <span>{mail.date}</span>
                    </span>
                </summary>
                <iframe
                    title=words.dev_inbox_mail(&mail.subject)
                    src=format!("/dev/inbox/{}", mail.number)
                    sandbox="allow-top-navigation-by-user-activation"
                    {..custom_attribute("loading", "lazy")}
                ></iframe>
                <details class="plain">
                    <summary>{words.dev_inbox_text()}</summary>
                    <pre>{mail.text}</pre>
                </details>
            </details>
        </article>
    }
}
