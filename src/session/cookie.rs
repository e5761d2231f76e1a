//! The cookie of a session, and repairs of tower-sessions 0.15.

use axum::{
    extract::Request,
    http::{HeaderValue, header::SET_COOKIE},
    middleware::Next,
    response::Response,
};
use tower_sessions::{Expiry, Session, SessionManagerLayer, cookie::SameSite};

use super::adapter::Sessions;
use crate::{clock::Clock, config::Config, store::Store};

/// The name of the cookie. `__Host-` binds it to this host and to https (RFC 6265bis, section 4.1.3.2).
fn name(config: &Config) -> &'static str {
    if config.public_url.is_https() { "__Host-postern" } else { "postern" }
}

/// The layer that hands each request its session, loaded when somebody looks.
pub fn layer(config: &Config, store: &Store, clock: &Clock) -> SessionManagerLayer<Sessions> {
    // The server ends sessions; the browser may keep the cookie for as long as one could last.
    let kept = time::Duration::seconds(config.session_absolute.as_secs() as i64);
    SessionManagerLayer::new(Sessions::new(store.clone(), clock.clone(), config))
        .with_name(name(config))
        .with_secure(config.public_url.is_https())
        .with_http_only(true)
        // Strict would drop the cookie on the click from a web mail program.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(kept))
}

/// On the response to a request that neither wrote nor ended its session.
#[derive(Clone, Copy)]
struct SessionUntouched;

/// The inner half of the repair, between [`layer`] and the handler: only here is it known whether a request touched
/// its session.
pub async fn mark_untouched(session: Session, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if !session.is_modified() {
        response.extensions_mut().insert(SessionUntouched);
    }
    response
}

/// The outer half of the repair. Only a request that ended its session may remove the cookie, or the loser of a race
/// would sign out the winner: two tabs with the same link share one cookie. And removing a `__Host-` cookie needs
/// `Secure`, or browsers ignore it.
pub async fn repair(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.extensions().get::<SessionUntouched>().is_some() {
        response.headers_mut().remove(SET_COOKIE);
    }
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
