//! The page of every path that has none.

use leptos::prelude::*;

use super::components::PageTitle;
use crate::words::Words;

/// The page for a visitor whom the guard has let through.
#[component]
pub fn NotFoundPage(words: Words) -> impl IntoView {
    view! {
        <PageTitle title=words.not_found_title()/>
        <section class="card">
            <h1>{words.not_found_title()}</h1>
            <p class="lead">{words.not_found_lead()}</p>
            <p class="actions"><a class="button" href="/">{words.go_to_start()}</a></p>
        </section>
    }
}
