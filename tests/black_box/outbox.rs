//! A mail that is accepted is sent, whatever happens to the mail server or to us; and no longer than it is of use.

use std::time::Duration;

use postern::{
    mail::mailer::MAIL_TIMEOUT,
    server::workers::{MAX_PARALLEL_MAILS, run_outbox},
};
use tokio::time::timeout;

use crate::harness::{ADA, BOB, Browser, LINK_MAX_AGE, Mail, MailServer, Manner, Postern, Reception, SECOND};

/// Longer than the longest first pause, shorter than the shortest second one twice.
const A_WHILE: Duration = Duration::from_secs(3);

async fn postern_with(server: &MailServer) -> (Postern, Browser) {
    let postern = Postern::start_with(&server.settings()).await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    (postern, ada)
}

async fn after_a_restart(postern: Postern, browser: &Browser) -> (Postern, Browser) {
    let postern = postern.restart_with(&[]).await;
    let browser = browser.at(postern.port());
    (postern, browser)
}

fn only(mut mails: Vec<Mail>) -> Mail {
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.remove(0)
}

#[tokio::test]
async fn a_mail_reaches_its_reader_by_way_of_a_mail_server() {
    let server = MailServer::start(&[]).await;
    let (postern, ada) = postern_with(&server).await;
    postern.deliver().await;
    let mail = only(server.mails());
    assert_eq!(mail.to, ADA);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(postern.rows("outbox").await, 0);
}

