//! The probes for machines: whether the process is alive, and whether somebody could sign in. Neither needs a session.
//!
//! What is wrong is told here in one kind of a closed list: anybody may ask. [`super::inspection`] has the details.

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
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Somebody could sign in: the database can be written, and the process was not asked to stop; its migrations ran before
/// the first request.
///
/// The mail server is not looked at: all instances share it, and those that took themselves away for it would shut out
/// everybody who is signed in as well.
async fn readyz(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.stop.asked.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready: the server is stopping\n");
    }
    match state.readiness.look(&state.store).await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            if let Some(left_out) = state.throttles.not_ready.pass(state.clock.now()) {
                tracing::error!(%error, left_out, "not ready: the database cannot be written");
            }
            (StatusCode::SERVICE_UNAVAILABLE, "not ready: the database cannot be written\n")
        }
    }
}
