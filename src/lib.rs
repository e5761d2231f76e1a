//! Postern: type your e-mail, click the link that arrives, and you are in.
//!
//! The rooms, in the order in which a login passes through them:
//!
//! 1. [`app`]: the pages and their islands, shared by the server and the wasm client.
//! 2. [`api`]: the server functions that the pages call, and the types that cross the wire.
//! 3. [`server`]: everything that touches the world: configuration, HTTP, sessions, mail, the database.
//!    `server::flow` tells the life of a login: `request`, `deliver`, `redeem`.
//! 4. [`domain`]: the rules, pure: addresses, signatures, links, codes, the allowlist.
//!
//! Imports point one way, from 1 to 4. This file holds the only feature gates between rooms.

// The types of nested views are deep.
#![recursion_limit = "256"]

pub mod api;
pub mod app;
#[cfg(feature = "ssr")]
pub mod domain;
#[cfg(feature = "ssr")]
pub mod server;

/// Starts the client: the islands of the page come alive one by one after this returns.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    // A release spares visitors the kilobyte: a panic stays visible as a trap in the console.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    app::navigate::follow_redirects_of_server_functions();
    app::navigate::reload_what_comes_back();
    leptos::mount::hydrate_islands();
}
