//! The log of the real process, at its most talkative, holds no secret.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::harness::{ADA, BOB, Browser, Child, Mail, Manner, SECRET_KEY};

/// Waits for the next mail of this server and takes it out of the folder.
fn mail(child: &mut Child, folder: &Path) -> Mail {
    let sent =
        |line: &str| line.contains("flow::login::deliver: sent") || line.contains(r#""message":"sent""#);
    assert!(child.says(sent), "the server ended");
    let file = fs::read_dir(folder.join("mail")).unwrap().next().unwrap().unwrap().path();
    let mail = Mail::read(&fs::read(&file).unwrap());
    fs::remove_file(file).unwrap();
    mail
}

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

async fn challenges(folder: &Path) -> Vec<String> {
    use sqlx::ConnectOptions;
    let file = folder.join("data/postern.sqlite3");
    let mut database = sqlx::sqlite::SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let rows: Vec<String> =
        sqlx::query_scalar("SELECT data FROM sessions").fetch_all(&mut database).await.unwrap();
    let challenge = |data: &String| {
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        data["pending"]["challenge"].as_str().map(str::to_owned)
    };
    rows.iter().filter_map(challenge).collect()
}

async fn a_whole_login(more: &[(&str, &str)]) -> (String, Secrets) {
    let folder = TempDir::new().unwrap();
    let talkative = [&[("RUST_LOG", "trace")], more].concat();
    let (mut child, port) = Child::serve(folder.path(), &talkative);
    let origin = format!("http://127.0.0.1:{port}");
    let mut secrets = Secrets { texts: vec![SECRET_KEY.to_owned()], codes: Vec::new() };

    let ada = Browser::new(port, &origin, Manner::Form);
    ada.ask(ADA).await;
    secrets.cookie(&ada);
    let by_link = mail(&mut child, folder.path());
    secrets.mail(&by_link);
    ada.open(&by_link.path()).await;
    Browser::new(port, &origin, Manner::Fetch).redeem_link(&by_link.token()).await;
    ada.redeem_link(&by_link.token()[1..]).await.assert_refused("malformed_link", 422);
    ada.redeem_link(&by_link.token()).await.assert_leads_to("/");
    secrets.cookie(&ada);

    let bob = Browser::new(port, &origin, Manner::Fetch);
    bob.ask(BOB).await;
    secrets.cookie(&bob);
    let by_code = mail(&mut child, folder.path());
    secrets.mail(&by_code);
    secrets.codes.push(by_code.wrong_code(0));
    bob.redeem_code(&by_code.wrong_code(0)).await.assert_refused("wrong_code", 422);
    bob.redeem_code(&by_code.code()).await.assert_leads_to("/");
    bob.redeem_code(&by_code.code()).await.assert_refused("used", 410);
    secrets.cookie(&bob);

    let challenges = challenges(folder.path()).await;
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

#[tokio::test]
async fn the_log_of_a_whole_login_has_no_secret_in_it() {
    let (log, secrets) = a_whole_login(&[]).await;
    assert!(log.contains("TRACE") && log.contains("signed in"), "the log is talkative: {log}");
    assert!(log.contains("/api/redeem_link") && log.contains(ADA), "and knows who did what");
    secrets.assert_absent(&log);
}

#[tokio::test]
async fn neither_has_the_log_for_machines() {
    let (log, secrets) = a_whole_login(&[("LOG_FORMAT", "json")]).await;
    assert!(log.contains(r#""level":"TRACE""#), "{log}");
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
