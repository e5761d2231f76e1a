//! The allowlist in a file that the operator edits while the server runs.

mod gateway;

use std::{fs, path::Path};

use postern::server::workers::reload;
use tempfile::TempDir;

use crate::harness::{ADA, BOB, Browser, Child, Manner, Postern, STRANGER};

/// A server whose allowlist is the file `people` in the folder.
async fn postern_with(people: &str) -> (Postern, TempDir) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("people");
    fs::write(&file, people).unwrap();
    let postern =
        Postern::start_with(&[("CREDENTIALS", ""), ("CREDENTIALS_FILE", file.to_str().unwrap())]).await;
    (postern, folder)
}

/// Replaces the file as careful editors do, and has it read again.
fn rewrite(postern: &Postern, folder: &TempDir, people: impl AsRef<[u8]>) {
    replace(folder.path(), people);
    reload(&postern.state, false);
}

fn replace(folder: &Path, people: impl AsRef<[u8]>) {
    fs::write(folder.join("people.new"), people).unwrap();
    fs::rename(folder.join("people.new"), folder.join("people")).unwrap();
}

async fn gets_a_mail(postern: &Postern, email: &str) -> bool {
    postern.browser(Manner::Fetch).ask(email).await;
    let mails = postern.mails().await;
    assert!(mails.iter().all(|mail| mail.to == email), "{mails:?}");
    !mails.is_empty()
}

#[tokio::test]
async fn the_new_list_rules_once_it_is_read() {
    let (postern, folder) = postern_with("ada@example.com\n").await;
    assert!(gets_a_mail(&postern, ADA).await && !gets_a_mail(&postern, BOB).await);
    rewrite(&postern, &folder, "# Ada has left\nbob@example.com\n");
    assert!(!gets_a_mail(&postern, ADA).await && gets_a_mail(&postern, BOB).await);
}

#[tokio::test]
async fn a_broken_file_keeps_the_list_before_it() {
    let (postern, folder) = postern_with("ada@example.com\n").await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    for broken in [
        "bob@example.com\n*@example.com\n".as_bytes(),
        b"bob@example.com\nbob\n",
        b"bob@example.com\n@com\n",
        b"bob@example.com\n\xff\xfe\n",
    ] {
        rewrite(&postern, &folder, broken);
        assert!(!gets_a_mail(&postern, BOB).await, "half a list is none: {broken:?}");
        assert_eq!(ada.whoami().await.as_deref(), Some(ADA), "{broken:?}");
    }
    fs::remove_file(folder.path().join("people")).unwrap();
    reload(&postern.state, false);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA), "a file that is gone is a broken one");
    rewrite(&postern, &folder, "bob@example.com\n");
    assert!(gets_a_mail(&postern, BOB).await, "and once it is mended it rules");
    assert_eq!(ada.whoami().await, None);
}

#[tokio::test]
async fn patterns_let_in_whom_they_name_and_nobody_who_only_looks_like_it() {
    let (postern, folder) = postern_with(
        "@example.com\n@*.example.org   # the branches\n!bob@example.com\n!@*.evil.example.org\n",
    )
    .await;
    for member in [ADA, "ADA@EXAMPLE.COM", "ada+tag@example.com", "x@a.example.org", "x@b.a.example.org"] {
        let member = member.to_lowercase();
        assert!(gets_a_mail(&postern, &member).await, "{member}");
    }
    for outsider in [
        BOB,
        STRANGER,
        "x@evil-example.com",
        "x@sub.example.com",
        "x@example.com.evil.example",
        "x@example.co",
        "x@xample.com",
        "example.com@evil.example",
        "x@example.org",
        "x@evilexample.org",
        "x@a.evil.example.org",
    ] {
        assert!(!gets_a_mail(&postern, outsider).await, "{outsider}");
    }
    rewrite(&postern, &folder, "@*.example.com\n");
    assert!(!gets_a_mail(&postern, ADA).await && gets_a_mail(&postern, "x@sub.example.com").await);
}

/// The real binary in `folder`, with the allowlist in the file `people` there.
fn serve(folder: &Path, people: &str) -> (Child, Browser) {
    replace(folder, people);
    let (child, port) = Child::serve(folder, &[("CREDENTIALS", ""), ("CREDENTIALS_FILE", "people")]);
    (child, Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch))
}

/// Signs in at the real binary, which puts its mails into a folder.
async fn sign_in(child: &mut Child, browser: &Browser, email: &str) {
    browser.ask(email).await;
    browser.redeem_link(&child.mail().token()).await.assert_leads_to("/");
}

#[test]
fn the_binary_says_at_its_start_that_a_list_has_no_entry() {
    for (people, told) in [("", true), ("# nobody yet\n", true), ("ada@example.com\n", false)] {
        let folder = TempDir::new().unwrap();
        let (mut child, _) = serve(folder.path(), people);
        let said = child.stop();
        let is_told = |line: &str| {
            line.contains(" ERROR ") && line.contains("the allowlist has no entry: nobody can sign in")
        };
        assert_eq!(said.lines().any(is_told), told, "{people:?}: {said}");
    }
}

