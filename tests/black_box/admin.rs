//! /admin: who may open it, what it shows, and that what an admin does is noted with their name.

use std::time::Duration;

use postern::{
    domain::{Allowlist, Device},
    store::sessions::{HashedSessionId, SessionRow},
};

use crate::harness::{ADA, Answer, BOB, Browser, LINK_MAX_AGE, MailServer, Manner, Postern, Reception};

const PAGES: [&str; 4] = ["/admin", "/admin/events", "/admin/mails", "/admin/sessions"];
const FUNCTIONS: [&str; 2] = ["end_session_of_anybody", "try_mail_again"];
const ADMINS: (&str, &str) = ("ADMINS", r#"["ada@example.com"]"#);

async fn signed_in(postern: &Postern, manner: Manner, email: &str) -> Browser {
    let browser = postern.browser(manner);
    browser.sign_in(postern, email).await;
    assert_eq!(browser.whoami().await.as_deref(), Some(email));
    browser
}

async fn page(admin: &Browser, path: &str) -> String {
    let answer = admin.open(path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text()
}

/// The values of the buttons of that name.
fn values(page: &str, name: &str) -> Vec<String> {
    let start = format!("name=\"{name}\" value=\"");
    page.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// What tells one answer from another: its status, the names of its headers and its text, but for what is another one in
/// each answer and for the path.
fn shape(answer: &Answer, path: &str) -> (u16, Vec<String>, usize) {
    let names = answer.headers.keys().map(|name| name.to_string()).collect();
    (answer.status, names, answer.text().replace(path, "").len())
}

async fn to_everybody_else_there_is_no_such_page(manner: Manner) {
    let postern = Postern::start_with(&[ADMINS]).await;
    let (stranger, bob) = (postern.browser(manner), signed_in(&postern, manner, BOB).await);
    for path in PAGES.into_iter().chain(["/admin/", "/admin/sessions/"]) {
        let unknown = format!("/{}", "x".repeat(path.len() - 1));
        assert_eq!(bob.open(path).await.status, 404, "{path}");
        assert_eq!(shape(&bob.open(path).await, path), shape(&bob.open(&unknown).await, &unknown), "{path}");
        assert_eq!(bob.fetch(path).await.status, bob.fetch(&unknown).await.status, "{path}");
        assert_eq!(bob.send(bob.post(path)).await.status, bob.send(bob.post(&unknown)).await.status);
        let (login, fetched) = (stranger.open(path).await, stranger.fetch(path).await);
        assert_eq!((login.status, fetched.status), (303, 401), "{path}");
        assert!(login.location().starts_with("/login?next=%2Fadmin"), "{login:?}");
    }
    for function in FUNCTIONS {
        let fields = [("id", "0"), ("message_id", "0")];
        let (known, unknown) =
            (bob.call(function, &fields).await, bob.call("no_such_function", &fields).await);
        assert_eq!((known.status, known.text()), (unknown.status, unknown.text()), "{function}");
        assert_eq!(
            stranger.call(function, &fields).await.status,
            stranger.call("nothing", &fields).await.status
        );
    }
    assert!(!page(&bob, "/").await.contains("/admin"));
    // The one who may.
    let ada = signed_in(&postern, manner, ADA).await;
    for path in PAGES {
        assert!(page(&ada, path).await.contains("Administration"), "{path}");
    }
    assert!(page(&ada, "/").await.contains("href=\"/admin\""));
    assert_eq!(postern.rows("audit WHERE event = 'revoked'").await, 0);
}

async fn whoever_is_no_admin_any_more_is_out_at_once(manner: Manner) {
    let postern = Postern::start_with(&[ADMINS]).await;
    let ada = signed_in(&postern, manner, ADA).await;
    page(&ada, "/admin/sessions").await;
    postern.state.admins.replace(Allowlist::default());
    for path in PAGES {
        assert_eq!(ada.open(path).await.status, 404, "{path}");
    }
    assert_eq!(ada.call("end_session_of_anybody", &[("id", "0")]).await.status, 405);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA), "she is signed in as before");
}

async fn an_admin_ends_a_session_of_somebody_and_the_trail_says_who_did(manner: Manner) {
    let postern = Postern::start_with(&[ADMINS]).await;
    let bob = signed_in(&postern, manner, BOB).await;
    let ada = signed_in(&postern, manner, ADA).await;
    let sessions = page(&ada, "/admin/sessions").await;
    assert!(sessions.contains(BOB) && sessions.contains("This device"), "{sessions}");
    let ids = values(&sessions, "id");
    assert_eq!(ids.len(), 1, "her own has no button: {sessions}");
    ada.call("end_session_of_anybody", &[("id", &ids[0])])
        .await
        .assert_leads_to("/admin/sessions?notice=session_ended");
    assert_eq!(bob.whoami().await, None);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    let noted = "audit WHERE event = 'revoked' AND reason = 'ended_by_the_operator' AND email = 'bob@example.com' \
                 AND by_whom = 'ada@example.com' AND network = '127.0.0.1' AND device IS NOT NULL";
    assert_eq!(postern.rows(noted).await, 1);
    for id in [ids[0].as_str(), "", "0", &"0".repeat(64), &"g".repeat(64)] {
        ada.call("end_session_of_anybody", &[("id", id)]).await.assert_refused("no_such_session", 404);
    }
    assert_eq!(postern.rows("audit WHERE event = 'revoked'").await, 1);
    let events = page(&ada, "/admin/events?of=operators").await;
    assert!(events.contains("ended_by_the_operator") && events.contains("by ada@example.com"), "{events}");
}

async fn a_mail_that_was_refused_is_shown_with_its_servers_words_and_leaves_when_tried_again(manner: Manner) {
    let server = MailServer::start(&[]).await;
    let settings = [server.settings().as_slice(), &[ADMINS]].concat();
    let postern = Postern::start_with(&settings).await;
    let (ada, bob) = (postern.browser(manner), postern.browser(manner));
    ada.ask(ADA).await;
    postern.deliver().await;
    ada.redeem_link(&server.mail().await.token()).await.assert_leads_to("/");
    server.receive(Reception::Answer("550 5.1.1 no such person"));
    // The visitor learns nothing of it.
    bob.ask(BOB).await;
    postern.deliver().await;
    let waits = page(&bob, "/login/sent").await;
    assert!(waits.contains("Check your inbox") && !waits.contains("refused"), "{waits}");
    assert_eq!(server.mails().len(), 0);
    let noted = "audit WHERE event = 'gave_up' AND reason = 'refused_by_the_mail_server' \
                 AND email = 'bob@example.com' AND detail LIKE '%5.1.1 no such person%'";
    assert_eq!(postern.rows(noted).await, 1);
    let events = page(&ada, "/admin/events?of=refusals").await;
    assert!(
        events.contains("refused_by_the_mail_server") && events.contains("5.1.1 no such person"),
        "{events}"
    );
    let mails = page(&ada, "/admin/mails").await;
    let names = values(&mails, "message_id");
    assert!(names.len() == 1 && mails.contains(BOB), "{mails}");
    // Nobody tries it by himself.
    postern.wait(Duration::from_secs(60));
    postern.deliver().await;
    assert_eq!(server.mails().len(), 0);
    ada.call("try_mail_again", &[("message_id", &names[0])])
        .await
        .assert_leads_to("/admin/mails?notice=mail_tried_again");
    postern.deliver().await;
    bob.redeem_link(&server.mail().await.token()).await.assert_leads_to("/");
    assert_eq!((postern.rows("outbox").await, postern.rows("refused_mails").await), (0, 0));
    let noted = "audit WHERE event = 'retried' AND email = 'bob@example.com' AND by_whom = 'ada@example.com'";
    assert_eq!(postern.rows(noted).await, 1);
    for name in [names[0].as_str(), "", "0"] {
        ada.call("try_mail_again", &[("message_id", name)]).await.assert_refused("no_such_mail", 404);
    }
}

in_both_manners!(
    to_everybody_else_there_is_no_such_page,
    whoever_is_no_admin_any_more_is_out_at_once,
    an_admin_ends_a_session_of_somebody_and_the_trail_says_who_did,
    a_mail_that_was_refused_is_shown_with_its_servers_words_and_leaves_when_tried_again,
);

#[tokio::test]
async fn another_site_cannot_have_an_admin_do_anything() {
    let postern = Postern::start_with(&[ADMINS]).await;
    let bob = signed_in(&postern, Manner::Form, BOB).await;
    let ada = signed_in(&postern, Manner::Form, ADA).await;
    let id = values(&page(&ada, "/admin/sessions").await, "id").remove(0);
    let foreign = ada.request(reqwest::Method::POST, "/api/end_session_of_anybody");
    let foreign = foreign.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    assert_eq!(ada.send(foreign.form(&[("id", &id)])).await.status, 403);
    assert_eq!(bob.whoami().await.as_deref(), Some(BOB));
}

#[tokio::test]
async fn a_mail_whose_link_has_expired_cannot_be_tried_again() {
    let server = MailServer::start(&[]).await;
    let postern = Postern::start_with(&[server.settings().as_slice(), &[ADMINS]].concat()).await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    postern.deliver().await;
    ada.redeem_link(&server.mail().await.token()).await.assert_leads_to("/");
    server.receive(Reception::Answer("550 5.1.1 no such person"));
    postern.browser(Manner::Fetch).ask(BOB).await;
    postern.deliver().await;
    let name = values(&page(&ada, "/admin/mails").await, "message_id").remove(0);
    postern.wait(LINK_MAX_AGE);
    ada.call("try_mail_again", &[("message_id", &name)]).await.assert_refused("no_such_mail", 404);
    assert_eq!(postern.rows("audit WHERE event = 'retried'").await, 0);
}

#[tokio::test]
async fn of_many_sessions_a_page_shows_fifty_and_leads_on_to_the_rest() {
    let postern = Postern::start_with(&[ADMINS]).await;
    let ada = signed_in(&postern, Manner::Form, ADA).await;
    let now = postern.state.clock.now();
    let adding = postern.state.store.step(move |step| {
        Box::pin(async move {
            for number in 0..120 {
                let row = SessionRow {
                    id: HashedSessionId::of(&number.to_string()),
                    email: Some(format!("p{number}@example.com")),
                    device: Device::default(),
                    data: "{}".to_owned(),
                    // Some in the same second.
                    created_at: now.minus(Duration::from_secs(number / 3)),
                    last_seen_at: now,
                    expires_at: now.plus(Duration::from_secs(60)),
                    seen: true,
                    challenge: None,
                    mail_left: false,
                    code_tries: 0,
                    successor: None,
                };
                step.put_session(&row).await?;
            }
            Ok(())
        })
    });
    adding.await.unwrap();
    let (mut path, mut seen, mut pages) = ("/admin/sessions".to_owned(), Vec::new(), 0);
    loop {
        let text = page(&ada, &path).await;
        let ids = values(&text, "id");
        assert!(ids.len() <= 50, "{}", ids.len());
        seen.extend(ids);
        pages += 1;
        let Some((before, _)) = text.split_once("rel=\"next\"") else { break };
        let address = before.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap();
        path = address.replace("&amp;", "&");
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((pages, count, seen.len()), (3, 120, 120), "each once");
}

#[tokio::test]
async fn the_charts_tell_in_numbers_what_they_draw() {
    let postern = Postern::start_with(&[ADMINS, ("LIMIT_MAILS", "")]).await;
    let ada = signed_in(&postern, Manner::Form, ADA).await;
    postern.wait(Duration::from_secs(2 * 3_600));
    let bob = postern.browser(Manner::Form);
    bob.ask(BOB).await;
    let mail = postern.mail().await;
    bob.redeem_code(&mail.wrong_code(0)).await.assert_refused("wrong_code", 422);
    bob.redeem_link(&mail.token()).await.assert_leads_to("/");
    let overview = page(&ada, "/admin").await;
    assert_eq!(overview.matches("Sign-ins: 2. Refusals: 1.").count(), 2, "the day and the week: {overview}");
    assert_eq!(overview.matches("role=\"img\"").count(), 2);
    assert!(overview.contains("<th scope=\"row\">2026-09-21 14:00</th><td>1</td><td>0</td>"), "{overview}");
    assert!(overview.contains("<th scope=\"row\">2026-09-21 16:00</th><td>1</td><td>1</td>"), "{overview}");
    assert!(overview.contains("<th scope=\"row\">2026-09-21</th><td>2</td><td>1</td>"), "{overview}");
    assert!(overview.contains("LIMIT_MAILS") && overview.contains("1500 per 1h"), "{overview}");
    assert!(!overview.contains("<script src"), "it needs none");
}

#[tokio::test]
async fn admins_are_read_like_the_allowlist_and_nobody_is_one_by_default() {
    let postern = Postern::start().await;
    let ada = signed_in(&postern, Manner::Form, ADA).await;
    assert_eq!(ada.open("/admin").await.status, 404);
    let postern = postern.restart_with(&[("ADMINS", r#"["@example.com", "!bob@example.com"]"#)]).await;
    let ada = ada.at(postern.port());
    assert_eq!(ada.open("/admin").await.status, 200);
    let bob = signed_in(&postern, Manner::Form, BOB).await;
    assert_eq!(bob.open("/admin").await.status, 404);
}
