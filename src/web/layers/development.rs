//! The check of a development server: what comes through a proxy that it does not know is refused.
//!
//! Such a server shows every mail to whoever reaches it. It listens to its own machine only, but behind a proxy or a
//! tunnel there all the world would look like that machine.

use axum::{
    extract::{Request, State},
    http::{
        HeaderName, StatusCode, Version,
        header::{FORWARDED, VIA},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::client_address::peer;
use crate::state::AppState;

/// The answer to whoever has put it behind a proxy.
const ADVICE: &str = "This is a development server, which shows every mail to whoever reaches it, and this request came \
     through a proxy. For other people set LEPTOS_ENV=PROD. For a proxy of your own name its address in \
     TRUSTED_PROXIES; that closes /dev/inbox.\n";

/// Refuses with 403 what bears the traces of a proxy that TRUSTED_PROXIES does not name. Production passes everything.
///
/// Naming a proxy is the operator's word that others may come, and closes the inbox (`AppState::open`).
// A proxy that leaves no trace cannot be told from a browser on this machine; docs/configuration.md warns of it.
// Rejected: to let such a proxy show the inbox to 127.0.0.1. A visitor who writes that address would see it behind each
// proxy that passes the header on.
pub async fn refuse_proxies(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let config = &state.config;
    if !config.is_production() && came_by_proxy(&request) && !config.trusted_proxies.contains(peer(&request))
    {
        return (StatusCode::FORBIDDEN, ADVICE).into_response();
    }
    next.run(request).await
}

/// Whether there is something that proxies write and browsers do not: Via (RFC 9110, section 7.6.3), Forwarded
/// (RFC 7239), those that came before it, or HTTP/1.0, which is all that an nginx before 1.29.7 leaves without settings.
fn came_by_proxy(request: &Request) -> bool {
    let is_older = |name: &HeaderName| name.as_str().starts_with("x-forwarded-") || name == "x-real-ip";
    request.version() < Version::HTTP_11
        || request.headers().keys().any(|name| *name == VIA || *name == FORWARDED || is_older(name))
}
