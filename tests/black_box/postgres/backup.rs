//! The commands on PostgreSQL, and the backup that they name.

use std::process::Output;

use postern::clock::Clock;
use tempfile::TempDir;

use super::{PUBLIC_URL, Shared, led_to};
use crate::harness::{ADA, BOB, Manner, Postern, postgres_program, query_value, run_in};

/// Runs a command on that database.
fn tool(url: &str, arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    let settings = [
        ("DATABASE_URL", url),
        PUBLIC_URL,
        ("SECRET_KEY", "the secret key of the black-box tests"),
        ("CREDENTIALS", r#"["ada@example.com", "bob@example.com"]"#),
        ("EMAIL_BACKEND", "file"),
        ("EMAIL_FILE_PATH", "mail"),
        ("LEPTOS_HASH_FILES", "false"),
    ];
    run_in(folder.path(), arguments, &settings)
}

/// What a command has printed, which was done.
fn done(url: &str, arguments: &[&str]) -> String {
    let output = tool(url, arguments);
    let said = String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same instance, once its clock says what that of the commands does.
fn today(postern: Postern) -> Postern {
    postern.wait(Clock::System.now().since(postern.state.clock.now()));
    postern
}

/// Runs the line of `said` that names that program, with these words in the place of its own.
fn run_line(said: &str, program: &str, words: &[(&str, &str)]) {
    let line = said.lines().find_map(|line| line.split_once(&format!("{program} ")));
    let line = line.unwrap_or_else(|| panic!("{program} is not named: {said}")).1.replace(['\'', '"'], "");
    let line = words.iter().fold(line, |line, (from, to)| line.replace(from, to));
    let output = postgres_program(program).args(line.split_whitespace()).current_dir("/").output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_says_of_postgres_is_what_works() {
    let (shared, restored, folder) = (Shared::new(), Shared::new(), TempDir::new().unwrap());
    let postern = today(shared.instance(&[]).await);
    let before = postern.browser(Manner::Fetch);
    before.sign_in(&postern, ADA).await;
    let file = folder.path().join("postern.dump");
    let file = file.to_str().unwrap();
    let output = tool(&shared.url, &["backup", file]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let words = [("$DATABASE_URL", shared.url.as_str()), ("$EMPTY_DATABASE_URL", restored.url.as_str())];
    // Both names end alike: the longer one is replaced first.
    let words = [words[1], words[0]];
    run_line(&said, "pg_dump", &words);
    run_line(&said, "pg_restore", &words);
    let output = tool(&restored.url, &["restore", file]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("pg_restore --no-owner"), "{said}");
    done(&restored.url, &["sessions", "end", "--all"]);
    let after = today(restored.instance(&[]).await);
    assert_eq!(led_to(&before, &after).whoami().await, None, "whoever was in at that time is out");
    let bob = after.browser(Manner::Fetch);
    bob.sign_in(&after, BOB).await;
    assert_eq!(bob.whoami().await.as_deref(), Some(BOB));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_work_beside_an_instance_on_postgres() {
    let shared = Shared::new();
    let postern = today(shared.instance(&[]).await);
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    for (arguments, words) in [
        (&["sessions", "list"][..], ADA),
        (&["outbox", "list"], "Every mail has left."),
        (&["outbox", "retry", "--all"], "No mail could be made due."),
        (&["limits", "show"], "Nobody is near a limit."),
        (&["limits", "clear", ADA], "Nothing was spent."),
        (&["events", "--kind", "signed_in"], ADA),
        (&["events", "--address", ADA], "asked"),
    ] {
        let said = done(&shared.url, arguments);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    let link = done(&shared.url, &["link", BOB]);
    assert!(link.starts_with("http://127.0.0.1:3000/verify?token="), "{link}");
    let commands = shared.database().await.count("audit WHERE event = 'command'").await;
    assert_eq!(commands, 8, "each is in the trail");
    assert!(query_value(&link.trim()["http://127.0.0.1:3000".len()..], "token").is_some());
}
