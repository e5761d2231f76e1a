//! What machines ask: is it alive, can it work?

use axum::{extract::State, http::StatusCode};

use crate::state::AppState;

/// /healthz: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// /readyz: the database answers too; its migrations ran before the first request.
pub async fn readyz(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match state.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready: the database does not answer\n")
        }
    }
}
