//! Signing in by the link in the mail.

use reqwest::Method;

use crate::harness::{ADA, BOB, LINK_MAX_AGE, Log, Manner, Postern, SECOND};

async fn a_link_signs_in_and_leads_to_the_page_that_was_wanted(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    let asked = ada.call("request_link", &[("email", ADA), ("next", "/reports/2026?by=month")]).await;
    asked.assert_leads_to("/login/sent");
    let mail = postern.mail().await;
    ada.redeem_link(&mail.token()).await.assert_leads_to("/reports/2026?by=month");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    assert!(ada.open("/").await.text().contains(ADA));
}

async fn an_address_is_the_same_however_it_is_written(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask("  Ada@EXAMPLE.com ").await;
    let mail = postern.mail().await;
    assert_eq!(mail.to, ADA);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

async fn a_link_does_not_work_in_another_browser_but_still_does_where_it_was_asked_for(manner: Manner) {
    let postern = Postern::start().await;
    let (ada, thief) = (postern.browser(manner), postern.browser(manner));
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    thief.redeem_link(&mail.token()).await.assert_refused("other_browser", 409);
    assert_eq!(thief.whoami().await, None);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

async fn a_link_does_not_work_where_somebody_else_asked(manner: Manner) {
    let postern = Postern::start().await;
    let (ada, bob) = (postern.browser(manner), postern.browser(manner));
    ada.ask(ADA).await;
    let to_ada = postern.mail().await;
    bob.ask(BOB).await;
    bob.redeem_link(&to_ada.token()).await.assert_refused("other_browser", 409);
    assert_eq!(bob.whoami().await, None);
}

async fn a_second_use_of_a_link_is_refused_and_says_so(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let old = ada.copy();
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    old.redeem_link(&mail.token()).await.assert_refused("used", 410);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA), "a used link signs nobody out");
}

async fn a_used_link_stays_used_after_signing_out(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    ada.redeem_link(&mail.token()).await.assert_refused("other_browser", 409);
    assert_eq!(ada.whoami().await, None);
}

async fn a_code_after_its_link_is_refused(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let old = ada.copy();
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    old.redeem_code(&mail.code()).await.assert_refused("used", 410);
}

