//! /dev/inbox: the mails of a development server, as a person would see them. In production it is not found.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{not_found::NotFoundPage, visit::Visit};

#[component]
pub fn InboxPage() -> impl IntoView {
    let Some(mails) = expect_context::<Visit>().inbox else {
        return view! { <NotFoundPage/> }.into_any();
    };
    view! {
        <Title text="Development inbox · Postern"/>
        <section class="inbox">
            <h1>"Development inbox"</h1>
            <p class="lead">
                "Mails that this development server would have sent, newest first. "
                <a href="/dev/inbox">"Look again"</a>
            </p>
            {mails.is_empty().then(|| view! {
                <p class="empty">"No mail yet. " <a href="/login">"Ask for a link"</a> ", then look again."</p>
            })}
            {mails.into_iter().map(|mail| view! {
                <article class="mail">
                    <h2>{mail.subject.clone()}</h2>
                    <p class="hint">"To " {mail.to} ", " {mail.date}</p>
                    <iframe
                        title=format!("The mail “{}”", mail.subject)
                        src=format!("/dev/inbox/{}", mail.number)
                        sandbox="allow-top-navigation-by-user-activation"
                    ></iframe>
                    <details>
                        <summary>"As plain text"</summary>
                        <pre>{mail.text}</pre>
                    </details>
                </article>
            }).collect_view()}
        </section>
    }
    .into_any()
}
