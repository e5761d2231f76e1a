//! What may happen only so often: mails to one address, requests from one network, wrong codes for one address.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::harness::{ADA, Answer, BOB, Browser, Manner, Postern, SECOND};

const GAP: (&str, &str) = ("LIMIT_BROWSER", "1 per 60s");
const NETWORK: (&str, &str) = ("LIMIT_NETWORK", "30 per 5m");
const CODES: (&str, &str) = ("LIMIT_ADDRESS_CODES", "20 per 1h");
/// The tests speak to the server as if they were a proxy.
const BEHIND_US: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// Somebody new asks for a mail.
async fn ask(postern: &Postern, manner: Manner, email: &str) -> Answer {
    postern.browser(manner).call("request_link", &[("email", email)]).await
}

/// Somebody new asks, and a proxy says where they are.
async fn ask_from(postern: &Postern, forwarded_for: &str, email: &str) -> Answer {
    let visitor = postern.browser(Manner::Fetch);
    let request = visitor.post("/api/request_link").header("x-forwarded-for", forwarded_for);
    visitor.send(request.form(&[("email", email)])).await
}

/// Refused, with that number of seconds to wait.
#[track_caller]
fn assert_limited(answer: &Answer, manner: Manner, wait: u64) {
    answer.assert_refused("limited", 429);
    assert_eq!(answer.number(), wait, "{answer:?}");
    if manner == Manner::Fetch {
        assert_eq!(answer.header("retry-after"), wait.to_string());
    }
}

async fn a_browser_may_ask_again_for_one_inbox_after_a_minute(manner: Manner) {
    let postern = Postern::start_with(&[GAP]).await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    assert_limited(&ada.call("resend_link", &[]).await, manner, 60);
    postern.wait(Duration::from_secs(59));
    assert_limited(&ada.call("resend_link", &[]).await, manner, 1);
    postern.wait(SECOND);
    ada.call("resend_link", &[]).await.assert_leads_to("/login/sent?notice=sent_again");
    // Whoever has mistyped the address need not wait.
    ada.ask(BOB).await;
    assert_eq!(postern.mails().await.last().unwrap().to, BOB);
}

async fn nobody_is_told_that_somebody_else_has_asked(manner: Manner) {
    let postern =
        Postern::start_with(&[GAP, ("LIMIT_ADDRESS", "2 per 1h"), ("LIMIT_ADDRESS_NETWORK", "1 per 1h")])
            .await;
    for _ in 0..4 {
        ask(&postern, manner, ADA).await.assert_leads_to("/login/sent");
        ask(&postern, manner, " ADA+tag@Example.COM ").await.assert_leads_to("/login/sent");
    }
    assert_eq!(postern.mails().await.len(), 1, "the limit was met all the same");
}

async fn a_thirty_first_request_from_one_network_is_refused_for_whatever_address(manner: Manner) {
    let postern = Postern::start_with(&[NETWORK]).await;
    for n in 0..30 {
        ask(&postern, manner, &format!("person{n}@example.com")).await.assert_leads_to("/login/sent");
    }
    assert_limited(&ask(&postern, manner, ADA).await, manner, 10);
    postern.wait(Duration::from_secs(10));
    ask(&postern, manner, ADA).await.assert_leads_to("/login/sent");
    assert_limited(&ask(&postern, manner, BOB).await, manner, 10);
}

async fn asking_again_counts_like_asking(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_NETWORK", "5 per 15m")]).await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    for _ in 0..4 {
        ada.call("resend_link", &[]).await.assert_leads_to("/login/sent?notice=sent_again");
    }
    assert_limited(&ada.call("resend_link", &[]).await, manner, 180);
    assert_limited(&ask(&postern, manner, BOB).await, manner, 180);
}

async fn neither_a_resend_nor_a_sign_in_resets_a_counter(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_NETWORK", "2 per 15m")]).await;
    let ada = postern.browser(manner);
    ada.sign_in(&postern, ADA).await;
    ada.call("sign_out", &[]).await;
    ada.take_known(None);
    ada.ask(ADA).await;
    ada.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/");
    ada.call("sign_out", &[]).await;
    assert_limited(&ask(&postern, manner, ADA).await, manner, 450);
}

