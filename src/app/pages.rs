//! The pages, one file each, drawn on the server in the visitor's language. They never hydrate.
//!
//! `document` writes the HTML document around a page, with the small scripts of `app/scripts` that the page needs; they work
//! before the islands are alive, and beside them.

mod admin;
mod components;
mod dev_inbox;
mod document;
mod home;
mod languages;
mod login;
mod logout;
mod markup;
mod not_found;
mod operator_link;
mod other_browser;
mod sent;
mod sessions;
mod verify;

use leptos::prelude::*;

use super::page::Page;
use crate::words::Words;

pub use document::{Frame, write};
pub use languages::LanguageChoice;

/// The view of a page.
fn draw(page: Page, words: Words) -> AnyView {
    match page {
        Page::Home(home) => view! { <home::HomePage home words/> }.into_any(),
        Page::Sessions(sessions) => view! { <sessions::SessionsPage sessions words/> }.into_any(),
        Page::Login(login) => view! { <login::LoginPage login words/> }.into_any(),
        Page::Sent(sent) => view! { <sent::SentPage sent words/> }.into_any(),
        Page::SentExpired(sent) => view! { <sent::SentExpiredPage sent words/> }.into_any(),
        Page::Verify { token } => view! { <verify::VerifyPage token words/> }.into_any(),
        Page::OperatorLink { token, email } => {
            view! { <operator_link::OperatorLinkPage token email words/> }.into_any()
        }
        Page::OtherBrowser(other) => view! { <other_browser::OtherBrowserPage other words/> }.into_any(),
        Page::LinkRefused { headline, message, next, .. } => {
            view! { <verify::LinkRefusedPage headline message next words/> }.into_any()
        }
        Page::Logout { email } => view! { <logout::LogoutPage email words/> }.into_any(),
        Page::Admin(admin) => view! { <admin::AdminPage admin=*admin words/> }.into_any(),
        Page::DevInbox(mails) => view! { <dev_inbox::InboxPage mails words/> }.into_any(),
        Page::NotFound => view! { <not_found::NotFoundPage words/> }.into_any(),
    }
}
