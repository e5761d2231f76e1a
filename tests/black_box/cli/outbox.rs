//! `postern outbox`.

use postern::{
    flow::operator::{
        Operator,
        outbox::{All, One, ends_at, list, retry_all, retry_one},
    },
    store::waiting::Stands,
};
use tempfile::TempDir;

use super::{
    backup::{PEOPLE, browser},
    objects, told, tool,
};
use crate::harness::{
    ADA, BOB, Browser, Child, LINK_MAX_AGE, MailServer, Manner, Postern, Reception, SECOND,
};

/// A server whose next mails are received like this, and Ada, who waits for one.
async fn asked(receptions: &[Reception]) -> (Postern, MailServer, Browser) {
    let server = MailServer::start(receptions).await;
    let postern = Postern::start_with(&server.settings()).await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    postern.deliver().await;
    (postern, server, ada)
}

#[tokio::test]
async fn a_mail_that_waits_says_why_how_often_it_was_tried_and_when_it_is_tried_next() {
    let (postern, server, ada) = asked(&[Reception::Answer("451 4.7.1 come back later")]).await;
    let operator = Operator::of(&postern.state);
    let mails = list(&operator, 10).await.unwrap();
    assert_eq!(mails.len(), 1);
    let now = postern.state.clock.now();
    assert_eq!((mails[0].email.as_str(), mails[0].tries), (ADA, 1));
    assert!(mails[0].trouble.as_ref().unwrap().contains("come back later"), "{mails:?}");
    assert!(matches!(mails[0].stands, Stands::Due(due) if due > now), "{mails:?}");
    postern.deliver().await;
    assert!(server.mails().is_empty(), "it is not due yet");
    let again = retry_one(&operator, mails[0].message_id[..12].to_owned()).await.unwrap();
    assert!(matches!(again, One::Due(_)), "{again:?}");
    postern.deliver().await;
    let mail = server.mail().await;
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert!(list(&operator, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_mail_that_was_refused_for_good_is_kept_and_can_be_tried_again_while_its_link_lives() {
    let (postern, server, ada) = asked(&[Reception::Answer("550 5.1.1 no such person")]).await;
    let operator = Operator::of(&postern.state);
    let mails = list(&operator, 10).await.unwrap();
    assert!(matches!(mails[0].stands, Stands::Refused(_)), "{mails:?}");
    assert!(mails[0].trouble.as_ref().unwrap().contains("no such person"), "{mails:?}");
    assert_eq!(postern.rows("audit WHERE event = 'gave_up'").await, 1);
    postern.deliver().await;
    assert!(server.mails().is_empty(), "it is not tried by itself");
    assert_eq!(retry_all(&operator).await.unwrap(), All { due: 1, under_way: 0, too_late: 0 });
    postern.deliver().await;
    ada.redeem_link(&server.mail().await.token()).await.assert_leads_to("/");
    assert_eq!((postern.rows("outbox").await, postern.rows("refused_mails").await), (0, 0));
}

#[tokio::test]
async fn a_mail_that_is_refused_again_is_kept_once() {
    let no = Reception::Answer("550 5.1.1 no such person");
    let (postern, _server, _ada) = asked(&[no, no]).await;
    let operator = Operator::of(&postern.state);
    retry_all(&operator).await.unwrap();
    postern.deliver().await;
    assert_eq!((postern.rows("outbox").await, postern.rows("refused_mails").await), (0, 1));
}

#[tokio::test]
async fn a_mail_whose_link_is_dead_is_not_tried_again() {
    let (postern, server, _ada) = asked(&[Reception::Answer("550 5.1.1 no such person")]).await;
    postern.wait(LINK_MAX_AGE);
    let operator = Operator::of(&postern.state);
    let mails = list(&operator, 10).await.unwrap();
    assert!(ends_at(&operator, &mails[0]) <= postern.state.clock.now());
    let again = retry_one(&operator, mails[0].message_id.clone()).await.unwrap();
    assert!(matches!(again, One::TooLate(_)), "{again:?}");
    assert_eq!(retry_all(&operator).await.unwrap(), All { due: 0, under_way: 0, too_late: 1 });
    postern.deliver().await;
    assert!(server.mails().is_empty());
    postern.wait(86_400 * SECOND + SECOND);
    postern::server::workers::remove_expired(&postern.state).await.unwrap();
    assert!(list(&Operator::of(&postern.state), 10).await.unwrap().is_empty(), "a day later it is gone");
}

#[tokio::test]
async fn a_mail_that_waits_for_a_limit_says_for_which() {
    let postern = Postern::start_with(&[("LIMIT_ADDRESS", "1 per 1h")]).await;
    for _ in 0..2 {
        postern.browser(Manner::Fetch).ask(ADA).await;
    }
    postern.deliver().await;
    let mails = list(&Operator::of(&postern.state), 10).await.unwrap();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].trouble.as_ref().unwrap().contains("`address`"), "{mails:?}");
}

#[tokio::test]
async fn a_mail_that_is_being_sent_is_left_alone() {
    let (server, folder) = (MailServer::start(&[Reception::Silence]).await, TempDir::new().unwrap());
    let (child, port) = Child::serve(folder.path(), &[&[PEOPLE], &server.settings()[..]].concat());
    browser(port).ask(ADA).await;
    server.is_silent().await;
    let listed = objects(&tool(folder.path(), &["outbox", "list", "--json"], &[]));
    assert_eq!((&listed[0]["state"], &listed[0]["tries"]), (&"under_way".into(), &1.into()), "{listed:?}");
    let all = objects(&tool(folder.path(), &["outbox", "retry", "--all", "--json"], &[]));
    assert_eq!((&all[0]["due"], &all[0]["under_way"]), (&0.into(), &1.into()));
    drop(child);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_takes_up_what_is_made_due() {
    let no = Reception::Answer("550 5.1.1 no such person");
    let (server, folder) = (MailServer::start(&[no, no]).await, TempDir::new().unwrap());
    let (mut child, port) = Child::serve(folder.path(), &[&[PEOPLE], &server.settings()[..]].concat());
    let (ada, bob) = (browser(port), browser(port));
    assert_eq!(told(&tool(folder.path(), &["outbox", "list"], &[])).0, "Every mail has left.\n");
    for (person, address) in [(&ada, ADA), (&bob, BOB)] {
        person.ask(address).await;
        let refused = |line: &str| line.contains("the mail was refused for good");
        assert!(tokio::task::block_in_place(|| child.says(refused)));
    }
    // The line is written before the mail is put aside.
    let mut database = child.database().await;
    while database.count("refused_mails").await < 2 {
        tokio::task::yield_now().await;
    }
    let table = told(&tool(folder.path(), &["outbox", "list"], &[])).0;
    assert!(table.contains(ADA) && table.contains("refused") && table.contains("no such person"), "{table}");
    let listed = objects(&tool(folder.path(), &["outbox", "list", "--json"], &[]));
    let of_ada = listed.iter().find(|mail| mail["address"] == ADA).unwrap();
    let (said, status) =
        told(&tool(folder.path(), &["outbox", "retry", of_ada["id"].as_str().unwrap()], &[]));
    assert!(status == Some(0) && said.contains(ADA), "{said}");
    let mail = server.mail().await;
    assert_eq!(mail.to, ADA);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(objects(&tool(folder.path(), &["outbox", "retry", "--all", "--json"], &[]))[0]["due"], 1);
    assert_eq!(server.mail().await.to, BOB);
    // Twelve digits are a time, and no mail.
    for (wrong, status) in [
        (&["retry", "0123456789abcdef"][..], 1),
        (&["retry", "0123456789ab"], 2),
        (&["retry", "ada"], 2),
        (&["retry"], 2),
    ] {
        assert_eq!(
            told(&tool(folder.path(), &[&["outbox"], wrong].concat(), &[])).1,
            Some(status),
            "{wrong:?}"
        );
    }
    let commands = "SELECT DISTINCT reason FROM audit WHERE event = 'command' ORDER BY reason";
    assert_eq!(database.column::<String>(commands).await, ["outbox_list", "outbox_retry"]);
}
