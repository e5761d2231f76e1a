//! `postern backup`, and the one file that a clean stop leaves.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use sqlx::{Connection, Row, SqliteConnection};
use tempfile::TempDir;
use tokio::task::{JoinSet, block_in_place, spawn_blocking};

use super::{objects, told, tool};
use crate::harness::{Browser, Child, Manner};

/// Everybody at that domain may sign in; nobody else.
pub const PEOPLE: (&str, &str) = ("CREDENTIALS", r#"["@example.com"]"#);
/// The database of a [`Child`].
pub const DATABASE: &str = "data/postern.sqlite3";

pub fn browser(port: u16) -> Browser {
    Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch)
}

/// Signs in the whole way, while strangers may come and go: their mails are never sent.
pub async fn sign_in(child: &mut Child, port: u16, email: &str) -> Browser {
    let person = browser(port);
    person.ask(email).await;
    let mail = block_in_place(|| child.mail());
    assert_eq!(mail.to, email);
    person.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(person.whoami().await.as_deref(), Some(email));
    person
}

/// Strangers who ask and ask, each answer of which is a step, until the server answers no more.
pub fn strangers(port: u16) -> JoinSet<u32> {
    let mut load = JoinSet::new();
    for stranger in 0..4 {
        load.spawn(async move {
            let mut asked = 0;
            loop {
                let request = browser(port).post("/api/request_link");
                let email = format!("stranger{stranger}.{asked}@elsewhere.example");
                match request.form(&[("email", email)]).send().await {
                    Ok(_) => asked += 1,
                    Err(_) => return asked,
                }
            }
        });
    }
    load
}

/// A column of a file that nobody else has open, after it was found to be whole.
pub async fn column(file: &Path, query: &'static str) -> Vec<String> {
    let url = format!("sqlite://{}", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let whole: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!(whole, "ok");
    let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// What lies beside the database.
pub fn beside(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("data")).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with(".lock") && name != "secret_key");
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_under_load_leaves_one_file_with_the_last_answered_sign_in() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    let mut load = strangers(port);
    for person in ["ada@example.com", "bob@example.com", "cyd@example.com"] {
        sign_in(&mut child, port, person).await;
    }
    assert!(
        beside(folder.path()).contains(&"postern.sqlite3-wal".to_owned()),
        "while it runs there is a log"
    );
    child.signal("TERM");
    let (status, said) = block_in_place(|| child.end_with_status());
    assert_eq!(status, Some(0), "{said}");
    let mut asked = 0;
    while let Some(count) = load.join_next().await {
        asked += count.unwrap();
    }
    assert!(asked > 0, "there was load");
    assert_eq!(beside(folder.path()), ["postern.sqlite3"]);
    let copy = folder.path().join("copy.sqlite3");
    fs::copy(folder.path().join(DATABASE), &copy).unwrap();
    let people = column(&copy, "SELECT email FROM sessions WHERE email IS NOT NULL ORDER BY email").await;
    assert_eq!(people, ["ada@example.com", "bob@example.com", "cyd@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_a_server_leaves_one_file_too() {
    let folder = TempDir::new().unwrap();
    let (mut child, _) = Child::serve(folder.path(), &[PEOPLE]);
    child.stop();
    assert_eq!(told(&tool(folder.path(), &["events"], &[])).1, Some(0));
    assert_eq!(beside(folder.path()), ["postern.sqlite3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_whole_private_and_has_every_sign_in_that_was_answered_before() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    let load = strangers(port);
    let mut before = Vec::new();
    for person in 0..5 {
        let email = format!("person{person}@example.com");
        sign_in(&mut child, port, &email).await;
        before.push(email);
    }
    let there = folder.path().to_owned();
    let backup = spawn_blocking(move || tool(&there, &["backup", "backup.sqlite3", "--json"], &[]));
    // Others go on signing in.
    let mut person = 5;
    while !backup.is_finished() {
        sign_in(&mut child, port, &format!("person{person}@example.com")).await;
        person += 1;
    }
    let output = backup.await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output).0);
    let file = folder.path().join("backup.sqlite3");
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    let told = &objects(&output)[0];
    assert_eq!(told["bytes"], metadata.len());
    assert!(told["rows"]["sessions"].as_u64() >= Some(5), "{told}");
    let people = column(&file, "SELECT email FROM sessions WHERE email IS NOT NULL").await;
    for email in &before {
        assert!(people.contains(email), "{email} is not in {people:?}");
    }
    let commands = column(&file, "SELECT reason FROM audit WHERE event = 'command'").await;
    assert_eq!(commands, ["backup"], "the command is in the trail");
    child.stop();
    drop(load);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_replaces_nothing_unless_it_is_told_to() {
    let folder = TempDir::new().unwrap();
    let (_child, _) = Child::serve(folder.path(), &[PEOPLE]);
    let backup = folder.path().join("backup.sqlite3");
    fs::write(&backup, "something else").unwrap();
    let (said, status) = told(&tool(folder.path(), &["backup", "backup.sqlite3"], &[]));
    assert!(status == Some(1) && said.contains("--force"), "{said}");
    assert_eq!(fs::read_to_string(&backup).unwrap(), "something else");
    let (said, status) = told(&tool(folder.path(), &["backup", "backup.sqlite3", "--force"], &[]));
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    column(&backup, "SELECT email FROM sessions").await;
    for (itself, words) in [(DATABASE, "is the database itself"), ("nowhere/backup.sqlite3", "nowhere")] {
        let (said, status) = told(&tool(folder.path(), &["backup", itself, "--force"], &[]));
        assert!(status == Some(1) && said.contains(words), "{said}");
    }
    let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
    let parts: Vec<_> = files.filter(|name| name.to_string_lossy().ends_with(".part")).collect();
    assert!(parts.is_empty(), "{parts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_is_not_in_a_backup() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    let email = "somebody-who-has-left@example.com";
    sign_in(&mut child, port, email).await.call("sign_out", &[]).await;
    let mut database = child.database().await;
    database.run("DELETE FROM audit; DELETE FROM sessions; DELETE FROM limits").await;
    let (said, status) = told(&tool(folder.path(), &["backup", "backup.sqlite3"], &[]));
    assert_eq!(status, Some(0), "{said}");
    let holds = |file: &str| {
        let bytes = fs::read(folder.path().join(file)).unwrap();
        bytes.windows(email.len()).any(|window| window == email.as_bytes())
    };
    assert!(holds("data/postern.sqlite3-wal") || holds(DATABASE), "it is still on the disk");
    assert!(!holds("backup.sqlite3"));
}
