//! The page of every path that has none.

use leptos::prelude::*;
use leptos_meta::Title;

/// The page for a visitor whom the guard has let through.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Page not found · Postern"/>
        <section class="card">
            <h1>"Page not found"</h1>
            <p class="lead">"There is nothing at this address. Check it for typing mistakes, or start again."</p>
            <p class="actions"><a class="button" href="/">"Go to the start"</a></p>
        </section>
    }
}
