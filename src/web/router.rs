//! All routes and the layers around them.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, SET_COOKIE},
    },
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::{get, on},
};
use leptos::{prelude::provide_context, server_fn};
use tower_http::{
    catch_panic::CatchPanicLayer,
    limit::RequestBodyLimitLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::TraceLayer,
};
use tower_sessions::Session;

use super::{
    answers, assets,
    layers::{client_address, csrf, guard, headers, host, plain_path},
    pages, probes,
};
use crate::{app::FAILURE_PAGE, refusal::Refusal, session, state::AppState};

/// Bytes; the longest form has an address and a path.
const LARGEST_BODY: usize = 16 * 1024;
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// The whole server as one service.
pub fn build(state: AppState) -> Router {
    // Refused only where a second router is built in the same process, as tests do.
    let _ = any_spawner::Executor::init_tokio();
    let guarded = Router::new()
        .merge(server_functions(&state))
        .merge(development(&state))
        .fallback(pages::page)
        .layer(middleware::from_fn_with_state(state.clone(), guard::guard))
        .layer(middleware::from_fn(mark_untouched))
        .layer(session::layer(&state))
        .layer(middleware::from_fn(finish_cookies));
    let csrf = csrf::layer(&state.config.public_url)
        .unwrap_or_else(|error| unreachable!("the configuration checked PUBLIC_URL: {error}"));
    Router::new()
        .route("/healthz", get(probes::healthz))
        .route("/readyz", get(probes::readyz))
        .merge(assets::routes(&state.config.leptos))
        .fallback_service(guarded.with_state(state.clone()))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LONGEST_REQUEST))
        .layer(csrf)
        .layer(middleware::from_fn(plain_path::require))
        .layer(middleware::from_fn_with_state(state.clone(), host::check))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(state.clone(), client_address::find))
        .layer(middleware::from_fn_with_state(state.clone(), headers::add))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .with_state(state)
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
    router.layer(middleware::from_fn(answers::answer))
}

fn development(state: &AppState) -> Router<AppState> {
    match state.inbox {
        Some(_) => Router::new().route("/dev/inbox/{number}", get(pages::inbox_mail)),
        None => Router::new(),
    }
}

/// On the response to a request that neither wrote nor ended its session.
#[derive(Clone, Copy)]
struct SessionUntouched;

async fn mark_untouched(session: Session, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if !session.is_modified() {
        response.extensions_mut().insert(SessionUntouched);
    }
    response
}

/// Mends two habits of tower-sessions. It removes the cookie of any session that it does not find, and so the
/// answer to the loser of a race would sign out the winner: two tabs with the same link share one cookie.
/// And it removes a cookie without `Secure`, which browsers ignore for a `__Host-` name.
async fn finish_cookies(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    // tower-sessions says nothing at all when a session cannot be saved.
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && !response.headers().contains_key(CONTENT_TYPE)
    {
        return pages::failure(&Refusal::NotReady);
    }
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

/// What the log knows of a request. Never the query: it may hold a token.
fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    // A client may bring its own, but not write our log.
    let id = id.and_then(|id| id.get(..id.len().min(64))).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}

fn panicked(reason: Box<dyn Any + Send>) -> Response {
    let reason =
        reason.downcast_ref::<&str>().copied().map(str::to_owned).or_else(|| reason.downcast_ref().cloned());
    tracing::error!(reason = reason.unwrap_or_default(), "a request panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, Html(FAILURE_PAGE)).into_response()
}
