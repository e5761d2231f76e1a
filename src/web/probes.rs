//! The probes for machines: whether the process is alive, and whether it can work. Neither needs a session.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::{
    app::places::{HEALTHZ, READYZ},
    state::AppState,
};

/// Both probes, outside of every session.
pub fn routes() -> Router<AppState> {
    Router::new().route(HEALTHZ, get(healthz)).route(READYZ, get(readyz))
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers too, and the process was not asked to stop; its migrations ran before the first request.
async fn readyz(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.stop.asked.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready: the server is stopping\n");
    }
    match state.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            if let Some(left_out) = state.throttles.not_ready.pass(state.clock.now()) {
                tracing::error!(%error, left_out, "not ready: the database does not answer");
            }
            (StatusCode::SERVICE_UNAVAILABLE, "not ready: the database does not answer\n")
        }
    }
}
