//! What stands between the network and a flow, from the outside in.
//!
//! [`headers`] on every response, [`client_address`], [`host`], [`plain_path`] and
//! [`csrf`] before any work, [`guard`] before anything private,
//! then either [`pages`] (a GET) or [`answers`] (a server function, called through [`call`]).

pub mod answers;
pub mod assets;
pub mod call;
pub mod client_address;
pub mod csrf;
pub mod guard;
pub mod headers;
pub mod host;
pub mod pages;
pub mod plain_path;
pub mod probes;

use axum::http::{HeaderMap, header::ACCEPT};

/// Whether the answer is for a person to look at: a navigation or a plain form, not a fetch.
///
/// Browsers name text/html when they navigate and never when a script fetches.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accepts =
        |value: &axum::http::HeaderValue| value.to_str().is_ok_and(|accept| accept.contains("text/html"));
    headers.get_all(ACCEPT).iter().any(accepts)
}
