//! The check: whether a request to an app may pass. One endpoint for each kind of proxy, which reads one family of headers
//! and nothing else: what another family says, the client may have written.

use std::time::Instant;

use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{ACCEPT, CACHE_CONTROL, HOST, LOCATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
    routing::any,
};
use percent_encoding::percent_encode;

use super::{START, app_cookie, carried, is_own, page};
use crate::{
    app::places::LOGIN,
    domain::{Origin, QUERY_VALUE},
    flow::{
        Error,
        gateway::{self, Verdict},
    },
    refusal::Refusal,
    state::AppState,
    web::{
        answers::{RefusedAs, failed, json, wants_page},
        layers::{client_address::peer, language},
    },
};

/// Where the proxies ask. They answer under any Host.
pub const NGINX: &str = "/auth/nginx";
/// Caddy and Traefik.
pub const FORWARD: &str = "/auth/forward";
/// Envoy puts the path and query of the app behind it.
pub const ENVOY: &str = "/auth/envoy";

/// What an app is told of a request that nobody makes. Not empty: a proxy may let the client's own header through where ours
/// is empty. No address is a single hyphen.
const NOBODY: HeaderValue = HeaderValue::from_static("-");

const REMOTE_USER: HeaderName = HeaderName::from_static("remote-user");
const REMOTE_EMAIL: HeaderName = HeaderName::from_static("remote-email");
const REMOTE_GROUPS: HeaderName = HeaderName::from_static("remote-groups");

/// The kinds of proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proxy {
    Nginx,
    Forward,
    Envoy,
}

/// The routes of the checks: outside of all layers, because they run before every request of every app.
pub fn routes(state: AppState) -> Router {
    let check =
        |proxy: Proxy| any(move |state: State<AppState>, request: Request| check(proxy, state, request));
    Router::new()
        .route(NGINX, check(Proxy::Nginx))
        .route(FORWARD, check(Proxy::Forward))
        .route(ENVOY, check(Proxy::Envoy))
        .route(&format!("{ENVOY}/"), check(Proxy::Envoy))
        .route(&format!("{ENVOY}/{{*target}}"), check(Proxy::Envoy))
        .with_state(state)
}

/// Answers, counts and measures one check.
async fn check(proxy: Proxy, State(state): State<AppState>, request: Request) -> Response {
    let began = Instant::now();
    let response = check_unmeasured(proxy, &state, request).await;
    if let Some(RefusedAs(kind)) = response.extensions().get() {
        state.metrics.refusal(kind);
    }
    state.metrics.check(response.status().as_u16(), began.elapsed());
    response
}

