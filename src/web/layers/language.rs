//! The language of an answer: found once at the door, for pages, refusals and mails alike.
//!
//! Refusals travel through the other layers as kinds. What they say is drawn here, on the way out.

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, VARY},
    },
    middleware::Next,
    response::Response,
};

use crate::{
    config::{Brand, Config},
    session::cookie,
    state::AppState,
    web::answers,
    words::Words,
};

/// Leaves [`Words`] in the request, and gives the answer its words.
pub async fn choose(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let words = chosen(&state.config, request.headers());
    request.extensions_mut().insert(words);
    let reference = answers::reference(request.headers());
    speak(next.run(request).await, words, &state.config.brand, reference.as_deref())
}

/// The language that the visitor has chosen here, else the best one of those that the browser accepts, else the first one
/// that is offered.
pub fn chosen(config: &Config, headers: &HeaderMap) -> Words {
    let offered = &config.languages;
    let by_hand = cookie::value(headers, cookie::language_name(config)).and_then(|code| offered.of(code));
    let accepted = || {
        let headers = headers.get_all(ACCEPT_LANGUAGE).iter();
        headers.filter_map(|value| value.to_str().ok()).find_map(|header| offered.accepted(header))
    };
    by_hand.or_else(accepted).unwrap_or_else(|| offered.first())
}

/// Draws what an answer says ([`answers::Says`]), and names the language of what a person reads. An answer that has named
/// its own keeps that. `reference`: that of the request, for the visitor of one that failed.
pub fn speak(response: Response, words: Words, brand: &Brand, reference: Option<&str>) -> Response {
    let has_words = response.extensions().get::<answers::Says>().is_some();
    let mut response = answers::in_words(response, words, brand, reference);
    let headers = response.headers_mut();
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if (has_words || is_page) && !headers.contains_key(CONTENT_LANGUAGE) {
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(words.lang()));
        headers.append(VARY, HeaderValue::from_static("accept-language, cookie"));
    }
    response
}
