//! `postern link`: the operator's link, which needs no mail.

use postern::{
    domain::{Challenge, EmailAddress, operator_link},
    flow::login::operator_link::make,
    random,
};
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::{told, tool};
use crate::harness::{ADA, Answer, BOB, Browser, Child, Log, Manner, Postern, SECOND, query_value};

fn ada() -> EmailAddress {
    EmailAddress::parse(ADA).unwrap()
}

/// The token of a link that was just made.
async fn token(postern: &Postern) -> String {
    let made = make(&postern.state, &ada()).await.unwrap().unwrap();
    token_in(&made.url)
}

fn token_in(link: &str) -> String {
    query_value(&link[link.find("/verify").unwrap()..], "token").unwrap()
}

async fn redeem(browser: &Browser, token: &str) -> Answer {
    browser.call("redeem_operator_link", &[("token", token)]).await
}

async fn it_signs_in_a_browser_that_asked_for_nothing_once(manner: Manner) {
    let postern = Postern::start().await;
    let token = token(&postern).await;
    let (one, other) = (postern.browser(manner), postern.browser(manner));
    redeem(&one, &token).await.assert_leads_to("/");
    assert_eq!(one.whoami().await.as_deref(), Some(ADA));
    for again in [&one, &other] {
        redeem(again, &token).await.assert_refused("used", 410);
    }
    assert_eq!((one.whoami().await.as_deref(), other.whoami().await), (Some(ADA), None));
    let sent = postern.mails().await;
    assert!(sent.is_empty(), "no mail is needed for it");
}

async fn it_is_good_for_fifteen_minutes(manner: Manner) {
    let postern = Postern::start().await;
    let (early, late) = (token(&postern).await, token(&postern).await);
    postern.wait(operator_link::MAX_AGE);
    redeem(&postern.browser(manner), &early).await.assert_leads_to("/");
    postern.wait(SECOND);
    redeem(&postern.browser(manner), &late).await.assert_refused("expired", 410);
}

async fn an_address_that_has_left_the_list_is_not_let_in(manner: Manner) {
    let postern = Postern::start().await;
    let token = token(&postern).await;
    postern.allow_only(&[BOB]);
    redeem(&postern.browser(manner), &token).await.assert_refused("not_allowed", 403);
    assert!(make(&postern.state, &ada()).await.unwrap().is_none(), "nor is another one made");
    postern.allow_only(&[ADA]);
    redeem(&postern.browser(manner), &token).await.assert_leads_to("/");
}

async fn neither_kind_of_link_passes_for_the_other(manner: Manner) {
    let postern = Postern::start().await;
    let ours = token(&postern).await;
    let visitor = postern.browser(manner);
    visitor.ask(ADA).await;
    let mailed = postern.mail().await.token();
    visitor.redeem_link(&ours).await.assert_refused("malformed_link", 422);
    redeem(&visitor, &mailed).await.assert_refused("malformed_link", 422);
    assert_eq!(visitor.whoami().await, None);
    visitor.redeem_link(&mailed).await.assert_leads_to("/");
    redeem(&postern.browser(manner), &ours).await.assert_leads_to("/");
}

async fn the_key_alone_makes_none(manner: Manner) {
    let postern = Postern::start().await;
    let secret = Challenge::new(0, &mut random::rng());
    let forged = operator_link::mint(&postern.state.config.keys, &secret, &ada(), postern.state.clock.now());
    redeem(&postern.browser(manner), forged.reveal()).await.assert_refused("used", 410);
}

in_both_manners!(
    it_signs_in_a_browser_that_asked_for_nothing_once,
    it_is_good_for_fifteen_minutes,
    an_address_that_has_left_the_list_is_not_let_in,
    neither_kind_of_link_passes_for_the_other,
    the_key_alone_makes_none,
);

#[tokio::test]
async fn the_database_alone_makes_none() {
    let (postern, other) = (Postern::start().await, Postern::start().await);
    // The row of a link that was signed with another key is copied to where that key is not known.
    let stolen = other.restart_with(&[("SECRET_KEY", "another secret key of the black-box tests")]).await;
    let token = token(&stolen).await;
    redeem(&postern.browser(Manner::Fetch), &token).await.assert_refused("malformed_link", 422);
    redeem(&stolen.browser(Manner::Fetch), &token).await.assert_leads_to("/");
}

#[tokio::test]
async fn of_many_that_open_it_at_once_one_is_signed_in() {
    let postern = Postern::start().await;
    let token = token(&postern).await;
    let browsers: Vec<_> = (0..8).map(|_| postern.browser(Manner::Fetch)).collect();
    let mut tries = tokio::task::JoinSet::new();
    for browser in browsers {
        let token = token.clone();
        tries.spawn(async move { redeem(&browser, &token).await.status });
    }
    let mut statuses = tries.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410, 410, 410, 410, 410, 410, 410]);
    assert_eq!(postern.rows("sessions WHERE email IS NOT NULL").await, 1);
}

