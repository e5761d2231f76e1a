//! The pages, one file each, in the order in which a visitor meets them; islands live beside their page.
//!
//! Pages are rendered on the server from a [`visit::Visit`] and never hydrate; only the islands do
//! (`LoginForm`, `CodeForm`, `ResendForm`, `VerifyForm`). Each island is a plain form first: without
//! JavaScript the browser posts it.

mod components;
mod dev_inbox;
mod failure;
mod home;
mod login;
mod logout;
pub mod navigate;
mod not_found;
mod sent;
mod submission;
mod verify;
pub mod visit;

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

use visit::Visit;

pub use failure::FAILURE_PAGE;

/// The HTML document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    // Only these pages have islands: the others are spared the wasm.
    let has_islands = use_context::<Visit>()
        .is_some_and(|visit| ["/login", "/login/sent", "/verify"].contains(&visit.path.as_str()));
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f5f1"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#14161a"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <HashedStylesheet id="leptos" options=options.clone()/>
                <AutoReload options=options.clone()/>
                {has_islands.then(|| view! { <HydrationScripts options islands=true/> })}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

#[component]
fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <Router>
            <main id="main">
                <components::Mark/>
                <Routes fallback=not_found::NotFoundPage>
                    <Route path=path!("/") view=home::HomePage/>
                    <Route path=path!("/login") view=login::LoginPage/>
                    <Route path=path!("/login/sent") view=sent::SentPage/>
                    <Route path=path!("/verify") view=verify::VerifyPage/>
                    <Route path=path!("/logout") view=logout::LogoutPage/>
                    <Route path=path!("/dev/inbox") view=dev_inbox::InboxPage/>
                </Routes>
            </main>
        </Router>
    }
}
