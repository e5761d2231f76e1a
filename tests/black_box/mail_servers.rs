//! The mail servers: what they are told of us, and the second one, which stands in for the first.

use std::time::Duration;

use crate::harness::{
    ADA, BOB, Browser, Log, MAIL_LOGIN, MailServer, Manner, Postern, Reception, SECOND, jump,
};

const LEFT: &str = "the first mail server fails: mails leave by EMAIL_FALLBACK_HOST";
const BACK: &str = "the first mail server answers: mails leave by EMAIL_HOST again";
/// How long the first server is left alone after its first failure, and how long it may take for a mail.
const PAUSE: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(20);

/// Two mail servers, the first with those receptions, and a Postern that has both.
async fn two_servers(receptions: &[Reception]) -> (MailServer, MailServer, Postern) {
    let (first, second) = (MailServer::start(receptions).await, MailServer::start(&[]).await);
    let (user, password) = MAIL_LOGIN;
    let login =
        [("EMAIL_HOST_USER", user), ("EMAIL_HOST_PASSWORD", password), ("EMAIL_ALLOW_PLAINTEXT", "true")];
    let settings = [&first.settings()[..], &second.fallback_settings(), &login].concat();
    let postern = Postern::start_with(&settings).await;
    (first, second, postern)
}

/// Asks for a mail and has it sent.
async fn send(postern: &Postern) -> Browser {
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    postern.deliver().await;
    ada
}

/// How often a line was logged.
fn count(log: &Log, line: &str) -> usize {
    log.text().matches(line).count()
}

#[tokio::test]
async fn the_name_in_ehlo_is_the_host_of_public_url_or_the_one_that_is_set() {
    for (settings, name) in [
        (&[("PUBLIC_URL", "http://localhost:3000")][..], "localhost"),
        (&[("PUBLIC_URL", "http://127.0.0.1:3000")], "[127.0.0.1]"),
        (&[("PUBLIC_URL", "http://[::1]:3000")], "[IPv6:::1]"),
        (&[("EMAIL_EHLO_NAME", "mail.example.test")], "mail.example.test"),
        (&[("EMAIL_EHLO_NAME", "[IPv6:2001:db8::1]")], "[IPv6:2001:db8::1]"),
    ] {
        let server = MailServer::start(&[]).await;
        let postern = Postern::start_with(&[&server.settings()[..], settings].concat()).await;
        send(&postern).await;
        assert_eq!((server.mails().len(), server.names()), (1, vec![name.to_owned()]), "{settings:?}");
    }
}

#[tokio::test]
async fn the_name_of_a_deployed_server_is_that_of_its_public_url() {
    let server = MailServer::start(&[]).await;
    let postern = Postern::in_production(&server.settings()).await;
    send(&postern).await;
    assert_eq!(server.names(), ["login.example.test"]);
}

#[tokio::test]
async fn answers_go_where_it_is_set_and_otherwise_to_the_sender() {
    for (setting, header) in [
        ("", None),
        ("Help <help@example.test>", Some("Reply-To: Help <help@example.test>\r\n")),
        ("help@example.test", Some("Reply-To: help@example.test\r\n")),
    ] {
        let postern = Postern::start_with(&[("EMAIL_REPLY_TO", setting)]).await;
        postern.browser(Manner::Form).ask(ADA).await;
        let raw = postern.mail().await.raw;
        assert_eq!(raw.contains("Reply-To"), header.is_some(), "{raw}");
        assert!(header.is_none_or(|header| raw.contains(header)), "{raw}");
    }
}

#[tokio::test]
async fn the_second_server_gets_what_the_first_cannot_take() {
    for reception in [
        Reception::HangUp,
        Reception::HangUpInData,
        Reception::Greeting("421 4.3.2 not now"),
        Reception::Greeting("554 5.7.1 not from there"),
        Reception::AnswerTo("EHLO", "550 5.7.1 who are you"),
        Reception::AnswerTo("EHLO", "250 mail.example.test"),
        Reception::AnswerTo("AUTH", "535 5.7.8 wrong"),
        Reception::AnswerTo("AUTH", "454 4.7.0 not now"),
        Reception::AnswerTo("MAIL", "550 5.1.8 not your name"),
        Reception::AnswerTo("MAIL", "452 4.3.1 the disk is full"),
        Reception::AnswerTo("DATA", "554 5.5.1 not now"),
        Reception::Answer("554 5.7.1 <ada@example.com>: Relay access denied"),
        Reception::Answer("421 4.3.2 going down"),
        Reception::Answer("550 5.4.5 daily limit"),
        Reception::AnswerAfterText("451 4.3.0 queue file write error"),
        Reception::AnswerAfterText("554 5.1.90 daily limit"),
    ] {
        let (first, second, postern) = two_servers(&[reception]).await;
        let log = Log::listen();
        let ada = send(&postern).await;
        assert_eq!(
            (first.mails().len(), postern.rows("outbox").await),
            (0, 0),
            "{reception:?}: {}",
            log.text()
        );
        let errors = log.errors();
        assert!(errors.len() == 1 && errors[0].contains(LEFT), "{reception:?}: {}", log.text());
        assert!(errors[0].contains("remedy="), "{errors:?}");
        let mail = second.mail().await;
        ada.redeem_link(&mail.token()).await.assert_leads_to("/");
        assert!(second.mails().is_empty());
    }
}

