//! What a visitor is told of a fault of ours: no more than what the operator needs to find it.

use crate::harness::{ADA, Answer, Manner, Postern};

/// A server whose sessions cannot be read.
async fn broken() -> Postern {
    let postern = Postern::start().await;
    postern.database().await.run("ALTER TABLE sessions RENAME TO gone").await;
    postern
}

/// A browser that has a cookie, so that its session is looked for.
async fn known_to(postern: &Postern, manner: Manner) -> crate::harness::Browser {
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    postern.database().await.run("ALTER TABLE sessions RENAME TO gone").await;
    ada
}

fn quotes_its_request(answer: &Answer) -> bool {
    let id = answer.header("x-request-id");
    !id.is_empty() && answer.text().contains(&format!("Reference: {id}"))
}

#[tokio::test]
async fn the_failure_page_quotes_the_reference_of_its_request() {
    let postern = Postern::start().await;
    let ada = known_to(&postern, Manner::Form).await;
    let page = ada.open("/").await;
    assert_eq!(page.status, 503);
    assert!(quotes_its_request(&page), "{page:?}");
}

#[tokio::test]
async fn a_fetch_that_fails_is_told_its_reference_in_a_field_and_in_the_sentence() {
    let postern = Postern::start().await;
    let ada = known_to(&postern, Manner::Fetch).await;
    let answer = ada.call("redeem_code", &[("code", "12345678")]).await;
    answer.assert_refused("not_ready", 503);
    assert_eq!(answer.json()["reference"], answer.header("x-request-id"));
    assert!(answer.json()["message"].as_str().unwrap().ends_with(answer.header("x-request-id")));
}

#[tokio::test]
async fn a_form_that_fails_gets_a_page_that_quotes_its_reference() {
    let postern = broken().await;
    let answer = postern.browser(Manner::Form).call("request_link", &[("email", ADA)]).await;
    assert_eq!(answer.status, 503);
    assert!(quotes_its_request(&answer), "{answer:?}");
}

#[tokio::test]
async fn a_refusal_has_no_reference() {
    let postern = Postern::start().await;
    let answer = postern.browser(Manner::Fetch).call("request_link", &[("email", "x")]).await;
    assert_eq!(answer.json().get("reference"), None);
}

#[tokio::test]
async fn a_reference_that_could_be_markup_is_not_repeated() {
    let postern = Postern::start().await;
    let ada = known_to(&postern, Manner::Form).await;
    for id in ["<script>alert(1)</script>", "short", &"x".repeat(65), "a b c d e f g"] {
        let page = ada.send(ada.navigation("/").header("x-request-id", id)).await;
        assert_eq!(page.status, 503);
        assert!(!page.text().contains("Reference"), "{id}: {page:?}");
    }
    let page = ada.send(ada.navigation("/").header("x-request-id", "proxy-0123456789")).await;
    assert!(page.text().contains("Reference: proxy-0123456789"), "{page:?}");
}
