//! The islands: what of a page comes alive in the browser, one file each.
//!
//! They are the client. The server draws an island in the language of its page; hydration takes over what it has drawn, and
//! only what may change later is sent along, as [`Given`]. Leptos' `#[island]` would send all of it as JSON, and what
//! reads JSON is a fifth of such a client.

pub mod code_form;
pub mod login_form;
pub mod resend_form;
pub mod verify_form;

#[cfg(feature = "ssr")]
use leptos::tachys::html::islands;
use leptos::{prelude::*, tachys::reactive_graph::OwnedView};
#[cfg(feature = "hydrate")]
use leptos::{tachys::view::Position, web_sys::HtmlElement};

use super::given::Given;

/// An island, with all that the server draws in it and that never changes. In the browser that is empty, and nobody may read
/// it after the first drawing.
pub trait Island: Default + 'static {
    /// What it is known by in the page.
    const NAME: &'static str;

    /// Its view.
    fn view(self, given: Given) -> impl IntoView + 'static;
}

fn view<I: Island>(island: I, given: Given) -> OwnedView<impl IntoView + 'static> {
    Owner::new().with(|| Owner::with_hydration(|| OwnedView::new(island.view(given))))
}

/// The island as a part of its page.
#[cfg(feature = "ssr")]
pub fn island<I: Island>(island: I, given: Given) -> impl IntoView {
    let lines = given.to_lines();
    islands::Island::new(I::NAME, view(island, given)).with_props(lines)
}

/// Brings an island of the page to life.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn wake(element: &HtmlElement) {
    fn hydrate<I: Island>(element: &HtmlElement) {
        let given = Given::from_lines(&element.get_attribute("data-props").unwrap_or_default());
        let alive = view(I::default(), given).hydrate_from_position::<true>(element, Position::FirstChild);
        // It lives as long as its page.
        std::mem::forget(alive);
    }
    match element.get_attribute("data-component").as_deref() {
        Some(login_form::LoginForm::NAME) => hydrate::<login_form::LoginForm>(element),
        Some(code_form::CodeForm::NAME) => hydrate::<code_form::CodeForm>(element),
        Some(resend_form::ResendForm::NAME) => hydrate::<resend_form::ResendForm>(element),
        Some(verify_form::VerifyForm::NAME) => hydrate::<verify_form::VerifyForm>(element),
        _ => {}
    }
}
