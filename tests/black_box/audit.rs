//! The audit trail: what happened, to whom, from where; never a secret, and no longer than the operator wants.

use std::time::Duration;

use postern::domain::Budget;

use crate::docs::documented_events;
use crate::harness::{
    ADA, BOB, LINK_MAX_AGE, Manner, Postern, Row, SECOND, STRANGER, USER_AGENT, limit_setting,
};

/// One row of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Noted {
    at: i64,
    event: String,
    reason: Option<String>,
    email: Option<String>,
    network: Option<String>,
    user_agent: Option<String>,
}

impl Noted {
    fn word(&self) -> (&str, Option<&str>) {
        (&self.event, self.reason.as_deref())
    }
}

async fn trail(postern: &Postern) -> Vec<Noted> {
    let rows = "SELECT at, event, reason, email, network, user_agent FROM audit ORDER BY id";
    let rows = postern.database().await.rows(rows).await;
    let noted = |row: &Row| Noted {
        at: row.get(0),
        event: row.get(1),
        reason: row.get(2),
        email: row.get(3),
        network: row.get(4),
        user_agent: row.get(5),
    };
    let trail: Vec<_> = rows.iter().map(noted).collect();
    let documented = documented_events();
    for noted in &trail {
        let reasons =
            documented.get(&noted.event).unwrap_or_else(|| panic!("not in docs/logging.md: {noted:?}"));
        let named = noted.reason.as_ref().is_none_or(|reason| reasons.contains(reason));
        assert!(named, "docs/logging.md does not have this reason: {noted:?}");
    }
    trail
}

/// The newest row, as event and reason.
#[track_caller]
fn assert_newest(trail: &[Noted], event: &str, reason: Option<&str>) {
    let newest = trail.last().expect("something was noted");
    assert_eq!(newest.word(), (event, reason), "{trail:?}");
}

#[tokio::test]
async fn whatever_is_about_a_mail_names_it_as_the_mail_does() {
    let postern = Postern::start().await;
    let (ada, bob) = (postern.browser(Manner::Fetch), postern.browser(Manner::Fetch));
    ada.ask(ADA).await;
    bob.ask(BOB).await;
    let mails = postern.mails().await;
    let rows = "SELECT event, email, message_id FROM audit ORDER BY id";
    let rows = postern.database().await.rows(rows).await;
    for event in ["asked", "sent"] {
        let mut noted: Vec<(String, String)> = rows
            .iter()
            .filter(|row| row.get::<String>(0) == event)
            .map(|row| (row.get(1), row.get(2)))
            .collect();
        let mut sent: Vec<(String, String)> = mails
            .iter()
            .map(|mail| (mail.to.clone(), mail.message_id.split('@').next().unwrap().to_owned()))
            .collect();
        noted.sort();
        sent.sort();
        assert_eq!(noted, sent, "{event}");
    }
    bob.ask(STRANGER).await;
    postern.deliver().await;
    let given_up = "SELECT message_id FROM audit WHERE event = 'gave_up'";
    let given_up: Option<String> = postern.database().await.rows(given_up).await[0].get(0);
    assert!(given_up.is_some(), "one that is never sent, too");
}

async fn a_whole_login_leaves_who_when_from_where_and_with_what(manner: Manner) {
    let postern = Postern::start().await;
    let start = postern.state.clock.now().secs();
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    postern.wait(SECOND);
    let mail = postern.mail().await;
    postern.wait(SECOND);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    postern.wait(SECOND);
    ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    let expected = [(0, "asked"), (1, "sent"), (2, "signed_in"), (3, "signed_out")];
    let expected = expected.map(|(second, event)| Noted {
        at: start + second,
        event: event.to_owned(),
        reason: None,
        email: Some(ADA.to_owned()),
        // Nobody visits when a worker sends.
        network: (event != "sent").then(|| "127.0.0.1".to_owned()),
        user_agent: (event != "sent").then(|| USER_AGENT.to_owned()),
    });
    assert_eq!(trail(&postern).await, expected);
}

