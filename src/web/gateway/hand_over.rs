//! What Postern has on the host of each app, below `/.postern`: the proxy leads it here with its Host unchanged.
//!
//! `start` gives the browser a nonce and sends it to Postern; `finish` takes the ticket that it comes back with.

use std::collections::HashMap;

use axum::{
    Extension, Router,
    extract::{Query, Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, HOST, LOCATION, SET_COOKIE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use percent_encoding::utf8_percent_encode;
use tower::ServiceExt;
use tower_cookies::{Cookie, cookie::SameSite};

use super::{DENIED, FINISH, ICON, Names, SIGN_OUT, START, STYLE, app_cookie, carried_back, names, page};
use crate::{
    app::places::{ENTER, LOGIN},
    domain::{Origin, QUERY_VALUE},
    flow::{
        Error,
        gateway::{self, hash, nonce},
    },
    refusal::Refusal,
    session::cookie,
    state::AppState,
    web::{
        answers::{failed, status},
        assets::{CSS, FAVICON_SVG, failure_css},
        layers::identify::client,
    },
    words::Words,
};

/// How long a browser keeps the nonce of an attempt: as long as somebody may look for a mail.
const ATTEMPT_KEPT: time::Duration = time::Duration::hours(1);
/// Nonces that one browser keeps for one app; with more, all older ones go.
const MOST_ATTEMPTS: usize = 8;

type Parameters = Query<HashMap<String, String>>;

/// Answers requests for the host of an app; lets all others through.
pub async fn serve(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(origin) = app_at(&state, request.headers()) else { return next.run(request).await };
    request.extensions_mut().insert(origin);
    let routes = Router::new()
        .route(START, get(start))
        .route(FINISH, get(finish))
        .route(SIGN_OUT, get(ask_to_sign_out).post(sign_out))
        .route(DENIED, get(denied))
        .route(STYLE, get(style))
        .route(ICON, get(([(CONTENT_TYPE, "image/svg+xml")], FAVICON_SVG)))
        .fallback(nothing_else)
        .with_state(state);
    routes.oneshot(request).await.unwrap_or_else(|never| match never {})
}

/// The app whose host the request names, unless it is Postern's own.
fn app_at(state: &AppState, headers: &HeaderMap) -> Option<Origin> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none())?.to_str().ok()?;
    let gateway = state.gateway.get();
    let (_, origin) = gateway.app_at(host)?;
    (origin.as_str() != state.config.public_url.origin()).then_some(origin)
}

async fn style(State(state): State<AppState>) -> Response {
    ([(CONTENT_TYPE, CSS)], failure_css(&state.config.brand)).into_response()
}

async fn nothing_else() -> Response {
    let advice = "This is the host of an app. Postern has only /.postern here: the proxy should lead the rest to the app.\n";
    (StatusCode::NOT_FOUND, advice).into_response()
}

/// A cookie for this host alone.
fn host_cookie(origin: &Origin, name: String, value: String) -> Cookie<'static> {
    // Lax: the way back from Postern is a navigation from another site.
    let cookie = Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax);
    cookie.secure(origin.is_https()).build()
}

