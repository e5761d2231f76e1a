//! The gateway's apps and groups, as their operator writes them.

use std::{fs, path::Path};

use postern::{
    config::{Config, Mistakes},
    domain::{EmailAddress, Gateway, Origin},
};

use super::{COMPLETE, configure, production};

const PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// The gateway of a deployed server behind a proxy, with those apps.
fn apps(json: &str) -> Result<Gateway, Mistakes> {
    production(&[PROXY, ("GATEWAY_APPS", json)]).map(|config| config.gateway)
}

fn groups(json: &str) -> Result<Gateway, Mistakes> {
    production(&[("GATEWAY_GROUPS", json)]).map(|config| config.gateway)
}

/// Of the same server, with that Leptos.toml.
fn tables(toml: &str) -> Result<Config, Mistakes> {
    configure(toml, &[&COMPLETE[..], &[PROXY]].concat())
}

#[track_caller]
fn assert_names(mistakes: &Mistakes, parts: &[&str]) {
    let text = mistakes.to_string();
    assert_eq!(mistakes.settings().len(), parts.len(), "{text}");
    for part in parts {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    assert_eq!(text.matches("Fix: ").count(), parts.len(), "{text}");
}

const TABLES: &str = r#"
[[gateway.apps]]
origin = "https://Wiki.example.com:443"
allow = ["@example.com", "!eve@example.com"]
public = ["/health", "/static/"]

[[gateway.apps]]
origin = "https://*.apps.example.com"

[gateway.groups]
staff = ["@example.com"]
admins = ["ada@example.com"]
"#;

#[track_caller]
fn assert_is_the_gateway_of_the_tables(gateway: &Gateway) {
    assert_eq!(gateway.len(), 2);
    let wiki = gateway.app(&origin("https://wiki.example.com")).unwrap();
    assert!(wiki.allows(&address("ada@example.com")) && !wiki.allows(&address("eve@example.com")));
    assert!(wiki.is_public(b"/static/x?y") && !wiki.is_public(b"/staticx"));
    let tool = gateway.app(&origin("https://x.apps.example.com")).unwrap();
    assert!(tool.allows(&address("eve@example.com")) && !tool.is_public(b"/health"));
    let groups: Vec<_> = gateway.groups_of(&address("ada@example.com")).collect();
    assert_eq!(groups, ["admins", "staff"]);
}

#[test]
fn without_settings_there_is_no_app() {
    assert!(production(&[]).unwrap().gateway.is_empty());
    assert!(apps("[]").unwrap().is_empty());
    assert!(production(&[("GATEWAY_APPS", "[]")]).is_ok(), "no proxy is needed for no app");
}

#[test]
fn apps_and_groups_stand_in_tables_of_leptos_toml() {
    assert_is_the_gateway_of_the_tables(&tables(TABLES).unwrap().gateway);
}

#[test]
fn the_same_apps_may_stand_in_the_environment_as_json() {
    let apps = r#"[
        {"origin": "https://wiki.example.com", "allow": ["@example.com", "!eve@example.com"], "public": ["/health", "/static"]},
        {"origin": "https://*.apps.example.com"}
    ]"#;
    let groups = r#"{"staff": ["@example.com"], "admins": ["ada@example.com"]}"#;
    let config = production(&[PROXY, ("GATEWAY_APPS", apps), ("GATEWAY_GROUPS", groups)]).unwrap();
    assert_is_the_gateway_of_the_tables(&config.gateway);
}

