//! Postern: type your e-mail, click the link that arrives, and you are in.
//!
//! The rooms, from the street to the cellar. A room imports only from rooms below it in this list;
//! `tests/black_box/rooms.rs` reads the imports and fails otherwise.
//!
//! 1. [`cli`]: the commands of the one binary. `cli::surroundings` opens what they need, `cli::console` prints.
//! 2. [`server`]: a process: it listens, works in the background and stops.
//! 3. [`web`]: everything HTTP: the router and its layers, pages, answers, files, probes.
//! 4. [`app`]: the pages and their islands, shared by the server and the wasm client.
//! 5. [`api`]: the server functions that the pages call.
//! 6. [`flow`]: the use cases. `flow::login` tells the life of a login: `request`, `deliver`, `redeem`.
//! 7. [`checks`]: what is wrong with an installation, and what to do about it.
//! 8. [`state`]: what the requests and workers of a process share.
//! 9. [`audit`]: what is worth remembering, once in the log and once in the database.
//! 10. [`session`] and [`mail`]: the browser's session; mails and how they leave.
//! 11. [`store`]: the database, one layer of SQL.
//! 12. [`config`]: the settings.
//! 13. [`clock`], [`random`], [`palette`], [`site`]: the only doors to time and chance; colours; the names of the built
//!     files. [`metrics`]: what is counted and measured. `fail_point`: where tests let a process die.
//! 14. [`words`]: every sentence that a visitor reads, in their language.
//! 15. [`refusal`]: the closed list of refusals.
//! 16. [`domain`]: the rules of a login, pure.

// The types of nested views are deep.
#![recursion_limit = "256"]

pub mod api;
pub mod app;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod checks;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod domain;
#[cfg(feature = "ssr")]
mod fail_point;
#[cfg(feature = "ssr")]
pub mod flow;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
pub mod metrics;
pub mod palette;
#[cfg(feature = "ssr")]
pub mod random;
#[cfg(feature = "ssr")]
pub mod refusal;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod site;
#[cfg(feature = "ssr")]
pub mod state;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod web;
#[cfg(feature = "ssr")]
pub mod words;

/// Starts the client: the islands of the page come alive one by one after this returns.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    // A release spares visitors the kilobyte: a panic stays visible as a trap in the console.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