#[tokio::test]
async fn the_binary_reads_the_file_again_when_it_is_told_to() {
    let folder = TempDir::new().unwrap();
    let (mut child, ada) = serve(folder.path(), "ada@example.com\n");
    sign_in(&mut child, &ada, ADA).await;
    replace(folder.path(), "bob@example.com\n");
    child.signal("HUP");
    assert!(child.says(|line| line.contains("the allowlist was read again")));
    assert_eq!(ada.whoami().await, None);
    sign_in(&mut child, &ada, BOB).await;
}

#[tokio::test]
async fn the_binary_says_what_is_wrong_with_a_broken_file_and_goes_on() {
    let folder = TempDir::new().unwrap();
    let (mut child, ada) = serve(folder.path(), "ada@example.com\n");
    sign_in(&mut child, &ada, ADA).await;
    replace(folder.path(), "bob@example.com\neverybody\n");
    child.signal("HUP");
    let names_the_entry = |line: &str| line.contains("the allowlist is broken") && line.contains("everybody");
    assert!(child.says(names_the_entry));
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    replace(folder.path(), "# nobody but\nbob@example.com\n");
    assert!(child.says(|line| line.contains("the allowlist was read again")), "no signal is needed");
    assert_eq!(ada.whoami().await, None);
}

#[test]
fn the_binary_says_what_a_reload_has_added_and_removed_and_names_ten() {
    let folder = TempDir::new().unwrap();
    let (mut child, _) = serve(folder.path(), "ada@example.com\nbob@example.com\n");
    replace(folder.path(), "ada@example.com\n@*.example.org\n!eve@example.org\n");
    child.signal("HUP");
    let mut line = String::new();
    let mut is_said = |said: &str| {
        line = said.to_owned();
        said.contains("the allowlist was read again")
    };
    assert!(child.says(&mut is_said));
    for part in [
        "entries=3",
        "added=2 added_first=\"!eve@example.org @*.example.org\"",
        "removed=1 removed_first=\"bob@example.com\"",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let many: String = (100..150).map(|n| format!("person{n}@example.com\n")).collect();
    replace(folder.path(), format!("ada@example.com\n@*.example.org\n!eve@example.org\n{many}"));
    child.signal("HUP");
    let mut line = String::new();
    assert!(child.says(|said| {
        line = said.to_owned();
        said.contains("the allowlist was read again")
    }));
    let named = (100..110).map(|n| format!("person{n}@example.com")).collect::<Vec<_>>().join(" ");
    assert!(line.contains(&format!("added=50 added_first=\"{named}\" removed=0")), "{line}");
}

#[test]
fn of_a_file_that_is_no_list_ten_mistakes_are_named_on_one_line_and_the_rest_is_counted() {
    let folder = TempDir::new().unwrap();
    let (mut child, _) = serve(folder.path(), "ada@example.com\n");
    let wrong: String = (1..=20_000).map(|n| format!("\n# a comment\nwrong{n}\n")).collect();
    replace(folder.path(), format!("ada@example.com\n{wrong}"));
    child.signal("HUP");
    let mut line = String::new();
    assert!(child.says(|said| {
        line = said.to_owned();
        said.contains("the allowlist is broken")
    }));
    assert!(line.len() < 4_000, "{} bytes", line.len());
    assert!(
        line.contains("CREDENTIALS_FILE has in line 4 a wrong entry: allowlist entry")
            && line.contains("wrong1")
    );
    assert_eq!(line.matches(" a wrong entry").count(), 10, "{line}");
    assert!(line.contains("CREDENTIALS_FILE has 19990 more wrong entries"), "{line}");
    assert!(!child.stop().contains("wrong11"), "nothing of it stands elsewhere");
}

#[tokio::test]
async fn a_list_that_lost_its_entries_changes_nothing_unless_the_operator_says_that_it_is_meant() {
    let people: String = (0..30).map(|n| format!("person{n}@example.com\n")).collect();
    let (postern, folder) = postern_with(&format!("{people}ada@example.com\n")).await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    for lost in ["", "# the export failed\n", "person1@example.com\n"] {
        rewrite(&postern, &folder, lost);
        assert_eq!(ada.whoami().await.as_deref(), Some(ADA), "{lost:?}");
    }
    // Most of them, not all but a few at once: that is how people leave.
    rewrite(&postern, &folder, people.split_once('\n').unwrap().1);
    assert_eq!(ada.whoami().await, None, "one who left is out");
    replace(folder.path(), "");
    reload(&postern.state, true);
    assert!(
        !gets_a_mail(&postern, "person1@example.com").await,
        "and asked for, an empty list lets nobody in"
    );
}