async fn a_refusal_is_noted_with_its_reason(manner: Manner) {
    let postern = Postern::start().await;
    let (ada, thief) = (postern.browser(manner), postern.browser(manner));
    ada.ask(ADA).await;
    let older = postern.mail().await;
    thief.redeem_link(&older.token()).await;
    assert_newest(&trail(&postern).await, "refused", Some("other_browser"));
    postern.wait(SECOND);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    ada.redeem_link(&older.token()).await;
    assert_newest(&trail(&postern).await, "refused", Some("superseded"));
    ada.redeem_code(&mail.wrong_code(0)).await;
    assert_newest(&trail(&postern).await, "refused", Some("wrong_code"));
    for n in 1..6 {
        ada.redeem_code(&mail.wrong_code(n)).await;
    }
    assert_newest(&trail(&postern).await, "refused", Some("code_locked"));
    postern.allow_only(&[BOB]);
    ada.redeem_link(&mail.token()).await;
    assert_newest(&trail(&postern).await, "refused", Some("not_allowed"));
    postern.allow_only(&[ADA]);
    let old = ada.copy();
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    old.redeem_link(&mail.token()).await;
    assert_newest(&trail(&postern).await, "refused", Some("used"));
    postern.wait(LINK_MAX_AGE + SECOND);
    old.redeem_code(&mail.code()).await;
    assert_newest(&trail(&postern).await, "refused", Some("expired"));
    for noted in trail(&postern).await.iter().filter(|noted| noted.event == "refused") {
        assert_eq!(noted.email.as_deref(), Some(ADA), "{noted:?}");
        assert_eq!(noted.network.as_deref(), Some("127.0.0.1"), "{noted:?}");
        assert_eq!(noted.user_agent.as_deref(), Some(USER_AGENT), "{noted:?}");
    }
}

async fn a_limit_is_noted_by_its_name(manner: Manner) {
    for budget in [Budget::Network, Budget::NetworkDay] {
        let postern = Postern::start_with(&[(limit_setting(budget), "1 per 1h")]).await;
        postern.browser(manner).ask(ADA).await;
        postern.browser(manner).call("request_link", &[("email", ADA)]).await.assert_refused("limited", 429);
        let trail = trail(&postern).await;
        assert_newest(&trail, "limited", Some(budget.name()));
        let newest = trail.last().unwrap();
        assert_eq!((newest.email.as_deref(), newest.network.as_deref()), (Some(ADA), Some("127.0.0.1")));
    }
    for budget in [Budget::AddressNetwork, Budget::Address, Budget::NetworkMails] {
        let postern = Postern::start_with(&[(limit_setting(budget), "1 per 1h")]).await;
        for _ in 0..3 {
            postern.browser(manner).ask(ADA).await;
        }
        postern.mail().await;
        let trail = trail(&postern).await;
        let limited: Vec<_> = trail.iter().filter(|noted| noted.event == "limited").collect();
        assert_eq!(limited.len(), 1, "{trail:?}");
        assert_eq!(limited[0].word(), ("limited", Some(budget.name())));
        assert_eq!((limited[0].email.as_deref(), limited[0].network.as_deref()), (Some(ADA), None));
    }
}

async fn a_mail_that_waited_too_long_and_one_that_was_replaced_are_given_up_by_name(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_ADDRESS", "1 per 1h")]).await;
    postern.browser(manner).ask(ADA).await;
    postern.mail().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    postern.deliver().await;
    ada.ask(ADA).await;
    postern.deliver().await;
    postern.wait(LINK_MAX_AGE);
    postern.deliver().await;
    let trail = trail(&postern).await;
    let mut reasons: Vec<_> =
        trail.iter().filter(|noted| noted.event == "gave_up").map(|noted| noted.word().1).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, [Some("limited"), Some("limited")]);
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    ada.ask(ADA).await;
    postern.mail().await;
    assert!(self::trail(&postern).await.iter().any(|noted| noted.word() == ("gave_up", Some("superseded"))));
}

async fn what_happens_to_an_unknown_address_is_noted_too(manner: Manner) {
    let postern = Postern::start().await;
    postern.browser(manner).ask(STRANGER).await;
    assert!(postern.mails().await.is_empty());
    let trail = trail(&postern).await;
    assert_eq!(trail[0].word(), ("asked", None));
    assert_newest(&trail, "gave_up", Some("not_on_the_allowlist"));
    assert!(trail.iter().all(|noted| noted.email.as_deref() == Some(STRANGER)), "{trail:?}");
}

async fn somebody_removed_from_the_allowlist_is_noted_as_signed_out_by_us(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.sign_in(&postern, ADA).await;
    postern.allow_only(&[BOB]);
    ada.open("/").await;
    assert_newest(&trail(&postern).await, "revoked", Some("not_on_the_allowlist"));
}

