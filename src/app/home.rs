//! /: what a guarded page looks like. Replace it with your own.

use leptos::prelude::*;
use leptos_meta::Title;

use super::visit::Visit;
use crate::api::SignOut;
use leptos::server_fn::ServerFn;

#[component]
pub fn HomePage() -> impl IntoView {
    let visit = expect_context::<Visit>();
    view! {
        <Title text="Home · Postern"/>
        <section class="card home">
            <h1>"You are in"</h1>
            <p class="lead">
                "Signed in as " <strong class="address">{visit.signed_in}</strong> "."
            </p>
            <form method="post" action=SignOut::url()>
                <button type="submit" class="button quiet">"Sign out"</button>
            </form>
        </section>
    }
}
