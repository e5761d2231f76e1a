//! The log's span of a request: its method, its path and its id. Never the query: it may hold a token.

use axum::extract::Request;

/// Characters of an id that a client brings: it may, but not write our log.
const LONGEST_ID: usize = 64;

/// The span that every line of a request stands in.
pub fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    let id = id.and_then(|id| id.get(..id.len().min(LONGEST_ID))).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}
