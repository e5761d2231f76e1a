//! The guard: every path that is not open needs a person who is signed in; those for admins do not exist for anybody else.
//!
//! It stands around all of them. A guard in each page would leave open the page that forgets it, and files and server
//! functions would need guards of their own (docs/decisions/0009-axum-routes-alone-choose-the-page.md).

use axum::{
    Extension,
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use percent_encoding::utf8_percent_encode;

use crate::{
    api::{FOR_ADMINS, OPEN_TO_STRANGERS},
    app::places::{self, Access, LOGIN},
    domain::{QUERY_VALUE, ReturnPath, plain_path::covers},
    flow::{Visitor, admin::Admin},
    refusal::Refusal,
    state::AppState,
    web::{
        answers::{json, wants_page},
        pages::not_found,
    },
};

/// Lets open paths and signed-in visitors through; sends a navigation to /login, and answers 401 otherwise.
///
/// `route` is what the router has matched, so the two cannot read a path in two ways; a path without a route is closed.
pub async fn guard(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let route = route.as_ref().map(MatchedPath::as_str);
    if visitor.signed_in.is_some()
        && route.is_some_and(is_for_admins)
        && Admin::of(&state, &visitor).is_none()
    {
        // As for any path without a route.
        return not_found(State(state), Extension(visitor), request).await;
    }
    if visitor.signed_in.is_some() || is_open(&state, route, request.uri().path()) {
        next.run(request).await
    } else {
        turn_away(&request)
    }
}

/// Whether a stranger may go on: by the route for what Postern has, by the path for EXEMPT_PATHS.
fn is_open(state: &AppState, route: Option<&str>, path: &str) -> bool {
    let is_place = |place: &places::Place| matches!(place.access, Access::Anyone | Access::Development);
    // EXEMPT_PATHS never covers a server function: the configuration refuses /api.
    route.is_some_and(|route| {
        OPEN_TO_STRANGERS.contains(&route) || places::registered_as(route).is_some_and(is_place)
    }) || state.config.exempt_paths.iter().any(|exempt| covers(exempt, path))
}

/// Whether a page or server function is there for admins alone.
fn is_for_admins(route: &str) -> bool {
    FOR_ADMINS.contains(&route)
        || places::registered_as(route).is_some_and(|place| place.access == Access::Admins)
}

/// 303 to /login for a navigation, with the path to come back to; 401 and JSON for everything else.
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
            let next = utf8_percent_encode(path.as_str(), QUERY_VALUE);
            Redirect::to(&format!("{}?next={next}", LOGIN.path)).into_response()
        }
        None => Redirect::to(LOGIN.path).into_response(),
    }
}
