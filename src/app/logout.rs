//! /logout: a button, because a GET changes nothing.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::visit::Visit;
use crate::api::SignOut;

#[component]
pub fn LogoutPage() -> impl IntoView {
    let visit = expect_context::<Visit>();
    view! {
        <Title text="Sign out · Postern"/>
        <section class="card">
            <h1>"Sign out"</h1>
            <p class="lead">
                "You are signed in as " <strong class="address">{visit.signed_in}</strong> "."
            </p>
            <form class="actions" method="post" action=SignOut::url()>
                <button type="submit" class="button">"Sign out"</button>
                <a class="button quiet" href="/">"Stay signed in"</a>
            </form>
        </section>
    }
}
