//! /dev/inbox: the mails of a development server, as a person would see them. In production it does not exist.

use leptos::{attr::custom::custom_attribute, prelude::*};
use leptos_meta::Title;

use super::page::SentMail;

/// The list of mails, the newest one open. `mails`: the newest first.
#[component]
pub fn InboxPage(mails: Vec<SentMail>) -> impl IntoView {
    view! {
        <Title text="Development inbox · Postern"/>
        <section class="inbox">
            <header>
                <h1>"Development inbox"</h1>
                <a class="button quiet" href="/dev/inbox">"Look again"</a>
            </header>
            <p class="lead">"Mails that this development server would have sent, newest first."</p>
            <div class="mails">
                {mails.is_empty().then(|| view! {
                    <p class="empty">"No mail yet. " <a href="/login">"Ask for a link"</a> ", then look again."</p>
                })}
                {mails.into_iter().enumerate().map(|(place, mail)| view! { <InboxMail mail open=place == 0/> }).collect_view()}
            </div>
        </section>
    }
}

/// One mail. The browser loads the frame when the mail is opened.
#[component]
fn InboxMail(mail: SentMail, open: bool) -> impl IntoView {
    let initial = mail.to.chars().next().map(String::from);
    view! {
        <article class="mail">
            <details name="mail" open=open>
                <summary>
                    <span class="initial" aria-hidden="true">{initial}</span>
                    <h2>{mail.subject.clone()}</h2>
                    <p class="envelope hint"><span>"To " {mail.to}</span> <span>{mail.date}</span></p>
                </summary>
                <iframe
                    title=format!("The mail “{}”", mail.subject)
                    src=format!("/dev/inbox/{}", mail.number)
                    sandbox="allow-top-navigation-by-user-activation"
                    {..custom_attribute("loading", "lazy")}
                ></iframe>
                <details class="plain">
                    <summary>"As plain text"</summary>
                    <pre>{mail.text}</pre>
                </details>
            </details>
        </article>
    }
}
