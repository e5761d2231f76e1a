//! The headers that every response carries (OWASP Secure Headers Project).

use axum::{
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};
use leptos::nonce::Nonce;

use crate::{app::places::VERIFY, state::AppState};

/// For responses that Leptos does not draw: nothing may be run, framed or sent. The failure page has a style.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// For a mail in its frame in the development inbox: its own styles, and nothing else.
pub const MAIL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'; \
     sandbox allow-top-navigation-by-user-activation",
);

/// Fills in what the handler has not set itself.
pub async fn add(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // Whatever is answered under the address of a link, the failure page too, sends no more than its origin: its own
    // files and forms need no more, and a log of headers must not have the link.
    let referrer = if request.uri().path() == VERIFY.path { "strict-origin" } else { "same-origin" };
    let mut response = next.run(request).await;
    // Its body was not read: a proxy must not take the connection for reusable.
    let closes = response.status() == StatusCode::REQUEST_TIMEOUT;
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    default(CONTENT_SECURITY_POLICY, NOTHING);
    // Going back after signing out must not show what was guarded.
    default(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Not no-referrer: the Origin of a plain form would become "null".
    default(REFERRER_POLICY, HeaderValue::from_static(referrer));
    if closes {
        default(CONNECTION, HeaderValue::from_static("close"));
    }
    default(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("x-frame-options", "DENY"),
    ] {
        default(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if state.config.public_url.is_https() {
        // Two years, for this host alone (RFC 6797).
        default(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
    response
}

/// The policy of a page: its own scripts by nonce, its own files, its own forms. Nobody may frame it (clickjacking).
/// `wasm-unsafe-eval` lets the client be compiled, and lets no script evaluate text.
///
/// `cargo leptos watch` reloads the page over a socket of its own, on the port `live_reload`.
///
/// `apps`: the origins of the apps behind the gateway. A sign-in by a plain form ends there, and browsers count a redirect
/// as a target of the form.
pub fn page_policy(nonce: &Nonce, live_reload: Option<u32>, apps: &str) -> String {
    let reload = match live_reload {
        Some(port) => format!(" ws://localhost:{port} ws://127.0.0.1:{port}"),
        None => String::new(),
    };
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         font-src 'self'; frame-src 'self'; connect-src 'self'{reload}; base-uri 'none'; form-action 'self' {apps}; \
         frame-ancestors 'none'"
    )
}