#[test]
fn the_environment_beats_the_tables_each_setting_as_a_whole() {
    let with = |settings: &[(&str, &str)]| {
        configure(TABLES, &[&COMPLETE[..], &[PROXY], settings].concat()).unwrap().gateway
    };
    let gateway = with(&[("GATEWAY_APPS", r#"[{"origin": "https://other.example.com"}]"#)]);
    assert_eq!(gateway.len(), 1);
    assert!(gateway.app(&origin("https://other.example.com")).is_some());
    assert_eq!(gateway.groups_of(&address("ada@example.com")).count(), 2, "the groups are still the table's");
    assert!(with(&[("GATEWAY_APPS", "[]")]).is_empty());
    let gateway = with(&[("GATEWAY_GROUPS", "{}")]);
    assert_eq!((gateway.len(), gateway.groups_of(&address("ada@example.com")).count()), (2, 0));
}

#[test]
fn every_mistake_of_every_app_is_named_at_once_with_what_to_write() {
    let mistakes = apps(
        r#"[
            {"origin": "https://wiki.example.com/start", "allow": ["ada@example.com", "example.com", "@com"]},
            {"origin": "https://x.example.com", "alow": ["@example.com"], "public": ["static", "/a/../b", "/ok"]},
            {"allow": ["@example.com"]},
            {"origin": 443},
            {"origin": "https://y.example.com", "allow": "@example.com", "public": [1]},
            {"origin": "https://z.example.com", "allow": []},
            {"origin": "https://q.example.com", "allow": ["!eve@example.com"]},
            {"origin": "https://r.example.com", "public": ["/x"], "public": ["/y"]},
            {"origin": "https://*.com"},
            {"origin": "https://X.example.com."},
            {"origin": "https://login.example.test"},
            {"origin": "http://old.example.com"}
        ]"#,
    )
    .unwrap_err();
    assert!(mistakes.settings().iter().all(|name| *name == "GATEWAY_APPS"));
    assert_names(
        &mistakes,
        &[
            "has the app `https://wiki.example.com/start`, which has a path",
            r#"in `allow` of the app `https://wiki.example.com/start`: allowlist entry "example.com": There is no @"#,
            r#"in `allow` of the app `https://wiki.example.com/start`: allowlist entry "@com": One label"#,
            "has the unknown key `alow` in the app `https://x.example.com`",
            "has the path `static` in `public` of the app `https://x.example.com`, which does not begin with a slash",
            "has the path `/a/../b` in `public` of the app `https://x.example.com`, which is not in normal form",
            "has no `origin` in app number 3",
            "has an `origin` that is no text in app number 4",
            "has something else than a list of texts in `allow` of the app `https://y.example.com`",
            "has something else than a list of texts in `public` of the app `https://y.example.com`",
            "lets in nobody with `allow` of the app `https://z.example.com`",
            "lets in nobody with `allow` of the app `https://q.example.com`",
            "has `public` twice in the app `https://r.example.com`",
            "has the app `https://*.com`, which would have any name as an app",
            "has the app `https://x.example.com` twice",
            "has the app `http://old.example.com`: its cookies would cross the network in the clear",
        ],
    );
}

#[test]
fn mistakes_of_apps_groups_and_other_settings_are_named_together() {
    let mistakes = production(&[
        ("GATEWAY_APPS", r#"[{"origin": "wiki.example.com"}]"#),
        ("GATEWAY_GROUPS", r#"{"a,b": []}"#),
        ("LINK_MAX_AGE", "never"),
    ])
    .unwrap_err();
    let mut names = mistakes.settings();
    names.sort_unstable();
    assert_eq!(names, ["GATEWAY_APPS", "GATEWAY_GROUPS", "LINK_MAX_AGE", "TRUSTED_PROXIES"]);
}

#[test]
fn what_is_no_list_of_apps_is_told_how_to_become_one() {
    for wrong in
        ["wiki", "{}", r#"["https://wiki.example.com"]"#, "[1]", r#"[{"origin": "https://x.example.com"}"#]
    {
        assert_names(&apps(wrong).unwrap_err(), &["GATEWAY_APPS is not a list of apps"]);
    }
    for wrong in ["staff", "[]", r#"{"staff"}"#] {
        assert_names(&groups(wrong).unwrap_err(), &["GATEWAY_GROUPS is not an object of lists"]);
    }
    for toml in ["[gateway.apps]\norigin = \"https://x.example.com\"\n", "[gateway]\napps = \"x\"\n"] {
        assert_names(&tables(toml).unwrap_err(), &["GATEWAY_APPS is not a list of apps"]);
    }
}

#[test]
fn an_unknown_name_under_gateway_in_leptos_toml_is_named() {
    let toml = "[[gateway.app]]\norigin = \"https://wiki.example.com\"\n[gateway.group]\nx = []\n";
    let parts = [
        "app under [gateway] in Leptos.toml is not a setting",
        "group under [gateway] in Leptos.toml is not a setting",
    ];
    assert_names(&tables(toml).unwrap_err(), &parts);
    let toml = "[[gateway]]\norigin = \"https://wiki.example.com\"\n";
    assert_names(&tables(toml).unwrap_err(), &["gateway in Leptos.toml is not a table of Postern"]);
}

#[test]
fn every_mistake_of_every_group_is_named() {
    let mistakes = groups(
        r#"{"a,b": ["@example.com"], "": [], "staff": ["example.com"], "x": "@example.com", "y": ["!eve@example.com"],
            "z": ["@example.com"], "z": []}"#,
    );
    assert_names(
        &mistakes.unwrap_err(),
        &[
            "has the group `a,b`, whose name is not 1 to 64 letters",
            "has the group ``, whose name is not",
            r#"has a wrong entry in the group `staff`: allowlist entry "example.com""#,
            "has something else than a list of texts in the group `x`",
            "lets in nobody with the group `y`",
            "has the group `z` twice",
        ],
    );
    assert!(groups(r#"{"nobody-yet": []}"#).is_ok());
}

#[test]
fn apps_without_a_trusted_proxy_are_refused() {
    let app = ("GATEWAY_APPS", r#"[{"origin": "https://wiki.example.com"}]"#);
    let mistakes = production(&[app]).unwrap_err();
    assert_names(&mistakes, &["TRUSTED_PROXIES is not set, so nothing that a proxy says about the apps"]);
    let mistakes = production(&[app, ("TRUSTED_PROXIES", "nginx")]).unwrap_err();
    assert_eq!(mistakes.settings(), ["TRUSTED_PROXIES"], "a wrong one is its own mistake");
    assert!(production(&[app, PROXY]).is_ok());
}

#[test]
fn an_app_over_http_needs_allow_http_or_development() {
    let app = ("GATEWAY_APPS", r#"[{"origin": "http://wiki.example.com"}]"#);
    let mistakes = production(&[PROXY, app]).unwrap_err();
    assert_names(&mistakes, &["set ALLOW_HTTP=true where another layer encrypts"]);
    assert!(production(&[PROXY, app, ("ALLOW_HTTP", "true")]).is_ok());
    assert!(configure("", &[PROXY, app]).is_ok(), "in development");
    let mistakes = production(&[PROXY, app, ("ALLOW_HTTP", "maybe")]).unwrap_err();
    assert_eq!(mistakes.settings(), ["ALLOW_HTTP"]);
}

#[test]
fn no_star_covers_the_login_of_this_server() {
    let gateway = apps(r#"[{"origin": "https://*.example.test"}]"#).unwrap();
    assert!(gateway.app(&origin("https://wiki.example.test")).is_some());
    assert!(gateway.app(&origin("https://login.example.test")).is_none());
}

#[test]
fn the_examples_that_people_copy_are_taken() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    // In Leptos.toml it is a comment.
    let leptos_toml = read("Leptos.toml");
    let (before, example) = leptos_toml.split_once("\n#[[gateway.apps]]").unwrap();
    let example: String = example.lines().map(|line| format!("{}\n", line.trim_start_matches('#'))).collect();
    let config = tables(&format!("{before}\n[[gateway.apps]]{example}")).unwrap();
    assert_eq!(config.gateway.len(), 2);
    let docs = read("docs/configuration.md");
    let (_, block) = docs.split_once("\n    [[gateway.apps]]\n").unwrap();
    let block = block.lines().take_while(|line| line.is_empty() || line.starts_with("    "));
    let block: String = block.map(|line| format!("{}\n", line.trim())).collect();
    let gateway = tables(&format!("[[gateway.apps]]\n{block}")).unwrap().gateway;
    assert_eq!(gateway.len(), 2);
    assert_eq!(gateway.groups_of(&address("ada@example.com")).collect::<Vec<_>>(), ["admins", "staff"]);
    let dotenv = read(".env.example");
    for (name, text) in [PROXY, ("GATEWAY_GROUPS", "{}")] {
        let line = dotenv.lines().find(|line| line.starts_with(&format!("#{name}="))).unwrap();
        let value = line.split_once('=').unwrap().1.trim_matches('\'');
        assert!(production(&[(name, value)]).is_ok(), "{line} instead of {text}");
    }
    let line = dotenv.lines().find(|line| line.starts_with("#GATEWAY_APPS=")).unwrap();
    assert_eq!(apps(line.split_once('=').unwrap().1.trim_matches('\'')).unwrap().len(), 1);
}
