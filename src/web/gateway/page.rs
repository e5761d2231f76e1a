//! The few pages on the host of an app: one template, no script, a style sheet of their own.

use askama::Template;
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY},
    },
    response::{Html, IntoResponse, Response},
};
use leptos::server_fn::ServerFn;

use super::{ICON, SIGN_OUT, STYLE, carried, is_own};
use crate::{
    api::SignOut,
    app::places::{FAILURE_STYLE, FAVICON},
    config::{Brand, Config},
    domain::{EmailAddress, Origin},
    web::answers::failure_page,
    words::{Words, marked},
};

/// A page that says one thing and offers at most one.
#[derive(Template)]
#[template(path = "app_page.html")]
struct Page<'a> {
    words: Words,
    brand: &'a Brand,
    files: Files,
    title: &'static str,
    text: String,
    offer: Option<Offer>,
    /// A second way, as a link: its words and its address.
    link: Option<(&'static str, &'static str)>,
}

/// The addresses of the page's files.
#[derive(Clone, Copy)]
struct Files {
    style: &'static str,
    icon: &'static str,
}

/// Those on Postern's own host.
const OWN_FILES: Files = Files { style: FAILURE_STYLE, icon: FAVICON };
/// Those on the host of an app, where Postern has only `/.postern`. Without an icon a browser would ask the app for one.
const FILES_AT_APP: Files = Files { style: STYLE, icon: ICON };

/// A button.
struct Offer {
    /// Where its form is sent to.
    action: String,
    /// A field of the form: what to open after signing in again.
    next: Option<String>,
    label: &'static str,
}

impl Offer {
    /// To sign out of Postern, on its own host, and go on from `next`.
    fn sign_out(next: String, words: Words) -> Self {
        Self { action: SignOut::url().to_owned(), next: Some(next), label: words.app_somebody_else() }
    }
}

fn files(config: &Config, origin: &Origin) -> Files {
    if is_own(config, origin) { OWN_FILES } else { FILES_AT_APP }
}

fn answer(config: &Config, status: StatusCode, page: &Page<'_>) -> Response {
    let html = page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page could not be drawn");
        failure_page(page.words, &config.brand, None)
    });
    // The form is answered by a redirect to Postern, which browsers count as a target of the form.
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self' {}; \
         frame-ancestors 'none'",
        config.public_url.origin()
    );
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers = [
        (CONTENT_SECURITY_POLICY, policy),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (status, headers, Html(html)).into_response()
}

/// 403 for somebody who may not open this app: who they are here, and how to be somebody else. `target`: what they wanted
/// to open.
pub fn not_allowed(
    config: &Config,
    words: Words,
    origin: &Origin,
    email: &EmailAddress,
    target: &[u8],
) -> Response {
    let offer = if is_own(config, origin) {
        Offer::sign_out(String::from_utf8_lossy(target).into_owned(), words)
    } else {
        let action = format!("{}?next={}", SIGN_OUT, carried(target));
        Offer { action, next: None, label: words.app_somebody_else() }
    };
    refused(config, words, files(config, origin), origin, email, offer)
}

/// As [`not_allowed`], on Postern's own host. `back`: path and query there that lead to the app again.
pub fn not_allowed_there(
    config: &Config,
    words: Words,
    origin: &Origin,
    email: &EmailAddress,
    back: &str,
) -> Response {
    refused(config, words, OWN_FILES, origin, email, Offer::sign_out(back.to_owned(), words))
}

fn refused(
    config: &Config,
    words: Words,
    files: Files,
    origin: &Origin,
    email: &EmailAddress,
    offer: Offer,
) -> Response {
    let (email, app) = (email.as_str(), origin.authority());
    let text = match config.brand.asks() {
        Some(support) => words.app_not_allowed_ask(email, app, support),
        None => words.app_not_allowed(email, app),
    };
    let page = Page {
        words,
        brand: &config.brand,
        files,
        title: words.app_not_allowed_title(),
        text,
        offer: Some(offer),
        link: None,
    };
    answer(config, StatusCode::FORBIDDEN, &page)
}

/// 403 where nobody is known.
pub fn not_allowed_unknown(config: &Config, words: Words, origin: &Origin) -> Response {
    let page = Page {
        words,
        brand: &config.brand,
        files: files(config, origin),
        title: words.app_closed_title(),
        text: words.app_closed(origin.authority()),
        offer: None,
        link: Some((words.go_to_start(), "/")),
    };
    answer(config, StatusCode::FORBIDDEN, &page)
}

/// A way in that leads nowhere any more.
pub fn lost_the_way(
    config: &Config,
    words: Words,
    origin: &Origin,
    status: StatusCode,
    keeps_cookies: bool,
) -> Response {
    let text = if keeps_cookies { words.app_lost() } else { words.app_lost_without_cookies() };
    let page = Page {
        words,
        brand: &config.brand,
        files: files(config, origin),
        title: words.app_lost_title(),
        text: text.to_owned(),
        offer: None,
        link: Some((words.app_open_again(), "/")),
    };
    answer(config, status, &page)
}

/// Asks before signing out: a GET that did it could be sent by any link.
pub fn sign_out(config: &Config, words: Words, origin: &Origin, email: &EmailAddress) -> Response {
    let page = Page {
        words,
        brand: &config.brand,
        files: files(config, origin),
        title: words.sign_out(),
        text: words.app_sign_out_lead(email.as_str()),
        offer: Some(Offer { action: SIGN_OUT.to_owned(), next: None, label: words.sign_out() }),
        link: Some((words.stay_signed_in(), "/")),
    };
    answer(config, StatusCode::OK, &page)
}
