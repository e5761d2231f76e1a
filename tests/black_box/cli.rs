//! The commands, as an operator types them: the real binary, its words and its exit codes.

mod allow;
mod backup;
mod check;
mod events;
mod help;
mod limits;
mod link;
mod outbox;
mod restore;
mod serve;
mod sessions;

use std::{fs, path::Path, process::Output};

use serde_json::Value;

use crate::harness::{SECRET_KEY, database_url, put_site, run_in};

/// The settings of a server of [`crate::harness::Child`], for a command beside it or without it.
const SETTINGS: [(&str, &str); 7] = [
    ("LEPTOS_HASH_FILES", "false"),
    ("SECRET_KEY", SECRET_KEY),
    ("CREDENTIALS", r#"["ada@example.com", "bob@example.com"]"#),
    ("EMAIL_BACKEND", "file"),
    ("EMAIL_FILE_PATH", "mail"),
    ("PUBLIC_URL", "http://127.0.0.1:9"),
    ("NEW_DEVICE_MAILS", "off"),
];

/// Runs a command in `folder`, beside a built site, with `more` settings.
fn tool(folder: &Path, arguments: &[&str], more: &[(&str, &str)]) -> Output {
    put_site(&folder.join("target/site"));
    let database = database_url(folder, "data/postern.sqlite3");
    run_in(folder, arguments, &[&SETTINGS[..], &[("DATABASE_URL", &database)], more].concat())
}

/// What a command has printed for people, and its exit code.
fn told(output: &Output) -> (String, Option<i32>) {
    let text = [&output.stdout[..], &output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

/// The objects that a command has printed for machines; nothing else may stand between them.
fn objects(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

/// Every file and folder below `folder`, with its size.
fn contents(folder: &Path) -> Vec<(String, u64)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() {
                folders.push(entry.path());
            }
            found.push((
                entry.path().display().to_string(),
                if metadata.is_dir() { 0 } else { metadata.len() },
            ));
        }
    }
    found.sort();
    found
}