async fn a_link_works_for_exactly_its_age(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    postern.wait(LINK_MAX_AGE + SECOND);
    ada.redeem_link(&mail.token()).await.assert_refused("expired", 410);
    assert_eq!(ada.whoami().await, None);

    ada.ask(ADA).await;
    let mail = postern.mail().await;
    postern.wait(LINK_MAX_AGE);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn a_newer_request_makes_the_older_link_void(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let older = postern.mail().await;
    postern.wait(SECOND);
    ada.ask(ADA).await;
    let newer = postern.mail().await;
    ada.redeem_link(&older.token()).await.assert_refused("superseded", 410);
    ada.redeem_link(&newer.token()).await.assert_leads_to("/");
}

async fn a_link_that_was_tampered_with_is_refused(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let token = postern.mail().await.token();
    let (signed, signature) = token.rsplit_once(':').unwrap();
    let (email, timestamp) = signed.rsplit_once(':').unwrap();
    for forged in [
        String::new(),
        ":".repeat(3),
        signed.to_owned(),
        token[..token.len() - 1].to_owned(),
        format!("{token}A"),
        format!("{token} "),
        format!("{BOB}:{timestamp}:{signature}"),
        format!("{email}:zzzzzz:{signature}"),
        format!("{signed}:{}", signature.to_lowercase()),
        format!("{signed}:{}", "A".repeat(43)),
    ] {
        ada.redeem_link(&forged).await.assert_refused("malformed_link", 422);
    }
    assert_eq!(ada.whoami().await, None);
    ada.redeem_link(&token).await.assert_leads_to("/");
}

async fn looking_at_a_link_never_uses_it_up(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    let scanner = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    for visitor in [&scanner, &ada] {
        for _ in 0..5 {
            let page = visitor.open(&mail.path()).await;
            assert_eq!(page.status, 200);
            assert!(page.text().contains("Almost there"));
            assert_eq!(visitor.fetch(&mail.path()).await.status, 200);
            assert_eq!(visitor.send(visitor.request(Method::HEAD, &mail.path())).await.status, 200);
        }
    }
    assert_eq!(postern.rows("sessions WHERE successor IS NOT NULL").await, 0);
    assert_eq!(ada.whoami().await, None, "a look signs nobody in");
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
}

in_both_manners!(
    a_link_signs_in_and_leads_to_the_page_that_was_wanted,
    an_address_is_the_same_however_it_is_written,
    a_link_does_not_work_in_another_browser_but_still_does_where_it_was_asked_for,
    a_link_does_not_work_where_somebody_else_asked,
    a_second_use_of_a_link_is_refused_and_says_so,
    a_used_link_stays_used_after_signing_out,
    a_code_after_its_link_is_refused,
    a_link_works_for_exactly_its_age,
    a_newer_request_makes_the_older_link_void,
    a_link_that_was_tampered_with_is_refused,
    looking_at_a_link_never_uses_it_up,
);

#[tokio::test]
async fn the_page_behind_a_link_has_a_button_that_works_without_javascript() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let page = ada.open(&mail.path()).await.text();
    assert!(page.contains(r#"action="/api/redeem_link""#) && page.contains(r#"method="post""#), "{page}");
    assert!(page.contains(&format!(r#"name="token" value="{}""#, mail.token())), "{page}");
}

#[tokio::test]
async fn the_page_behind_a_bad_link_says_so_in_words_and_in_its_status() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let page = ada.open(&mail.path()[..mail.path().len() - 1]).await;
    assert_eq!(page.status, 422);
    assert!(page.text().contains("This link is not complete"));
    postern.wait(LINK_MAX_AGE + SECOND);
    let page = ada.open(&mail.path()).await;
    assert_eq!(page.status, 410);
    assert!(page.text().contains("This link has expired"));
}

#[tokio::test]
async fn each_refusal_of_a_link_leads_to_a_page_that_says_what_to_do() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    for (refusal, words) in [
        ("used", "This link has already been used"),
        ("expired", "This link has expired"),
        ("superseded", "A newer link was sent"),
        ("other_browser", "Open this link in the browser where you asked for it"),
        ("not_allowed", "This address may not sign in"),
        ("malformed_link", "This link is not complete"),
    ] {
        let page = visitor.open(&format!("/verify?refusal={refusal}")).await.text();
        assert!(page.contains(words) && page.contains(r#"href="/login""#), "{refusal}: {page}");
    }
}

#[tokio::test]
async fn a_page_with_a_slash_too_many_is_the_page() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    for (path, page) in
        [("/login/", "/login"), ("/login/sent/", "/login/sent"), ("/verify/?token=x", "/verify")]
    {
        let answer = visitor.open(path).await;
        assert_eq!((answer.status, answer.location()), (303, page), "{path}");
    }
}

#[tokio::test]
async fn no_page_that_refuses_repeats_what_it_was_given() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.ask(ADA).await;
    let token = postern.mail().await.token();
    postern.wait(LINK_MAX_AGE + SECOND);
    let signature = token.rsplit(':').next().unwrap();
    for path in [
        format!("/verify?token={token}"),
        format!("/verify?token={token}x"),
        format!("/login/nothing?token={token}"),
        format!("/reports?token={token}"),
    ] {
        let answer = ada.open(&path).await;
        assert!(!answer.text().contains(signature), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn links_that_make_no_sense_are_noted_once_a_minute() {
    let postern = Postern::start().await;
    let stranger = postern.browser(Manner::Fetch);
    let log = Log::listen();
    for number in 0..20 {
        let token = format!("nonsense-{number}");
        assert_eq!(stranger.open(&format!("/verify?token={token}")).await.status, 422);
        stranger.redeem_link(&token).await.assert_refused("malformed_link", 422);
    }
    assert_eq!(postern.rows("audit").await, 1);
    let said = log.by_default();
    let (reason, audit): (Vec<_>, Vec<_>) = said.iter().partition(|line| line.contains("link refused"));
    assert!(reason.len() == 1 && reason[0].contains("Malformed"), "{said:?}");
    assert!(audit.len() == 1 && audit[0].contains("malformed_link"), "{said:?}");
}
