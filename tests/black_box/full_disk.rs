//! A disk that is full: nothing that cannot be written happens, and what was answered is not lost.

use tempfile::TempDir;

use crate::harness::{ADA, BOB, Browser, Child, MailServer, Manner, Reception};

fn serve(folder: &TempDir, server: &MailServer) -> (Child, Browser, Browser) {
    let (child, port) = Child::serve(folder.path(), &server.settings());
    let browser = || Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch);
    (child, browser(), browser())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_cannot_be_claimed_is_not_sent_and_goes_out_once_there_is_room() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[Reception::HangUp]).await;
    let (mut child, ada, _) = serve(&folder, &server);
    ada.ask(ADA).await;
    assert!(child.says(|line| line.contains("not sent yet")), "the first try met a closed door");
    child.full_disk(true);
    // Twice: the worker pauses and tries again, and does not spin.
    for _ in 0..2 {
        assert!(child.says(|line| line.contains("the outbox cannot be used")));
    }
    assert!(server.mails().is_empty());
    child.full_disk(false);
    let mail = server.mail().await;
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert!(child.says(|line| line.contains(r#"sent kind="sign_in""#)));
    assert!(server.mails().is_empty(), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_looked_at_and_nobody_is_let_in_or_out() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[]).await;
    let (mut child, ada, bob) = serve(&folder, &server);
    bob.ask(BOB).await;
    bob.redeem_link(&server.mail().await.token()).await.assert_leads_to("/");
    assert_eq!(bob.whoami().await.as_deref(), Some(BOB));
    ada.ask(ADA).await;
    let mail = server.mail().await;
    assert!(child.says(|line| line.contains("sent") && line.contains(ADA)));

    child.full_disk(true);
    for n in 0..12 {
        ada.redeem_code(&mail.wrong_code(n)).await.assert_refused("not_ready", 503);
    }
    ada.redeem_code(&mail.code()).await.assert_refused("not_ready", 503);
    ada.redeem_link(&mail.token()).await.assert_refused("not_ready", 503);
    ada.call("resend_link", &[]).await.assert_refused("not_ready", 503);
    bob.call("sign_out", &[]).await.assert_refused("not_ready", 503);
    assert_eq!(bob.whoami().await.as_deref(), Some(BOB), "whoever is in stays in");
    assert_eq!(ada.whoami().await, None);

    child.full_disk(false);
    let wrong = ada.redeem_code(&mail.wrong_code(0)).await;
    wrong.assert_refused("wrong_code", 422);
    assert_eq!(wrong.number(), 4, "none of the others was counted");
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
    bob.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
}
