//! What `serve` does at its start: it refuses what cannot work, and says what it serves.

use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{SETTINGS, told, tool};
use crate::harness::{ADA, Browser, Child, Manner, free_port, on_postgres, put_site};

#[test]
fn one_line_of_the_log_says_what_is_served() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[("TRUSTED_PROXIES", "127.0.0.1,2001:db8::/64")]);
    let said = child.stop();
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("server: Postern is ready")).collect();
    assert_eq!(lines.len(), 1, "{said}");
    let address = format!("address=127.0.0.1:{port}");
    for part in [
        concat!("version=\"", env!("CARGO_PKG_VERSION"), "\""),
        &address,
        "database=",
        "entries=2",
        "mail=the folder ",
        "proxies=127.0.0.1,2001:db8::/64",
        "apps=0",
    ] {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
}

#[test]
fn with_a_log_for_machines_nothing_else_is_said() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[("LOG_FORMAT", "json")]);
    let said = child.stop();
    let lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let ready = lines.iter().find(|line| line["fields"]["message"] == "Postern is ready").unwrap();
    assert_eq!(ready["fields"]["address"], format!("127.0.0.1:{port}"));
    assert_eq!((&ready["fields"]["entries"], &ready["fields"]["apps"]), (&2.into(), &0.into()));
}

#[test]
fn trouble_is_a_warning_and_the_server_starts() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "TRUSTED_PROXY=127.0.0.1\nMY_OWN=1\n").unwrap();
    let (mut child, _) = Child::serve(folder.path(), &[]);
    let said = child.stop();
    let warnings: Vec<&str> =
        said.lines().filter(|line| line.contains("trouble was found at the start")).collect();
    assert_eq!(warnings.len(), 1, "{said}");
    assert!(warnings[0].contains("WARN") && warnings[0].contains("did you mean TRUSTED_PROXIES?"), "{said}");
}

#[tokio::test]
async fn a_second_server_on_one_sqlite_file_is_refused_until_the_first_has_ended_however_it_did() {
    let folder = TempDir::new().unwrap();
    let (mut first, port) = Child::serve(folder.path(), &[]);
    for command in [&[][..], &["serve"]] {
        let other = format!("127.0.0.1:{}", free_port());
        let (text, code) = told(&tool(folder.path(), command, &[("LEPTOS_SITE_ADDR", &other)]));
        assert_eq!(code, Some(1), "{text}");
        assert!(
            text.contains("serves from it, and on SQLite one server does") && text.contains("Fix: stop"),
            "{text}"
        );
    }
    let ada = Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch);
    ada.ask(ADA).await;
    ada.redeem_link(&first.mail().token()).await.assert_leads_to("/");
    first.kill();
    let (mut next, _) = Child::serve(folder.path(), &[]);
    next.stop();
    let (mut last, _) = Child::serve(folder.path(), &[]);
    last.stop();
}

#[test]
fn two_names_of_one_sqlite_file_are_one_database() {
    let folder = TempDir::new().unwrap();
    let (mut first, _) = Child::serve(folder.path(), &[]);
    let other = folder.path().join("other.sqlite3");
    std::os::unix::fs::symlink(folder.path().join("data/postern.sqlite3"), other).unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let by_link = [("LEPTOS_SITE_ADDR", &*address), ("DATABASE_URL", "sqlite://other.sqlite3")];
    let (text, code) = told(&tool(folder.path(), &["serve"], &by_link));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("serves from it, and on SQLite one server does"), "{text}");
    first.stop();
}

#[test]
fn everything_that_keeps_it_from_working_is_named_at_once() {
    let folder = TempDir::new().unwrap();
    let (mut first, _) = Child::serve(folder.path(), &[]);
    let (text, code) = told(&tool(folder.path(), &["serve"], &[("LEPTOS_SITE_ROOT", "nowhere")]));
    assert_eq!(code, Some(1));
    assert!(text.contains("2 things need attention") && text.contains("nowhere"), "{text}");
    assert!(text.contains("process ") && text.matches("Fix: ").count() == 2, "{text}");
    first.stop();
}

const NOBODY: u32 = 65_534;

#[test]
fn what_a_start_makes_belongs_to_the_owner_of_its_folder_also_where_root_has_started_it() {
    assert!(!on_postgres(), "tests/black_box/sqlite_only.txt names this claim");
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    if rustix::process::geteuid().is_root() {
        chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let owner = |path: &Path| fs::metadata(path).map(|file| (file.uid(), file.gid())).unwrap();
    let (mut child, _) = Child::serve(folder.path(), &[]);
    for name in ["postern.sqlite3", "postern.sqlite3-wal", "postern.sqlite3-shm", "postern.sqlite3.lock"] {
        assert_eq!(owner(&data.join(name)), owner(&data), "{name}");
    }
    child.stop();
}

#[test]
fn a_log_that_nobody_sees_at_a_terminal_has_no_colours() {
    let folder = TempDir::new().unwrap();
    let (mut child, _) = Child::serve(folder.path(), &[("NO_COLOR", "")]);
    let said = child.stop();
    assert!(said.contains("INFO") && !said.contains('\x1b'), "{said:?}");
}

/// Runs the server as somebody who owns `folder` and all below it, but is not root, who may write everything.
fn as_owner(folder: &Path) -> (String, Option<i32>) {
    let mut command = if rustix::process::geteuid().is_root() {
        let mut places = vec![folder.to_owned()];
        while let Some(place) = places.pop() {
            chown(&place, Some(NOBODY), Some(NOBODY)).unwrap();
            if place.is_dir() {
                places.extend(fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_postern")]);
        command
    } else {
        Command::new(env!("CARGO_BIN_EXE_postern"))
    };
    let address = format!("127.0.0.1:{}", free_port());
    command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin").envs(SETTINGS);
    told(&command.env("LEPTOS_SITE_ADDR", address).output().unwrap())
}

#[test]
fn a_database_that_cannot_be_written_is_refused() {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};
    assert!(!on_postgres(), "tests/black_box/sqlite_only.txt names this claim");
    let folder = TempDir::new().unwrap();
    let (mut child, _) = Child::serve(folder.path(), &[]);
    child.stop();
    put_site(&folder.path().join("target/site"));
    let file = folder.path().join("data/postern.sqlite3");
    fs::set_permissions(&file, Permissions::from_mode(0o400)).unwrap();
    let (text, code) = as_owner(folder.path());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("cannot be written: attempt to write a readonly database"), "{text}");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(folder.path().join("data"), Permissions::from_mode(0o500)).unwrap();
    let (text, code) = as_owner(folder.path());
    assert_eq!(code, Some(1), "a folder without room for SQLite's own files: {text}");
    assert!(text.contains("/data/postern.sqlite3 cannot be "), "{text}");
    fs::set_permissions(folder.path().join("data"), Permissions::from_mode(0o700)).unwrap();
}