/// Adds a cookie to an answer.
fn set(response: &mut Response, cookie: &Cookie<'_>) {
    if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// Takes a cookie away.
fn remove(response: &mut Response, origin: &Origin, name: &str) {
    let mut gone = host_cookie(origin, name.to_owned(), String::new());
    gone.set_max_age(time::Duration::ZERO);
    set(response, &gone);
}

/// 303 to `there`, which may hold any byte that a header can.
fn see_other(there: impl AsRef<[u8]>) -> Response {
    match HeaderValue::from_bytes(there.as_ref()) {
        Ok(there) => (StatusCode::SEE_OTHER, [(LOCATION, there)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Sets out: a nonce of its own for each attempt, so that two tabs do not disturb one another.
async fn start(
    State(state): State<AppState>,
    Extension(origin): Extension<Origin>,
    Query(query): Parameters,
    headers: HeaderMap,
) -> Response {
    // Read back once, so that what is carried on is what `finish` will take.
    let next = super::carried(&carried_back(query.get("next").map(String::as_str)));
    let (attempt, nonce) = (nonce(), nonce());
    let attempt = &attempt[..8];
    let app = utf8_percent_encode(origin.as_str(), QUERY_VALUE).to_string();
    let hashed = super::encoded(&hash(&nonce));
    let there = format!(
        "{}{}?app={app}&try={attempt}&nonce={hashed}&next={next}",
        state.config.public_url.origin(),
        ENTER.path
    );
    let mut response = see_other(there);
    let Names { attempt: prefix, .. } = names(&origin);
    let kept: Vec<_> = cookie::pairs(&headers).filter(|(name, _)| name.starts_with(prefix)).collect();
    if kept.len() >= MOST_ATTEMPTS {
        kept.iter().for_each(|(name, _)| remove(&mut response, &origin, name));
    }
    let mut cookie = host_cookie(&origin, format!("{prefix}{attempt}"), nonce);
    cookie.set_max_age(ATTEMPT_KEPT);
    set(&mut response, &cookie);
    response
}

/// Comes back: the ticket is taken, whatever becomes of it, and leads in if all is as it should be.
async fn finish(
    State(state): State<AppState>,
    Extension(origin): Extension<Origin>,
    Extension(words): Extension<Words>,
    Query(query): Parameters,
    request: Request,
) -> Response {
    let headers = request.headers();
    let (ticket, attempt) = (query.get("ticket"), query.get("try"));
    let name = format!("{}{}", names(&origin).attempt, attempt.map(String::as_str).unwrap_or_default());
    let nonce = cookie::value(headers, &name);
    let client = client(&request);
    // What cannot be a ticket is not worth a step of the database.
    let ticket = ticket.filter(|ticket| gateway::could_be_a_ticket(ticket));
    let finished = match ticket {
        Some(ticket) => gateway::finish(&state, &client, &origin, ticket, nonce).await,
        None => Err(Refusal::Expired.into()),
    };
    match finished {
        Ok(entered) => {
            let mut response = see_other(entered.next);
            let mut session = host_cookie(&origin, names(&origin).app.to_owned(), entered.cookie);
            session.set_max_age(time::Duration::seconds(state.config.session_absolute.as_secs() as i64));
            set(&mut response, &session);
            remove(&mut response, &origin, &name);
            response
        }
        Err(Error::Refused(Refusal::Expired)) if is_in(&state, headers, &origin).await => see_other("/"),
        Err(Error::Refused(refusal)) => {
            page::lost_the_way(&state.config, words, &origin, status(&refusal), nonce.is_some())
        }
        Err(error) => failed(&state, headers, error),
    }
}

/// Whether the browser has a session of this app already, as after a reload of `finish`.
async fn is_in(state: &AppState, headers: &HeaderMap, origin: &Origin) -> bool {
    match app_cookie(&state.config, headers, origin) {
        Some(cookie) => matches!(gateway::find(state, origin, cookie).await, Ok(Some(_))),
        None => false,
    }
}

async fn ask_to_sign_out(
    State(state): State<AppState>,
    Extension(origin): Extension<Origin>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    let Some(cookie) = app_cookie(&state.config, &headers, &origin) else { return signed_out(&state) };
    match gateway::find(&state, &origin, cookie).await {
        Ok(Some(session)) => page::sign_out(&state.config, words, &origin, &session.email),
        Ok(None) => signed_out(&state),
        Err(broken) => failed(&state, &headers, Error::Broken(broken)),
    }
}

fn signed_out(state: &AppState) -> Response {
    see_other(format!("{}{}?notice=signed_out", state.config.public_url.origin(), LOGIN.path))
}

/// Ends the session, and with it those of all apps. With `next` the browser sets out again, to be somebody else.
async fn sign_out(
    State(state): State<AppState>,
    Extension(origin): Extension<Origin>,
    Query(query): Parameters,
    request: Request,
) -> Response {
    let client = client(&request);
    if let Some(cookie) = app_cookie(&state.config, request.headers(), &origin)
        && let Err(broken) = gateway::sign_out(&state, &client, &origin, cookie).await
    {
        return failed(&state, request.headers(), Error::Broken(broken));
    }
    let mut response = match query.get("next") {
        Some(next) => see_other(format!("{START}?next={}", super::carried(&carried_back(Some(next))))),
        None => signed_out(&state),
    };
    remove(&mut response, &origin, names(&origin).app);
    response
}

async fn denied(
    State(state): State<AppState>,
    Extension(origin): Extension<Origin>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    let Some(cookie) = app_cookie(&state.config, &headers, &origin) else {
        return page::not_allowed_unknown(&state.config, words, &origin);
    };
    match gateway::find(&state, &origin, cookie).await {
        Ok(Some(session)) => page::not_allowed(&state.config, words, &origin, &session.email, b"/"),
        Ok(None) => page::not_allowed_unknown(&state.config, words, &origin),
        Err(broken) => failed(&state, &headers, Error::Broken(broken)),
    }
}
