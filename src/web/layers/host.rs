//! The check of the host: the server answers under its own name only, and to addresses of sensible length.
//!
//! Links are built from PUBLIC_URL whatever stands in `Host`. In development this check also stops DNS rebinding.

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header::HOST},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    app::places::{HEALTHZ, READYZ},
    state::AppState,
    web::answers::{advice, wants_page},
    words::Words,
};

/// Bytes of path and query; a mailed link has at most 600.
const LONGEST_URL: usize = 8 * 1024;
/// Characters of a host that reach the log; a name has at most 253 (RFC 1035).
const LONGEST_LOGGED_HOST: usize = 100;

/// A request for another host gets 421 (RFC 9110, section 15.5.20): it came to the wrong server.
///
/// In development a page opened as 127.0.0.1 is sent to localhost, because the two do not share cookies and
/// the link in the mail names only one of them.
pub async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.uri().path_and_query().is_some_and(|path| path.as_str().len() > LONGEST_URL) {
        return advice(StatusCode::URI_TOO_LONG, Words::failure_long_url);
    }
    if request.headers().get_all(HOST).iter().count() > 1 {
        // RFC 9112, section 3.2: whoever reads the other one would see another site.
        return (StatusCode::BAD_REQUEST, "The request names two hosts. Send one Host header.\n")
            .into_response();
    }
    let public_url = &state.config.public_url;
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let asked = request.uri().authority().map(|authority| authority.as_str()).or(host).unwrap_or_default();
    let probe = [HEALTHZ, READYZ].contains(&request.uri().path());
    let default_port = if public_url.is_https() { ":443" } else { ":80" };
    let asked = asked.strip_suffix(default_port).unwrap_or(asked);
    if probe || asked.eq_ignore_ascii_case(public_url.authority()) {
        return next.run(request).await;
    }
    // In development a name that leads here from elsewhere would let a web site read the inbox (DNS rebinding).
    let name = asked.rsplit_once(':').map_or(asked, |(name, _)| name);
    let is_local = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    if state.config.is_production() || !is_local {
        warn(&state, asked);
        let told = "This server does not answer under that name. Check PUBLIC_URL and the Host header.\n";
        return (StatusCode::MISDIRECTED_REQUEST, told).into_response();
    }
    if request.method() == Method::GET && wants_page(request.headers()) {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Redirect::temporary(&format!("{}{path}", public_url.origin())).into_response();
    }
    next.run(request).await
}

/// Tells the operator, once a minute: it is the commonest mistake with a proxy, and the visitor alone would see it.
fn warn(state: &AppState, asked: &str) {
    if let Some(left_out) = state.throttles.wrong_host.pass(state.clock.now()) {
        // Anybody can write anything here.
        let asked: String = asked.chars().filter(char::is_ascii_graphic).take(LONGEST_LOGGED_HOST).collect();
        let public_url = state.config.public_url.origin();
        tracing::warn!(
            asked,
            public_url,
            left_out,
            "a request for another host was refused: the proxy has to pass Host on, and it has to be that of PUBLIC_URL"
        );
    }
}
