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

use super::{SIGN_OUT, STYLE, carried, is_own};
use crate::{
    api::SignOut,
    app::places::FAILURE_STYLE,
    config::Config,
    domain::{EmailAddress, Origin},
    web::answers::FAILURE_PAGE,
};

/// A page that says one thing and offers at most one.
#[derive(Template)]
#[template(path = "app_page.html")]
struct Page<'a> {
    style: &'a str,
    title: &'a str,
    text: String,
    offer: Option<Offer<'a>>,
    /// A second way, as a link: its words and its address.
    link: Option<(&'a str, String)>,
}

/// A button.
struct Offer<'a> {
    /// Where its form is sent to.
    action: String,
    /// A field of the form: what to open after signing in again.
    next: Option<String>,
    label: &'a str,
}

const AS_SOMEBODY_ELSE: &str = "Sign in as somebody else";

impl Offer<'_> {
    /// To sign out of Postern, on its own host, and go on from `next`.
    fn sign_out(next: String) -> Self {
        Self { action: SignOut::url().to_owned(), next: Some(next), label: AS_SOMEBODY_ELSE }
    }
}

/// The address of the page's style sheet: Postern has only `/.postern` on an app's host.
fn style(config: &Config, origin: &Origin) -> &'static str {
    if is_own(config, origin) { FAILURE_STYLE } else { STYLE }
}

fn answer(config: &Config, status: StatusCode, page: &Page<'_>) -> Response {
    let html = page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page could not be drawn");
        FAILURE_PAGE.to_owned()
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
pub fn not_allowed(config: &Config, origin: &Origin, email: &EmailAddress, target: &[u8]) -> Response {
    let offer = if is_own(config, origin) {
        Offer::sign_out(String::from_utf8_lossy(target).into_owned())
    } else {
        let action = format!("{}?next={}", SIGN_OUT, carried(target));
        Offer { action, next: None, label: AS_SOMEBODY_ELSE }
    };
    refused(config, style(config, origin), origin, email, offer)
}

/// As [`not_allowed`], on Postern's own host. `back`: path and query there that lead to the app again.
pub fn not_allowed_there(config: &Config, origin: &Origin, email: &EmailAddress, back: &str) -> Response {
    refused(config, FAILURE_STYLE, origin, email, Offer::sign_out(back.to_owned()))
}

fn refused(
    config: &Config,
    style: &str,
    origin: &Origin,
    email: &EmailAddress,
    offer: Offer<'_>,
) -> Response {
    let page = Page {
        style,
        title: "Not for this account",
        text: format!(
            "You are signed in as {email}, and {} is not open to that account. Ask whoever runs it, or sign in with \
             another address.",
            origin.authority()
        ),
        offer: Some(offer),
        link: None,
    };
    answer(config, StatusCode::FORBIDDEN, &page)
}

/// 403 where nobody is known.
pub fn not_allowed_unknown(config: &Config, origin: &Origin) -> Response {
    let page = Page {
        style: style(config, origin),
        title: "Not open",
        text: format!("{} did not let this request in.", origin.authority()),
        offer: None,
        link: Some(("Go to the start", "/".to_owned())),
    };
    answer(config, StatusCode::FORBIDDEN, &page)
}

/// A way in that leads nowhere any more.
pub fn lost_the_way(config: &Config, origin: &Origin, status: StatusCode, keeps_cookies: bool) -> Response {
    let text = if keeps_cookies {
        "This way in was used before, or took longer than a minute. Open the page again; you need no new mail."
    } else {
        "This browser did not set out from here, or keeps no cookies for this site. Allow cookies, then open the page again."
    };
    let page = Page {
        style: style(config, origin),
        title: "Please try again",
        text: text.to_owned(),
        offer: None,
        link: Some(("Open it again", "/".to_owned())),
    };
    answer(config, status, &page)
}

/// Asks before signing out: a GET that did it could be sent by any link.
pub fn sign_out(config: &Config, origin: &Origin, email: &EmailAddress) -> Response {
    let page = Page {
        style: style(config, origin),
        title: "Sign out",
        text: format!(
            "You are signed in as {email}. This signs you out here and in all other apps of this browser."
        ),
        offer: Some(Offer { action: SIGN_OUT.to_owned(), next: None, label: "Sign out" }),
        link: Some(("Stay signed in", "/".to_owned())),
    };
    answer(config, StatusCode::OK, &page)
}
