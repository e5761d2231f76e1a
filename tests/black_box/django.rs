//! docs/coming-from-django.md is so: the Django app on that page, in a real Django under gunicorn, knows who signed in at
//! Postern behind each real proxy, and nobody else gets to say who they are; and its few lines read Postern's links.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{
    ADA, BOB, Browser, Child, GateKind, Gateway, LOGIN, Manner, Message, SECRET_KEY, Visitor, WIKI,
    Walkthrough,
};

const PAGE: &str = "docs/coming-from-django.md";
const EVE: &str = "eve@evil.test";

/// The app of the page on a port of its own.
async fn app() -> Walkthrough {
    let mut page = Walkthrough::begin(PAGE, &[8080]);
    page.instead_of("wiki.example.com", WIKI);
    page.set("DJANGO_SECRET_KEY", "the app's own key, which is none of Postern's");
    page.follow("A Django app that trusts Postern's gateway").await;
    page
}

/// The gateway before that app, as the page sets it up.
async fn gateway(kind: GateKind, page: &Walkthrough) -> Gateway {
    Gateway::start_with(kind, Some(page.port(8080)), |[mut wiki, tools]| {
        wiki["public"] = serde_json::json!(["/health"]);
        [wiki, tools]
    })
    .await
}

/// What the app says of a request that it has answered.
#[track_caller]
fn said(answer: &Message) -> Value {
    assert_eq!(answer.status(), 200, "{answer:?}");
    serde_json::from_slice(&answer.body).unwrap()
}

#[track_caller]
fn assert_knows(answer: &Message, email: &str) {
    let said = said(answer);
    assert_eq!((said["email"].as_str(), said["user"].as_str()), (Some(email), Some(email)), "{said}");
}

/// Asks for `target` as a script would, with what somebody says of themselves in every spelling that WSGI reads alike.
async fn forge(visitor: &Visitor<'_>, target: &str) -> Message {
    let headers = ["Remote-User", "Remote_User", "remote-user", "REMOTE-USER", "HTTP_REMOTE_USER"]
        .map(|name| (name, EVE));
    visitor.send("GET", WIKI, target, &headers, b"").await
}

async fn a_django_app_knows_who_signed_in_and_a_forged_header_is_nobody(kind: GateKind) {
    let page = app().await;
    let gateway = gateway(kind, &page).await;
    let visitor = Visitor::new(&gateway.gate);
    // Without a session: no way in, and on what is public nobody.
    assert_eq!(visitor.fetch(WIKI, "/").await.status(), 401);
    let refused = forge(&visitor, "/").await;
    assert!(matches!(refused.status(), 400 | 401), "{refused:?}");
    let health = said(&visitor.fetch(WIKI, "/health").await);
    assert_eq!((&health["email"], health["user"].as_str()), (&Value::Null, Some("")), "{health}");
    let forged = forge(&visitor, "/health").await;
    if forged.status() != 400 {
        let health = said(&forged);
        assert_eq!((&health["email"], health["user"].as_str()), (&Value::Null, Some("")), "{health}");
    }
    // With one: the person who signed in, whatever the request says.
    let (url, home) = gateway.sign_in_at(&visitor, &gateway.gate.url(WIKI, "/"), ADA).await;
    assert_eq!(url, gateway.gate.url(WIKI, "/"));
    assert_knows(&home, ADA);
    let forged = forge(&visitor, "/").await;
    if forged.status() != 400 {
        assert_knows(&forged, ADA);
    }
    // A form of the app arrives, and one without its token does not.
    let csrf = said(&visitor.navigate(WIKI, "/").await)["csrf"].as_str().unwrap().to_owned();
    let posted = visitor.submit(WIKI, "/", &[("csrfmiddlewaretoken", &csrf)]).await;
    assert_eq!(said(&posted)["method"], "POST");
    assert_eq!(visitor.submit(WIKI, "/", &[]).await.status(), 403);
}

through_all_gates!(a_django_app_knows_who_signed_in_and_a_forged_header_is_nobody);

#[tokio::test]
async fn whoever_signs_in_next_in_the_same_browser_is_another_user_of_django() {
    let page = app().await;
    let gateway = gateway(GateKind::Nginx, &page).await;
    let (visitor, home) = (Visitor::new(&gateway.gate), gateway.gate.url(WIKI, "/"));
    assert_knows(&gateway.sign_in_at(&visitor, &home, ADA).await.1, ADA);
    assert!(visitor.cookie(WIKI, "sessionid").is_some(), "Django has a session of its own");
    assert_eq!(visitor.submit(WIKI, "/.postern/sign-out", &[]).await.status(), 303);
    assert!(visitor.cookie(WIKI, "sessionid").is_some(), "its cookie is still there");
    assert_eq!(visitor.fetch(WIKI, "/").await.status(), 401);
    let health = said(&visitor.fetch(WIKI, "/health").await);
    assert_eq!((&health["email"], health["user"].as_str()), (&Value::Null, Some("")), "{health}");
    let (login, _) = visitor.follow(&home).await;
    assert!(login.starts_with(&gateway.gate.url(LOGIN, "/login")), "{login}");
    assert_knows(&gateway.sign_in_at(&visitor, &home, BOB).await.1, BOB);
}

#[tokio::test]
async fn django_reads_a_link_and_uses_nothing_up() {
    let mut page = app().await;
    page.follow("Why nobody can forge the header").await;
    let folder = TempDir::new().unwrap();
    let (mut server, port) = Child::serve(folder.path(), &[]);
    let origin = format!("http://127.0.0.1:{port}");
    let ada = Browser::new(port, &origin, Manner::Fetch);
    ada.ask(ADA).await;
    let mail = server.mail();
    page.set("LINK", &mail.link());
    page.set("POSTERN_SECRET_KEY", SECRET_KEY);
    page.follow("A Django app that reads Postern's links").await;
    // Under another key, or changed, it is refused.
    let read = "python3 read_link.py \"$LINK\" 2>&1 || true";
    page.set("POSTERN_SECRET_KEY", "another key of thirty-two bytes or more");
    assert_eq!(page.run(read).await, "not a link of this Postern\n");
    page.set("POSTERN_SECRET_KEY", SECRET_KEY);
    page.set("LINK", &mail.link().replace("ada", "eve"));
    assert_eq!(page.run(read).await, "not a link of this Postern\n");
    // What Django signs now opens nothing for whoever has not asked; what was asked for still works.
    let token = page.run(&format!("python3 -c '{SIGN}' {BOB}")).await;
    let eve = Browser::new(port, &origin, Manner::Fetch);
    eve.redeem_link(token.trim()).await.assert_refused("other_browser", 409);
    assert_eq!(eve.whoami().await, None);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    page.end();
}

/// Signs an address as Postern does.
const SIGN: &str = "
import os, sys
from django.conf import settings
from django.core import signing
settings.configure()
key = os.environ[\"POSTERN_SECRET_KEY\"]
print(signing.TimestampSigner(key=key, salt=\"postern.login\", fallback_keys=[]).sign(sys.argv[1]))
";

#[test]
fn the_page_names_the_versions_that_are_installed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let (page, pinned) = (read(PAGE), read("benches/peers/django/requirements.txt"));
    let pinned: Vec<_> = pinned.lines().filter(|line| line.contains("==")).collect();
    assert_eq!(pinned.len(), 2, "{pinned:?}");
    for package in pinned {
        assert!(page.contains(package), "{PAGE} speaks of another version than {package}");
    }
}
