//! The answers of server functions: JSON with a status for a fetch, a page for a plain form.
//!
//! Server functions are written for a fetch. A plain form (no JavaScript) is called like a fetch too; its answer is then
//! turned into a redirect to the page that says the same in words. So no server function knows who called it.
//!
//! Leptos would answer a form by itself, with a redirect to the `Referer`: it may be missing, is not ours to trust, and
//! would carry the refusal as an encoded blob. Handlers of our own for forms would be a second implementation of each
//! step, and the two would drift apart (docs/decisions/0007-forms-are-fetches.md).

use askama::Template;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::server_fn::{ServerFn, error::SERVER_FN_ERROR_HEADER, redirect::REDIRECT_HEADER};
use percent_encoding::utf8_percent_encode;
use serde_json::json;

use crate::{
    api::{Failed, Outcome, RedeemCode, RedeemLink, Refused, ResendLink},
    app::places::{LOGIN, PLACES, SENT, VERIFY},
    config::Brand,
    domain::QUERY_VALUE,
    flow::Error,
    refusal::Refusal,
    state::AppState,
    words::{Words, marked},
};

/// Seconds after which something that is broken may be mended. A database that comes back is found within two.
const BACK_SOON: u64 = 2;

/// What an answer says, as long as nobody has put it into words: `layers::language` does, for it knows the language.
#[derive(Clone)]
pub enum Says {
    /// A refusal, as JSON.
    Refusal(Refusal),
    /// That something went wrong, as a page.
    Failure,
    /// A sentence, as plain text.
    Text(fn(Words) -> &'static str),
}

/// The kind of refusal that an answer is, whatever its form, in the extensions of the response: `layers::measure` counts it.
#[derive(Clone, Copy)]
pub struct RefusedAs(pub &'static str);

/// Whether the answer is for a person to look at: a navigation or a plain form, not a fetch.
///
/// Browsers name text/html when they navigate and never when a script fetches.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = |value: &HeaderValue| value.to_str().is_ok_and(|accept| accept.contains("text/html"));
    headers.get_all(ACCEPT).iter().any(accepts)
}

/// The layer around every server function: hides from Leptos who asks, and turns its answer into the right one.
pub async fn answer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let from_form = wants_page(request.headers());
    let path = request.uri().path().to_owned();
    let outcome = Outcome::default();
    request.extensions_mut().insert(outcome.clone());
    // Without this, Leptos would answer a form itself, with a redirect to the Referer.
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    let mut response = next.run(request).await;
    if response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        // Without an outcome the function was never reached: Leptos could not read its arguments.
        let Failed { error, token } = outcome.take();
        let refusal = match error {
            Some(error) => refusal_of(&state, error),
            None => Refusal::MalformedRequest,
        };
        return if from_form { refusal_page(&path, &refusal, token) } else { json(&refusal) };
    }
    if from_form && response.headers().contains_key(LOCATION) {
        response.headers_mut().remove(REDIRECT_HEADER);
        *response.status_mut() = StatusCode::SEE_OTHER;
        *response.body_mut() = Body::empty();
    }
    response
}

/// An error as an answer, for whoever asked. `headers`: those of the request.
pub fn failed(state: &AppState, headers: &HeaderMap, error: Error) -> Response {
    let refusal = refusal_of(state, error);
    if wants_page(headers) { failure(&refusal) } else { json(&refusal) }
}

/// The one place where what is broken is logged, within the span of the request that met it. The visitor learns no more
/// than that. Once a minute: while a disk is full, strangers must not fill what is left of it.
fn refusal_of(state: &AppState, error: Error) -> Refusal {
    match error {
        Error::Refused(refusal) => refusal,
        Error::Broken(broken) => {
            if let Some(left_out) = state.throttles.broken.pass(state.clock.now()) {
                tracing::error!(error = %broken, left_out, "a request could not be answered");
            }
            Refusal::NotReady
        }
    }
}

/// A refusal for a machine or a script: its status, `Retry-After` in seconds where it applies (RFC 9110, section
/// 10.2.3), and JSON.
// Not application/problem+json (RFC 9457): its `type` and `title` would hold the same two things under longer names.
pub fn json(refusal: &Refusal) -> Response {
    let response = saying(status(refusal), "application/json", Says::Refusal(refusal.clone()));
    refused_as(with_retry_after(response, refusal), refusal)
}

/// Says in a header when the same may be tried again, where that is known. A balancer may send what was refused with 503 to
/// another instance.
fn with_retry_after(mut response: Response, refusal: &Refusal) -> Response {
    let seconds = match refusal {
        Refusal::Limited { retry_after } => *retry_after,
        Refusal::NotReady => BACK_SOON,
        _ => return response,
    };
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A refusal as an island or a page shows it: what a fetch would have been told, in that sentence.
pub fn shown(refusal: &Refusal, message: String) -> Refused {
    let retry_after = match refusal {
        Refusal::Limited { retry_after } => Some(*retry_after),
        _ => None,
    };
    Refused { refusal: refusal.name().to_owned(), retry_after, message }
}

/// The page for errors that the renderer itself cannot show. It has no script, and reads well without its style sheet,
/// /failure.css.
#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    words: Words,
    brand: &'a Brand,
    reference: Option<&'a str>,
}

