//! The built site: what the build makes of it, what the names of its files come from, and a start without it.

#[path = "../../build/site.rs"]
mod build;

use std::{fs, io::Read, path::Path};

use postern::site::{EMBEDDED, Site};
use tempfile::TempDir;

use crate::harness::{Child, Manner, Postern, put_site, run_in};

/// What a start without a built site says, with status 1.
fn refusal(folder: &Path, settings: &[(&str, &str)]) -> String {
    let output = run_in(folder, &[], settings);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cargo leptos build --release"), "no command is named: {said}");
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
    let Site { css, js, wasm, .. } = &postern.state.site;
    assert_eq!(css, "/pkg/postern.C5s.css");
    assert_eq!(js, "/pkg/postern.Ab3dEf.js");
    assert_eq!(wasm, "/pkg/postern.Wa5m.wasm");
    for path in [css, js, wasm] {
        assert_eq!(postern.browser(Manner::Form).fetch(path).await.status, 200, "{path}");
    }
}

/// What the build makes of the folder `site`, for a server that is compiled in `out`.
fn table(site: &Path, out: &Path) -> Result<String, String> {
    build::embed(&build::Built { root: site, pkg: "pkg", name: "postern" }, out)
}

#[test]
fn the_build_takes_each_file_into_the_server_with_its_type_and_its_smaller_forms() {
    let (site, out) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    put_site(site.path());
    let script = "export default 1;\n".repeat(100);
    fs::write(site.path().join("pkg/postern.Ab3dEf.js"), &script).unwrap();
    fs::write(site.path().join("pkg/postern.d.Ab3dEf.ts"), "a type").unwrap();
    // What --precompress leaves may be of an earlier build.
    fs::write(site.path().join("pkg/postern.Ab3dEf.js.br"), "old").unwrap();
    let table = table(site.path(), out.path()).unwrap();
    for name in [
        "css: \"/pkg/postern.C5s.css\"",
        "js: \"/pkg/postern.Ab3dEf.js\"",
        "wasm: \"/pkg/postern.Wa5m.wasm\"",
    ] {
        assert!(table.contains(name), "{name}: {table}");
    }
    let row = |path: &str| {
        let (_, rest) = table.split_once(&format!("path: {path:?}, media_type: ")).expect(path);
        rest.split("File {").next().unwrap().to_owned()
    };
    let (script_row, icon) = (row("/pkg/postern.Ab3dEf.js"), row("/favicon.ico"));
    assert!(script_row.starts_with("\"text/javascript\"") && icon.starts_with("\"image/x-icon\""), "{table}");
    assert!(!table.contains(".ts") && !table.contains(".js.br"), "{table}");
    // Nothing is gained by compressing four bytes.
    assert_eq!(icon.matches("Form {").count(), 1, "{icon}");
    let at = |what: &str| script_row.find(what).expect(what);
    assert!(
        at("Coding::Brotli") < at("Coding::Gzip") && at("Coding::Gzip") < at("coding: None"),
        "{script_row}"
    );
    let written = |coding: &str| {
        let (_, rest) = script_row[at(coding)..].split_once("include_bytes!(\"").unwrap();
        fs::read(out.path().join(rest.split('"').next().unwrap())).unwrap()
    };
    let mut unpacked = Vec::new();
    brotli::BrotliDecompress(&mut &written("Coding::Brotli")[..], &mut unpacked).unwrap();
    assert_eq!(unpacked, script.as_bytes());
    unpacked.clear();
    flate2::read::GzDecoder::new(&written("Coding::Gzip")[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, script.as_bytes());
    assert_eq!(written("coding: None"), script.as_bytes());
}

#[test]
fn another_content_has_other_tags() {
    let (site, out) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    put_site(site.path());
    let before = table(site.path(), out.path()).unwrap();
    assert_eq!(table(site.path(), out.path()).unwrap(), before);
    fs::write(site.path().join("robots.txt"), "User-agent: *\nDisallow: ?\n").unwrap();
    assert_ne!(table(site.path(), out.path()).unwrap(), before);
}

#[test]
fn the_build_ends_where_the_site_is_not_whole_or_not_known() {
    let out = TempDir::new().unwrap();
    let broken = |such: &dyn Fn(&Path)| {
        let site = TempDir::new().unwrap();
        put_site(site.path());
        such(site.path());
        table(site.path(), out.path()).unwrap_err()
    };
    let none = broken(&|site| fs::remove_file(site.join("pkg/postern.Wa5m.wasm")).unwrap());
    assert!(none.contains("has no /pkg/postern.….wasm"), "{none}");
    let two = broken(&|site| fs::write(site.join("pkg/postern.0ld.css"), "").unwrap());
    assert!(two.contains("has several /pkg/postern.….css"), "{two}");
    let unknown = broken(&|site| fs::write(site.join("logo.avif"), "").unwrap());
    assert!(unknown.contains("/logo.avif has no media type"), "{unknown}");
    let gone = broken(&|site| fs::remove_dir_all(site).unwrap());
    assert!(gone.contains("No such file"), "{gone}");
}

#[test]
fn a_build_without_cargo_leptos_carries_no_site() {
    assert_eq!(EMBEDDED, None);
}