async fn no_secret_stands_in_the_trail(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mut secrets = vec![ada.cookie_value()];
    let mail = postern.mail().await;
    ada.redeem_code(&mail.wrong_code(0)).await;
    ada.redeem_link(&mail.token()[1..]).await;
    postern.browser(manner).redeem_link(&mail.token()).await;
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    ada.redeem_code(&mail.code()).await;
    secrets.push(ada.cookie_value());
    ada.call("sign_out", &[]).await;
    let signature = mail.token().rsplit_once(':').unwrap().1.to_owned();
    secrets.extend([mail.token(), signature, mail.code(), mail.wrong_code(0)]);
    let noted = trail(&postern).await;
    assert!(noted.len() > 5, "{noted:?}");
    for noted in noted {
        let texts = [Some(noted.event), noted.reason, noted.email, noted.network, noted.user_agent];
        for text in texts.into_iter().flatten() {
            assert!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "{text}");
        }
    }
}

in_both_manners!(
    a_whole_login_leaves_who_when_from_where_and_with_what,
    a_refusal_is_noted_with_its_reason,
    a_limit_is_noted_by_its_name,
    a_mail_that_waited_too_long_and_one_that_was_replaced_are_given_up_by_name,
    what_happens_to_an_unknown_address_is_noted_too,
    somebody_removed_from_the_allowlist_is_noted_as_signed_out_by_us,
    no_secret_stands_in_the_trail,
);

#[tokio::test]
async fn a_mail_that_is_given_up_is_noted_with_the_reason() {
    use crate::harness::{MailServer, Reception};
    for (reception, wait, reason) in [
        (Reception::Answer("550 no such person"), Duration::ZERO, "refused_by_the_mail_server"),
        (Reception::HangUp, LINK_MAX_AGE, "expired"),
    ] {
        let server = MailServer::start(&[reception]).await;
        let postern = Postern::start_with(&server.settings()).await;
        postern.browser(Manner::Fetch).ask(ADA).await;
        postern.deliver().await;
        postern.wait(wait);
        postern.deliver().await;
        let trail = trail(&postern).await;
        assert_newest(&trail, "gave_up", Some(reason));
        assert_eq!(trail.last().unwrap().email.as_deref(), Some(ADA));
    }
}

#[tokio::test]
async fn the_network_is_that_of_the_client_behind_the_proxy() {
    let postern = Postern::start_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    for (forwarded_for, network) in
        [("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("192.0.2.1, 203.0.113.9", "203.0.113.9")]
    {
        let ada = postern.browser(Manner::Fetch);
        let request = ada.post("/api/request_link").header("x-forwarded-for", forwarded_for);
        ada.send(request.form(&[("email", ADA)])).await.assert_leads_to("/login/sent");
        assert_eq!(trail(&postern).await.last().unwrap().network.as_deref(), Some(network));
    }
}

#[tokio::test]
async fn a_long_user_agent_is_cut_and_keeps_no_control_characters() {
    let postern = Postern::start().await;
    for (sent, noted) in [
        ("x".repeat(5_000), "x".repeat(200)),
        ("a\tb".to_owned(), "ab".to_owned()),
        (String::new(), String::new()),
    ] {
        let ada = postern.browser(Manner::Fetch);
        let request = ada.post("/api/request_link").header("user-agent", sent);
        ada.send(request.form(&[("email", ADA)])).await.assert_leads_to("/login/sent");
        assert_eq!(trail(&postern).await.last().unwrap().user_agent.as_deref(), Some(noted.as_str()));
    }
}

#[tokio::test]
async fn rows_are_kept_as_long_as_the_operator_wants_and_then_removed() {
    let postern = Postern::start_with(&[("AUDIT_KEPT", "7d")]).await;
    let clean = async || {
        postern::server::workers::remove_expired(&postern.state).await.unwrap();
    };
    postern.browser(Manner::Fetch).ask(ADA).await;
    postern.wait(Duration::from_secs(86_400));
    postern.browser(Manner::Fetch).ask(BOB).await;
    postern.wait(Duration::from_secs(6 * 86_400));
    clean().await;
    assert_eq!(postern.rows("audit").await, 2, "seven days are not over");
    postern.wait(SECOND);
    clean().await;
    let trail = trail(&postern).await;
    assert_eq!(trail.len(), 1, "{trail:?}");
    assert_eq!(trail[0].email.as_deref(), Some(BOB));
}

#[tokio::test]
async fn a_refusal_repeated_without_end_is_noted_once_a_minute() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    for _ in 0..5 {
        ada.redeem_code("00000000").await;
    }
    let before = postern.rows("audit").await;
    for _ in 0..20 {
        ada.redeem_code("00000000").await.assert_refused("code_locked", 429);
    }
    assert_eq!(postern.rows("audit").await, before + 1);
}