#[tokio::test]
async fn a_first_server_that_hangs_costs_one_mail_its_patience_and_the_others_nothing() {
    let (first, second, postern) = two_servers(&[Reception::Silence]).await;
    let log = Log::listen();
    postern.browser(Manner::Fetch).ask(ADA).await;
    let (sent, ()) = tokio::join!(postern.deliver(), async {
        first.is_silent().await;
        jump(PATIENCE + SECOND).await;
    });
    let () = sent;
    for _ in 0..20 {
        send(&postern).await;
    }
    assert_eq!((second.mails().len(), first.connections()), (21, 1), "{}", log.text());
    assert_eq!(log.errors().len(), 1, "one change is said once: {}", log.text());
}

#[tokio::test]
async fn the_first_server_gets_mails_again_once_it_answers_and_none_waits_for_that() {
    let (first, second, postern) = two_servers(&[Reception::HangUp; 2]).await;
    let log = Log::listen();
    send(&postern).await;
    jump(PAUSE).await;
    // This one has the first server looked at, in vain, and leaves by the second.
    send(&postern).await;
    while first.connections() < 2 {
        tokio::task::yield_now().await;
    }
    jump(PAUSE * 2).await;
    send(&postern).await;
    assert_eq!((second.mails().len(), first.mails().len()), (3, 0));
    while count(&log, BACK) == 0 {
        tokio::task::yield_now().await;
    }
    let ada = send(&postern).await;
    let mail = first.mail().await;
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!((first.mails().len(), second.mails().len()), (0, 0));
    assert_eq!((count(&log, LEFT), count(&log, BACK)), (1, 1), "{}", log.text());

    first.receive(Reception::AnswerTo("MAIL", "451 4.3.0 not again"));
    send(&postern).await;
    assert_eq!(
        (second.mails().len(), count(&log, LEFT)),
        (1, 2),
        "another change is said again: {}",
        log.text()
    );
}

#[tokio::test]
async fn what_the_first_server_says_of_the_recipient_or_the_text_is_not_asked_at_the_second() {
    for (reception, is_given_up) in [
        (Reception::Answer("550 5.1.1 no such person"), true),
        (Reception::Answer("552 5.2.2 the mailbox is full"), true),
        (Reception::AnswerAfterText("554 5.7.1 it looks like spam"), true),
        (Reception::Answer("450 4.2.1 the mailbox is busy"), false),
        (Reception::Answer("450 4.7.1 greylisted"), false),
    ] {
        let (first, second, postern) = two_servers(&[reception]).await;
        let log = Log::listen();
        send(&postern).await;
        assert_eq!(second.connections(), 0, "{reception:?}");
        assert_eq!(postern.rows("outbox").await == 0, is_given_up, "{reception:?}");
        assert!(log.errors().is_empty(), "{}", log.text());
        postern.browser(Manner::Fetch).ask(BOB).await;
        postern.wait(SECOND * 3);
        postern.deliver().await;
        let mails = first.mails().len();
        assert_eq!(
            (mails, second.connections()),
            (if is_given_up { 1 } else { 2 }, 0),
            "the first is still used"
        );
    }
}

#[tokio::test]
async fn one_recipient_whom_both_servers_refuse_does_not_change_the_server() {
    let (first, second, postern) = two_servers(&[Reception::Answer("550 5.7.1 members only")]).await;
    second.receive(Reception::Answer("550 5.1.1 no such person"));
    let log = Log::listen();
    send(&postern).await;
    assert_eq!((postern.rows("outbox").await, second.connections()), (0, 1));
    send(&postern).await;
    assert_eq!((first.mails().len(), second.mails().len()), (1, 0));
    assert!(log.errors().is_empty(), "{}", log.text());
}

#[tokio::test]
async fn a_mail_that_neither_server_takes_waits_and_the_log_names_the_settings_of_both() {
    let (first, second, postern) = two_servers(&[Reception::AnswerTo("AUTH", "535 5.7.8 wrong")]).await;
    second.receive(Reception::AnswerTo("MAIL", "550 5.7.1 sign in first"));
    let log = Log::listen();
    let ada = send(&postern).await;
    assert_eq!((first.mails().len(), second.mails().len(), postern.rows("outbox").await), (0, 0, 1));
    let errors = log.errors();
    assert_eq!(errors.len(), 2, "{}", log.text());
    assert!(errors[0].contains(LEFT) && errors[0].contains("EMAIL_HOST_PASSWORD"), "{errors:?}");
    assert!(errors[1].contains("at EMAIL_FALLBACK_HOST: MAIL FROM"), "{errors:?}");
    assert!(errors[1].contains("EMAIL_FALLBACK_HOST_USER"), "{errors:?}");
    assert!(!log.text().contains(MAIL_LOGIN.1));
    postern.wait(SECOND * 3);
    postern.deliver().await;
    ada.redeem_link(&second.mail().await.token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_mail_that_both_servers_got_is_one_mail() {
    let (first, second, postern) = two_servers(&[Reception::SilenceAfterData]).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    let (sent, ()) = tokio::join!(postern.deliver(), async {
        first.is_silent().await;
        jump(PATIENCE + SECOND).await;
    });
    let () = sent;
    let [mail, again] = [first.mail().await, second.mail().await];
    assert_eq!(mail.message_id, again.message_id);
    // The boundary of MIME's parts is drawn anew for each try.
    assert_eq!((mail.text, mail.html, mail.date), (again.text, again.html, again.date));
}
