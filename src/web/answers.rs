//! How the result of a server function reaches its caller: as JSON with a status, or as a page.
//!
//! Server functions are written for a fetch. A plain form (no JavaScript) is called like a fetch too; its
//! answer is then turned into a redirect to the page that says the same in words. So no server function
//! knows who called it.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{
        HeaderValue, StatusCode,
        header::{ACCEPT, CONTENT_TYPE, LOCATION, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::server_fn::{ServerFn, error::SERVER_FN_ERROR_HEADER, redirect::REDIRECT_HEADER};

use super::{pages::failure, wants_page};
use crate::{
    api::{RedeemCode, RedeemLink, RequestLink, ResendLink},
    refusal::Refusal,
};

/// Longer than any refusal.
const LONGEST_REFUSAL: usize = 4_096;

/// Around every server function.
pub async fn answer(mut request: Request, next: Next) -> Response {
    let from_form = wants_page(request.headers());
    let path = request.uri().path().to_owned();
    // Without this, Leptos would answer a form itself, with a redirect to the Referer.
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    let response = next.run(request).await;
    match refusal_in(response).await {
        Err(refusal) if from_form => refusal_page(&path, &refusal),
        Err(refusal) => json(&refusal),
        Ok(mut response) if from_form && response.headers().contains_key(LOCATION) => {
            response.headers_mut().remove(REDIRECT_HEADER);
            *response.status_mut() = StatusCode::SEE_OTHER;
            *response.body_mut() = Body::empty();
            response
        }
        Ok(response) => response,
    }
}

/// A refusal for a machine or a script: its status, `Retry-After` where it applies, and JSON.
pub fn json(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_string(refusal).unwrap_or_default();
    let mut response = (status, [(CONTENT_TYPE, "application/json")], body).into_response();
    if let Refusal::Limited { retry_after } = refusal {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after));
    }
    response
}

/// A refusal for a person without JavaScript: the page that says it in words.
fn refusal_page(path: &str, refusal: &Refusal) -> Response {
    let page = match path {
        path if path == RedeemLink::url() => "/verify",
        // Without a pending sign-in there is no page to type a code into.
        path if path == ResendLink::url() && *refusal == Refusal::OtherBrowser => {
            return Redirect::to("/login?notice=start_here").into_response();
        }
        path if path == RedeemCode::url() => match refusal {
            Refusal::OtherBrowser => "/verify",
            Refusal::Limited { .. } => {
                return Redirect::to(&format!("/login/sent?{}&at=code", refusal.to_query())).into_response();
            }
            _ => "/login/sent",
        },
        path if path == ResendLink::url() => "/login/sent",
        path if path == RequestLink::url() => "/login",
        _ if *refusal == Refusal::SignedOut => "/login",
        _ => return failure(refusal),
    };
    Redirect::to(&format!("{page}?{}", refusal.to_query())).into_response()
}

/// Takes the refusal out of the response of a server function, or gives the response back.
async fn refusal_in(response: Response) -> Result<Response, Refusal> {
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return Ok(response);
    }
    let body = to_bytes(response.into_body(), LONGEST_REFUSAL).await.unwrap_or_default();
    Err(serde_json::from_slice(&body).unwrap_or_else(|error| {
        tracing::error!(%error, "a server function refused in an unknown way");
        Refusal::NotReady
    }))
}
