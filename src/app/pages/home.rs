//! /: what a guarded page looks like. Replace it with your own.

use leptos::{prelude::*, server_fn::ServerFn};

use super::components::{Marked, PageTitle};
use crate::{
    api::SignOut,
    words::{Words, marked::mark},
};

/// The page of whoever is signed in. `email`: their address.
#[component]
pub fn HomePage(email: String, words: Words) -> impl IntoView {
    view! {
        <PageTitle title=words.home_page_title()/>
        <section class="card home">
            <h1>{words.home_title()}</h1>
            <p class="lead"><Marked sentence=words.home_lead(&mark(&email))/></p>
            <form method="post" action=SignOut::url()>
                <button type="submit" class="button quiet">{words.sign_out()}</button>
            </form>
        </section>
    }
}
