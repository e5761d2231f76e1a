//! The log of the real process, at its most talkative, holds no secret.

use base64::{Engine, engine::general_purpose::STANDARD};
use tempfile::TempDir;

use crate::harness::{
    ADA, BOB, Browser, Child, Log, MAIL_LOGIN, Mail, MailServer, Manner, Postern, SECOND, SECRET_KEY,
    on_postgres,
};

/// Whether a number stands by itself somewhere, not as a part of a time, a hash or another number.
fn stands_alone(number: &str, log: &str) -> bool {
    log.match_indices(number).any(|(at, _)| {
        let part = |c: char| c.is_ascii_alphanumeric() || c == '.';
        !log[..at].ends_with(part) && !log[at + number.len()..].starts_with(part)
    })
}

/// Everything that may never be logged: docs/logging.md lists it.
#[derive(Default)]
struct Secrets {
    texts: Vec<String>,
    codes: Vec<String>,
}

impl Secrets {
    fn mail(&mut self, mail: &Mail) {
        let token = mail.token();
        self.texts.extend([mail.link(), token.clone(), token.rsplit_once(':').unwrap().1.to_owned()]);
        self.texts.push("open this link to sign in".to_owned());
        let code = mail.code();
        self.codes.push(format!("{} {}", &code[..3], &code[3..]));
        self.codes.push(code);
    }

    /// The cookie of a browser at this moment.
    fn cookie(&mut self, browser: &Browser) {
        self.texts.push(browser.cookie_value());
    }

    #[track_caller]
    fn assert_absent(&self, log: &str) {
        for secret in &self.texts {
            assert!(!log.contains(secret.as_str()), "the log has {secret}: {}", lines_with(secret, log));
        }
        for code in &self.codes {
            assert!(!stands_alone(code, log), "the log has the code {code}: {}", lines_with(code, log));
        }
    }
}

fn lines_with(text: &str, log: &str) -> String {
    log.lines().filter(|line| line.contains(text)).collect::<Vec<_>>().join("\n")
}

async fn challenges(child: &Child) -> Vec<String> {
    let rows: Vec<String> = child.database().await.column("SELECT data FROM sessions").await;
    let challenge = |data: &String| {
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        data["pending"]["challenge"].as_str().map(str::to_owned)
    };
    rows.iter().filter_map(challenge).collect()
}

/// Signs in by link and by code, with wrong ones before, and out again. Mails go into the folder, or to `mail_server`.
async fn a_whole_login(more: &[(&str, &str)], mail_server: Option<&MailServer>) -> (String, Secrets) {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[&[("RUST_LOG", "trace")], more].concat());
    let origin = format!("http://127.0.0.1:{port}");
    let mut secrets = Secrets { texts: vec![SECRET_KEY.to_owned()], codes: Vec::new() };

    let ada = Browser::new(port, &origin, Manner::Form);
    ada.ask(ADA).await;
    secrets.cookie(&ada);
    let by_link = mail(&mut child, mail_server).await;
    secrets.mail(&by_link);
    ada.open(&by_link.path()).await;
    Browser::new(port, &origin, Manner::Fetch).redeem_link(&by_link.token()).await;
    ada.redeem_link(&by_link.token()[1..]).await.assert_refused("malformed_link", 422);
    ada.redeem_link(&by_link.token()).await.assert_leads_to("/");
    secrets.cookie(&ada);

    let bob = Browser::new(port, &origin, Manner::Fetch);
    bob.ask(BOB).await;
    secrets.cookie(&bob);
    let by_code = mail(&mut child, mail_server).await;
    secrets.mail(&by_code);
    secrets.codes.push(by_code.wrong_code(0));
    bob.redeem_code(&by_code.wrong_code(0)).await.assert_refused("wrong_code", 422);
    let old = bob.copy();
    bob.redeem_code(&by_code.code()).await.assert_leads_to("/");
    assert_eq!(bob.whoami().await.as_deref(), Some(BOB));
    old.redeem_code(&by_code.code()).await.assert_refused("used", 410);
    secrets.cookie(&bob);

    let challenges = challenges(&child).await;
    assert_eq!(challenges.len(), 2);
    secrets.texts.extend(challenges);
    for browser in [ada, bob] {
        browser.open("/").await;
        let replay = browser.copy();
        browser.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
        assert_eq!(replay.whoami().await, None);
    }
    (child.stop(), secrets)
}

async fn mail(child: &mut Child, mail_server: Option<&MailServer>) -> Mail {
    match mail_server {
        Some(mail_server) => mail_server.mail().await,
        None => child.mail(),
    }
}

/// The log says what happened, with everything that the libraries have to say; so a search that finds nothing proves
/// something.
#[track_caller]
fn assert_talkative(log: &str) {
    let events = ["asked", "sent", "refused", "signed_in", "signed_out"];
    for event in events.map(|event| format!("event=\"{event}\"")) {
        assert!(log.contains(&event), "{event} is missing: {log}");
    }
    let database = if on_postgres() { "tokio_postgres::" } else { "sqlx::query" };
    for said in ["TRACE", database, "tower_sessions::", "/api/redeem_link", "/api/redeem_code", ADA] {
        assert!(log.contains(said), "{said} is missing: {log}");
    }
}

#[tokio::test]
async fn the_log_of_a_whole_login_has_no_secret_in_it() {
    let (log, secrets) = a_whole_login(&[], None).await;
    assert_talkative(&log);
    secrets.assert_absent(&log);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_has_the_log_where_mails_go_to_a_mail_server() {
    let server = MailServer::start(&[]).await;
    let (user, password) = MAIL_LOGIN;
    let login =
        [("EMAIL_HOST_USER", user), ("EMAIL_HOST_PASSWORD", password), ("EMAIL_ALLOW_PLAINTEXT", "true")];
    let (log, mut secrets) = a_whole_login(&[&server.settings()[..], &login].concat(), Some(&server)).await;
    assert_talkative(&log);
    secrets.texts.extend([password.to_owned(), STANDARD.encode(format!("\0{user}\0{password}"))]);
    secrets.assert_absent(&log);
}

#[tokio::test]
async fn neither_has_the_log_for_machines() {
    let (log, secrets) = a_whole_login(&[("LOG_FORMAT", "json")], None).await;
    assert!(log.contains(r#""level":"TRACE""#) && log.contains(r#""event":"signed_in""#), "{log}");
    secrets.assert_absent(&log);
}

#[test]
fn the_search_for_a_code_finds_it_and_nothing_like_it() {
    for log in ["code=123456", "code: 123456,", "123456", "\"123456\"", "code%3D 123456 "] {
        assert!(stands_alone("123456", log), "{log}");
    }
    for log in ["2026-09-21T14:13:20.123456Z", "1234567", "a123456", "took 0.123456ms"] {
        assert!(!stands_alone("123456", log), "{log}");
    }
}

#[tokio::test]
async fn a_broken_database_is_said_once_a_minute_however_many_ask() {
    let postern = Postern::start().await;
    let (visitor, log) = (postern.browser(Manner::Fetch), Log::listen());
    let gone = "ALTER TABLE sessions RENAME TO gone";
    postern.database().await.run(gone).await;
    for said in [1, 2] {
        for _ in 0..20 {
            visitor.call("request_link", &[("email", ADA)]).await.assert_refused("not_ready", 503);
        }
        let lines = log.by_default();
        assert_eq!(lines.len(), said, "{lines:?}");
        assert!(lines[said - 1].contains("a request could not be answered"), "{lines:?}");
        postern.wait(60 * SECOND);
    }
}
