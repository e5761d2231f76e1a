//! /logout: a button, because a GET changes nothing.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::api::SignOut;

/// The page that asks before signing out. `email`: the address that is signed in.
#[component]
pub fn LogoutPage(email: String) -> impl IntoView {
    view! {
        <Title text="Sign out · Postern"/>
        <section class="card">
            <h1>"Sign out"</h1>
            <p class="lead">
                "You are signed in as " <strong class="address">{email}</strong> "."
            </p>
            <form class="actions" method="post" action=SignOut::url()>
                <button type="submit" class="button">"Sign out"</button>
                <a class="button quiet" href="/">"Stay signed in"</a>
            </form>
        </section>
    }
}
