//! `postern check`: everything that is wrong at once, and nothing changed.

use std::{
    fs::{self, Permissions},
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Output,
    sync::Arc,
    thread,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio_rustls::rustls::{
    ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivateKeyDer,
};

use super::{contents, objects, told, tool};
use crate::harness::{
    ADA, Browser, Child, MAIL_LOGIN, MailServer, Manner, Reception, SECRET_KEY, on_postgres, put_site, run_in,
};

// The mail server of a test answers while the test waits for the command: such a test has a thread for each.

/// What a production server of an operator has set, who has thought of everything.
const PRODUCTION: [(&str, &str); 5] = [
    ("LEPTOS_ENV", "PROD"),
    ("PUBLIC_URL", "https://login.postern.invalid"),
    ("TRUSTED_PROXIES", "127.0.0.1"),
    ("DEFAULT_FROM_EMAIL", "Postern <postern@example.com>"),
    ("EMAIL_FILE_PATH", ""),
];

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// The findings of a kind about a subject, in words with their fix.
fn findings(output: &Output, weight: &str, about: &str) -> Vec<String> {
    let is_such = |line: &&Value| line["weight"] == weight && line["about"] == about;
    let words = |line: &Value| {
        let fix = line["fix"].as_str().map(|fix| format!(" Fix: {fix}")).unwrap_or_default();
        format!("{}{fix}", line["words"].as_str().unwrap())
    };
    objects(output).iter().filter(is_such).map(words).collect()
}

#[track_caller]
fn assert_one(found: &[String], parts: &[&str]) {
    let is_such = |words: &&String| parts.iter().all(|part| words.contains(part));
    assert_eq!(found.iter().filter(is_such).count(), 1, "{parts:?} in {found:#?}");
}

#[test]
fn where_all_is_well_it_says_so_and_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    put_site(&folder.path().join("target/site"));
    let before = contents(folder.path());
    let (text, code) = told(&tool(folder.path(), &["check"], &[]));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.ends_with("All is well.\n"), "{text}");
    assert!(text.contains("the first start makes its tables"), "{text}");
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn it_says_what_is_in_force_and_where_that_comes_from_and_no_secret() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("Leptos.toml"),
        "[postern]\nlink_max_age = \"10m\"\nsession_idle = \"1h\"\n",
    )
    .unwrap();
    fs::write(folder.path().join(".env"), "SESSION_IDLE=2h\nSESSION_ABSOLUTE=3d\n").unwrap();
    let more =
        [("SESSION_ABSOLUTE", "2d"), ("SECRET_KEY_FALLBACKS", r#"["an-older-key-that-nobody-may-read"]"#)];
    let output = tool(folder.path(), &["check", "--json"], &more);
    let lines = objects(&output);
    for (name, value, from) in [
        ("LINK_MAX_AGE", "10m", "leptos_toml"),
        ("SESSION_IDLE", "2h", "dotenv"),
        ("SESSION_ABSOLUTE", "2d", "environment"),
        ("LEPTOS_ENV", "DEV", "default"),
        ("SITE_NAME", "127.0.0.1:9", "default"),
        ("DRAIN_TIME", "0s", "default"),
        ("SECRET_KEY", "(set)", "environment"),
        ("SECRET_KEY_FALLBACKS", "(set)", "environment"),
    ] {
        let line = lines.iter().find(|line| line["kind"] == "setting" && line["name"] == name);
        let line = line.unwrap_or_else(|| panic!("{name}"));
        assert_eq!((&line["value"], &line["from"]), (&value.into(), &from.into()), "{name}");
    }
    let (people, _) = told(&tool(folder.path(), &["check"], &more));
    for text in [people, told(&output).0] {
        assert!(!text.contains(SECRET_KEY) && !text.contains("an-older-key"), "{text}");
    }
}

#[test]
fn the_password_of_a_database_is_not_shown() {
    let folder = TempDir::new().unwrap();
    let url = "postgres://postern:hunter2hunter2@127.0.0.1:9/postern";
    let output = tool(folder.path(), &["check"], &[("DATABASE_URL", url)]);
    let (text, code) = told(&output);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("postgres://127.0.0.1:9/postern cannot be used") && !text.contains("hunter2"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_trouble_is_named_at_once_each_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    mode(&data, 0o755);
    let dotenv = folder.path().join(".env");
    fs::write(&dotenv, "TRUSTED_PROXY=127.0.0.1\nEMAIL_TIMEOUTS=5\nCOMPOSE_PROJECT_NAME=mine\n").unwrap();
    mode(&dotenv, 0o666);
    let server = MailServer::start(&[]).await;
    let more = [
        ("TRUSTED_PROXIES", ""),
        ("LIMITS", "off"),
        ("CREDENTIALS", "[]"),
        ("LEPTOS_SITE_ROOT", "nowhere"),
        ("EMAIL_BACKEND", "smtp"),
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", "9"),
    ];
    let output = tool(folder.path(), &["check", "--json"], &[&PRODUCTION[..], &more].concat());
    assert_eq!(output.status.code(), Some(1));
    let trouble = |about| findings(&output, "trouble", about);
    assert_one(&trouble("settings"), &["TRUSTED_PROXY in .env", "did you mean TRUSTED_PROXIES?"]);
    assert_one(&trouble("settings"), &["EMAIL_TIMEOUTS in .env"]);
    assert_one(&trouble("settings"), &["nobody can sign in"]);
    assert_one(&trouble("settings"), &["limit is off"]);
    assert_eq!(trouble("settings").len(), 4, "what others keep in .env is their own");
    assert_one(&trouble("files"), &[".env", "mode 0666", "everybody", "chmod 640"]);
    if !on_postgres() {
        assert_one(&trouble("files"), &["/data belongs to", "mode 0755", "chmod 750"]);
    }
    assert_one(&findings(&output, "fatal", "site"), &["nowhere", "Fix: "]);
    assert_one(&trouble("mail"), &["127.0.0.1:9", "no connection", "EMAIL_HOST and EMAIL_PORT"]);
    assert_one(&trouble("address"), &["TRUSTED_PROXIES names none", "all visitors share one limit"]);
    let lines = objects(&output);
    let result = lines.last().unwrap();
    let counted =
        lines.iter().filter(|line| line["weight"] == "trouble" || line["weight"] == "fatal").count();
    assert_eq!((&result["kind"], &result["trouble"]), (&"result".into(), &counted.into()));
    // And with each of them mended, nothing is left.
    mode(&data, 0o700);
    fs::remove_file(&dotenv).unwrap();
    let mended = tool(folder.path(), &["check"], &[&PRODUCTION[..], &server.settings()].concat());
    let (text, code) = told(&mended);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn what_cannot_be_read_at_all_ends_with_78_and_every_mistake() {
    let folder = TempDir::new().unwrap();
    let wrong = [("LEPTOS_ENV", "PROD"), ("SESSION_IDLE", "soon"), ("LOG_FORMAT", "xml")];
    let (text, code) = told(&run_in(folder.path(), &["check"], &wrong));
    assert_eq!(code, Some(78), "{text}");
    let output = run_in(folder.path(), &["check", "--json"], &wrong);
    assert_eq!(output.status.code(), Some(78));
    let mistakes = objects(&output);
    for name in ["PUBLIC_URL", "SECRET_KEY", "SESSION_IDLE", "LOG_FORMAT", "EMAIL_HOST"] {
        assert!(text.contains(name), "{name}: {text}");
        assert!(mistakes.iter().any(|line| line["kind"] == "mistake" && line["setting"] == name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_server_is_reached_signed_in_at_and_with_send_used() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[]).await;
    let login = [
        ("EMAIL_HOST_USER", MAIL_LOGIN.0),
        ("EMAIL_HOST_PASSWORD", MAIL_LOGIN.1),
        ("EMAIL_ALLOW_PLAINTEXT", "true"),
    ];
    let settings = [&server.settings()[..], &login].concat();
    let output = tool(folder.path(), &["check", "--json"], &settings);
    assert_one(&findings(&output, "well", "mail"), &["was reached and let us in as postern"]);
    assert!(server.mails().is_empty(), "nobody has asked for a mail");
    let output = tool(folder.path(), &["check", "--json", "--send", "you@example.com"], &settings);
    assert_one(&findings(&output, "well", "mail"), &["A mail to you@example.com was taken"]);
    let mail = server.mail().await;
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("you@example.com", "127.0.0.1:9: a mail to try it out")
    );
    assert!(!mail.text.contains("/verify"), "it opens nothing: {}", mail.text);
    assert!(!told(&output).0.contains(MAIL_LOGIN.1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_refuses_us_is_trouble_with_its_own_words() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[]).await;
    let login =
        [("EMAIL_HOST_USER", "postern"), ("EMAIL_HOST_PASSWORD", "wrong"), ("EMAIL_ALLOW_PLAINTEXT", "true")];
    let output = tool(folder.path(), &["check", "--json"], &[&server.settings()[..], &login].concat());
    assert_eq!(output.status.code(), Some(1));
    assert_one(&findings(&output, "trouble", "mail"), &["AUTH", "535", "EMAIL_HOST_PASSWORD"]);
    let tls = [("EMAIL_USE_TLS", "true")];
    let output = tool(folder.path(), &["check", "--json"], &[&server.settings()[..], &tls].concat());
    assert_one(&findings(&output, "trouble", "mail"), &["TLS", "EMAIL_USE_TLS"]);
    server.receive(Reception::Answer("550 5.1.1 no such user"));
    let output = tool(folder.path(), &["check", "--json", "--send", "gone@example.com"], &server.settings());
    assert_one(
        &findings(&output, "trouble", "mail"),
        &["A mail to gone@example.com was not taken", "no such user"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_mail_server_that_is_broken_is_trouble_of_its_own_and_the_first_is_tried_all_the_same() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start(&[]).await;
    let second = [("EMAIL_FALLBACK_HOST", "127.0.0.1"), ("EMAIL_FALLBACK_PORT", "9")];
    let settings = [&server.settings()[..], &second].concat();
    let output = tool(folder.path(), &["check", "--json", "--send", "you@example.com"], &settings);
    assert_eq!(output.status.code(), Some(1));
    assert_one(
        &findings(&output, "trouble", "mail"),
        &["second mail server", "127.0.0.1:9", "EMAIL_FALLBACK_"],
    );
    assert_one(&findings(&output, "well", "mail"), &["A mail to you@example.com was taken"]);
    assert_eq!(server.mail().await.to, "you@example.com");
}

#[tokio::test]
async fn it_works_beside_a_running_server_and_finds_it_at_its_address() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[]);
    let url = format!("http://127.0.0.1:{port}");
    let output = tool(folder.path(), &["check", "--json"], &[("PUBLIC_URL", &url)]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output).0);
    assert_one(&findings(&output, "well", "database"), &["can be written", "its tables are up to date"]);
    if !on_postgres() {
        assert_one(&findings(&output, "well", "database"), &["A server is running: process"]);
    }
    assert_one(&findings(&output, "well", "address"), &["The page to sign in was found"]);
    let ada = Browser::new(port, &url, Manner::Fetch);
    ada.ask(ADA).await;
    ada.redeem_link(&child.mail().token()).await.assert_leads_to("/");
    child.stop();
}

/// Answers one request with `answer`; its address as PUBLIC_URL.
fn somebody_else(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4_096]);
        stream.write_all(answer.as_bytes()).unwrap();
    });
    url
}

