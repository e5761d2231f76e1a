//! The real binary, killed as by a power cut with a mail in its hands.
//!
//! What the answer promised is kept: the mail goes out at least once, always under the same Message-ID, and no
//! longer than its link lives.

use std::path::Path;

use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::harness::{ADA, BOB, Browser, Child, Mail, MailServer, Manner, Reception};

/// A server process with those settings for its mails, and somebody who visits it.
fn serve(folder: &Path, mail: [(&str, &str); 3]) -> (Child, Browser) {
    let (child, port) = Child::serve(folder, &without_a_gap(mail));
    (child, Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch))
}

/// The same server again, where it was before.
fn serve_again(folder: &Path, browser: &Browser, mail: [(&str, &str); 3]) -> (Child, Browser) {
    let (child, port) = Child::serve_on(browser.port, folder, &without_a_gap(mail)).unwrap();
    (child, browser.at(port))
}

fn without_a_gap<'a>(mail: [(&'a str, &'a str); 3]) -> Vec<(&'a str, &'a str)> {
    [&mail[..], &[("LIMIT_BROWSER", "off")]].concat()
}

/// The only mail in the outbox.
async fn message_id(child: &Child) -> String {
    child.database().await.one("SELECT message_id FROM outbox").await
}

async fn outbox_is_empty(child: &Child) -> bool {
    child.database().await.count("outbox").await == 0
}

fn left_half(mail: &Mail) -> &str {
    mail.message_id.split('@').next().unwrap()
}

/// Kills the server once `reception` has silenced the mail server. Gives the mail after the restart.
async fn killed_in(reception: Reception) -> (Mail, MailServer) {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[reception]).await;
    let (mut child, ada) = serve(folder.path(), server.settings());
    ada.ask(ADA).await;
    server.is_silent().await;
    let message_id = message_id(&child).await;
    child.kill();
    let before = (reception == Reception::SilenceAfterData).then(|| server.mails().remove(0));

    let (mut child, ada) = serve_again(folder.path(), &ada, server.settings());
    let mail = server.mail().await;
    assert_eq!(left_half(&mail), message_id);
    if let Some(before) = before {
        assert_eq!((before.message_id, before.date), (mail.message_id.clone(), mail.date));
        assert_eq!((before.text, before.html), (mail.text.clone(), mail.html.clone()), "one mail, twice");
    }
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert!(child.says(|line| line.contains(r#"sent kind="sign_in""#)));
    child.stop();
    assert!(outbox_is_empty(&child).await);
    (mail, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_outlives_a_crash_before_the_mail_server_has_answered() {
    let (_, server) = killed_in(Reception::Silence).await;
    assert!(server.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_outlives_a_crash_in_the_middle_of_its_text() {
    let (_, server) = killed_in(Reception::SilenceInData).await;
    assert!(server.mails().is_empty(), "half a mail is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_taken_without_a_word_comes_again_as_the_same_mail() {
    let (_, server) = killed_in(Reception::SilenceAfterData).await;
    assert!(server.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_outlives_a_crash_right_after_the_answer_to_the_request() {
    let folder = TempDir::new().unwrap();
    // Bound, and nobody accepts.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port().to_string();
    let settings = [("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", port.as_str())];
    let (mut child, ada) = serve(folder.path(), settings);
    ada.ask(ADA).await;
    child.kill();
    let message_id = message_id(&child).await;

    let server = MailServer::open(closed, &[]);
    let (_child, ada) = serve_again(folder.path(), &ada, server.settings());
    let mail = server.mail().await;
    assert_eq!(left_half(&mail), message_id);
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_one_mail_holds_up_no_other() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[Reception::SilenceInData]).await;
    let (mut child, ada) = serve(folder.path(), server.settings());
    ada.ask(ADA).await;
    server.is_silent().await;
    child.kill();
    let (_child, ada) = serve_again(folder.path(), &ada, server.settings());
    // In a browser of his own: in hers he would replace her mail.
    Browser::new(ada.port, &format!("http://127.0.0.1:{}", ada.port), Manner::Fetch).ask(BOB).await;
    let mut reached = [server.mail().await.to, server.mail().await.to];
    reached.sort();
    assert_eq!(reached, [ADA, BOB]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_after_the_link_would_have_expired() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[Reception::SilenceInData]).await;
    let (mut child, ada) = serve(folder.path(), server.settings());
    ada.ask(ADA).await;
    server.is_silent().await;
    child.kill();
    // The machine comes back after six minutes.
    let later =
        "UPDATE outbox SET issued_at = issued_at - 360, expires_at = expires_at - 360, due_at = due_at - 360";
    child.database().await.run(later).await;
    let (mut child, ada) = serve_again(folder.path(), &ada, server.settings());
    assert!(child.says(|line| line.contains("gave_up") && line.contains("expired")));
    ada.ask(BOB).await;
    assert_eq!(server.mail().await.to, BOB, "the next mail is the next one that is sent");
    assert!(server.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_is_asked_for_lets_the_mail_under_way_finish() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[Reception::PauseAfterData]).await;
    let (mut child, ada) = serve(folder.path(), server.settings());
    ada.ask(ADA).await;
    server.is_silent().await;
    child.signal("TERM");
    assert!(child.says(|line| line.contains("stopping: open requests and mails may finish")));
    // The mail server has the text and has not said so yet. Only a process that waits for it can know that it was sent.
    server.go_on();
    let (status, said) = child.end_with_status();
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains(r#"sent kind="sign_in""#), "the process waited for the mail server: {said}");
    assert!(outbox_is_empty(&child).await, "so the next start does not send it again");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_was_lost_with_its_database_costs_nobody_the_code() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[Reception::PauseAfterData]).await;
    let (mut child, ada) = serve(folder.path(), server.settings());
    ada.ask(ADA).await;
    server.is_silent().await;
    // As a standby that lags behind and takes over now: it knows nothing of that the mail is on its way.
    child.database().await.run("UPDATE sessions SET mail_left = 0").await;
    server.go_on();
    assert!(child.says(|line| line.contains(r#"sent kind="sign_in""#)));
    ada.redeem_code(&server.mails().remove(0).code()).await.assert_leads_to("/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_signs_nobody_out_and_gives_no_link_a_second_use() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[]).await;
    let (mut child, ada) = serve(folder.path(), server.settings());
    ada.ask(ADA).await;
    let mail = server.mail().await;
    let replay = ada.copy();
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    child.kill();
    let (_child, ada) = serve_again(folder.path(), &ada, server.settings());
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    replay.at(ada.port).redeem_link(&mail.token()).await.assert_refused("used", 410);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

#[test]
fn signals_are_heard_from_the_first_moment_that_it_is_ready() {
    let folder = TempDir::new().unwrap();
    for _ in 0..20 {
        // Without a pause: until somebody listens, either of the two would end the process.
        let (mut child, _) = Child::serve(folder.path(), &[]);
        child.signal("HUP");
        assert!(child.stop().contains("stopping: open requests and mails may finish"));
    }
}
