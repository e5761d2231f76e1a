//! /: what a guarded page looks like. Replace it with your own.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::api::SignOut;

/// The page of whoever is signed in. `email`: their address.
#[component]
pub fn HomePage(email: String) -> impl IntoView {
    view! {
        <Title text="Home · Postern"/>
        <section class="card home">
            <h1>"You are in"</h1>
            <p class="lead">
                "Signed in as " <strong class="address">{email}</strong> "."
            </p>
            <form method="post" action=SignOut::url()>
                <button type="submit" class="button quiet">"Sign out"</button>
            </form>
        </section>
    }
}
