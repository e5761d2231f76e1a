//! The pages, one file each, drawn on the server in the visitor's language. They never hydrate.

mod components;
mod dev_inbox;
mod home;
mod languages;
mod login;
mod logout;
mod not_found;
mod sent;
mod verify;

use leptos::{attr::media, nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};

pub use languages::LanguageChoice;

use super::{
    page::Page,
    places::{BRAND_STYLE, LOGO},
};
use crate::{config::Brand, words::Words};

/// Keeps a half-typed address, in the browser alone, while its visitor changes the language.
const KEEP_TYPED: &str = include_str!("pages/keep_typed.js");

/// Lets each form be posted once by a page, before and beside hydration: a second press of a plain form would throw away
/// the answer to the first. A form that an island sends by itself is not touched, nor is one that the back button brings
/// back.
const POST_ONCE: &str = include_str!("pages/post_once.js");

/// The HTML document around a page.
///
/// There is no router in it: axum has chosen the page, and nobody reads the path a second time.
/// `brand`: what it shows of whoever runs the site. `choice`: the languages below it. With `live_reload` it listens for
/// changes, which `cargo leptos watch` reports.
pub fn shell(
    options: LeptosOptions,
    live_reload: bool,
    page: Page,
    has_islands: bool,
    words: Words,
    brand: &Brand,
    choice: LanguageChoice,
) -> impl IntoView + use<> {
    provide_meta_context();
    let [light, dark] = brand.palettes();
    // By day the frame of the browser has the accent; in the dark it would glare.
    let (by_day, at_night) = match &brand.accent {
        Some(_) => (light.green.to_owned(), dark.wall.to_owned()),
        None => (light.wall.to_owned(), dark.wall.to_owned()),
    };
    let accent = brand.accent.as_ref().map(|accent| format!("{BRAND_STYLE}?v={}", accent.version()));
    let name = brand.name.clone();
    view! {
        <!DOCTYPE html>
        <html lang=words.lang() dir=words.dir()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content={by_day} {..media("(prefers-color-scheme: light)")}/>
                <meta name="theme-color" content={at_night} {..media("(prefers-color-scheme: dark)")}/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <HashedStylesheet id="leptos" options=options.clone()/>
                {accent.map(|href| view! { <link rel="stylesheet" href=href/> })}
                <Title formatter=move |title: String| in_title(&format!("{title} · {name}"))/>
                <AutoReload disable_watch=!live_reload options=options.clone()/>
                <script nonce=use_nonce() inner_html=[POST_ONCE, KEEP_TYPED].concat()></script>
                {has_islands.then(|| view! { <HydrationScripts options islands=true/> })}
                <MetaTags/>
            </head>
            <body>
                <a class="skip" href="#main">{words.skip_to_content()}</a>
                <main id="main">
                    <components::Mark name=brand.name.clone() logo=brand.logo.as_ref().map(|logo| format!("{LOGO}?v={}", logo.version))/>
                    {draw(page, words)}
                    {brand.support.clone().map(|support| view! { <components::Help support words/> })}
                </main>
                <languages::Languages choice words/>
            </body>
        </html>
    }
}

/// A text as it may stand between `<title>` and `</title>`: Leptos writes it as it is.
fn in_title(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The view of a page.
fn draw(page: Page, words: Words) -> AnyView {
    match page {
        Page::Home { email } => view! { <home::HomePage email words/> }.into_any(),
        Page::Login(login) => view! { <login::LoginPage login words/> }.into_any(),
        Page::Sent(sent) => view! { <sent::SentPage sent words/> }.into_any(),
        Page::SentExpired(sent) => view! { <sent::SentExpiredPage sent words/> }.into_any(),
        Page::Verify { token } => view! { <verify::VerifyPage token words/> }.into_any(),
        Page::LinkRefused { headline, message, signed_in } => {
            view! { <verify::LinkRefusedPage headline message signed_in words/> }.into_any()
        }
        Page::Logout { email } => view! { <logout::LogoutPage email words/> }.into_any(),
        Page::DevInbox(mails) => view! { <dev_inbox::InboxPage mails words/> }.into_any(),
        Page::NotFound => view! { <not_found::NotFoundPage words/> }.into_any(),
    }
}
