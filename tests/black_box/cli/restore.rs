//! `postern restore`.

use std::{fs, path::Path};

use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::{
    backup::{DATABASE, PEOPLE, beside, browser, column, sign_in},
    objects, told, tool,
};
use crate::harness::{Child, MailServer};

/// Runs statements on a file that nobody else has open.
async fn change(file: &Path, statements: &'static str) {
    let url = format!("sqlite://{}", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_is_that_of_the_backup_and_nobody_is_signed_in() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    let ada = sign_in(&mut child, port, "ada@example.com").await;
    assert_eq!(told(&tool(folder.path(), &["backup", "backup.sqlite3"], &[])).1, Some(0));
    let backup = fs::read(folder.path().join("backup.sqlite3")).unwrap();
    sign_in(&mut child, port, "late@example.com").await;
    // As by a power cut: what came last stands in the log beside the file.
    child.kill();
    assert!(beside(folder.path()).contains(&"postern.sqlite3-wal".to_owned()));

    let output = tool(folder.path(), &["restore", "backup.sqlite3", "--json"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output).0);
    let kept = objects(&output)[0]["kept"].as_str().unwrap().to_owned();
    let name = kept.rsplit('/').next().unwrap().to_owned();
    assert_eq!(beside(folder.path()), ["postern.sqlite3".to_owned(), name.clone()], "no log of the old one");
    assert!(name.starts_with("postern.sqlite3.until-2"), "{name}");
    let people = "SELECT email FROM audit WHERE event = 'signed_in' ORDER BY id";
    assert_eq!(column(Path::new(&kept), people).await, ["ada@example.com", "late@example.com"]);
    let database = folder.path().join(DATABASE);
    assert_eq!(column(&database, people).await, ["ada@example.com"]);
    assert_eq!(column(&database, "SELECT 'x' FROM sessions").await, [""; 0]);
    let commands = "SELECT reason FROM audit WHERE event = 'command' ORDER BY id";
    assert_eq!(column(&database, commands).await, ["backup", "restore"]);
    assert_eq!(fs::read(folder.path().join("backup.sqlite3")).unwrap(), backup, "the backup stays as it is");

    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    assert_eq!(ada.at(port).whoami().await, None);
    sign_in(&mut child, port, "ada@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_sends_no_mail_of_then_and_honours_no_link_of_then() {
    let (folder, server) = (TempDir::new().unwrap(), MailServer::start(&[]).await);
    let away = [PEOPLE, ("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", "9")];
    let (mut child, port) = Child::serve(folder.path(), &away);
    browser(port).ask("ada@example.com").await;
    let link = tool(folder.path(), &["link", "ada@example.com"], &[]);
    let link = String::from_utf8(link.stdout).unwrap();
    let token = crate::harness::query_value(link.trim().split_once("9/").unwrap().1, "token").unwrap();
    let output = tool(folder.path(), &["backup", "backup.sqlite3", "--json"], &[]);
    let rows = &objects(&output)[0]["rows"];
    assert_eq!((&rows["outbox"], &rows["operator_links"]), (&1.into(), &1.into()), "{rows}");
    block_in_place(|| child.stop());
    assert_eq!(told(&tool(folder.path(), &["restore", "backup.sqlite3"], &[])).1, Some(0));

    let (mut child, port) = Child::serve(folder.path(), &[&[PEOPLE], &server.settings()[..]].concat());
    let redeemed = browser(port).call("redeem_operator_link", &[("token", &token)]).await;
    redeemed.assert_refused("used", 410);
    // The next mail is the one that is asked for now.
    browser(port).ask("bob@example.com").await;
    assert_eq!(server.mail().await.to, "bob@example.com");
    block_in_place(|| child.stop());
    assert_eq!(server.mails().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_an_older_postern_is_brought_up_to_date() {
    let folder = TempDir::new().unwrap();
    let old = folder.path().join("old.sqlite3");
    let mut connection =
        SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", old.display())).await.unwrap();
    let mut migrator = sqlx::migrate!("./migrations/sqlite");
    let first: Vec<_> = migrator.iter().take(3).cloned().collect();
    migrator.migrations = first.into();
    migrator.run(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let (said, status) = told(&tool(folder.path(), &["restore", "old.sqlite3"], &[]));
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(beside(folder.path()), ["postern.sqlite3"], "there was none before");
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    sign_in(&mut child, port, "ada@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    sign_in(&mut child, port, "ada@example.com").await;
    let at = |name: &str| folder.path().join(name);
    for name in ["good", "damaged", "newer", "changed", "in-parts"] {
        assert_eq!(told(&tool(folder.path(), &["backup", name], &[])).1, Some(0));
    }
    child.stop();
    fs::write(at("text"), "a letter, and no database at all").unwrap();
    fs::write(at("empty"), "").unwrap();
    fs::write(at("in-parts-wal"), "the rest").unwrap();
    let mut bytes = fs::read(at("damaged")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0xa5);
    fs::write(at("damaged"), bytes).unwrap();
    let bytes = fs::read(at("good")).unwrap();
    fs::write(at("torn"), &bytes[..bytes.len() / 3]).unwrap();
    change(&at("newer"), "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, 0 FROM _sqlx_migrations LIMIT 1").await;
    change(&at("changed"), "UPDATE _sqlx_migrations SET checksum = x'00'").await;
    drop(SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", at("other").display())).await.unwrap());
    change(&at("other"), "CREATE TABLE notes (text TEXT)").await;
    let before = fs::read(at(DATABASE)).unwrap();
    for (name, words) in [
        ("text", "not an SQLite database"),
        ("empty", "not an SQLite database"),
        ("damaged", "damaged"),
        ("torn", "damaged"),
        ("other", "something else"),
        ("changed", "something else"),
        ("newer", "newer Postern"),
        ("in-parts", "in-parts-wal"),
        ("nowhere", "nowhere"),
        (DATABASE, "the database itself"),
    ] {
        let (said, status) = told(&tool(folder.path(), &["restore", name], &[]));
        assert!(status == Some(1) && said.contains(words), "{name}: {said}");
        assert!(said.contains("The database is as it was."), "{name}: {said}");
        assert_eq!(fs::read(at(DATABASE)).unwrap(), before, "{name}");
        assert_eq!(beside(folder.path()), ["postern.sqlite3"], "{name}");
    }
    assert_eq!(told(&tool(folder.path(), &["restore", "good"], &[])).1, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_restored_while_a_server_runs() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    let ada = sign_in(&mut child, port, "ada@example.com").await;
    assert_eq!(told(&tool(folder.path(), &["backup", "backup.sqlite3"], &[])).1, Some(0));
    let (said, status) = told(&tool(folder.path(), &["restore", "backup.sqlite3"], &[]));
    assert!(status == Some(1) && said.contains("Stop it first"), "{said}");
    assert_eq!(ada.whoami().await.as_deref(), Some("ada@example.com"));
    child.stop();
    assert_eq!(told(&tool(folder.path(), &["restore", "backup.sqlite3"], &[])).1, Some(0));
}

const SIGNED_IN: &str = "SELECT email FROM audit WHERE event = 'signed_in' ORDER BY id";

/// Restores a backup that was made before the last sign-in; where the database of before is.
fn restore(folder: &Path) -> Option<String> {
    let output = tool(folder, &["restore", "backup.sqlite3", "--json"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output).0);
    objects(&output)[0]["kept"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_does_not_take_the_log_of_one_that_is_gone_for_its_own() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    sign_in(&mut child, port, "ada@example.com").await;
    assert_eq!(told(&tool(folder.path(), &["backup", "backup.sqlite3"], &[])).1, Some(0));
    sign_in(&mut child, port, "late@example.com").await;
    child.kill();
    fs::rename(folder.path().join(DATABASE), folder.path().join("away")).unwrap();
    assert_eq!(restore(folder.path()), None);
    assert!(!beside(folder.path()).contains(&"postern.sqlite3-wal".to_owned()));
    assert_eq!(column(&folder.path().join(DATABASE), SIGNED_IN).await, ["ada@example.com"]);
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    sign_in(&mut child, port, "ada@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_before_is_kept_whole_also_while_somebody_reads_it() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    sign_in(&mut child, port, "ada@example.com").await;
    assert_eq!(told(&tool(folder.path(), &["backup", "backup.sqlite3"], &[])).1, Some(0));
    let url = format!("sqlite://{}", folder.path().join(DATABASE).display());
    let mut reader = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM audit").execute(&mut reader).await.unwrap();
    sign_in(&mut child, port, "late@example.com").await;
    child.kill();
    let kept = restore(folder.path()).unwrap();
    reader.close().await.unwrap();
    assert_eq!(column(Path::new(&kept), SIGNED_IN).await, ["ada@example.com", "late@example.com"]);
    assert_eq!(column(&folder.path().join(DATABASE), SIGNED_IN).await, ["ada@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_restore_keeps_the_database_of_before_under_a_name_of_its_own() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    assert_eq!(told(&tool(folder.path(), &["backup", "backup.sqlite3"], &[])).1, Some(0));
    sign_in(&mut child, port, "late@example.com").await;
    block_in_place(|| child.stop());
    let (first, second) = (restore(folder.path()).unwrap(), restore(folder.path()).unwrap());
    assert_ne!(first, second);
    assert_eq!(column(Path::new(&first), SIGNED_IN).await, ["late@example.com"]);
    assert_eq!(column(Path::new(&second), SIGNED_IN).await, [""; 0]);
}
