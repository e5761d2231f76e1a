//! What is sent compressed: of the pages only /login, and only to a browser without cookies.

use std::io::Read;

use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use flate2::read::GzDecoder;
use postern::app::places::{Access, Compression, DEV_MAIL, ENTER, LOGIN, PLACES};

use crate::harness::{ADA, Answer, BOB, Browser, Manner, Postern, query_value};

/// Opens a page as browsers do, which take all there is.
async fn open(visitor: &Browser, path: &str) -> Answer {
    visitor.send(visitor.navigation(path).header(ACCEPT_ENCODING, "gzip, deflate, br, zstd")).await
}

fn unpacked(page: &Answer) -> String {
    assert_eq!(page.header("content-encoding"), "gzip", "{page:?}");
    let mut text = String::new();
    GzDecoder::new(&page.body[..]).read_to_string(&mut text).unwrap();
    text
}

/// A page without its nonce and the number of its form, which are other ones in each answer.
fn without_what_is_new(page: &str) -> String {
    let start = |from: &str, end: &str| {
        let (_, rest) = page.split_once(from).unwrap();
        rest.split_once(end).unwrap().0.to_owned()
    };
    let (nonce, form) = (start("nonce=\"", "\""), start("name=\"form\" value=\"", "\""));
    page.replace(&nonce, "NONCE").replace(&form, "FORM")
}

#[tokio::test]
async fn the_sign_in_page_comes_compressed_to_whoever_has_no_cookies() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    let page = open(&visitor, "/login?next=%2Freports").await;
    let text = unpacked(&page);
    assert!(text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>"), "{text}");
    assert!(page.body.len() < text.len() * 6 / 10, "{} of {}", page.body.len(), text.len());
    assert_eq!(page.header("content-length"), page.body.len().to_string());
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let varies: Vec<_> = page.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(varies.contains(&"accept-encoding"), "{varies:?}");
    for accept in ["", "br", "gzip;q=0"] {
        let plain = visitor.send(visitor.navigation("/login").header(ACCEPT_ENCODING, accept)).await;
        assert_eq!(plain.header(CONTENT_ENCODING.as_str()), "", "{accept}");
        assert!(plain.text().ends_with("</html>"), "{accept}");
    }
}

#[tokio::test]
async fn what_is_compressed_says_nothing_of_whoever_asks_and_what_is_secret_in_it_is_new_each_time() {
    let postern = Postern::start().await;
    let path = "/login?next=%2Freports&notice=signed_out";
    let before = open(&postern.browser(Manner::Form), path).await;
    let again = open(&postern.browser(Manner::Form), path).await;
    let (before, again) = (unpacked(&before), unpacked(&again));
    assert_ne!(before, again, "nonce and form");
    // Meanwhile somebody signs in, somebody is known and somebody waits for a mail, all from this network.
    postern.browser(Manner::Form).sign_in(&postern, ADA).await;
    postern.browser(Manner::Form).ask(BOB).await;
    let after = unpacked(&open(&postern.browser(Manner::Form), path).await);
    assert_eq!(without_what_is_new(&before), without_what_is_new(&again));
    assert_eq!(without_what_is_new(&before), without_what_is_new(&after));
}

#[tokio::test]
async fn no_page_is_compressed_for_a_browser_with_a_cookie_whatever_that_is_worth() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    visitor.ask(ADA).await;
    let verify = postern.mail().await.path();
    let waiting =
        ["/login", "/login/sent", verify.as_str(), "/verify?refusal=used", "/login/nothing", "/dev/inbox"];
    for path in waiting {
        assert_eq!(open(&visitor, path).await.header("content-encoding"), "", "{path}");
    }
    visitor.redeem_link(&query_value(&verify, "token").unwrap()).await.assert_leads_to("/");
    for path in ["/", "/sessions", "/logout", "/nothing"] {
        assert_eq!(open(&visitor, path).await.header("content-encoding"), "", "{path}");
    }
    visitor.call("sign_out", &[]).await;
    let known = open(&visitor, "/login?next=%2Fada%40example.com").await;
    assert!(known.header("content-encoding").is_empty() && known.text().contains(ADA), "{known:?}");
    let stranger = postern.browser(Manner::Form);
    let odd = stranger.navigation("/login").header(ACCEPT_ENCODING, "gzip").header("cookie", "a=b");
    assert_eq!(stranger.send(odd).await.header("content-encoding"), "");
}

#[tokio::test]
async fn the_table_of_places_says_which_page_is_compressed() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    for place in PLACES.iter().filter(|place| ![DEV_MAIL, ENTER].contains(place)) {
        let coding = open(&visitor, place.path).await.header("content-encoding").to_owned();
        let expected = if place.compression == Compression::WithoutCookies { "gzip" } else { "" };
        assert_eq!(coding, expected, "{}", place.path);
        assert!(
            place.compression == Compression::Never || place.access == Access::Anyone,
            "{}: who is signed in has a cookie, and an address on the page",
            place.path
        );
    }
    assert_eq!(LOGIN.compression, Compression::WithoutCookies);
}

#[tokio::test]
async fn no_answer_but_a_page_and_a_file_is_compressed() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Fetch);
    for path in ["/healthz", "/readyz", "/failure.css", "/reports", "/pkg/nothing.js"] {
        let asked = visitor.request(reqwest::Method::GET, path).header(ACCEPT_ENCODING, "gzip, br");
        assert_eq!(visitor.send(asked).await.header("content-encoding"), "", "{path}");
    }
    let asked = visitor.post("/api/request_link").header(ACCEPT_ENCODING, "gzip, br").form(&[("email", ADA)]);
    assert_eq!(visitor.send(asked).await.header("content-encoding"), "");
}
