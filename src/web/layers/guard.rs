//! Every path outside the exempt list needs a session.

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tower_sessions::Session;

use crate::web::{answers::json, pages::failure, wants_page};
use crate::{
    api::{RedeemCode, RedeemLink, RequestLink, ResendLink},
    domain::ReturnPath,
    refusal::Refusal,
    session::LoginSession,
    state::AppState,
};
use leptos::server_fn::ServerFn;

/// The pages that a stranger needs to become somebody; nothing lies below them. Files and probes have no guard.
const OPEN_PAGES: [&str; 3] = ["/login", "/login/sent", "/verify"];

/// Characters that stay as they are in a query value (RFC 3986, unreserved).
const QUERY_VALUE: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Lets exempt paths and signed-in visitors through; sends a navigation to /login, and answers 401 otherwise.
pub async fn guard(
    State(state): State<AppState>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    if is_exempt(&state, request.uri().path()) {
        return next.run(request).await;
    }
    match LoginSession::new(session).current(&state).await {
        Ok(Some(_)) => next.run(request).await,
        Ok(None) => turn_away(&request),
        Err(refusal) if wants_page(request.headers()) => failure(&refusal),
        Err(refusal) => json(&refusal),
    }
}

fn turn_away(request: &Request) -> Response {
    if !wants_page(request.headers()) {
        return json(&Refusal::SignedOut);
    }
    let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let wanted = match *request.method() {
        Method::GET | Method::HEAD => ReturnPath::parse(wanted).ok().filter(|path| path.as_str() != "/"),
        // A form cannot be sent again by a link.
        _ => None,
    };
    match wanted {
        Some(path) => {
            let next = utf8_percent_encode(path.as_str(), &QUERY_VALUE);
            Redirect::to(&format!("/login?next={next}")).into_response()
        }
        None => Redirect::to("/login").into_response(),
    }
}

fn is_exempt(state: &AppState, path: &str) -> bool {
    let functions = [RequestLink::url(), ResendLink::url(), RedeemLink::url(), RedeemCode::url()];
    let inbox = state.inbox.is_some().then_some("/dev/inbox");
    // A slash at the end is answered with a redirect.
    let page = path.strip_suffix('/').unwrap_or(path);
    functions.contains(&path)
        || OPEN_PAGES.contains(&page)
        || inbox.is_some_and(|inbox| covers(inbox, path))
        || state.config.exempt_paths.iter().any(|exempt| covers(exempt, path))
}

/// Whether `path` is `exempt` or lies below it: whole segments, so that `/login` does not cover `/login-admin`.
fn covers(exempt: &str, path: &str) -> bool {
    match path.strip_prefix(exempt.trim_end_matches('/')) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn an_exempt_path_covers_itself_and_what_lies_below_it() {
        assert!(covers("/public", "/public"));
        assert!(covers("/public/", "/public/x"));
    }

    #[test]
    fn an_exempt_path_covers_no_path_that_only_begins_like_it() {
        for path in ["/login-admin", "/loginx", "/Login", "//login", "/%6cogin", "/a/login", "/"] {
            assert!(!covers("/login", path), "{path}");
        }
    }
}
