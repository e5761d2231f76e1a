//! The webhook for bounces: a mail server, or a provider, tells here which mails could not be delivered
//! (docs/mail.md#bounces). It exists where BOUNCE_WEBHOOK_TOKEN is set, answers under any Host, and tells nobody anything.

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
    routing::post,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::time::timeout;

use crate::{app::places::BOUNCES, flow::bounces, mail::bounce::Bounce, state::AppState};

/// Bytes of a report: ours are less than 20 kB, and a mail server may return them whole.
const LARGEST_REPORT: usize = 256 * 1024;
/// How long a report may take to come.
const LONGEST_BODY: std::time::Duration = std::time::Duration::from_secs(30);

/// The route, where somebody may call it.
pub fn routes(state: AppState) -> Router {
    if state.config.mail.bounce_token.is_none() {
        return Router::new();
    }
    Router::new().route(BOUNCES, post(take)).with_state(state)
}

/// 401 without the token, before anything is read; 413 and 408 for what is too large or too slow; else 204, whatever it was: what
/// is no bounce of ours is left out.
async fn take(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !is_told(&parts.headers, state.config.mail.bounce_token.as_ref()) {
        // RFC 6750, section 3: no more is said to whoever has said nothing.
        return closed((StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response());
    }
    let body = match timeout(LONGEST_BODY, to_bytes(body, LARGEST_REPORT)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return closed(StatusCode::PAYLOAD_TOO_LARGE.into_response()),
        Err(_) => return closed(StatusCode::REQUEST_TIMEOUT.into_response()),
    };
    // Case means nothing here (RFC 9110, section 8.3.1), nor in the name of the scheme below (section 11.1).
    let is_json = begins(parts.headers.get(CONTENT_TYPE), b"application/json").is_some();
    let bounce = if is_json { Bounce::from_json(&body) } else { Bounce::from_report(&body) };
    let Some(bounce) = bounce else {
        tracing::info!("what came as a bounce tells of no failure of a mail");
        return StatusCode::NO_CONTENT.into_response();
    };
    match bounces::note(&state, bounce).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            tracing::error!(%error, "a bounce could not be noted");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Whether the caller knows the token (RFC 6750). The hashes are compared: how long that takes tells neither the token nor its
/// length.
fn is_told(headers: &HeaderMap, token: Option<&SecretString>) -> bool {
    let said = begins(headers.get(AUTHORIZATION), b"bearer ");
    let (Some(said), Some(token)) = (said, token) else { return false };
    Sha256::digest(said).ct_eq(&Sha256::digest(token.expose_secret())).into()
}

/// What stands behind this beginning, in whatever case that is written.
fn begins<'a>(value: Option<&'a HeaderValue>, with: &[u8]) -> Option<&'a [u8]> {
    let (beginning, rest) = value?.as_bytes().split_at_checked(with.len())?;
    beginning.eq_ignore_ascii_case(with).then_some(rest)
}

/// With a part of the body unread, the connection is of no more use.
fn closed(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