async fn a_refused_request_leaves_the_link_before_it_alive(manner: Manner) {
    let postern = Postern::start_with(&[GAP]).await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    assert_limited(&ada.call("resend_link", &[]).await, manner, 60);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn being_refused_does_not_make_the_wait_longer(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_NETWORK", "5 per 15m")]).await;
    for _ in 0..30 {
        ask(&postern, manner, ADA).await;
    }
    assert_limited(&ask(&postern, manner, ADA).await, manner, 180);
    postern.wait(Duration::from_secs(180));
    ask(&postern, manner, ADA).await.assert_leads_to("/login/sent");
}

async fn limits_hold_across_a_restart(manner: Manner) {
    for (limit, wait) in [(("LIMIT_NETWORK", "1 per 5m"), 300), (("LIMIT_NETWORK_DAY", "1 per 1d"), 86_400)] {
        let postern = Postern::start_with(&[limit]).await;
        ask(&postern, manner, ADA).await.assert_leads_to("/login/sent");
        let postern = postern.restart_with(&[]).await;
        assert_limited(&ask(&postern, manner, ADA).await, manner, wait);
        postern.wait(Duration::from_secs(wait));
        ask(&postern, manner, ADA).await.assert_leads_to("/login/sent");
    }
}

/// Asks once, and again after a restart: whether the second mail waits for `wait` seconds, and no longer.
async fn assert_mail_waits_across_a_restart(limit: (&str, &str), wait: u64) {
    let postern = Postern::start_with(&[limit, ("LINK_MAX_AGE", "1d")]).await;
    ask(&postern, Manner::Fetch, ADA).await.assert_leads_to("/login/sent");
    postern.mail().await;
    let postern = postern.restart_with(&[]).await;
    ask(&postern, Manner::Fetch, ADA).await.assert_leads_to("/login/sent");
    assert_eq!(postern.mails().await.len(), 0, "{limit:?}");
    postern.wait(Duration::from_secs(wait - 1));
    assert_eq!(postern.mails().await.len(), 0, "{limit:?}");
    postern.wait(SECOND);
    assert_eq!(postern.mails().await.len(), 1, "{limit:?}");
}

async fn a_limit_that_is_made_wider_counts_at_once(manner: Manner) {
    for (narrow, wide) in [("1 per 1h", "1 per 60s"), ("1 per 1h", "2 per 1h"), ("1 per 1h", "off")] {
        let postern = Postern::start_with(&[("LIMIT_NETWORK", narrow)]).await;
        ask(&postern, manner, ADA).await.assert_leads_to("/login/sent");
        assert_limited(&ask(&postern, manner, ADA).await, manner, 3_600);
        let postern = postern.restart_with(&[("LIMIT_NETWORK", wide)]).await;
        if wide == "1 per 60s" {
            // What was spent before recovers at the new pace.
            assert_limited(&ask(&postern, manner, ADA).await, manner, 60);
            postern.wait(60 * SECOND);
        } else if wide == "2 per 1h" {
            assert_limited(&ask(&postern, manner, ADA).await, manner, 1_800);
            postern.wait(1_800 * SECOND);
        }
        ask(&postern, manner, ADA).await.assert_leads_to("/login/sent");
    }
}

async fn twenty_wrong_codes_for_one_address_block_its_codes_but_never_its_links(manner: Manner) {
    let postern = Postern::start_with(&[CODES]).await;
    let ada = twenty_wrong_codes(&postern, manner).await;
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    assert_limited(&ada.redeem_code(&mail.code()).await, manner, 180);
    assert_eq!(ada.whoami().await, None);
    let bob = postern.browser(manner);
    bob.ask(BOB).await;
    bob.redeem_code(&postern.mail().await.code()).await.assert_leads_to("/");
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn the_count_of_wrong_codes_survives_a_restart_and_recovers(manner: Manner) {
    let postern = Postern::start_with(&[CODES]).await;
    let ada = twenty_wrong_codes(&postern, manner).await;
    let postern = postern.restart_with(&[]).await;
    let ada = ada.at(postern.port());
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    assert_limited(&ada.redeem_code(&mail.code()).await, manner, 180);
    postern.wait(Duration::from_secs(180));
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

/// Types five wrong codes against each of four mails.
async fn twenty_wrong_codes(postern: &Postern, manner: Manner) -> Browser {
    let ada = postern.browser(manner);
    for _ in 0..4 {
        ada.ask(ADA).await;
        let mail = postern.mail().await;
        for n in 0..5 {
            ada.redeem_code(&mail.wrong_code(n)).await.assert_refused("wrong_code", 422);
        }
    }
    ada
}

async fn right_codes_are_not_counted_as_wrong_ones(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_ADDRESS_CODES", "1 per 1h")]).await;
    for _ in 0..3 {
        let ada = postern.browser(manner);
        ada.ask(ADA).await;
        ada.redeem_code(&postern.mail().await.code()).await.assert_leads_to("/");
    }
}

in_both_manners!(
    a_browser_may_ask_again_for_one_inbox_after_a_minute,
    nobody_is_told_that_somebody_else_has_asked,
    a_thirty_first_request_from_one_network_is_refused_for_whatever_address,
    asking_again_counts_like_asking,
    neither_a_resend_nor_a_sign_in_resets_a_counter,
    a_refused_request_leaves_the_link_before_it_alive,
    being_refused_does_not_make_the_wait_longer,
    limits_hold_across_a_restart,
    a_limit_that_is_made_wider_counts_at_once,
    twenty_wrong_codes_for_one_address_block_its_codes_but_never_its_links,
    the_count_of_wrong_codes_survives_a_restart_and_recovers,
    right_codes_are_not_counted_as_wrong_ones,
);

#[tokio::test]
async fn a_fetch_is_told_in_numbers_how_long_to_wait() {
    let postern = Postern::start_with(&[GAP]).await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    let refused = ada.call("resend_link", &[]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    let message = "That was too often. Wait 60 seconds, then try again.";
    let expected = serde_json::json!({ "refusal": "limited", "retry_after": 60, "message": message });
    assert_eq!(refused.json(), expected);
}

#[tokio::test]
async fn a_form_is_sent_to_a_page_that_says_how_long_to_wait() {
    let postern = Postern::start_with(&[GAP, ("LIMIT_NETWORK", "2 per 15m")]).await;
    let ada = postern.browser(Manner::Form);
    ada.ask(ADA).await;
    let again = ada.call("resend_link", &[]).await;
    assert!(again.location().starts_with("/login/sent?"), "{again:?}");
    let page = ada.open(again.location()).await.text();
    assert!(page.contains("That was too often. Wait 60 seconds, then try again."), "{page}");
    ask(&postern, Manner::Form, BOB).await.assert_leads_to("/login/sent");
    let other = postern.browser(Manner::Form);
    let asked = other.call("request_link", &[("email", BOB)]).await;
    let page = other.open(asked.location()).await;
    assert!(page.text().contains("Wait 8 minutes, then try again."), "{page:?}");
}

#[tokio::test]
async fn two_addresses_of_one_64_are_one_client() {
    let postern = Postern::start_with(&[("LIMIT_NETWORK", "2 per 5m"), BEHIND_US]).await;
    for (client, status) in [
        ("2001:db8:1:2::1", 200),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", 200),
        ("2001:db8:1:2:3:4:5:6", 429),
        ("[2001:db8:1:2::7]:4711", 429),
        ("2001:db8:1:3::1", 200),
        ("203.0.113.9", 200),
        ("::ffff:203.0.113.9", 200),
        ("203.0.113.9:4711", 429),
        ("203.0.113.10", 200),
    ] {
        assert_eq!(ask_from(&postern, client, ADA).await.status, status, "{client}");
    }
}

#[tokio::test]
async fn a_forged_x_forwarded_for_from_a_stranger_buys_nothing() {
    let settings = [("LIMIT_NETWORK", "2 per 5m"), ("TRUSTED_PROXIES", "10.0.0.1")];
    let postern = Postern::in_production(&settings).await;
    for (n, status) in [(1, 200), (2, 200), (3, 429), (4, 429)] {
        let answer = ask_from(&postern, &format!("203.0.113.{n}"), ADA).await;
        assert_eq!(answer.status, status, "{n}");
        let visitor = postern.browser(Manner::Fetch);
        let request = visitor.post("/api/request_link").header("forwarded", format!("for=198.51.100.{n}"));
        let request = request.header("x-real-ip", format!("198.51.100.{n}"));
        if n > 2 {
            assert_eq!(visitor.send(request.form(&[("email", ADA)])).await.status, 429);
        }
    }
}

#[tokio::test]
async fn what_a_client_writes_left_of_the_proxy_buys_nothing_either() {
    let postern = Postern::start_with(&[("LIMIT_NETWORK", "2 per 5m"), BEHIND_US]).await;
    for (n, status) in [(1, 200), (2, 200), (3, 429), (4, 429)] {
        let invented = format!("192.0.2.{n}, unknown, 127.0.0.1, 203.0.113.9");
        assert_eq!(ask_from(&postern, &invented, ADA).await.status, status, "{n}");
    }
    assert_eq!(ask_from(&postern, "203.0.113.9, 198.51.100.1", ADA).await.status, 200);
}

/// Fifty browsers ask at the same time; tells how many were let through.
async fn fifty_at_once(postern: &Postern, email: impl Fn(usize) -> String) -> usize {
    let mut calls = JoinSet::new();
    for n in 0..50 {
        let (visitor, email) = (postern.browser(Manner::Fetch), email(n));
        calls.spawn(async move { visitor.call("request_link", &[("email", &email)]).await.status });
    }
    let statuses = calls.join_all().await;
    assert!(statuses.iter().all(|status| matches!(status, 200 | 429)), "{statuses:?}");
    statuses.iter().filter(|status| **status == 200).count()
}

#[tokio::test]
async fn fifty_parallel_requests_cannot_exceed_the_limit_of_an_address() {
    let postern = Postern::start_with(&[("LIMIT_ADDRESS", "5 per 15m")]).await;
    assert_eq!(fifty_at_once(&postern, |_| ADA.to_owned()).await, 50, "nobody is told");
    assert_eq!(postern.mails().await.len(), 5);
}

#[tokio::test]
async fn fifty_parallel_requests_cannot_exceed_the_limit_of_a_network() {
    let postern = Postern::start_with(&[NETWORK]).await;
    assert_eq!(fifty_at_once(&postern, |n| format!("person{n}@example.com")).await, 30);
}

#[tokio::test]
async fn parallel_guesses_against_several_mails_cannot_exceed_the_limit_of_an_address() {
    let postern = Postern::start_with(&[CODES]).await;
    let mut guesses = JoinSet::new();
    for _ in 0..6 {
        let ada = postern.browser(Manner::Fetch);
        ada.ask(ADA).await;
        let mail = postern.mail().await;
        for n in 0..5 {
            let (ada, code) = (ada.clone(), mail.wrong_code(n));
            guesses.spawn(async move { ada.redeem_code(&code).await });
        }
    }
    let answers = guesses.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), 20, "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer.status, 422 | 429)), "{answers:?}");
}

#[tokio::test]
async fn a_limit_that_is_off_lets_everything_through() {
    let postern = Postern::start_with(&[("LIMIT_BROWSER", "off"), ("LIMIT_NETWORK", " off ")]).await;
    assert_eq!(fifty_at_once(&postern, |_| ADA.to_owned()).await, 50);
}

#[tokio::test]
async fn what_mails_wait_for_is_kept_across_a_restart() {
    for (limit, wait) in [
        (("LIMIT_ADDRESS_NETWORK", "1 per 15m"), 900),
        (("LIMIT_ADDRESS", "1 per 15m"), 900),
        (("LIMIT_NETWORK_MAILS", "1 per 1h"), 3_600),
        (("LIMIT_MAILS", "1 per 1h"), 3_600),
    ] {
        assert_mail_waits_across_a_restart(limit, wait).await;
    }
}
