//! Bounces: who may tell of them, and what becomes of them.

use reqwest::Method;

use crate::harness::{ADA, Answer, BOB, BOUNCES_TO, MailServer, Manner, Postern, Postfix, Reception, Row};

const TOKEN: &str = "a-token-of-the-black-box-tests-0123456789";
const PATH: &str = "/webhooks/bounces";

/// A Postern that may be told of bounces, and the left half of the Message-ID of a mail to Ada that has left.
async fn after_a_mail() -> (Postern, String) {
    let postern = Postern::start_with(&[("BOUNCE_WEBHOOK_TOKEN", TOKEN)]).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    let message_id = postern.mail().await.message_id;
    let left = message_id.split('@').next().unwrap().to_owned();
    (postern, left)
}

/// Posts what somebody who says that token tells.
async fn tell(postern: &Postern, token: Option<&str>, kind: &str, body: String) -> Answer {
    let browser = postern.browser(Manner::Fetch);
    let mut request = browser.request(Method::POST, PATH).header("content-type", kind).body(body);
    if let Some(token) = token {
        request = request.header("authorization", format!("bearer {token}"));
    }
    browser.send(request).await
}

fn json(message_id: &str, status: &str) -> String {
    format!(
        r#"{{"message_id": "<{message_id}@example.test>", "status": "{status}", "diagnostic": "no such person"}}"#
    )
}

/// What was noted of bounces: reason, address, Message-ID and words.
async fn noted(postern: &Postern) -> Vec<[String; 4]> {
    let rows = "SELECT reason, email, message_id, detail FROM audit WHERE event = 'bounced' ORDER BY id";
    let rows = postern.database().await.rows(rows).await;
    rows.iter().map(|row: &Row| [row.get(0), row.get(1), row.get(2), row.get(3)]).collect()
}

#[tokio::test]
async fn a_bounce_of_a_mail_that_left_is_noted_once() {
    let (postern, id) = after_a_mail().await;
    for _ in 0..2 {
        let answer = tell(&postern, Some(TOKEN), "application/json", json(&id, "5.1.1")).await;
        assert_eq!((answer.status, answer.text().as_str()), (204, ""));
    }
    let expected = ["bounced", ADA, &id, "5.1.1 no such person"].map(str::to_owned);
    assert_eq!(noted(&postern).await, [expected]);
}

#[tokio::test]
async fn an_address_that_the_provider_sends_nothing_to_is_noted_as_suppressed() {
    let (postern, id) = after_a_mail().await;
    tell(&postern, Some(TOKEN), "application/json", json(&id, "suppressed")).await;
    assert_eq!(noted(&postern).await[0][0], "suppressed");
}

#[tokio::test]
async fn whoever_does_not_know_the_token_writes_and_learns_nothing() {
    let (postern, id) = after_a_mail().await;
    let longer = format!("{TOKEN}x");
    let nowhere = Postern::start().await;
    let missing = tell(&nowhere, Some(TOKEN), "application/json", json(&id, "5.1.1")).await;
    missing.assert_refused("signed_out", 401);
    for token in [None, Some(""), Some("x"), Some(&TOKEN[1..]), Some(&*longer)] {
        for id in [&id, "another"] {
            let answer = tell(&postern, token, "application/json", json(id, "5.1.1")).await;
            assert_eq!((answer.status, answer.text().as_str()), (401, ""));
        }
    }
    assert!(noted(&postern).await.is_empty());
    tell(&postern, Some(TOKEN), "application/json", json(&id, "5.1.1")).await;
    assert_eq!(noted(&postern).await.len(), 1);
}

#[tokio::test]
async fn what_tells_of_no_failure_of_a_mail_of_ours_is_left_out_without_a_word() {
    let (postern, id) = after_a_mail().await;
    for (kind, body) in [
        ("application/json", json("another", "5.1.1")),
        ("application/json", json(&id, "4.2.1")),
        ("application/json", json(&id, "2.0.0")),
        ("application/json", "{".to_owned()),
        ("message/rfc822", json(&id, "5.1.1")),
        ("message/rfc822", format!("Subject: hello\r\nMessage-ID: <{id}@example.test>\r\n\r\nHello\r\n")),
        ("message/rfc822", String::new()),
    ] {
        let answer = tell(&postern, Some(TOKEN), kind, body).await;
        assert_eq!((answer.status, answer.text().as_str()), (204, ""), "{kind}");
    }
    assert!(noted(&postern).await.is_empty());
}