async fn check_unmeasured(proxy: Proxy, state: &AppState, request: Request) -> Response {
    if !state.config.trusted_proxies.contains(peer(&request)) {
        let advice = "Only a proxy may ask this, and this is none that is named in TRUSTED_PROXIES.\n";
        return (StatusCode::FORBIDDEN, advice).into_response();
    }
    let (parts, _) = request.into_parts();
    let mut response = match Asked::read(proxy, &parts) {
        Some(asked) => answer(proxy, state, &parts.headers, &asked).await,
        None => {
            let advice = "The headers that say which request this is about are missing, doubled or contradictory. \
                          docs/gateway/ has a configuration for your proxy.\n";
            (malformed(proxy), advice).into_response()
        }
    };
    if !response.status().is_success() {
        // No layer of the other routes is around this one.
        let words = language::chosen(&state.config, &parts.headers);
        response = language::speak(response, words, &state.config.brand, None);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// nginx makes a 500 of everything that it does not know.
fn malformed(proxy: Proxy) -> StatusCode {
    if proxy == Proxy::Nginx { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST }
}

/// The request that a proxy asks about.
struct Asked {
    method: Method,
    origin: Origin,
    /// Path and query, as they came.
    target: Vec<u8>,
}

impl Asked {
    /// Reads the family of headers of that proxy; `None` if something is missing, doubled or contradictory.
    fn read(proxy: Proxy, parts: &Parts) -> Option<Self> {
        let header = |name: &'static str| only(&parts.headers, &HeaderName::from_static(name));
        let text = |value: &'_ HeaderValue| value.to_str().ok().map(str::to_owned);
        let (method, origin, target) = match proxy {
            Proxy::Nginx => {
                let url = header("x-original-url")?.as_bytes();
                let (origin, target) = split_url(url)?;
                (method(header("x-original-method")?)?, origin, target.to_vec())
            }
            Proxy::Forward => {
                let (scheme, host) =
                    (text(header("x-forwarded-proto")?)?, text(header("x-forwarded-host")?)?);
                let origin = Origin::of(&scheme, &host).ok()?;
                let target = header("x-forwarded-uri")?.as_bytes().to_vec();
                (method(header("x-forwarded-method")?)?, origin, target)
            }
            Proxy::Envoy => {
                let (scheme, host) =
                    (text(header("x-forwarded-proto")?)?, text(only(&parts.headers, &HOST)?)?);
                (parts.method.clone(), Origin::of(&scheme, &host).ok()?, behind(&parts.uri))
            }
        };
        target.starts_with(b"/").then_some(Self { method, origin, target })
    }
}

/// The one header of that name.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn method(value: &HeaderValue) -> Option<Method> {
    Method::from_bytes(value.as_bytes()).ok()
}

/// `https://wiki.example.com/a?b` as origin and target.
fn split_url(url: &[u8]) -> Option<(Origin, &[u8])> {
    let text = std::str::from_utf8(url).ok()?;
    let (scheme, rest) = text.split_once("://")?;
    let (authority, target) = rest.split_at(rest.find(['/', '?', '#'])?);
    Some((Origin::of(scheme, authority).ok()?, target.as_bytes()))
}

/// Path and query behind [`ENVOY`].
fn behind(uri: &Uri) -> Vec<u8> {
    let whole = uri.path_and_query().map_or("", |target| target.as_str());
    whole.strip_prefix(ENVOY).unwrap_or_default().as_bytes().to_vec()
}

async fn answer(proxy: Proxy, state: &AppState, headers: &HeaderMap, asked: &Asked) -> Response {
    let cookie = app_cookie(&state.config, headers, &asked.origin);
    match gateway::check(state, &asked.origin, &asked.target, cookie).await {
        Ok(Verdict::Pass { email, groups }) => {
            let value = |text: &str| HeaderValue::try_from(text).unwrap_or(NOBODY);
            let groups = if groups.is_empty() { NOBODY } else { value(&groups) };
            identified(value(email.as_str()), value(email.as_str()), groups)
        }
        Ok(Verdict::PassAsNobody) => identified(NOBODY, NOBODY, NOBODY),
        Ok(Verdict::SignedOut) => signed_out(proxy, state, headers, asked),
        Ok(Verdict::NotAllowed(email)) => match proxy {
            // It shows a page of its own choice: that of `hand_over`.
            Proxy::Nginx => StatusCode::FORBIDDEN.into_response(),
            _ if wants_page(headers) => page::not_allowed(
                &state.config,
                language::chosen(&state.config, headers),
                &asked.origin,
                &email,
                &asked.target,
            ),
            _ => json(&Refusal::NotAllowed),
        },
        Ok(Verdict::NoApp) => {
            let advice = "There is no app at this address. GATEWAY_APPS, or [[gateway.apps]] in Leptos.toml, names all.\n";
            (StatusCode::FORBIDDEN, advice).into_response()
        }
        Err(broken) => failed(state, headers, Error::Broken(broken)),
    }
}

fn identified(user: HeaderValue, email: HeaderValue, groups: HeaderValue) -> Response {
    [(REMOTE_USER, user), (REMOTE_EMAIL, email), (REMOTE_GROUPS, groups)].into_response()
}

/// A navigation is led to the sign-in; everything else, a form that is sent too, gets 401 and JSON.
fn signed_out(proxy: Proxy, state: &AppState, headers: &HeaderMap, asked: &Asked) -> Response {
    if !is_navigation(&asked.method, headers) {
        return json(&Refusal::SignedOut);
    }
    let there = if is_own(&state.config, &asked.origin) {
        let next = percent_encode(&asked.target, QUERY_VALUE);
        format!("{}{}?next={next}", state.config.public_url.origin(), LOGIN.path)
    } else {
        format!("{}{}?next={}", asked.origin, START, carried(&asked.target))
    };
    let status = if proxy == Proxy::Nginx { StatusCode::UNAUTHORIZED } else { StatusCode::SEE_OTHER };
    (status, [(LOCATION, there)]).into_response()
}

/// Whether a person waits for a page (Fetch Metadata, `Sec-Fetch-Mode`). Where the browser says nothing of that, whether it
/// asks for HTML. An icon, a manifest and the script of a service worker are no navigation.
fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let mode = headers.get("sec-fetch-mode").map(HeaderValue::as_bytes);
    matches!(*method, Method::GET | Method::HEAD)
        && match mode {
            Some(mode) => mode == b"navigate",
            None => headers.contains_key(ACCEPT) && wants_page(headers),
        }
}
