//! The failure page for what nobody has answered: a panic, and a cookie that tower-sessions could not set.

use std::any::Any;

use axum::{
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::Response,
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{refusal::Refusal, web::answers::failure};

/// Turns a panic into the failure page.
pub fn layer() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(panicked as fn(Box<dyn Any + Send>) -> Response)
}

/// Logs the message of the panic and shows none of it.
fn panicked(reason: Box<dyn Any + Send>) -> Response {
    let reason =
        reason.downcast_ref::<&str>().copied().map(str::to_owned).or_else(|| reason.downcast_ref().cloned());
    tracing::error!(reason = reason.unwrap_or_default(), "a request panicked");
    let mut response = failure(&Refusal::NotReady);
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// Gives the failure page to an empty 500: tower-sessions says nothing at all when its store fails.
pub async fn fill_empty_500(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && !response.headers().contains_key(CONTENT_TYPE)
    {
        return failure(&Refusal::NotReady);
    }
    response
}
