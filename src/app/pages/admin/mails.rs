//! /admin/mails: the mails that wait, and those that the mail server has refused, each with a button that has it tried again.

use leptos::{prelude::*, server_fn::ServerFn};

use super::When;
use crate::{
    api::TryMailAgain,
    app::page::admin::{Mail, Mails},
    words::Words,
};

/// Mails in the outbox.
#[component]
pub fn MailsTab(mails: Mails, words: Words) -> impl IntoView {
    let Mails { waiting, refused } = mails;
    let lists = [("waiting", words.admin_waiting(), waiting), ("refused", words.admin_refused(), refused)];
    let lists = lists.map(|(id, title, mails)| {
        let lines = mails.into_iter().enumerate().map(|(number, mail)| {
            view! { <Line id=format!("{id}-{number}") mail words/> }
        });
        let lines = lines.collect::<Vec<_>>();
        let list = if lines.is_empty() {
            view! { <p class="hint">{words.admin_nothing()}</p> }.into_any()
        } else {
            view! { <ul class="rows">{lines}</ul> }.into_any()
        };
        view! {
            <section class="card" aria-labelledby=id>
                <h2 id=id>{title}</h2>
                {list}
            </section>
        }
    });
    lists.into_iter().collect_view()
}

/// A mail. `id`: what its line is called on the page.
#[component]
fn Line(id: String, mail: Mail, words: Words) -> impl IntoView {
    let Mail { message_id, email, what, asked, next } = mail;
    let can_be_tried = next.is_some();
    view! {
        <li class="with-button">
            <div id=id.clone()>
                <p><strong class="address">{email}</strong></p>
                <p class="hint">{what}" · "<When at=asked/></p>
                <p class="hint">{next.unwrap_or_else(|| words.admin_mail_in_hand().to_owned())}</p>
            </div>
            {can_be_tried.then(|| view! {
                <form method="post" action=TryMailAgain::url()>
                    <button
                        type="submit"
                        class="button quiet"
                        name="message_id"
                        value=message_id
                        aria-describedby=id
                    >{words.admin_try_again()}</button>
                </form>
            })}
        </li>
    }
}
