//! A mail that is accepted is sent, whatever happens to the mail server or to us; and no longer than it is of use.

use std::time::Duration;

use postern::{
    domain::{EmailAddress, KnownBrowser, LoginCode},
    flow::login::queue::MAX_PARALLEL_MAILS,
    mail::mailer::MAIL_TIMEOUT,
    server::workers::run_outbox,
    state::under_way::PAUSE,
};
use tokio::time::timeout;

use crate::harness::{
    ADA, BOB, Browser, LINK_MAX_AGE, Log, MAIL_LOGIN, Mail, MailServer, Manner, OFFERS, Postern, Reception,
    SECOND, jump,
};

/// Longer than the longest first pause, shorter than the shortest second one twice.
const A_WHILE: Duration = Duration::from_secs(3);

async fn postern_with(server: &MailServer) -> (Postern, Browser) {
    postern_with_settings(server, &[]).await
}

async fn postern_with_settings(server: &MailServer, more: &[(&str, &str)]) -> (Postern, Browser) {
    let postern = Postern::start_with(&[&server.settings()[..], more].concat()).await;
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
async fn a_mail_reaches_its_reader_in_as_few_turns_as_the_mail_server_offers() {
    for (offers, turns) in OFFERS.into_iter().zip([4, 2, 3, 1]) {
        let server = MailServer::that_offers(offers, &[]).await;
        let (postern, ada) = postern_with(&server).await;
        postern.deliver().await;
        let mail = only(server.mails());
        assert_eq!(mail.to, ADA);
        ada.redeem_link(&mail.token()).await.assert_leads_to("/");
        assert_eq!(postern.rows("outbox").await, 0);
        // On the same connection, without those of its beginning.
        let before = server.turns();
        ada.call("sign_out", &[]).await;
        ada.ask(ADA).await;
        postern.deliver().await;
        assert_eq!((server.mails().len(), server.turns() - before), (1, turns), "{offers:?}");
    }
}

#[tokio::test]
async fn lines_that_begin_with_a_dot_arrive_as_they_are() {
    for offers in OFFERS {
        let server = MailServer::that_offers(offers, &[]).await;
        let (postern, _) = postern_with(&server).await;
        let mail = postern::mail::message::Mail {
            message_id: "dots".to_owned(),
            to: EmailAddress::parse(ADA).unwrap(),
            subject: "Dots".to_owned(),
            words: postern::words::Words::default(),
            text: ".\n..two\n.\nthe end\n".to_owned(),
            html: "<p>the end</p>\n".to_owned(),
            date: postern.state.clock.now(),
        };
        postern.state.mail.send(&mail).await.unwrap();
        assert_eq!(only(server.mails()).text, mail.text, "{offers:?}");
    }
}

#[tokio::test]
async fn a_mail_refused_for_now_is_tried_again_with_the_same_link_and_message_id() {
    let server = MailServer::start(&[]).await;
    let (postern, _) = postern_with(&server).await;
    postern.deliver().await;
    let undisturbed = only(server.mails());

    let server = MailServer::start(&[Reception::Answer("451 later, please"), Reception::HangUp]).await;
    let (postern, ada) = postern_with(&server).await;
    let message_id: String = postern.database().await.one("SELECT message_id FROM outbox").await;
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
async fn a_row_whose_name_is_not_that_of_its_challenge_is_deleted_and_holds_up_nobody() {
    let server = MailServer::start(&[]).await;
    let (postern, ada) = postern_with(&server).await;
    postern.database().await.run("UPDATE outbox SET message_id = 'another'").await;
    let bob = postern.browser(Manner::Fetch);
    bob.ask(BOB).await;
    postern.deliver().await;
    assert_eq!(only(server.mails()).to, BOB);
    assert_eq!(postern.rows("outbox").await, 0);
    postern.wait(A_WHILE * 10);
    ada.ask(ADA).await;
    postern.deliver().await;
    assert_eq!(only(server.mails()).to, ADA, "she asks again, and has her mail");
}

#[tokio::test]
async fn a_mail_whose_end_cannot_be_written_leaves_once_and_keeps_no_other_from_leaving() {
    let server = MailServer::start(&[]).await;
    let (postern, _) = postern_with(&server).await;
    let of_ada = format!("NEW.event = 'sent' AND NEW.email = '{ADA}'");
    postern.database().await.break_writing("audit", &of_ada).await;
    for _ in 0..2 {
        postern.browser(Manner::Fetch).ask(BOB).await;
        postern.deliver().await;
        // Longer than a claim.
        postern.wait(Duration::from_secs(70));
    }
    let to: Vec<_> = server.mails().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to.iter().filter(|to| *to == ADA).count(), 1, "{to:?}");
    assert_eq!(to.len(), 3, "{to:?}");
    assert_eq!(postern.rows("outbox").await, 1, "how hers ended is still to be written");
    postern.database().await.mend_writing("audit").await;
    // It is not tried with each mail of the others.
    jump(PAUSE).await;
    postern.deliver().await;
    assert_eq!(postern.rows("outbox").await, 0);
    assert_eq!(postern.rows(&format!("audit WHERE event = 'sent' AND email = '{ADA}'")).await, 1);
    assert!(server.mails().is_empty());
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

/// Refuses Postern twice in that way, each time with an ERROR that says `advice`; then the mail must arrive.
async fn outlives(reception: Reception, advice: &str) {
    for offers in OFFERS {
        let server = MailServer::that_offers(offers, &[reception; 2]).await;
        outlives_at(&server, reception, advice).await;
    }
}

async fn outlives_at(server: &MailServer, reception: Reception, advice: &str) {
    let (user, password) = MAIL_LOGIN;
    let settings =
        [("EMAIL_HOST_USER", user), ("EMAIL_HOST_PASSWORD", password), ("EMAIL_ALLOW_PLAINTEXT", "true")];
    let (postern, ada) = postern_with_settings(server, &settings).await;
    for (tries, pause) in [(1, A_WHILE), (2, A_WHILE * 2)] {
        let log = Log::listen();
        postern.deliver().await;
        let errors = log.errors();
        assert_eq!(errors.len(), 1, "{}", log.text());
        let says = |text: &str| assert!(errors[0].contains(text), "{text}: {errors:?}");
        says("the mail server does not accept us");
        says(&format!("tries={tries}"));
        says(advice);
        assert!(!log.text().contains(password));
        assert_eq!((server.mails().len(), postern.rows("outbox").await), (0, 1), "{reception:?}");
        postern.wait(pause);
    }
    let log = Log::listen();
    postern.deliver().await;
    assert!(log.errors().is_empty(), "{:?}", log.errors());
    ada.redeem_link(&only(server.mails()).token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_mail_outlives_a_greeting_that_turns_us_away() {
    outlives(Reception::Greeting("554 5.7.1 not from there"), "EMAIL_HOST").await;
}

#[tokio::test]
async fn a_mail_outlives_an_ehlo_that_is_not_taken() {
    outlives(Reception::AnswerTo("EHLO", "550 5.7.1 who are you"), "EMAIL_HOST").await;
}

#[tokio::test]
async fn a_mail_outlives_a_wrong_password() {
    outlives(Reception::AnswerTo("AUTH", "535 5.7.8 wrong"), "EMAIL_HOST_PASSWORD").await;
}

#[tokio::test]
async fn a_mail_outlives_a_server_that_offers_no_auth() {
    let nothing_offered = Reception::AnswerTo("EHLO", "250 mail.example.test");
    // Each connection asks twice.
    let server = MailServer::start(&[nothing_offered; 4]).await;
    outlives_at(&server, nothing_offered, "EMAIL_USE_TLS").await;
}

#[tokio::test]
async fn a_mail_outlives_a_refused_sender() {
    outlives(Reception::AnswerTo("MAIL", "550 5.1.8 not your name"), "DEFAULT_FROM_EMAIL").await;
}

#[tokio::test]
async fn a_mail_outlives_a_data_command_that_is_refused() {
    outlives(Reception::AnswerTo("DATA", "554 5.5.1 not now"), "relays for us").await;
    outlives(Reception::AnswerTo("DATA", "502 what is that?"), "relays for us").await;
}

#[tokio::test]
async fn a_mail_outlives_what_the_server_has_against_us_and_says_at_the_recipient() {
    for answer in [
        "554 5.7.1 <ada@example.com>: Relay access denied",
        "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
        "550 5.1.8 <postern@example.test>: Sender address rejected: Domain not found",
        "530 sign in first",
    ] {
        outlives(Reception::Answer(answer), "relays for us").await;
    }
}

#[tokio::test]
async fn a_mail_outlives_a_quota_that_is_used_up() {
    for reception in [
        Reception::AnswerTo("MAIL", "550 5.4.5 daily limit"),
        Reception::Answer("550 5.4.5 daily limit"),
        Reception::AnswerAfterText("550 5.4.5 daily limit"),
        Reception::AnswerAfterText("554 5.1.90 daily limit"),
    ] {
        outlives(reception, "quota").await;
    }
}

#[tokio::test]
async fn nothing_goes_out_in_the_clear_where_the_server_offers_no_tls() {
    let server = MailServer::start(&[]).await;
    let (postern, _) = postern_with_settings(&server, &[("EMAIL_USE_TLS", "true")]).await;
    let log = Log::listen();
    postern.deliver().await;
    assert!(log.errors().iter().any(|line| line.contains("EMAIL_USE_TLS")), "{}", log.text());
    assert_eq!((server.mails().len(), postern.rows("outbox").await), (0, 1));
}

#[tokio::test]
async fn a_mail_refused_for_what_it_is_or_for_whom_is_given_up() {
    let receptions = [
        Reception::Answer("550 5.1.1 no such person"),
        Reception::Answer("552 5.2.2 the mailbox is full"),
        Reception::AnswerAfterText("554 no"),
        Reception::AnswerAfterText("554 5.7.1 it looks like spam"),
    ];
    for (reception, offers) in receptions.iter().flat_map(|one| OFFERS.map(|offers| (*one, offers))) {
        let server = MailServer::that_offers(offers, &[reception]).await;
        let (postern, _) = postern_with(&server).await;
        let log = Log::listen();
        postern.deliver().await;
        // It is kept for an operator to try it again, where no worker finds it.
        assert_eq!(postern.rows("refused_mails").await, 1, "{reception:?}, {offers:?}");
        assert_eq!(postern.rows("outbox").await, 0, "{reception:?}, {offers:?}");
        assert!(log.errors().is_empty(), "{:?}", log.errors());
        postern.wait(A_WHILE);
        postern.deliver().await;
        assert!(server.mails().is_empty(), "{reception:?}, {offers:?}");
    }
}

#[tokio::test]
async fn one_connection_brings_several_mails() {
    let server = MailServer::start(&[]).await;
    let (postern, ada) = postern_with(&server).await;
    postern.deliver().await;
    ada.ask(ADA).await;
    postern.deliver().await;
    assert_eq!((server.mails().len(), server.connections()), (2, 1));
}

#[tokio::test]
async fn a_connection_that_waited_in_vain_is_replaced() {
    let server = MailServer::start(&[]).await;
    let (postern, ada) = postern_with(&server).await;
    postern.deliver().await;
    server.receive(Reception::AnswerTo("NOOP", "421 too late"));
    ada.ask(ADA).await;
    // Until now it would have been believed to live.
    jump(SECOND).await;
    postern.deliver().await;
    assert_eq!((server.mails().len(), server.connections()), (2, 2));
}

#[tokio::test]
async fn a_server_that_hangs_up_between_two_mails_costs_no_try() {
    let (no, busy) = ("421 4.7.0 enough for one connection", "421 4.7.0 enough for today");
    for offers in OFFERS {
        for (first, then) in [
            (Some(Reception::TakeAndHangUp), None),
            (None, Some(Reception::HangUpAt("MAIL"))),
            (None, Some(Reception::AnswerTo("MAIL", no))),
        ] {
            let server = MailServer::that_offers(offers, first.as_slice()).await;
            let (postern, ada) = postern_with(&server).await;
            postern.deliver().await;
            then.into_iter().for_each(|reception| server.receive(reception));
            ada.ask(ADA).await;
            let log = Log::listen();
            postern.deliver().await;
            assert_eq!(
                (server.mails().len(), server.connections()),
                (2, 2),
                "{offers:?}, {first:?}, {then:?}"
            );
            assert!(log.text().contains("tries=1") && !log.text().contains("not sent yet"), "{}", log.text());
        }
        // The next connection is not left for a third one.
        let server = MailServer::that_offers(offers, &[]).await;
        let (postern, ada) = postern_with(&server).await;
        postern.deliver().await;
        server.receive(Reception::AnswerTo("MAIL", no));
        server.receive(Reception::AnswerTo("MAIL", busy));
        ada.ask(ADA).await;
        let log = Log::listen();
        postern.deliver().await;
        assert_eq!((server.mails().len(), server.connections()), (1, 2), "{offers:?}");
        assert!(log.text().contains("not sent yet"), "{}", log.text());
    }
}

#[tokio::test]
async fn a_server_that_refuses_bdat_gets_the_same_mail_by_data_and_all_others_too() {
    for refusal in ["500 what is that?", "554 5.7.1 command rejected", "451 4.7.1 not now", "550 no"] {
        let server = MailServer::start(&[Reception::AnswerTo("BDAT", refusal)]).await;
        let (postern, ada) = postern_with(&server).await;
        let log = Log::listen();
        postern.deliver().await;
        assert!(log.text().contains("tries=1") && !log.text().contains("not sent yet"), "{}", log.text());
        ada.ask(ADA).await;
        let before = server.turns();
        postern.deliver().await;
        assert_eq!((server.mails().len(), server.connections()), (2, 2), "{refusal}");
        assert_eq!(server.turns() - before, 2, "commands together, and the text: {refusal}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_the_second_ehlo_gets_its_mails_one_command_at_a_time() {
    let once = Reception::AnswerTo("EHLO", "250-mail.example.test\r\n250-PIPELINING\r\n250 CHUNKING");
    let server = MailServer::start(&[once, Reception::AnswerTo("EHLO", "502 you said so before")]).await;
    let (postern, ada) = postern_with(&server).await;
    postern.deliver().await;
    let before = server.turns();
    ada.ask(ADA).await;
    postern.deliver().await;
    assert_eq!((server.mails().len(), server.connections(), server.turns() - before), (2, 1, 4));
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
async fn a_mail_that_waits_for_the_limit_is_given_up_and_noted_when_its_link_would_have_expired() {
    let postern = Postern::start_with(&[("LIMIT_MAILS", "1 per 1h")]).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    postern.mail().await;
    let in_vain = postern.browser(Manner::Fetch);
    in_vain.ask(BOB).await;
    postern.wait(LINK_MAX_AGE - SECOND);
    postern.deliver().await;
    assert_eq!((postern.rows("outbox").await, postern.rows("audit WHERE event = 'gave_up'").await), (1, 0));
    assert_eq!(postern.rows("outbox_lines").await, 1);
    postern.wait(SECOND);
    postern.deliver().await;
    assert_eq!((postern.rows("outbox").await, postern.rows("outbox_lines").await), (0, 0));
    let noted = "audit WHERE event = 'gave_up' AND reason = 'limited' AND email = 'bob@example.com'";
    assert_eq!(postern.rows(noted).await, 1);
}

#[tokio::test]
async fn one_refused_mail_holds_up_no_other() {
    let server = MailServer::start(&[Reception::Answer("451 not this one")]).await;
    let (postern, _) = postern_with(&server).await;
    // The newest leaves first, and is refused.
    postern.wait(SECOND);
    postern.browser(Manner::Fetch).ask(BOB).await;
    postern.deliver().await;
    assert_eq!(only(server.mails()).to, ADA);
    postern.wait(A_WHILE);
    postern.deliver().await;
    assert_eq!(only(server.mails()).to, BOB);
}

#[tokio::test]
async fn no_words_of_a_mail_server_keep_how_a_mail_ended_from_being_written() {
    let server = MailServer::start(&[Reception::Answer("451 a NUL: \0.")]).await;
    let (postern, ada) = postern_with(&server).await;
    postern.deliver().await;
    let trouble: String = postern.database().await.one("SELECT trouble FROM outbox").await;
    assert!(trouble.contains("a NUL: ."), "{trouble}");
    postern.wait(A_WHILE);
    postern.deliver().await;
    ada.redeem_link(&only(server.mails()).token()).await.assert_leads_to("/");
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
async fn a_code_counts_once_its_mail_is_on_its_way_and_not_before() {
    let server = MailServer::start(&[Reception::SilenceAfterData]).await;
    let (postern, ada) = postern_with(&server).await;
    let challenge: String = postern.database().await.one("SELECT challenge FROM outbox").await;
    let challenge = serde_json::from_str(&challenge).unwrap();
    let key = postern.state.config.keys.iter().next().unwrap();
    let code = LoginCode::derive(key, &challenge, &EmailAddress::parse(ADA).unwrap()).reveal();
    ada.redeem_code(&code).await.assert_refused("wrong_code", 422);

    let state = postern.state.clone();
    let worker = tokio::spawn(async move { postern::flow::login::deliver::deliver_due(&state).await });
    server.is_silent().await;
    assert_eq!(only(server.mails()).code(), code, "she has it, and the mail server's yes has not come");
    ada.redeem_code(&code).await.assert_leads_to("/");
    worker.abort();
}

#[tokio::test]
async fn a_mail_refused_for_good_holds_up_no_other() {
    let server = MailServer::start(&[Reception::Answer("550 no such person")]).await;
    let (postern, ada) = postern_with(&server).await;
    // The newest leaves first, and is refused.
    postern.wait(SECOND);
    postern.browser(Manner::Fetch).ask(BOB).await;
    postern.deliver().await;
    let mail = only(server.mails());
    assert_eq!(mail.to, ADA);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn mails_that_hang_hold_up_no_other() {
    // One less than the worker has hands for people with an entry of their own.
    const HANDS: usize = MAX_PARALLEL_MAILS * 3 / 4;
    let server = MailServer::start(&[Reception::Silence; HANDS - 1]).await;
    let (postern, _) = postern_with(&server).await;
    let worker = tokio::spawn(run_outbox(postern.state.clone()));
    let bob = postern.browser(Manner::Fetch);
    let reaches_bob = async {
        server.is_silent().await;
        for _ in 1..HANDS - 1 {
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
async fn strangers_mails_that_hang_leave_hands_for_a_named_person_and_for_a_known_browser() {
    const HANDS: usize = MAX_PARALLEL_MAILS / 2;
    let server = MailServer::start(&[Reception::Silence; HANDS]).await;
    let list = ("CREDENTIALS", r#"["bob@example.com", "@example.com"]"#);
    let postern = Postern::in_production(&[&[list], &server.settings()[..]].concat()).await;
    let ada = postern.browser(Manner::Fetch);
    let known = KnownBrowser::random(&mut postern::random::rng()).knowing(&EmailAddress::parse(ADA).unwrap());
    let (keys, now) = (&postern.state.config.keys, postern.state.clock.now());
    ada.take_known(Some(format!("__Host-postern-browser={}", known.sign(keys, now))));
    let worker = tokio::spawn(run_outbox(postern.state.clone()));
    let reached = async {
        for n in 0..HANDS {
            postern.browser(Manner::Fetch).ask(&format!("invented{n}@example.com")).await;
            server.is_silent().await;
        }
        postern.browser(Manner::Fetch).ask("invented@example.com").await;
        postern.browser(Manner::Fetch).ask(BOB).await;
        let named = server.mail().await.to;
        ada.ask(ADA).await;
        (named, server.mail().await.to)
    };
    let reached = timeout(MAIL_TIMEOUT, reached).await.expect("before the first of the others is given up");
    assert_eq!(reached, (BOB.to_owned(), ADA.to_owned()));
    worker.abort();
}

#[tokio::test]
async fn named_peoples_mails_that_hang_leave_hands_for_whom_only_a_rule_covers() {
    const HANDS: usize = MAX_PARALLEL_MAILS / 2;
    let server = MailServer::start(&[Reception::Silence; HANDS]).await;
    let named = (0..HANDS).map(|n| format!("named{n}@example.com"));
    let list: Vec<_> = named.clone().chain(["@example.com".to_owned()]).collect();
    let list = ("CREDENTIALS", &*serde_json::to_string(&list).unwrap());
    let postern = Postern::in_production(&[&[list], &server.settings()[..]].concat()).await;
    let worker = tokio::spawn(run_outbox(postern.state.clone()));
    let reached = async {
        for named in named {
            postern.browser(Manner::Fetch).ask(&named).await;
            server.is_silent().await;
        }
        postern.browser(Manner::Fetch).ask(BOB).await;
        server.mail().await.to
    };
    let reached = timeout(MAIL_TIMEOUT, reached).await.expect("before the first of the others is given up");
    assert_eq!(reached, BOB);
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
