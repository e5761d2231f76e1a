//! Everything HTTP. [`router`] is the table of contents: read it from the outside in.
//!
//! [`layers`] stand between the network and the rest; then [`pages`] draws a page, or [`answers`] carries the result of
//! a server function to its caller. [`assets`] and [`probes`] need no session.

pub mod answers;
pub mod assets;
pub mod layers;
pub mod pages;
pub mod probes;
pub mod router;

use axum::http::{HeaderMap, header::ACCEPT};

/// Whether the answer is for a person to look at: a navigation or a plain form, not a fetch.
///
/// Browsers name text/html when they navigate and never when a script fetches.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accepts =
        |value: &axum::http::HeaderValue| value.to_str().is_ok_and(|accept| accept.contains("text/html"));
    headers.get_all(ACCEPT).iter().any(accepts)
}
