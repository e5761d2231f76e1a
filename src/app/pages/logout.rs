//! /logout: a button, because a GET changes nothing.

use leptos::{prelude::*, server_fn::ServerFn};

use super::components::{Marked, PageTitle};
use crate::{
    api::SignOut,
    words::{Words, marked::mark},
};

/// The page that asks before signing out. `email`: the address that is signed in.
#[component]
pub fn LogoutPage(email: String, words: Words) -> impl IntoView {
    view! {
        <PageTitle title=words.sign_out()/>
        <section class="card">
            <h1>{words.sign_out()}</h1>
            <p class="lead"><Marked sentence=words.logout_lead(&mark(&email))/></p>
            <form class="actions" method="post" action=SignOut::url()>
                <button type="submit" class="button">{words.sign_out()}</button>
                <a class="button quiet" href="/">{words.stay_signed_in()}</a>
            </form>
        </section>
    }
}
