//! `postern events`.

use std::{path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::{
    SETTINGS,
    backup::{PEOPLE, browser, sign_in},
    objects, told, tool,
};
use crate::harness::{ADA, BOB, Child, STRANGER, database_url};

fn events(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    objects(&tool(folder, &[&["events", "--json"], arguments].concat(), &[]))
}

fn words(events: &[Value], field: &str) -> Vec<String> {
    events.iter().map(|event| event[field].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_told_newest_last_by_address_kind_and_time() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    sign_in(&mut child, port, ADA).await;
    sign_in(&mut child, port, BOB).await.call("sign_out", &[]).await;
    browser(port).ask(STRANGER).await;
    let there = folder.path();
    let of_ada = events(there, &["--address", ADA]);
    assert_eq!(words(&of_ada, "event"), ["asked", "sent", "signed_in"]);
    assert_eq!(of_ada[2]["network"], "127.0.0.1");
    assert!(of_ada[1]["message_id"].as_str().is_some_and(|id| id.len() == 64), "{of_ada:?}");
    let signed_in = events(there, &["--kind", "signed_in"]);
    assert_eq!(words(&signed_in, "address"), [ADA, BOB]);
    assert_eq!(words(&events(there, &["--kind", "signed_in", "--limit", "1"]), "address"), [BOB]);
    assert_eq!(events(there, &["--kind", "signed_in", "--since", "1h"]).len(), 2);
    assert_eq!(events(there, &["--kind", "signed_in", "--since", "2099-01-01"]).len(), 0);
    let mut database = child.database().await;
    database.run("UPDATE audit SET at = at - 7200 WHERE email = 'ada@example.com'").await;
    assert_eq!(words(&events(there, &["--kind", "signed_in", "--since", "1h"]), "address"), [BOB]);
    assert_eq!(events(there, &["--kind", "signed_in", "--since", "3h"]).len(), 2);
    let table = told(&tool(there, &["events", "--kind", "signed_out"], &[])).0;
    assert!(table.starts_with("AT (UTC)") && table.lines().count() == 2 && table.contains(BOB), "{table}");
    let commands = events(there, &["--kind", "command"]);
    assert!(commands.iter().all(|event| event["reason"] == "events"), "{commands:?}");
    assert!(commands.len() >= 7, "each look is in the trail, but the one that looks");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_or_a_moment_that_is_none_is_wrong_usage() {
    let folder = TempDir::new().unwrap();
    for (wrong, words) in [
        (["--kind", "signed"], "signed_in"),
        (["--since", "yesterday"], "2h"),
        (["--address", "ada"], "ada@example.com"),
    ] {
        let (said, status) = told(&tool(folder.path(), &[&["events"], &wrong[..]].concat(), &[]));
        assert!(status == Some(2) && said.contains(words), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_followed_until_the_reader_has_enough() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    sign_in(&mut child, port, BOB).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    let database = database_url(folder.path(), "data/postern.sqlite3");
    command.args(["events", "--follow", "--json", "--kind", "signed_in"]).current_dir(folder.path());
    command.env_clear().envs(SETTINGS).env("DATABASE_URL", database);
    let mut reader = Child::run(folder.path(), command);
    assert!(block_in_place(|| reader.says(|line| line.contains(BOB))), "what was before");
    sign_in(&mut child, port, ADA).await;
    assert!(block_in_place(|| reader.says(|line| line.contains(ADA))), "what comes");
    reader.signal("INT");
    let (status, said) = block_in_place(|| reader.end_with_status());
    assert_eq!(status, Some(0), "{said}");
    assert!(!said.contains("asked"), "nothing of another kind: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_whose_file_was_replaced_is_not_waited_for_in_vain() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    sign_in(&mut child, port, BOB).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    command.args(["events", "--follow", "--json"]).current_dir(folder.path()).env_clear().envs(SETTINGS);
    let mut reader = Child::run(folder.path(), command);
    assert!(block_in_place(|| reader.says(|line| line.contains(BOB))));
    block_in_place(|| child.stop());
    let database = folder.path().join("data/postern.sqlite3");
    std::fs::rename(&database, folder.path().join("away.sqlite3")).unwrap();
    let (status, said) = block_in_place(|| reader.end_with_status());
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("another one has taken its place"), "{said}");
}
