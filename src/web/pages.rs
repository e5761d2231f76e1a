//! The pages: one loader each gathers what stands on it, then Leptos draws it.
//!
//! The loader runs first, so status and redirects are decided before anything is drawn. There is no `leptos_router`: it
//! would read the path once more, and the two readings would have to agree on every byte
//! (docs/decisions/0009-axum-routes-alone-choose-the-page.md).
//!
//! [`crate::app::places`] says which path is which page.

mod admin;
mod dev_inbox;
mod home;
mod login;
mod logout;
mod sent;
mod sessions;
mod verify;

use std::collections::HashMap;

use axum::{
    Extension, Router,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{ALLOW, CONTENT_SECURITY_POLICY, COOKIE},
    },
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};

use super::{
    answers::{failed, shown},
    coding::{self, choose},
    gateway::enter,
    layers::headers::page_policy,
};
use crate::{
    api::Refused,
    app::{
        page::Page,
        pages::{Frame, LanguageChoice, write},
        places::{Access, Compression, DEV_MAIL, ENTER, HOME, PLACES, PageName, Place, VERIFY},
    },
    flow::{Error, Visitor},
    refusal::Refusal,
    site::Coding,
    state::AppState,
    words::{Notice, Words},
};

/// A GET of a page: who asks, for what.
pub struct Visit<'a> {
    /// The state of the process.
    pub state: &'a AppState,
    /// Who asks.
    pub visitor: &'a Visitor,
    uri: &'a Uri,
    query: &'a HashMap<String, String>,
    /// Whether the page goes out in gzip.
    gzip: bool,
}

impl Visit<'_> {
    /// A value of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The language of the page.
    pub fn words(&self) -> Words {
        self.visitor.words
    }

    /// The refusal that a plain form was sent here with.
    pub fn refusal(&self) -> Option<Refusal> {
        let number = self.query("n").and_then(|number| number.parse().ok());
        Refusal::from_query(self.query("refusal")?, number, self.query("fault"))
    }

    /// The sentence of a refusal.
    pub fn sentence(&self, refusal: &Refusal) -> String {
        self.words().refusal(refusal, self.state.config.brand.asks())
    }

    /// A refusal as the page shows it.
    pub fn shown(&self, refusal: &Refusal) -> Refused {
        shown(refusal, self.sentence(refusal))
    }

    /// The good news that the last step was sent here with.
    pub fn notice(&self) -> Option<&'static str> {
        Some(self.words().notice(self.query("notice")?.parse::<Notice>().ok()?))
    }
}

/// What a loader decides.
pub enum Loaded {
    /// Draw this page.
    Page(Page),
    /// Draw this page, with a status that says no.
    Refused(StatusCode, Page),
    /// The visitor should be elsewhere.
    Redirect(String),
}

/// A route for each place; a slash at its end leads to it without one.
pub fn routes(state: &AppState) -> Router<AppState> {
    let shows_mails = state.inbox.is_some();
    let mut router = Router::new();
    for place in PLACES.iter().filter(|place| shows_mails || place.access != Access::Development) {
        if *place == DEV_MAIL {
            router = router.route(place.path, get(dev_inbox::mail));
            continue;
        }
        if *place == ENTER {
            router = router.route(place.path, get(enter).fallback(only_get));
            continue;
        }
        let show = move |state, visitor, query, request| show(place, state, visitor, query, request);
        router = router.route(place.path, get(show).fallback(only_get));
        if *place != HOME {
            // The query is dropped: mailed links have no slash there.
            let there = move || async { Redirect::to(place.path) };
            router = router.route(&format!("{}/", place.path), get(there).fallback(only_get));
        }
    }
    router
}

/// Leads whoever is signed in into an app behind the gateway.
async fn enter(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    parameters: Result<Query<enter::Parameters>, QueryRejection>,
    request: Request,
) -> Response {
    let led = match parameters {
        Ok(Query(parameters)) => {
            enter::enter(&state, &visitor, parameters, request.headers(), request.uri()).await
        }
        Err(_) => None,
    };
    match led {
        Some(led) => led,
        None => not_found(State(state), Extension(visitor), request).await,
    }
}

