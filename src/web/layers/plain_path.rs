//! The check of the path: one that two parsers would read in two ways is refused before anybody looks at it.
//!
//! Otherwise `/login/../logout` could be the open /login for the guard and the guarded /logout for whoever resolves it.
//! Redirecting to a plain path is no way out: the parser that is in doubt would have to compute it
//! (docs/decisions/0009-axum-routes-alone-choose-the-page.md).

use axum::{extract::Request, http::StatusCode, middleware::Next, response::Response};

use crate::{domain::plain_path::is_plain, web::answers::advice, words::Words};

/// Refuses with 400 a path that is not plain: no guard, page or file has to wonder how somebody else would read it.
pub async fn require(request: Request, next: Next) -> Response {
    if is_plain(request.uri().path()) {
        next.run(request).await
    } else {
        advice(StatusCode::BAD_REQUEST, Words::failure_unreadable_path)
    }
}