#[test]
fn whoever_answers_at_public_url_is_looked_at_and_so_is_his_clock() {
    let folder = TempDir::new().unwrap();
    for (answer, about, parts) in [
        ("HTTP/1.1 421 Misdirected Request\r\n\r\n", "address", &["another host (421)", "pass Host on"][..]),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "address", &["reaches no Postern", "LEPTOS_SITE_ADDR"]),
        ("HTTP/1.1 404 Not Found\r\n\r\n", "address", &["says 404"]),
        (
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
            "clock",
            &["ahead of that of whoever answers at PUBLIC_URL", "chrony"],
        ),
    ] {
        let output = tool(folder.path(), &["check", "--json"], &[("PUBLIC_URL", &somebody_else(answer))]);
        assert_eq!(output.status.code(), Some(1), "{answer}");
        assert_one(&findings(&output, "trouble", about), parts);
    }
}

#[test]
fn a_certificate_at_public_url_that_no_browser_would_believe_is_trouble() {
    let folder = TempDir::new().unwrap();
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = folder.path().join("certificate.pem");
    fs::write(&file, certified.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let tls = ServerConfig::builder_with_provider(ring::default_provider().into());
    let tls = tls.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let tls = Arc::new(tls.with_single_cert(vec![certified.cert.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream =
                StreamOwned::new(ServerConnection::new(Arc::clone(&tls)).unwrap(), stream.unwrap());
            // Whoever does not believe us has gone by now.
            if stream.read(&mut [0; 4_096]).is_ok() {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            }
        }
    });
    let check = |more: &[(&str, &str)]| {
        let settings = [("PUBLIC_URL", &*url), ("TRUSTED_PROXIES", "127.0.0.1")];
        tool(folder.path(), &["check", "--json"], &[&settings, more].concat())
    };
    let parts = ["has a certificate that does not hold here", "from an authority that browsers know"];
    assert_one(&findings(&check(&[]), "trouble", "address"), &parts);
    let trusted = check(&[("SSL_CERT_FILE", file.to_str().unwrap())]);
    assert!(findings(&trusted, "trouble", "address").is_empty());
    assert_one(&findings(&trusted, "well", "address"), &["The page to sign in was found"]);
}

#[tokio::test]
async fn files_of_the_server_that_others_may_read_are_trouble() {
    let folder = TempDir::new().unwrap();
    let (mut child, _) = Child::serve(folder.path(), &[]);
    child.stop();
    let data = folder.path().join("data");
    assert_eq!(told(&tool(folder.path(), &["check"], &[])).1, Some(0));
    for name in ["postern.sqlite3", "secret_key"] {
        let file = data.join(name);
        if !file.exists() {
            fs::create_dir_all(&data).unwrap();
            mode(&data, 0o700);
            fs::write(&file, SECRET_KEY).unwrap();
        }
        mode(&file, 0o644);
        let output = tool(folder.path(), &["check", "--json"], &[]);
        if !on_postgres() || name == "secret_key" {
            assert_one(&findings(&output, "trouble", "files"), &[name, "mode 0644", "read it", "chmod 6"]);
        }
        mode(&file, 0o600);
    }
    assert_eq!(told(&tool(folder.path(), &["check"], &[])).1, Some(0));
}