#[tokio::test]
async fn a_report_may_have_a_quarter_of_a_megabyte_and_no_more() {
    let (postern, id) = after_a_mail().await;
    let padded = |length: usize| {
        let told = json(&id, "5.1.1");
        format!("{told}{}", " ".repeat(length - told.len()))
    };
    let answer = tell(&postern, Some(TOKEN), "application/json", padded(256 * 1024 + 1)).await;
    assert_eq!((answer.status, noted(&postern).await.len()), (413, 0));
    let answer = tell(&postern, Some(TOKEN), "Application/JSON", padded(256 * 1024)).await;
    assert_eq!((answer.status, noted(&postern).await.len()), (204, 1));
}

#[tokio::test]
async fn a_bounce_counts_from_when_its_mail_is_on_its_way_and_not_before() {
    let server = MailServer::start(&[Reception::SilenceAfterData]).await;
    let settings = [&server.settings()[..], &[("BOUNCE_WEBHOOK_TOKEN", TOKEN)]].concat();
    let postern = Postern::start_with(&settings).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    let id: String = postern.database().await.one("SELECT message_id FROM outbox").await;
    tell(&postern, Some(TOKEN), "application/json", json(&id, "5.1.1")).await;
    assert!(noted(&postern).await.is_empty(), "nobody has sent it");
    let state = postern.state.clone();
    let worker = tokio::spawn(async move { postern::flow::login::deliver::deliver_due(&state).await });
    server.is_silent().await;
    tell(&postern, Some(TOKEN), "application/json", json(&id, "5.1.1")).await;
    assert_eq!(noted(&postern).await.len(), 1, "the mail server has it, and has not said so yet");
    worker.abort();
}

#[tokio::test]
async fn an_admin_sees_a_bounce_with_the_words_that_came_with_it() {
    let admins = ("ADMINS", r#"["bob@example.com"]"#);
    let postern = Postern::start_with(&[("BOUNCE_WEBHOOK_TOKEN", TOKEN), admins]).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    let id = postern.mail().await.message_id;
    let bob = postern.browser(Manner::Fetch);
    bob.sign_in(&postern, BOB).await;
    let refusals = "/admin/events?of=refusals";
    assert!(!bob.open(refusals).await.text().contains("no such person"));
    let left = id.split('@').next().unwrap();
    tell(&postern, Some(TOKEN), "application/json", json(left, "5.1.1")).await;
    let page = bob.open(refusals).await.text();
    assert!(page.contains("bounced") && page.contains(ADA) && page.contains("no such person"), "{page}");
}

#[tokio::test]
async fn a_bounce_changes_nothing_for_visitors() {
    let (postern, id) = after_a_mail().await;
    tell(&postern, Some(TOKEN), "application/json", json(&id, "5.1.1")).await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_real_postfix_tells_of_a_mail_that_it_cannot_deliver() {
    let postfix = Postfix::start().await;
    let settings = postfix.settings();
    let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let more = [
        ("CREDENTIALS", r#"["@gone.test"]"#),
        ("DEFAULT_FROM_EMAIL", BOUNCES_TO),
        ("BOUNCE_WEBHOOK_TOKEN", TOKEN),
    ];
    let postern = Postern::start_with(&settings.chain(more).collect::<Vec<_>>()).await;
    postfix.tell_bounces(&format!("http://127.0.0.1:{}{PATH}", postern.port()), TOKEN);
    postern.browser(Manner::Fetch).ask("ada@gone.test").await;
    postern.deliver().await;
    let came = async {
        loop {
            if let Some(noted) = noted(&postern).await.pop() {
                return noted;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let noted = tokio::time::timeout(std::time::Duration::from_secs(60), came).await;
    let [reason, email, message_id, words] = noted.unwrap_or_else(|_| panic!("no bounce: {}", postfix.log()));
    assert_eq!((reason.as_str(), email.as_str(), message_id.len()), ("bounced", "ada@gone.test", 64));
    assert!(words.starts_with("5.1.1 rfc822;") && words.contains("unknown user"), "{words}");
}