/// Answers a GET of `place`.
async fn show(
    place: &'static Place,
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Response {
    let gzip = is_compressed(place, request.headers());
    let visit = Visit { state: &state, visitor: &visitor, uri: request.uri(), query: &query, gzip };
    match load(place.page, &visit).await {
        Ok(Loaded::Page(page)) => draw(&visit, StatusCode::OK, page),
        Ok(Loaded::Refused(status, page)) => draw(&visit, status, page),
        Ok(Loaded::Redirect(to)) => Redirect::to(&to).into_response(),
        Err(error) => failed(&state, request.headers(), error),
    }
}

/// Whether the page goes out in gzip, for a request with these headers.
fn is_compressed(place: &Place, headers: &HeaderMap) -> bool {
    match place.compression {
        Compression::Never => false,
        // `next` is repeated on the page, and anybody can write it. Beside it there must be nothing to guess (BREACH), so
        // this is not about what a cookie says: with any, even one that is dead or of somebody else, nothing is compressed.
        Compression::WithoutCookies => {
            !headers.contains_key(COOKIE) && choose(headers, [Coding::Gzip].into_iter()).is_some()
        }
    }
}

async fn load(page: PageName, visit: &Visit<'_>) -> Result<Loaded, Error> {
    match page {
        PageName::Home => home::load(visit).await,
        PageName::Login => Ok(login::load(visit)),
        PageName::Sent => Ok(sent::load(visit)),
        PageName::Verify => Ok(verify::load(visit)),
        PageName::Sessions => sessions::load(visit).await,
        PageName::Logout => logout::load(visit),
        PageName::Admin => admin::load_overview(visit).await,
        PageName::AdminEvents => admin::load_events(visit).await,
        PageName::AdminMails => admin::load_mails(visit).await,
        PageName::AdminSessions => admin::load_sessions(visit).await,
        PageName::DevInbox | PageName::DevMail => Ok(dev_inbox::load(visit)),
        // It has a handler of its own and is never drawn.
        PageName::Enter => Ok(Loaded::Redirect(HOME.path.to_owned())),
    }
}

/// The page for a path without a route, asked for by somebody who is signed in or may look around there.
pub async fn not_found(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    request: Request,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return only_get().await;
    }
    let query = HashMap::new();
    let visit = Visit { state: &state, visitor: &visitor, uri: request.uri(), query: &query, gzip: false };
    draw(&visit, StatusCode::NOT_FOUND, Page::NotFound)
}

/// 405 with `Allow` (RFC 9110, section 15.5.6): a page takes no other method.
async fn only_get() -> Response {
    let advice = "Only GET and HEAD are allowed here.\n";
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET,HEAD")], advice).into_response()
}

/// The way back to a page: its path, and of its query what pages read, which is names, numbers, where to go, and the token
/// of a link that is good. Nothing else that somebody has written into it is repeated on the page.
fn way_back(uri: &Uri, page: &Page) -> String {
    let has_token = match page {
        Page::LinkRefused { told, .. } => return format!("{}?{told}", VERIFY.path),
        Page::OtherBrowser(page) => page.link.is_some(),
        Page::Verify { .. } | Page::OperatorLink { .. } => true,
        _ => false,
    };
    let is_name =
        |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let is_read = |pair: &&str| match pair.split_once('=').unwrap_or((pair, "")) {
        ("next", _) => true,
        ("token", _) => has_token,
        (name, value) => is_name(name) && is_name(value),
    };
    let query = uri.query().unwrap_or_default().split('&').filter(is_read).collect::<Vec<_>>().join("&");
    if query.is_empty() { uri.path().to_owned() } else { format!("{}?{query}", uri.path()) }
}

/// Draws a page with its status, and with a policy for the nonce that its scripts bear.
fn draw(visit: &Visit<'_>, status: StatusCode, page: Page) -> Response {
    let (state, words) = (visit.state, visit.words());
    let config = &state.config;
    let frame = Frame {
        site: &state.site,
        brand: &config.brand,
        reload: config.live_reload.map(|_| config.leptos.clone()),
        words,
        choice: LanguageChoice {
            offered: config.languages.iter().collect(),
            here: way_back(visit.uri, &page),
        },
    };
    let (html, nonce) = write(&frame, page);
    let compressed = visit.gzip.then(|| coding::gzip(&html)).flatten();
    let mut response = match compressed {
        Some(html) => (status, coding::headers(Some(Coding::Gzip)), Html(html)).into_response(),
        None => (status, Html(html)).into_response(),
    };
    let apps = state.gateway.get().origins().collect::<Vec<_>>().join(" ");
    let policy = nonce.map(|nonce| page_policy(&nonce, state.config.live_reload, &apps));
    // Without a policy of its own it gets the one that allows nothing.
    if let Some(policy) = policy.and_then(|policy| HeaderValue::try_from(policy).ok()) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}
