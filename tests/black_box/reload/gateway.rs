//! The gateway's apps in a file that the operator edits while the server runs.

use std::{fs, path::Path};

use postern::{
    domain::{EmailAddress, Origin},
    server::workers::reload,
};
use tempfile::TempDir;

use crate::harness::{ADA, BOB, Child, Postern};

const WIKI: &str = "https://wiki.example.com";
const NOTES: &str = "https://notes.example.com";

fn app(origin: &str) -> String {
    format!("[[gateway.apps]]\norigin = \"{origin}\"\n")
}

/// Replaces Leptos.toml as careful editors do.
fn replace(folder: &Path, toml: impl AsRef<[u8]>) {
    fs::write(folder.join("new"), toml).unwrap();
    fs::rename(folder.join("new"), folder.join("Leptos.toml")).unwrap();
}

/// A server behind a proxy, whose settings may stand in a Leptos.toml too.
async fn postern() -> Postern {
    Postern::start_with(&[("TRUSTED_PROXIES", "192.0.2.1")]).await
}

/// Writes its Leptos.toml, and has it read.
fn rewrite(postern: &Postern, toml: impl AsRef<[u8]>) {
    replace(postern.folder(), toml);
    reload(&postern.state, false);
}

fn has(postern: &Postern, origin: &str) -> bool {
    postern.state.gateway.get().app(&Origin::parse(origin).unwrap()).is_some()
}

#[tokio::test]
async fn the_new_apps_count_once_they_are_read() {
    let postern = postern().await;
    assert!(!has(&postern, WIKI));
    rewrite(&postern, app(WIKI));
    assert!(has(&postern, WIKI) && !has(&postern, NOTES));
    let before = postern.state.gateway.get();
    rewrite(&postern, app(NOTES));
    assert!(!has(&postern, WIKI) && has(&postern, NOTES));
    assert_eq!(before.len(), 1, "who is reading them keeps the apps of that moment");
    rewrite(&postern, "");
    assert!(postern.state.gateway.get().is_empty(), "no app is open without its rules");
}

#[tokio::test]
async fn broken_apps_change_nothing() {
    let postern = postern().await;
    rewrite(&postern, app(WIKI));
    for broken in [
        app("notes.example.com"),
        app(NOTES) + &app(NOTES),
        app(NOTES) + "allow = [\"*@example.com\"]\n",
        app(NOTES) + "alow = [\"@example.com\"]\n",
        app(NOTES).replace("apps", "app"),
        app(NOTES) + "[gateway.groups]\n\"a,b\" = []\n",
        app(NOTES) + "[[gateway\n",
    ] {
        rewrite(&postern, &broken);
        assert!(has(&postern, WIKI) && !has(&postern, NOTES), "{broken}");
    }
    rewrite(&postern, b"\xff\xfe");
    assert!(has(&postern, WIKI));
    rewrite(&postern, app(NOTES));
    assert!(has(&postern, NOTES), "and once they are mended they count");
}

#[tokio::test]
async fn a_mistake_in_the_apps_does_not_hold_up_the_allowlist_nor_the_other_way_round() {
    let folder = TempDir::new().unwrap();
    let people = folder.path().join("people");
    fs::write(&people, "ada@example.com\n").unwrap();
    let file = ("CREDENTIALS_FILE", people.to_str().unwrap());
    let postern = Postern::start_with(&[("TRUSTED_PROXIES", "192.0.2.1"), ("CREDENTIALS", ""), file]).await;
    let lets_in = |email| postern.state.allowlist.get().allows(&EmailAddress::parse(email).unwrap());
    fs::write(&people, "bob@example.com\n").unwrap();
    rewrite(&postern, app("wiki.example.com"));
    assert!(lets_in(BOB) && !lets_in(ADA) && !has(&postern, WIKI));
    fs::write(&people, "everybody\n").unwrap();
    rewrite(&postern, app(WIKI));
    assert!(lets_in(BOB) && has(&postern, WIKI));
}

#[tokio::test]
async fn apps_are_judged_by_the_proxies_and_the_address_of_the_start() {
    let postern = Postern::start().await;
    rewrite(&postern, app(WIKI) + "[postern]\ntrusted_proxies = \"192.0.2.1\"\n");
    assert!(!has(&postern, WIKI), "nobody is trusted until a restart");
}

#[test]
fn the_binary_reads_changed_apps_and_says_what_is_wrong_with_broken_ones() {
    let folder = TempDir::new().unwrap();
    replace(folder.path(), app(WIKI));
    let (mut child, _) = Child::serve(folder.path(), &[("TRUSTED_PROXIES", "192.0.2.1")]);
    replace(folder.path(), app(WIKI) + &app("https://notes.example.com/start"));
    child.signal("HUP");
    let is_told = |line: &str| {
        line.contains(" ERROR ")
            && line.contains("the gateway is broken")
            && line.contains("`https://notes.example.com/start`, which has a path")
    };
    assert!(child.says(is_told));
    replace(folder.path(), app(WIKI) + &app(NOTES));
    let is_news = |line: &str| line.contains("the gateway was read again") && line.contains("apps=2");
    assert!(child.says(is_news), "no signal is needed");
    replace(folder.path(), "[[gateway\n");
    child.signal("HUP");
    assert!(
        child.says(|line| line.contains(" ERROR ") && line.contains("the settings cannot be read again"))
    );
    child.stop();
}
