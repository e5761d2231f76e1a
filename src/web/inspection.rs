//! What is told at METRICS_ADDR, an address of its own that only the operator reaches: the metrics, and in words what is
//! wrong. No person is named here either.

use std::fmt::Write as _;

use axum::{
    Router,
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
    routing::get,
};

use super::probes::healthz;
use crate::{
    app::places::{HEALTHZ, READYZ},
    domain::UnixTime,
    flow::figures,
    metrics::MEDIA_TYPE,
    state::{AppState, mail_health::Lately},
    store::{StoreError, waiting::Kind},
};

/// Where Prometheus asks.
const METRICS: &str = "/metrics";
/// The waiting of a mail, in seconds, from which on it is worth a word.
const LONG: u64 = 60;

/// The routes of that address.
pub fn routes(state: AppState) -> Router {
    Router::new()
        .route(METRICS, get(metrics))
        .route(HEALTHZ, get(healthz))
        .route(READYZ, get(readyz))
        .with_state(state)
}

/// Everything that is counted. What the database cannot tell stays as it was; `postern_ready` is 0 then.
async fn metrics(State(state): State<AppState>) -> Response {
    if let Err(error) = figures::look(&state).await
        && let Some(left_out) = state.throttles.not_ready.pass(state.clock.now())
    {
        tracing::error!(%error, left_out, "the database does not tell what the metrics want to know");
    }
    plain(StatusCode::OK, MEDIA_TYPE, state.metrics.text())
}

/// Whether somebody could sign in, as `/readyz` of the site says, and in words what is wrong, or may soon be.
async fn readyz(State(state): State<AppState>) -> Response {
    let is_stopping = state.stop.asked.is_cancelled();
    let database = state.readiness.look(&state.store).await;
    let is_ready = !is_stopping && database.is_ok();
    let mut text = String::from(if is_ready { "ready\n" } else { "not ready\n" });
    let now = state.clock.now();
    if is_stopping {
        text.push_str("server: it was asked to stop\n");
    }
    match &database {
        Ok(()) => text.push_str("database: it can be written\n"),
        Err(error) => _ = writeln!(text, "database: it cannot be written: {error}"),
    }
    tell_of_mails(&mut text, &state.mail_health.lately(), now);
    match waiting(&state).await {
        Ok(waiting) => text.push_str(&waiting),
        Err(error) => _ = writeln!(text, "outbox: it cannot be read: {error}"),
    }
    let rules = state.allowlist.get();
    let nobody = if rules.lets_in_nobody() { ": nobody can sign in" } else { "" };
    _ = writeln!(text, "allowlist: {} entries{nobody}", rules.len());
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    plain(status, "text/plain; charset=utf-8", text)
}

/// How mails have left lately. The mail server's own words are left out: they may quote an address.
fn tell_of_mails(text: &mut String, lately: &Lately, now: UnixTime) {
    let ago = |at: UnixTime| format!("{} s ago", now.since(at).as_secs());
    match (lately.failing_since, lately.sent_at) {
        (Some(since), _) => _ = writeln!(text, "mail server: no mail has left, since {}", ago(since)),
        (None, Some(at)) => _ = writeln!(text, "mail server: it took a mail {}", ago(at)),
        (None, None) => text.push_str("mail server: no mail has left since the start\n"),
    }
    if let Some(failure) = &lately.failure {
        _ = writeln!(text, "last failure: {}, {}", failure.kind, ago(failure.at));
        if let Some(remedy) = &failure.remedy {
            _ = writeln!(text, "what to do: {remedy}");
        }
    }
}

/// How many mails wait, and for how long the first one does.
async fn waiting(state: &AppState) -> Result<String, StoreError> {
    let (mut text, now) = (String::new(), state.clock.now());
    for kind in Kind::ALL {
        let Some(oldest) = state.store.oldest_waiting(kind).await? else { continue };
        let waits = now.since(oldest).as_secs();
        let stuck = if kind == Kind::SignIn && waits > LONG { ", which is long" } else { "" };
        _ = writeln!(text, "outbox: mails wait ({}), the first one for {waits} s{stuck}", kind.name());
    }
    if text.is_empty() {
        text.push_str("outbox: no mail waits\n");
    }
    Ok(text)
}

fn plain(status: StatusCode, media_type: &'static str, text: String) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, text).into_response()
}
