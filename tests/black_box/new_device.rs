//! The mail about a sign-in in a browser that is not known: who gets one, what stands in it, and what it never does.

use std::time::Duration;

use postern::{domain::Budget, server::workers::run_notices, state::under_way::PAUSE};
use tokio::time::timeout;

use crate::harness::{
    ADA, BOB, Browser, Mail, MailServer, Manner, Postern, Reception, jump, limit_setting, shipped_limits,
};
use crate::known::forged;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
/// As it is shipped: an empty value counts as unset.
const SHIPPED: (&str, &str) = ("NEW_DEVICE_MAILS", "");
/// Longer than the longest pause between two tries.
const LONG: Duration = Duration::from_secs(20 * 60);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Of the runtime's clock, which jumps.
const A_LONG_TIME: Duration = Duration::from_secs(3_600);

/// A server with the shipped setting whose mails go to `server`.
async fn postern_with(server: &MailServer, more: &[(&str, &str)]) -> Postern {
    let smtp = [("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "127.0.0.1")];
    Postern::start_with(&[&smtp, &server.settings()[..], &[SHIPPED], more].concat()).await
}

/// Signs in and tells what arrived afterwards.
async fn told(postern: &Postern, server: &MailServer, browser: &Browser, email: &str) -> Vec<Mail> {
    sign_in(postern, server, browser, email).await;
    postern.deliver().await;
    server.mails()
}

async fn sign_in(postern: &Postern, server: &MailServer, browser: &Browser, email: &str) {
    browser.ask(email).await;
    postern.deliver().await;
    let [mail] = server.mails().try_into().unwrap();
    browser.redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn whoever_signs_in_with_a_new_browser_is_told_which_and_when_and_what_to_do(manner: Manner) {
    let server = MailServer::start(&[]).await;
    let postern = {
        let brand = [("SITE_NAME", "The workshop"), ("SUPPORT_ADDRESS", "help@example.com")];
        postern_with(&server, &[&shipped_limits()[..], &brand].concat()).await
    };
    let desk = postern.browser(manner).called(FIREFOX);
    let [mail] = told(&postern, &server, &desk, ADA).await.try_into().unwrap();
    assert_eq!((mail.to.as_str(), mail.date), (ADA, postern.state.clock.now().secs()));
    assert_eq!(mail.subject, "New sign-in to The workshop: Firefox on Linux");
    assert_eq!(mail.auto_submitted, "auto-generated");
    let devices = format!("{}/sessions", postern.public_url());
    for part in [&mail.text, &mail.html] {
        let told = [
            "Firefox on Linux",
            "2026-09-21 14:13 UTC",
            "Was that you?",
            "Was it not you?",
            "help@example.com",
        ];
        for said in told.into_iter().chain([devices.as_str()]) {
            assert!(part.contains(said), "{said}: {part}");
        }
    }
}

async fn it_holds_neither_link_nor_code_nor_anything_that_opens_a_door(manner: Manner) {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    let desk = postern.browser(manner).called(FIREFOX);
    desk.ask(ADA).await;
    postern.deliver().await;
    let [sign_in] = server.mails().try_into().unwrap();
    desk.redeem_code(&sign_in.code()).await.assert_leads_to("/");
    postern.deliver().await;
    let [mail] = server.mails().try_into().unwrap();
    for secret in [sign_in.token(), sign_in.code(), desk.cookie_value()] {
        assert!(!mail.raw.contains(&secret) && !mail.text.contains(&secret), "{}", mail.raw);
    }
    for part in [&mail.text, &mail.html] {
        assert!(!part.contains("/verify") && !part.contains("token"), "{part}");
        let port = postern.port().to_string();
        let digits = part.replace(&port, "").replace("2026-09-21", "");
        let longest =
            digits.split(|c: char| !c.is_ascii_digit() && c != ' ').map(|run| run.trim().len()).max();
        assert!(mail.text.len() > 100 && longest < Some(8), "{part}");
    }
    let thief = postern.browser(Manner::Form);
    assert_eq!(thief.open("/sessions").await.status, 303, "the page it leads to is guarded");
}

async fn a_browser_that_is_known_is_told_of_nothing_and_a_new_one_is(manner: Manner) {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    let desk = postern.browser(manner);
    assert_eq!(
        told(&postern, &server, &desk, ADA).await.len(),
        1,
        "the very first one is told like any other"
    );
    for _ in 0..2 {
        desk.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
        assert_eq!(told(&postern, &server, &desk, ADA).await.len(), 0);
    }
    assert_eq!(told(&postern, &server, &postern.browser(manner), ADA).await.len(), 1);
    // Known to Ada is not known to Bob.
    let [bobs] = told(&postern, &server, &desk, BOB).await.try_into().unwrap();
    assert_eq!(bobs.to, BOB);
    let liar = postern.browser(manner);
    liar.take_known(desk.known().map(forged));
    assert_eq!(told(&postern, &server, &liar, ADA).await.len(), 1);
}

async fn the_operator_may_turn_it_off(manner: Manner) {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[("NEW_DEVICE_MAILS", "off")]).await;
    assert_eq!(told(&postern, &server, &postern.browser(manner), ADA).await.len(), 0);
    assert_eq!(postern.rows("outbox").await, 0);
    let postern = postern.restart_with(&[("NEW_DEVICE_MAILS", "on")]).await;
    assert_eq!(told(&postern, &server, &postern.browser(manner), ADA).await.len(), 1);
}

async fn one_mail_is_told_once_however_often_it_is_redeemed(manner: Manner) {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    let desk = postern.browser(manner);
    desk.ask(ADA).await;
    postern.deliver().await;
    let [mail] = server.mails().try_into().unwrap();
    // The answers are lost, each with its cookies.
    for _ in 0..5 {
        desk.copy().redeem_link(&mail.token()).await.assert_leads_to("/");
        postern.deliver().await;
    }
    assert_eq!(server.mails().len(), 1);
}

async fn a_mail_server_that_is_away_hinders_no_sign_in_and_it_comes_later(manner: Manner) {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    let desk = postern.browser(manner);
    sign_in(&postern, &server, &desk, ADA).await;
    server.receive(Reception::Answer("451 later, please"));
    server.receive(Reception::HangUpInData);
    for _ in 0..2 {
        postern.deliver().await;
        assert_eq!((server.mails().len(), desk.whoami().await.as_deref()), (0, Some(ADA)));
        postern.wait(LONG);
    }
    postern.deliver().await;
    let [mail] = server.mails().try_into().unwrap();
    assert!(mail.subject.starts_with("New sign-in"), "{}", mail.subject);
    assert_eq!(postern.rows("outbox").await, 0);
}

async fn it_waits_for_no_budget_and_spends_none(manner: Manner) {
    // Named people may use three of four.
    let server = MailServer::start(&[]).await;
    let limit = [(limit_setting(Budget::Mails), "4 per 1h"), (limit_setting(Budget::Address), "2 per 1h")];
    let postern = postern_with(&server, &limit).await;
    assert_eq!(told(&postern, &server, &postern.browser(manner), ADA).await.len(), 1);
    assert_eq!(told(&postern, &server, &postern.browser(manner), ADA).await.len(), 1);
    assert_eq!(told(&postern, &server, &postern.browser(manner), BOB).await.len(), 1, "all three have left");
    postern.browser(manner).ask(BOB).await;
    postern.deliver().await;
    assert_eq!(server.mails().len(), 0, "the control: the budget is empty");
}

in_both_manners!(
    whoever_signs_in_with_a_new_browser_is_told_which_and_when_and_what_to_do,
    it_holds_neither_link_nor_code_nor_anything_that_opens_a_door,
    a_browser_that_is_known_is_told_of_nothing_and_a_new_one_is,
    the_operator_may_turn_it_off,
    one_mail_is_told_once_however_often_it_is_redeemed,
    a_mail_server_that_is_away_hinders_no_sign_in_and_it_comes_later,
    it_waits_for_no_budget_and_spends_none,
);

/// Reason and address of each entry of that event.
async fn noted(postern: &Postern, event: &str) -> Vec<(Option<String>, String)> {
    let entries = format!("SELECT reason, email FROM audit WHERE event = '{event}' ORDER BY id");
    let rows = postern.database().await.rows(&entries).await;
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn the_trail_says_that_it_was_sent_or_given_up() {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    told(&postern, &server, &postern.browser(Manner::Fetch), ADA).await;
    let about = |email: &str| (Some("new_device".to_owned()), email.to_owned());
    assert_eq!(noted(&postern, "sent").await, [(None, ADA.to_owned()), about(ADA)]);
    sign_in(&postern, &server, &postern.browser(Manner::Fetch), BOB).await;
    server.receive(Reception::Answer("550 no such person"));
    postern.deliver().await;
    assert_eq!(noted(&postern, "gave_up").await, [about(BOB)]);
    assert_eq!((server.mails().len(), postern.rows("outbox").await), (0, 0));
}

#[tokio::test]
async fn whoever_has_left_the_allowlist_by_then_gets_none() {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    sign_in(&postern, &server, &postern.browser(Manner::Fetch), ADA).await;
    postern.allow_only(&[BOB]);
    postern.deliver().await;
    assert_eq!((server.mails().len(), postern.rows("outbox").await), (0, 0));
    assert_eq!(noted(&postern, "gave_up").await.len(), 1);
}

#[tokio::test]
async fn it_is_tried_for_a_day() {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    sign_in(&postern, &server, &postern.browser(Manner::Fetch), ADA).await;
    server.receive(Reception::Answer("451 later, please"));
    postern.deliver().await;
    postern.wait(DAY - LONG);
    server.receive(Reception::Answer("451 later, please"));
    postern.deliver().await;
    assert_eq!(postern.rows("outbox").await, 1);
    postern.wait(LONG);
    postern.deliver().await;
    assert_eq!((server.mails().len(), postern.rows("outbox").await), (0, 0));
    assert_eq!(noted(&postern, "gave_up").await.len(), 1);
}

#[tokio::test]
async fn a_process_that_ends_in_between_loses_none() {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    sign_in(&postern, &server, &postern.browser(Manner::Fetch), ADA).await;
    let postern = postern.restart_with(&[]).await;
    postern.deliver().await;
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn its_worker_sends_it_when_the_bell_rings_and_one_that_hangs_holds_up_nobody() {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    let worker = tokio::spawn(run_notices(postern.state.clone()));
    let (ada, bob) = (postern.browser(Manner::Fetch), postern.browser(Manner::Fetch));
    ada.ask(ADA).await;
    postern.deliver().await;
    let mail = server.mail().await;
    server.receive(Reception::SilenceInData);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    server.is_silent().await;
    bob.ask(BOB).await;
    postern.deliver().await;
    let mail = server.mail().await;
    bob.redeem_link(&mail.token()).await.assert_leads_to("/");
    let told = server.mail().await;
    assert_eq!((told.to.as_str(), told.subject.starts_with("New sign-in")), (BOB, true));
    worker.abort();
}

#[tokio::test]
async fn one_whose_end_cannot_be_written_leaves_once_and_keeps_no_other_from_leaving() {
    let server = MailServer::start(&[]).await;
    let postern = postern_with(&server, &[]).await;
    sign_in(&postern, &server, &postern.browser(Manner::Fetch), ADA).await;
    let of_ada = format!("NEW.event = 'sent' AND NEW.email = '{ADA}'");
    postern.database().await.break_writing("audit", &of_ada).await;
    let worker = tokio::spawn(run_notices(postern.state.clone()));
    assert_eq!(server.mail().await.to, ADA);
    sign_in(&postern, &server, &postern.browser(Manner::Fetch), BOB).await;
    assert_eq!(server.mail().await.to, BOB);
    let sent = "audit WHERE event = 'sent' AND reason = 'new_device'";
    let written = async |count: i64| {
        while postern.rows(sent).await < count {
            jump(PAUSE).await;
        }
    };
    timeout(A_LONG_TIME, written(1)).await.expect("Bob's end is written");
    for _ in 0..10 {
        // Longer than a claim, all in all.
        postern.wait(Duration::from_secs(10));
        jump(PAUSE).await;
    }
    postern.database().await.mend_writing("audit").await;
    timeout(A_LONG_TIME, written(2)).await.expect("an end that can be written is written");
    assert_eq!((postern.rows("outbox").await, postern.rows(sent).await, server.mails().len()), (0, 2, 0));
    worker.abort();
}
