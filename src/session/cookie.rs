//! The cookie of a session, and a repair of tower-sessions 0.15.
//!
//! It holds an id and nothing else. Scripts cannot read it (HttpOnly), other hosts cannot set it (`__Host-`, under
//! https), and other sites send it with top-level navigations only (SameSite=Lax).

use axum::{
    extract::Request,
    http::{HeaderValue, header::SET_COOKIE},
    middleware::Next,
    response::Response,
};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};

use super::adapter::CookieOnly;
use crate::config::Config;

/// The name of the cookie. `__Host-` binds it to this host and to https (RFC 6265bis, section 4.1.3.2).
fn name(config: &Config) -> &'static str {
    if config.public_url.is_https() { "__Host-postern" } else { "postern" }
}

/// The layer that reads the id of a session from the cookie, and sends a cookie where a request has begun or ended one.
pub fn layer(config: &Config) -> SessionManagerLayer<CookieOnly> {
    // The server ends sessions; the browser may keep the cookie for as long as one could last.
    let kept = time::Duration::seconds(config.session_absolute.as_secs() as i64);
    SessionManagerLayer::new(CookieOnly)
        .with_name(name(config))
        .with_secure(config.public_url.is_https())
        .with_http_only(true)
        // Strict would drop the cookie on the click from a web mail program.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(kept))
}

/// Adds `Secure` where tower-sessions removes a `__Host-` cookie without it: browsers would ignore that.
pub async fn repair(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for cookie in
        response.headers_mut().iter_mut().filter(|(name, _)| *name == SET_COOKIE).map(|(_, value)| value)
    {
        if let Ok(text) = cookie.to_str()
            && text.starts_with("__Host-")
            && !text.contains("; Secure")
            && let Ok(finished) = HeaderValue::try_from(format!("{text}; Secure"))
        {
            *cookie = finished;
        }
    }
    response
}
