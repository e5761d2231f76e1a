//! The reading of bodies: the body of a request is read whole before anybody answers.
//!
//! An answer that leaves while a body is on its way makes the server close the connection, and a proxy that had taken it
//! for reusable answers the next visitor with 502.

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header::CONNECTION},
    middleware::Next,
    response::Response,
};

use crate::{web::answers::advice, words::Words};

/// Bytes; the longest form has an address and a path.
const LARGEST_BODY: usize = 16 * 1024;

/// Reads the body, or refuses with 413 one that is too large, and closes the connection openly. One that says its
/// length is refused before it is read.
pub async fn read(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if body.size_hint().lower() > LARGEST_BODY as u64 {
        return too_large();
    }
    match to_bytes(body, LARGEST_BODY).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(_) => too_large(),
    }
}

fn too_large() -> Response {
    let mut response = advice(StatusCode::PAYLOAD_TOO_LARGE, Words::failure_large_form);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