/// The HTML of the failure page. `reference`: what the visitor may quote.
pub fn failure_page(words: Words, brand: &Brand, reference: Option<&str>) -> String {
    FailurePage { words, brand, reference }.render().expect("writing text into a String does not fail")
}

/// The failure page for a refusal that no page of ours shows: what broke on our side, and forms that no page posts.
pub fn failure(refusal: &Refusal) -> Response {
    let response = saying(status(refusal), "text/html; charset=utf-8", Says::Failure);
    refused_as(with_retry_after(response, refusal), refusal)
}

fn refused_as(mut response: Response, refusal: &Refusal) -> Response {
    response.extensions_mut().insert(RefusedAs(refusal.name()));
    response
}

/// A sentence for whoever comes upon it, as plain text: a request that was refused before it could be a page's.
pub fn advice(status: StatusCode, sentence: fn(Words) -> &'static str) -> Response {
    saying(status, "text/plain; charset=utf-8", Says::Text(sentence))
}

/// An answer without its words.
fn saying(status: StatusCode, content_type: &'static str, says: Says) -> Response {
    let mut response = (status, [(CONTENT_TYPE, content_type)]).into_response();
    response.extensions_mut().insert(says);
    response
}

/// What the visitor of a failed request may quote, so that the operator finds it in the log: its id. A client or a proxy may
/// have made it up; then it is repeated only if it can be nothing but a name.
pub fn reference(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    let is_name =
        (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_name.then(|| id.to_owned())
}

/// An answer with its words, if it has any to say. `reference`: that of its request, for what failed on our side.
pub fn in_words(mut response: Response, words: Words, brand: &Brand, reference: Option<&str>) -> Response {
    let body = match response.extensions_mut().remove::<Says>() {
        Some(Says::Refusal(refusal)) => refusal_json(&refusal, words, brand, reference),
        Some(Says::Failure) => failure_page(words, brand, reference),
        Some(Says::Text(sentence)) => format!("{}\n", sentence(words)),
        None => return response,
    };
    // It was right for the empty body.
    response.headers_mut().remove(CONTENT_LENGTH);
    response.map(|_| Body::from(body))
}

fn refusal_json(refusal: &Refusal, words: Words, brand: &Brand, reference: Option<&str>) -> String {
    let sentence = words.refusal(refusal, brand.asks());
    let mut body = json!({ "refusal": refusal.name(), "message": sentence });
    match refusal {
        Refusal::MalformedAddress { fault } => body["fault"] = <&str>::from(fault).into(),
        Refusal::WrongCode { tries_left } => body["tries_left"] = (*tries_left).into(),
        Refusal::Limited { retry_after } => body["retry_after"] = (*retry_after).into(),
        Refusal::NotReady => {
            if let Some(id) = reference {
                body["reference"] = id.into();
                body["message"] = format!("{sentence} {}", words.reference(id)).into();
            }
        }
        _ => {}
    }
    body.to_string()
}

/// The status of a refusal, for axum.
pub fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A refusal for a person without JavaScript: a 303 to the page that says it in words, or where something of ours is broken
/// a page at once. `function`: the path of the server function that refused. `token`: that of the link that it was asked
/// to redeem, a secret.
fn refusal_page(function: &str, refusal: &Refusal, token: Option<String>) -> Response {
    // No redirect: it would hide from a balancer that another instance may do it, and lead to a page that cannot be drawn.
    if matches!(refusal, Refusal::NotReady) {
        return failure(refusal);
    }
    let page = PLACES.iter().find(|place| place.shows_refusals_of.contains(&function));
    let (page, more) = match (function, refusal, page) {
        // Without a pending sign-in there is no page to type a code into.
        (ResendLink::PATH, Refusal::OtherBrowser, _) => {
            return refused_as(
                Redirect::to(&format!("{}?notice=start_here", LOGIN.path)).into_response(),
                refusal,
            );
        }
        (RedeemCode::PATH, Refusal::OtherBrowser, _) => (VERIFY.path, String::new()),
        // The page offers to copy the link. It stands in the history already: the form was on its page.
        (RedeemLink::PATH, Refusal::OtherBrowser, _) => {
            let token = token.map(|token| format!("&token={}", utf8_percent_encode(&token, QUERY_VALUE)));
            (VERIFY.path, token.unwrap_or_default())
        }
        // A limit on this page is about the mail unless it says otherwise.
        (RedeemCode::PATH, Refusal::Limited { .. }, _) => (SENT.path, "&at=code".to_owned()),
        // Ended meanwhile: the page with the form is no longer theirs to see.
        (_, Refusal::SignedOut, _) => (LOGIN.path, String::new()),
        (_, _, Some(page)) => (page.path, String::new()),
        (_, _, None) => return failure(refusal),
    };
    refused_as(Redirect::to(&format!("{page}?{}{more}", refusal.to_query())).into_response(), refusal)
}