#[tokio::test]
async fn a_mail_refused_for_now_is_tried_again_with_the_same_link_and_message_id() {
    let server = MailServer::start(&[]).await;
    let (postern, _) = postern_with(&server).await;
    postern.deliver().await;
    let undisturbed = only(server.mails());

    let server = MailServer::start(&[Reception::Answer("451 later, please"), Reception::HangUp]).await;
    let (postern, ada) = postern_with(&server).await;
    let message_id: String = sqlx::query_scalar("SELECT message_id FROM outbox")
        .fetch_one(&mut postern.database().await)
        .await
        .unwrap();
    postern.deliver().await;
    postern.wait(SECOND);
    postern.deliver().await;
    assert!(server.mails().is_empty(), "the first pause is at least two seconds");
    postern.wait(A_WHILE);
    postern.deliver().await;
    assert!(server.mails().is_empty(), "the second try met a closed door");
    postern.wait(A_WHILE * 2);
    postern.deliver().await;
    let mail = only(server.mails());
    assert_eq!(mail.message_id.split('@').next().unwrap(), message_id);
    assert_eq!(mail.date, undisturbed.date, "the date is that of the request");
    assert_eq!(mail.token(), undisturbed.token(), "and so is the link");
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

#[tokio::test]
async fn the_pauses_between_tries_grow() {
    let server = MailServer::start(&[Reception::HangUp; 20]).await;
    let (postern, _) = postern_with(&server).await;
    let mut pauses = Vec::new();
    while postern.rows("outbox").await == 1 {
        postern.deliver().await;
        let due = postern.state.store.next_due().await.unwrap();
        let Some(due) = due else { break };
        let pause = due.since(postern.state.clock.now());
        pauses.push(pause.as_secs());
        postern.wait(pause);
    }
    let least: Vec<u64> = vec![2, 4, 8, 16, 32, 60, 60, 60];
    assert!((6..=8).contains(&pauses.len()), "{pauses:?}");
    for (pause, least) in pauses.iter().zip(least) {
        assert!((least..=least + least / 4).contains(pause), "{pauses:?}");
    }
}

#[tokio::test]
async fn a_mail_refused_for_good_is_given_up() {
    let server = MailServer::start(&[Reception::Answer("550 no such person")]).await;
    let (postern, _) = postern_with(&server).await;
    postern.deliver().await;
    assert_eq!(postern.rows("outbox").await, 0);
    postern.wait(A_WHILE);
    postern.deliver().await;
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_mail_whose_link_would_have_expired_is_given_up() {
    let server = MailServer::start(&[Reception::HangUp]).await;
    let (postern, _) = postern_with(&server).await;
    postern.deliver().await;
    assert_eq!(postern.rows("outbox").await, 1);
    postern.wait(LINK_MAX_AGE);
    postern.deliver().await;
    assert_eq!(postern.rows("outbox").await, 0);
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn one_refused_mail_holds_up_no_other() {
    let server = MailServer::start(&[Reception::Answer("451 not this one")]).await;
    let (postern, _) = postern_with(&server).await;
    postern.browser(Manner::Fetch).ask(BOB).await;
    postern.deliver().await;
    assert_eq!(only(server.mails()).to, BOB);
    postern.wait(A_WHILE);
    postern.deliver().await;
    assert_eq!(only(server.mails()).to, ADA);
}

#[tokio::test]
async fn a_mail_in_the_hands_of_a_worker_that_died_is_taken_again() {
    let server = MailServer::start(&[Reception::Silence]).await;
    let (postern, ada) = postern_with(&server).await;
    let state = postern.state.clone();
    let worker = tokio::spawn(async move { postern::flow::login::deliver::deliver_due(&state).await });
    server.is_silent().await;
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());

    // Another process, which does not know what the dead one had in its hands.
    let (postern, ada) = after_a_restart(postern, &ada).await;
    postern.wait(Duration::from_secs(59));
    postern.deliver().await;
    assert!(server.mails().is_empty(), "the claim holds for a minute");
    postern.wait(SECOND);
    postern.deliver().await;
    ada.redeem_link(&only(server.mails()).token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_restart_loses_no_mail() {
    let server = MailServer::start(&[]).await;
    let (postern, ada) = postern_with(&server).await;
    let clock = postern.state.clock.clone();
    let reopened =
        postern::state::AppState::open_with_clock(postern.state.config.clone(), clock).await.unwrap();
    postern::flow::login::deliver::deliver_due(&reopened).await.unwrap();
    ada.redeem_link(&only(server.mails()).token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_of_the_text_is_tried_again() {
    let server = MailServer::start(&[Reception::HangUpInData]).await;
    let (postern, ada) = postern_with(&server).await;
    postern.deliver().await;
    assert!(server.mails().is_empty(), "half a mail is none");
    assert_eq!(postern.rows("outbox").await, 1);
    postern.wait(A_WHILE);
    postern.deliver().await;
    ada.redeem_link(&only(server.mails()).token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_worker_that_died_before_the_mail_server_said_yes_leads_to_the_same_mail_twice() {
    let server = MailServer::start(&[Reception::SilenceAfterData]).await;
    let (postern, ada) = postern_with(&server).await;
    let state = postern.state.clone();
    let worker = tokio::spawn(async move { postern::flow::login::deliver::deliver_due(&state).await });
    server.is_silent().await;
    worker.abort();
    let first = only(server.mails());
    let (postern, ada) = after_a_restart(postern, &ada).await;
    postern.wait(Duration::from_secs(60));
    postern.deliver().await;
    let second = only(server.mails());
    assert_eq!(first.message_id, second.message_id);
    assert_eq!((first.token(), first.code()), (second.token(), second.code()));
    let old = ada.copy();
    ada.redeem_link(&first.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    old.redeem_link(&second.token()).await.assert_refused("used", 410);
}

#[tokio::test]
async fn a_mail_refused_for_good_holds_up_no_other() {
    let server = MailServer::start(&[Reception::Answer("550 no such person")]).await;
    let (postern, _) = postern_with(&server).await;
    let bob = postern.browser(Manner::Fetch);
    bob.ask(BOB).await;
    postern.deliver().await;
    let mail = only(server.mails());
    assert_eq!(mail.to, BOB);
    bob.redeem_link(&mail.token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn mails_that_hang_hold_up_no_other() {
    // One less than the worker has hands.
    let server = MailServer::start(&[Reception::Silence; MAX_PARALLEL_MAILS - 1]).await;
    let (postern, _) = postern_with(&server).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let worker = tokio::spawn(run_outbox(postern.state.clone(), stop));
    let bob = postern.browser(Manner::Fetch);
    let reaches_bob = async {
        server.is_silent().await;
        for _ in 1..MAX_PARALLEL_MAILS - 1 {
            postern.browser(Manner::Fetch).ask(ADA).await;
            server.is_silent().await;
        }
        bob.ask(BOB).await;
        server.mail().await
    };
    let mail = timeout(MAIL_TIMEOUT, reaches_bob).await.expect("before the first of the others is given up");
    assert_eq!(mail.to, BOB);
    bob.redeem_link(&mail.token()).await.assert_leads_to("/");
    worker.abort();
}

#[tokio::test]
async fn a_mail_is_not_sent_once_a_shorter_link_max_age_has_ended_its_link() {
    let postern = Postern::start().await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    postern.wait(SECOND * 61);
    let postern = postern.restart_with(&[("LINK_MAX_AGE", "1m")]).await;
    assert!(postern.mails().await.is_empty());
    assert_eq!(postern.rows("outbox").await, 0, "it was given up");
}