#[tokio::test]
async fn its_page_says_what_it_is_and_for_whom_and_waits_for_the_button() {
    let postern = Postern::start().await;
    let made = make(&postern.state, &ada()).await.unwrap().unwrap();
    let path = made.url[made.url.find("/verify").unwrap()..].to_owned();
    let visitor = postern.browser(Manner::Form);
    for _ in 0..3 {
        let page = visitor.open(&path).await;
        assert_eq!(page.status, 200);
        let text = page.text();
        assert!(text.contains("from whoever runs this site") && text.contains(ADA), "{text}");
        assert!(text.contains(r#"action="/api/redeem_operator_link""#), "{text}");
        assert!(!text.contains("<leptos-island"), "no script presses its button: {text}");
    }
    assert_eq!(visitor.whoami().await, None);
    redeem(&visitor, &token_in(&made.url)).await.assert_leads_to("/");
    postern.wait(operator_link::MAX_AGE + SECOND);
    let page = visitor.open(&path).await;
    assert!(page.status == 410 && page.text().contains("This link has expired"), "{page:?}");
}

#[tokio::test]
async fn whoever_was_signed_in_there_is_not_any_more() {
    let postern = Postern::start().await;
    let browser = postern.browser(Manner::Fetch);
    browser.sign_in(&postern, BOB).await;
    assert_eq!(browser.whoami().await.as_deref(), Some(BOB));
    let before = browser.copy();
    redeem(&browser, &token(&postern).await).await.assert_leads_to("/");
    assert_eq!(browser.whoami().await.as_deref(), Some(ADA));
    assert_eq!(before.whoami().await, None, "its old cookie opens nothing");
}

#[tokio::test]
async fn the_trail_has_who_it_was_made_for_and_who_used_it_and_nothing_has_the_link() {
    let postern = Postern::start().await;
    let log = Log::listen();
    let token = token(&postern).await;
    let visitor = postern.browser(Manner::Fetch);
    redeem(&visitor, &token).await.assert_leads_to("/");
    let trail = "SELECT event || ' ' || reason || ' ' || email || ' ' || COALESCE(network, '-') FROM audit ORDER BY id";
    let trail: Vec<String> = postern.database().await.column(trail).await;
    assert_eq!(trail, [format!("command link {ADA} -"), format!("signed_in operator_link {ADA} 127.0.0.1")]);
    let (secret, signature) = (token.split(':').next().unwrap(), token.rsplit(':').next().unwrap());
    assert!(log.text().contains("operator_link"), "what is logged is seen");
    assert!(!log.text().contains(secret) && !log.text().contains(signature), "{}", log.text());
}

#[tokio::test]
async fn its_person_is_told_by_mail_once_mails_leave_again() {
    let postern = Postern::start_with(&[("NEW_DEVICE_MAILS", "on")]).await;
    redeem(&postern.browser(Manner::Fetch), &token(&postern).await).await.assert_leads_to("/");
    let mail = postern.mail().await;
    assert!(mail.to == ADA && mail.subject.starts_with("New sign-in"), "{mail:?}");
}

#[tokio::test]
async fn one_that_nobody_used_does_not_lie_about() {
    let postern = Postern::start().await;
    token(&postern).await;
    assert_eq!(postern.rows("operator_links").await, 1);
    postern.wait(operator_link::MAX_AGE + SECOND);
    assert!(postern::server::workers::remove_expired(&postern.state).await.is_ok());
    assert_eq!(postern.rows("operator_links").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_it_to_standard_output_and_the_server_never_logs_it() {
    let folder = TempDir::new().unwrap();
    // A mail server that cannot be reached is the day for it.
    let away =
        [("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", "9"), ("RUST_LOG", "trace")];
    let (mut child, port) = Child::serve(folder.path(), &away);
    let here = format!("http://127.0.0.1:{port}");
    let output = tool(folder.path(), &["link", ADA], &[("PUBLIC_URL", &here)]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output).0);
    let link = String::from_utf8(output.stdout).unwrap();
    assert!(link.starts_with(&format!("{here}/verify?token=")) && link.lines().count() == 1, "{link}");
    let token = token_in(link.trim());
    let secret = token.split(':').next().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains(secret));
    let ada = Browser::new(port, &here, Manner::Form);
    assert_eq!(ada.open(&link.trim()[here.len()..]).await.status, 200);
    redeem(&ada, &token).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    redeem(&Browser::new(port, &here, Manner::Form), &token).await.assert_refused("used", 410);
    let said = block_in_place(|| child.stop());
    assert!(said.contains("operator_link") && !said.contains(secret), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn none_is_made_for_an_address_that_is_not_on_the_list() {
    let folder = TempDir::new().unwrap();
    let (_child, _) = Child::serve(folder.path(), &[]);
    let output = tool(folder.path(), &["link", "eve@elsewhere.example"], &[]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(told(&output).0.contains("not on the allowlist"), "{}", told(&output).0);
    assert_eq!(told(&tool(folder.path(), &["link", "eve"], &[])).1, Some(2));
    assert_eq!(told(&tool(folder.path(), &["link"], &[])).1, Some(2));
}
