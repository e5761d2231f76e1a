//! The built site: what the names of its files come from, and a start without it.

use std::{fs, path::Path};

use postern::site::Site;
use tempfile::TempDir;

use crate::harness::{Child, Manner, Postern, put_site, run_in};

/// What a start without a built site says, with status 1.
fn refusal(folder: &Path, settings: &[(&str, &str)]) -> String {
    let output = run_in(folder, &[], settings);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cargo leptos build --release --precompress"), "no command is named: {said}");
    assert!(!folder.join("data/postern.sqlite3").exists(), "the database was made before");
    said
}

#[test]
fn a_start_without_the_list_of_hashes_names_it_and_the_command_that_makes_it() {
    let folder = TempDir::new().unwrap();
    put_site(&folder.path().join("target/site"));
    let list = folder.path().join("hash.txt");
    let said = refusal(folder.path(), &[("LEPTOS_HASH_FILE_NAME", list.to_str().unwrap())]);
    assert!(said.contains(list.to_str().unwrap()), "{said}");
}

#[test]
fn a_start_with_a_list_of_hashes_that_is_torn_names_what_is_missing() {
    let folder = TempDir::new().unwrap();
    put_site(&folder.path().join("target/site"));
    let list = folder.path().join("hash.txt");
    fs::write(&list, "css: Ab3dEf\njs: Ab3dEf\nwasm:").unwrap();
    fs::write(folder.path().join("target/site/pkg/postern.Ab3dEf.css"), "").unwrap();
    let said = refusal(folder.path(), &[("LEPTOS_HASH_FILE_NAME", list.to_str().unwrap())]);
    assert!(said.contains("`wasm`"), "{said}");
}

#[test]
fn a_start_without_one_of_the_files_names_it() {
    for name in ["postern.css", "postern.js", "postern.wasm"] {
        let folder = TempDir::new().unwrap();
        put_site(&folder.path().join("target/site"));
        let file = folder.path().join("target/site/pkg").join(name);
        fs::remove_file(&file).unwrap();
        let said = refusal(folder.path(), &[("LEPTOS_HASH_FILES", "false")]);
        assert!(said.contains(file.to_str().unwrap()), "{said}");
    }
}

#[test]
fn a_start_with_the_whole_site_is_ready() {
    let folder = TempDir::new().unwrap();
    let (mut child, _) = Child::serve(folder.path(), &[]);
    child.stop();
}

#[tokio::test]
async fn the_hashes_in_the_names_of_files_come_from_the_build() {
    let list = TempDir::new().unwrap();
    let file = list.path().join("hash.txt");
    fs::write(&file, "css: C5s\njs: Ab3dEf\nwasm: Wa5m\n").unwrap();
    let settings = [("LEPTOS_HASH_FILES", "true"), ("LEPTOS_HASH_FILE_NAME", file.to_str().unwrap())];
    let postern = Postern::start_with(&settings).await;
    let Site { css, js, wasm } = &postern.state.site;
    assert_eq!(css, "/pkg/postern.C5s.css");
    assert_eq!(js, "/pkg/postern.Ab3dEf.js");
    assert_eq!(wasm, "/pkg/postern.Wa5m.wasm");
    for path in [css, js, wasm] {
        assert_eq!(postern.browser(Manner::Form).fetch(path).await.status, 200, "{path}");
    }
}
