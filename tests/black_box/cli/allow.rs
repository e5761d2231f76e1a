//! `postern allow`: may she sign in, and by which entry?

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::{objects, told, tool};

const LIST: (&str, &str) = (
    "CREDENTIALS",
    r#"["ada@example.com", "@example.com", "@*.example.org", "!bob@example.com", "!@*.evil.example.org"]"#,
);

#[test]
fn it_names_the_entries_that_let_somebody_in_and_those_that_keep_somebody_out() {
    let folder = TempDir::new().unwrap();
    for (address, code, words) in [
        ("ada@example.com", 0, "ada@example.com may sign in, by ada@example.com, @example.com."),
        ("Carol@EXAMPLE.com", 0, "carol@example.com may sign in, by @example.com."),
        ("x@a.b.example.org", 0, "x@a.b.example.org may sign in, by @*.example.org."),
        (
            "bob@example.com",
            1,
            "bob@example.com may not sign in: !bob@example.com keeps it out, which @example.com would let in.",
        ),
        (
            "x@a.evil.example.org",
            1,
            "x@a.evil.example.org may not sign in: !@*.evil.example.org keeps it out, which @*.example.org would let in.",
        ),
        ("x@example.org", 1, "x@example.org may not sign in: no entry lets it in."),
        ("x@sub.example.com", 1, "x@sub.example.com may not sign in: no entry lets it in."),
    ] {
        let (text, status) = told(&tool(folder.path(), &["allow", address], &[LIST]));
        assert_eq!((text.lines().next(), status), (Some(words), Some(code)));
        assert!(text.contains("The list has 5 entries, from CREDENTIALS (environment)."), "{text}");
    }
}

#[test]
fn it_says_where_the_list_comes_from_to_machines_too() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("people");
    fs::write(&path, "bob@example.com\n").unwrap();
    fs::write(folder.path().join(".env"), "CREDENTIALS='[\"ada@example.com\"]'\nCREDENTIALS_FILE=people\n")
        .unwrap();
    let output = tool(folder.path(), &["allow", "bob@example.com", "--json"], &[("CREDENTIALS", "")]);
    assert_eq!(
        objects(&output),
        [json!({
            "address": "bob@example.com",
            "allowed": true,
            "by": ["bob@example.com"],
            "denied_by": [],
            "entries": 2,
            "list": [
                {"setting": "CREDENTIALS", "place": ".env"},
                {"setting": "CREDENTIALS_FILE", "place": path.display().to_string()},
            ],
        })]
    );
    fs::write(folder.path().join(".env"), "CREDENTIALS_FILE=people\n").unwrap();
    let output = tool(folder.path(), &["allow", "eve@example.com", "--json"], &[("CREDENTIALS", "")]);
    assert_eq!(output.status.code(), Some(1));
    let answer = &objects(&output)[0];
    assert_eq!((&answer["allowed"], &answer["by"]), (&json!(false), &json!([])));
    assert_eq!(answer["list"], json!([{"setting": "CREDENTIALS_FILE", "place": path.display().to_string()}]));
}

#[test]
fn what_is_no_address_or_no_list_is_neither_yes_nor_no() {
    let folder = TempDir::new().unwrap();
    assert_eq!(told(&tool(folder.path(), &["allow", "ada"], &[])).1, Some(2));
    assert_eq!(told(&tool(folder.path(), &["allow", "ada@example.com"], &[])).1, Some(0));
    let (text, code) = told(&tool(folder.path(), &["allow", "ada@example.com"], &[("CREDENTIALS", "ada")]));
    assert_eq!(code, Some(78), "{text}");
    assert!(text.contains("CREDENTIALS is not a JSON list of strings"), "{text}");
}
