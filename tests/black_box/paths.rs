//! A path has one reading: whatever another parser would turn into the path of a page opens no page.

use std::io::ErrorKind;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use postern::{
    api::OPEN_TO_STRANGERS,
    app::places::{Access, ENTER, FAILURE_STYLE, FILES, HEALTHZ, PLACES, READYZ},
};

use crate::harness::{ADA, Browser, Manner, Postern};

/// Pages that exist and need a session, with words that only they show.
pub(crate) const GUARDED: [(&str, &str); 3] =
    [("/", "You are in"), ("/sessions", "This device"), ("/logout", "Stay signed in")];
/// What a stranger may open: every open page, server function, file and probe.
pub(crate) fn open_paths() -> Vec<String> {
    let pages = PLACES
        .iter()
        .filter(|place| matches!(place.access, Access::Anyone | Access::Development))
        .map(|place| place.path);
    let files = FILES.into_iter().chain([FAILURE_STYLE, HEALTHZ, READYZ, "/pkg/postern.js"]);
    pages.chain(files).chain(OPEN_TO_STRANGERS).map(|path| path.replace("{number}", "1")).collect()
}

/// Ways to write "one level up".
const UP: [&str; 11] =
    ["..", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "..\\", "%2e%2e\\", "\\..", "./..", ".//..", "../."];

#[test]
fn every_page_that_needs_a_session_is_aimed_at() {
    let guarded = PLACES.iter().filter(|place| place.access == Access::SignedIn);
    // The way into an app shows nothing of its own; tests/black_box/gateway_checks.rs goes it.
    let guarded = guarded.filter(|place| **place != ENTER).map(|place| place.path);
    assert!(
        guarded.eq(GUARDED.iter().map(|(path, _)| *path)),
        "name the new page in GUARDED, with words of its own"
    );
}

/// What stands behind a # never leaves a browser; hyper cuts it off before anybody looks, so there is one reading of it.
#[tokio::test]
async fn a_fragment_on_the_wire_opens_nothing() {
    let postern = Postern::start().await;
    for (target, status) in [("/logout#/login", 303), ("/login#/../logout", 200), ("/login#", 200)] {
        let (found, text) = status_and_text(postern.port(), "GET", target, None).await;
        assert!(found == status || found == 400, "{target}: {text}");
        assert!(!text.contains("Stay signed in"), "{target}");
    }
}

/// Sends a request line as it stands to the server itself.
async fn status_and_text(port: u16, method: &str, target: &str, cookie: Option<&str>) -> (u16, String) {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    exchange(stream, &format!("127.0.0.1:{port}"), method, target, cookie).await
}

/// Sends a request line as it stands, which no HTTP library would do, and gives the status and the whole answer.
pub(crate) async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    host: &str,
    method: &str,
    target: &str,
    cookie: Option<&str>,
) -> (u16, String) {
    let cookie = cookie.map(|cookie| format!("cookie: {cookie}\r\n")).unwrap_or_default();
    let head = format!("host: {host}\r\naccept: text/html\r\nconnection: close\r\n{cookie}");
    stream.write_all(format!("{method} {target} HTTP/1.1\r\n{head}\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer).await {
        // Some end a TLS connection without a word (close_notify).
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
        read => _ = read.unwrap(),
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, answer)
}

/// All ways to come from `open` to `guarded` that a parser might resolve.
pub(crate) fn spellings(open: &str, guarded: &str) -> Vec<String> {
    let depth = open.matches('/').count();
    let name = guarded.trim_start_matches('/');
    let mut spellings = Vec::new();
    for up in UP {
        let climb = vec![up; depth].join("/");
        spellings.push(format!("{open}/{up}/{name}"));
        spellings.push(format!("{open}/{climb}/{name}"));
        spellings.push(format!("{open}/{climb}\\{name}"));
        spellings.push(format!("{open}/x/{climb}/{up}/{name}"));
    }
    spellings.extend([
        format!("/{guarded}"),
        format!("//{name}"),
        format!("/.{guarded}"),
        format!("/%2e{guarded}"),
        format!("/\\{name}"),
        format!("\\{name}"),
        format!("{open}/{name}/.."),
    ]);
    spellings
}

/// Somebody who is signed in, and their cookie.
async fn signed_in(postern: &Postern) -> (Browser, String) {
    let ada = postern.browser(Manner::Form);
    ada.sign_in(postern, ADA).await;
    let cookie = ada.cookie().unwrap();
    (ada, cookie)
}

#[tokio::test]
async fn no_spelling_of_a_guarded_page_opens_it_to_a_stranger() {
    let postern = Postern::start().await;
    let (_, cookie) = signed_in(&postern).await;
    for (guarded, words) in GUARDED {
        let (status, text) = status_and_text(postern.port(), "GET", guarded, Some(&cookie)).await;
        assert!(status == 200 && text.contains(words), "{guarded} is there for whoever is signed in: {text}");
        for open in open_paths() {
            for target in spellings(&open, guarded) {
                let (status, text) = status_and_text(postern.port(), "GET", &target, None).await;
                assert!(!text.contains(words), "{target}: {text}");
                assert!(matches!(status, 400 | 404), "{target}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn a_path_that_is_not_plain_is_refused_even_to_somebody_who_is_signed_in() {
    let postern = Postern::start().await;
    let (_, cookie) = signed_in(&postern).await;
    for method in ["GET", "HEAD", "POST"] {
        for target in
            ["/login/../logout", "/login/%2e%2e/logout", "//logout", "/login\\..\\logout", "/./logout", "*"]
        {
            let (status, text) = status_and_text(postern.port(), method, target, Some(&cookie)).await;
            assert_eq!(status, 400, "{method} {target}: {text}");
            assert!(!text.contains("set-cookie"), "{method} {target} meets no session: {text}");
        }
    }
    let (_, text) = status_and_text(postern.port(), "GET", "/login/../logout", None).await;
    assert!(text.contains("Open the link again"), "the answer says what to do: {text}");
}

#[tokio::test]
async fn an_encoded_spelling_of_a_page_is_another_path() {
    let postern = Postern::start().await;
    let (ada, cookie) = signed_in(&postern).await;
    for target in [
        "/%6cogout",
        "/logou%74",
        "/login%2f..%2flogout",
        "/login;/../logout",
        "/logout%2f",
        "/Logout",
        "/logout/x",
    ] {
        let (status, text) = status_and_text(postern.port(), "GET", target, None).await;
        assert!(matches!(status, 303 | 400), "{target}: {text}");
        let (status, text) = status_and_text(postern.port(), "GET", target, Some(&cookie)).await;
        assert!(matches!(status, 404 | 400), "{target}: {text}");
    }
    assert_eq!(ada.open("/logout").await.status, 200);
}
