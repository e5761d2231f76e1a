//! The router: all routes, and the layers around them. Each list is read from the outside in.

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    routing::on,
};
use leptos::{prelude::provide_context, server_fn};
use tower::ServiceBuilder;
use tower_http::{
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::TraceLayer,
};

use super::{
    answers, assets, bounces,
    gateway::{check, hand_over},
    layers::{
        client_address, csrf, development, guard, headers, host, identify, language, measure, panics,
        plain_path, read_body, trace,
    },
    pages, probes,
};
use crate::{session::cookie, state::AppState};

/// The longest time from the head of a request to its answer; 408 after that (RFC 9110, section 15.5.9).
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// The whole server as one service.
pub fn build(state: AppState) -> Router {
    // Refused only where a second router is built in the same process, as tests do.
    let _ = any_spawner::Executor::init_tokio();
    let csrf = csrf::layer(&state)
        .unwrap_or_else(|error| unreachable!("the configuration checked PUBLIC_URL: {error}"));

    // For everybody.
    let outside = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), measure::measure))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        // What fails is logged where it is handled, with its reason; once is enough.
        .layer(TraceLayer::new_for_http().make_span_with(trace::span).on_failure(()))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(from_fn_with_state(state.clone(), headers::add))
        .layer(from_fn_with_state(state.clone(), client_address::find))
        .layer(from_fn_with_state(state.clone(), language::choose))
        .layer(panics::layer())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LONGEST_REQUEST))
        .layer(from_fn(read_body::read))
        .layer(from_fn_with_state(state.clone(), development::refuse_proxies))
        .layer(csrf)
        .layer(from_fn_with_state(state.clone(), hand_over::serve))
        .layer(from_fn_with_state(state.clone(), host::check))
        .layer(from_fn(plain_path::require));
    let public = Router::new().merge(probes::routes()).merge(assets::routes(&state.config, &state.site));

    // For whoever has a session, or wants one.
    let inside = ServiceBuilder::new()
        .layer(from_fn(measure::name))
        .layer(from_fn(panics::fill_empty_500))
        .layer(from_fn(cookie::repair))
        .layer(cookie::layer(&state.config))
        .layer(from_fn_with_state(state.clone(), identify::identify))
        .layer(from_fn_with_state(state.clone(), guard::guard));
    let guarded = Router::new()
        .merge(server_functions(&state))
        .merge(pages::routes(&state))
        .fallback(pages::not_found)
        .layer(inside)
        .with_state(state.clone());

    // For machines, outside of all that is for people.
    let checks = check::routes(state.clone()).merge(bounces::routes(state.clone()));
    checks.fallback_service(public.fallback_service(guarded).layer(outside).with_state(state))
}

/// One route for each registered server function, for its own method only.
fn server_functions(state: &AppState) -> Router<AppState> {
    let mut router = Router::new();
    for (path, method) in server_fn::axum::server_fn_paths() {
        let state = state.clone();
        let call = move |request: Request| {
            leptos_axum::handle_server_fns_with_context(move || provide_context(state.clone()), request)
        };
        if let Ok(method) = method.try_into() {
            router = router.route(path, on(method, call));
        }
    }
    router.layer(from_fn_with_state(state.clone(), answers::answer))
}
