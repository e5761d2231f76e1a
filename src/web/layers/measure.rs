//! The measuring of requests: how many there are for each place, how they end, and how long they take.
//!
//! The label is the place, a word of our own, and never the path: that may be anybody's, and there are endlessly many.

use std::{sync::LazyLock, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use leptos::server_fn;

use crate::{
    app::places::{HEALTHZ, READYZ, registered_as},
    state::AppState,
    web::{answers::RefusedAs, gateway::OWN},
};

/// What a request is counted under that no place answers: no such path, a wrong host, a file.
const OTHER: &str = "other";
/// A built file, or one of `FILES`.
const FILE: &str = "file";

/// The place that has answered, in the extensions of a response.
#[derive(Clone, Copy)]
struct Place(&'static str);

/// Counts and measures every request. Outermost, so that it measures what the visitor waits for.
pub async fn measure(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    // Of what needs no session, the outer router has matched the route itself.
    let outer = match request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
        Some(HEALTHZ) => Some(HEALTHZ),
        Some(READYZ) => Some(READYZ),
        Some(_) => Some(FILE),
        None if request.uri().path().starts_with(OWN) => Some(OWN),
        None => None,
    };
    let mut response = next.run(request).await;
    let inner = response.extensions_mut().remove::<Place>().map(|place| place.0);
    let place = inner.or(outer).unwrap_or(OTHER);
    if let Some(RefusedAs(kind)) = response.extensions().get() {
        state.metrics.refusal(kind);
    }
    state.metrics.request(place, response.status().as_u16(), began.elapsed());
    response
}

/// Leaves the place in the response, for [`measure`]. Around the pages and server functions alone.
pub async fn name(route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let place = route.as_ref().and_then(|route| place(route.as_str()));
    let mut response = next.run(request).await;
    if let Some(place) = place {
        response.extensions_mut().insert(Place(place));
    }
    response
}

/// The page or server function of a route.
fn place(route: &str) -> Option<&'static str> {
    static FUNCTIONS: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| server_fn::axum::server_fn_paths().map(|(path, _)| path).collect());
    registered_as(route)
        .map(|place| place.path)
        .or_else(|| FUNCTIONS.iter().copied().find(|path| *path == route))
}
