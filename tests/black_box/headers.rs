//! Headers that every kind of response carries, and the policy of each page.

use reqwest::Method;

use crate::harness::{ADA, Answer, Browser, Manner, Postern, query_value};

const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// One response of each kind, with a name for it.
async fn every_kind_of_response(visitor: &Browser) -> Vec<(&'static str, Answer)> {
    let oversized = visitor.post("/api/request_link").body("x".repeat(20_000));
    let foreign = visitor.post("/api/request_link").header("sec-fetch-site", "cross-site");
    vec![
        ("page", visitor.open("/login").await),
        ("page of a refusal", visitor.open("/verify?token=x").await),
        ("redirect of the guard", visitor.open("/reports").await),
        ("401", visitor.fetch("/reports").await),
        ("404 page", visitor.open("/login/nothing").await),
        ("405 of a page", visitor.send(visitor.request(Method::PUT, "/login")).await),
        ("405 of a server function", visitor.fetch("/api/request_link").await),
        ("asset", visitor.fetch("/pkg/postern.Ab3dEf.js").await),
        ("asset that is not there", visitor.fetch("/pkg/nothing.js").await),
        ("file", visitor.fetch("/robots.txt").await),
        ("probe", visitor.fetch("/healthz").await),
        ("answer", visitor.call("request_link", &[("email", ADA)]).await),
        ("refusal", visitor.call("redeem_code", &[("code", "x")]).await),
        ("413", visitor.send(oversized).await),
        ("403 cross-site", visitor.send(foreign).await),
    ]
}

#[tokio::test]
async fn every_kind_of_response_has_the_headers_that_protect_it() {
    let postern = Postern::start().await;
    for manner in [Manner::Form, Manner::Fetch] {
        for (kind, answer) in every_kind_of_response(&postern.browser(manner)).await {
            assert!(answer.status < 500, "{kind}: {answer:?}");
            for (name, value) in ALWAYS {
                // The page of a link sends no more than its origin.
                let of_a_link = (kind, name) == ("page of a refusal", "referrer-policy");
                let value = if of_a_link { "strict-origin" } else { value };
                assert_eq!(answer.header(name), value, "{kind} {name}");
                assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{kind} {name}");
            }
            let policy = answer.header("content-security-policy");
            for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action"] {
                assert!(policy.contains(rule), "{kind}: {policy}");
            }
            for unsafe_rule in ["'unsafe-inline'", "'unsafe-eval'", "'strict-dynamic'", "data:", "*"] {
                assert!(!policy.contains(unsafe_rule), "{kind}: {policy}");
            }
            assert!(!answer.header("x-request-id").is_empty(), "{kind}");
            assert_eq!(answer.header("strict-transport-security"), "", "{kind}: this site speaks http");
        }
    }
}

#[tokio::test]
async fn nothing_but_files_may_be_stored() {
    let postern = Postern::start().await;
    for (kind, answer) in every_kind_of_response(&postern.browser(Manner::Fetch)).await {
        let expected = match kind {
            "asset" => "public, max-age=31536000, immutable",
            "file" => "public, max-age=86400",
            _ => "no-store",
        };
        assert_eq!(answer.header("cache-control"), expected, "{kind}");
    }
}

#[tokio::test]
async fn an_https_site_tells_browsers_to_stay_with_https() {
    let postern = Postern::in_production(&[]).await;
    for (kind, answer) in every_kind_of_response(&postern.browser(Manner::Fetch)).await {
        assert_eq!(answer.header("strict-transport-security"), "max-age=63072000", "{kind}");
    }
}

/// The nonce in the policy of a page.
fn nonce(page: &Answer) -> String {
    let policy = page.header("content-security-policy");
    let (_, rest) = policy.split_once("'nonce-").unwrap();
    rest[..rest.find('\'').unwrap()].to_owned()
}

#[tokio::test]
async fn each_page_has_a_nonce_of_its_own_and_every_script_bears_it() {
    let postern = Postern::start_with(&[("EXEMPT_PATHS", "/public")]).await;
    let visitor = postern.browser(Manner::Form);
    visitor.ask(ADA).await;
    let path = postern.mail().await.path();
    let mut nonces = Vec::new();
    for path in ["/login", "/login", "/login/sent", &path, "/public/nothing", "/dev/inbox"] {
        let page = visitor.open(path).await;
        let (nonce, text) = (nonce(&page), page.text());
        assert!(nonce.len() >= 22, "{nonce} has fewer than 128 bits");
        for script in text.split("<script").skip(1) {
            let tag = &script[..script.find('>').unwrap()];
            assert!(tag.contains(&format!(r#"nonce="{nonce}""#)), "{path}: <script{tag}>");
        }
        nonces.push(nonce);
    }
    let count = nonces.len();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), count, "a nonce was used twice");
}

#[tokio::test]
async fn only_cargo_leptos_watch_opens_a_socket_to_pages() {
    let watched = Postern::start_with(&[("LEPTOS_WATCH", "true"), ("LEPTOS_RELOAD_PORT", "3101")]).await;
    for (postern, sockets) in [(watched, true), (Postern::start().await, false)] {
        let page = postern.browser(Manner::Form).open("/login").await;
        let policy = page.header("content-security-policy");
        assert_eq!(policy.contains("ws://localhost:3101"), sockets, "{policy}");
        assert_eq!(policy.contains("ws:"), sockets, "{policy}");
    }
}

#[tokio::test]
async fn no_page_has_anything_that_its_policy_forbids() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    visitor.ask(ADA).await;
    let verify = postern.mail().await.path();
    let mut pages = Vec::new();
    for path in ["/login", "/login/sent", "/verify", &verify, "/login/nothing", "/dev/inbox"] {
        pages.push((path.to_owned(), visitor.open(path).await.text()));
    }
    visitor.redeem_link(&query_value(&verify, "token").unwrap()).await.assert_leads_to("/");
    for path in ["/", "/logout"] {
        pages.push((path.to_owned(), visitor.open(path).await.text()));
    }
    for (path, text) in pages {
        for forbidden in
            [" style=", "<style", " onclick=", " onsubmit=", "javascript:", "src=\"http", "href=\"http"]
        {
            assert!(!text.contains(forbidden), "{path} has {forbidden}: {text}");
        }
    }
}

#[tokio::test]
async fn a_mail_in_the_development_inbox_may_run_and_load_nothing() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    visitor.ask(ADA).await;
    postern.mails().await;
    let mail = visitor.open("/dev/inbox/1").await;
    let policy = mail.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    assert!(!policy.contains("script"), "{policy}");
    assert_eq!(mail.header("x-frame-options"), "SAMEORIGIN");
}

#[tokio::test]
async fn every_response_has_a_request_id_and_keeps_the_one_it_was_given() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Fetch);
    let (one, two) = (visitor.fetch("/login").await, visitor.fetch("/login").await);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
    let asked = visitor.request(Method::GET, "/healthz").header("x-request-id", "from-the-proxy");
    assert_eq!(visitor.send(asked).await.header("x-request-id"), "from-the-proxy");
}

#[tokio::test]
async fn a_405_names_the_methods_that_are_allowed() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Fetch);
    for (method, path, allowed) in [
        (Method::PUT, "/login", "GET"),
        (Method::POST, "/login", "GET"),
        (Method::GET, "/api/request_link", "POST"),
        (Method::DELETE, "/healthz", "GET"),
    ] {
        let answer = visitor.send(visitor.request(method, path)).await;
        assert_eq!(answer.status, 405, "{path}");
        assert!(answer.header("allow").contains(allowed), "{path}: RFC 9110, section 15.5.6: {answer:?}");
    }
}
