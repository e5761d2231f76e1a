//! Apps, their rules, and the groups.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    Allowlist, App, EmailAddress, Gateway, GroupName, Origin, OriginClash, OriginPattern, PublicPath,
};

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect(text)
}

fn rules(entries: &[&str]) -> Allowlist {
    Allowlist::parse(entries).expect("entries")
}

fn origin(text: &str) -> Origin {
    Origin::parse(text).expect(text)
}

fn app_with(pattern: &str, allow: Option<&[&str]>, public: &[&str]) -> App {
    let public = public.iter().map(|path| PublicPath::parse(path).expect(path)).collect();
    App::new(OriginPattern::parse(pattern).expect(pattern), allow.map(rules), public)
}

/// A gateway of those apps, with the login at https://login.example.com.
fn gateway(patterns: &[&str]) -> Gateway {
    let apps = patterns.iter().map(|pattern| app_with(pattern, None, &[])).collect();
    let login = Some(origin("https://login.example.com"));
    Gateway::new(apps, BTreeMap::new(), login).expect("a gateway")
}

/// The pattern of the app at that origin.
fn found(gateway: &Gateway, at: &str) -> Option<String> {
    gateway.app(&origin(at)).map(|app| app.origin().to_string())
}

#[test]
fn an_app_is_found_at_its_origin_and_at_no_other() {
    let gateway = gateway(&["https://wiki.example.com", "http://localhost:3000"]);
    assert_eq!(gateway.len(), 2);
    for at in ["https://wiki.example.com", "https://WIKI.example.com.:443"] {
        assert_eq!(found(&gateway, at).as_deref(), Some("https://wiki.example.com"), "{at}");
    }
    for at in [
        "http://wiki.example.com",
        "https://wiki.example.com:8443",
        "https://x.wiki.example.com",
        "https://example.com",
        "https://wiki.example.com.evil.example",
        "http://localhost",
        "https://localhost:3000",
    ] {
        assert_eq!(found(&gateway, at), None, "{at}");
    }
}

#[test]
fn a_star_covers_what_lies_below_and_gives_way_to_what_is_named_more_closely() {
    let gateway = gateway(&[
        "https://*.example.com",
        "https://*.apps.example.com",
        "https://one.apps.example.com",
        "https://*.example.com:8443",
    ]);
    for (at, pattern) in [
        ("https://x.example.com", Some("https://*.example.com")),
        ("https://x.y.example.com", Some("https://*.example.com")),
        ("https://apps.example.com", Some("https://*.example.com")),
        ("https://two.apps.example.com", Some("https://*.apps.example.com")),
        ("https://a.two.apps.example.com", Some("https://*.apps.example.com")),
        ("https://one.apps.example.com", Some("https://one.apps.example.com")),
        ("https://x.one.apps.example.com", Some("https://*.apps.example.com")),
        ("https://x.apps.example.com:8443", Some("https://*.example.com:8443")),
        ("https://example.com", None),
        ("https://evilexample.com", None),
        ("https://x.evilexample.com", None),
        ("https://x.example.com.evil.example", None),
        ("http://x.example.com", None),
        ("https://x.example.com:444", None),
    ] {
        assert_eq!(found(&gateway, at).as_deref(), pattern, "{at}");
    }
}

#[test]
fn no_star_covers_the_host_where_people_sign_in() {
    let gateway = gateway(&["https://*.example.com", "http://*.example.com", "https://*.example.com:8443"]);
    for at in ["https://login.example.com", "http://login.example.com", "https://login.example.com:8443"] {
        assert_eq!(found(&gateway, at), None, "{at}");
    }
    assert!(gateway.app_at("login.example.com").is_none());
    assert!(found(&gateway, "https://x.login.example.com").is_some());
}

#[test]
fn a_host_alone_finds_the_app_and_https_comes_first() {
    let gateway = gateway(&["https://wiki.example.com", "http://wiki.example.com", "http://old.example.com"]);
    for (host, at) in [
        ("wiki.example.com", Some("https://wiki.example.com")),
        ("Wiki.example.com:443", Some("https://wiki.example.com")),
        ("wiki.example.com:80", Some("http://wiki.example.com")),
        ("old.example.com", Some("http://old.example.com")),
        ("old.example.com:443", None),
        ("other.example.com", None),
        ("", None),
        ("wiki.example.com/", None),
        ("ada@wiki.example.com", None),
    ] {
        let (app, origin) = gateway.app_at(host).unzip();
        assert_eq!(origin.map(|origin| origin.to_string()).as_deref(), at, "{host}");
        assert_eq!(app.map(|app| app.origin().to_string()).as_deref(), at, "{host}");
    }
}

#[test]
fn an_origin_that_stands_twice_or_shares_the_host_of_the_login_is_named() {
    let patterns = [
        "https://wiki.example.com",
        "https://WIKI.example.com:443",
        "https://*.apps.example.com",
        "https://*.apps.example.com",
        "https://Login.example.com",
        "https://login.example.com:8443",
        "http://wiki.example.com",
    ];
    let apps = patterns.iter().map(|pattern| app_with(pattern, None, &[])).collect();
    let login = origin("https://login.example.com");
    let clashes = Gateway::new(apps, BTreeMap::new(), Some(login)).expect_err("clashes");
    let twice = |pattern| OriginClash::Twice(OriginPattern::parse(pattern).expect(pattern));
    assert_eq!(
        clashes,
        [
            twice("https://wiki.example.com"),
            twice("https://*.apps.example.com"),
            OriginClash::LoginHost(origin("https://login.example.com:8443"))
        ]
    );
}

#[test]
fn an_app_without_rules_is_for_everybody_and_one_with_rules_for_whom_they_name() {
    let open = app_with("https://wiki.example.com", None, &[]);
    let closed = app_with("https://wiki.example.com", Some(&["@example.com", "!eve@example.com"]), &[]);
    for (email, may) in [("ada@example.com", true), ("eve@example.com", false), ("ada@example.org", false)] {
        assert!(open.allows(&address(email)), "{email}");
        assert_eq!(closed.allows(&address(email)), may, "{email}");
    }
}

#[test]
fn groups_are_told_in_the_order_of_their_names() {
    let group = |name: &str, entries: &[&str]| (GroupName::parse(name).expect(name), rules(entries));
    let groups = [
        group("staff", &["@example.com"]),
        group("admins", &["ada@example.com"]),
        group("Zoo_1", &["@example.com", "!bob@example.com"]),
        group("empty", &[]),
    ];
    let gateway = Gateway::new(Vec::new(), groups.into(), None).expect("a gateway");
    let of = |email| gateway.groups_of(&address(email)).collect::<Vec<_>>();
    assert_eq!(of("ada@example.com"), ["Zoo_1", "admins", "staff"]);
    assert_eq!(of("bob@example.com"), ["staff"]);
    assert!(of("eve@example.org").is_empty());
    assert!(gateway.is_empty(), "groups are no apps");
    for name in ["", "a,b", "a b", "a\n", "caf\u{e9}", "a.b", "a:b", &"a".repeat(65)] {
        assert!(GroupName::parse(name).is_err(), "{name:?}");
    }
}

#[test]
fn a_public_path_opens_itself_and_what_lies_below_it() {
    let app = app_with("https://wiki.example.com", None, &["/static", "/health/"]);
    for target in [
        "/static",
        "/static/",
        "/static/x",
        "/static?v=1",
        "/static/my%20file.png?q=%2F..",
        "/health",
        "/health/x",
    ] {
        assert!(app.is_public(target.as_bytes()), "{target}");
    }
    for target in ["", "/", "/staticx", "/STATIC", "/x/static", "static", "?/static", "/?/static", "/healthz"]
    {
        assert!(!app.is_public(target.as_bytes()), "{target}");
    }
    let none = app_with("https://wiki.example.com", None, &[]);
    assert!(!none.is_public(b"/") && !none.is_public(b"/static"));
}

#[test]
fn a_target_that_an_app_could_read_otherwise_is_never_public() {
    for public in ["/public", "/"] {
        let app = app_with("https://wiki.example.com", None, &[public]);
        for target in [
            &b"/public/../secret"[..],
            b"/public/..%2fsecret",
            b"/public/..%2fsecret/../x//y%23z",
            b"/public/%2e%2e/secret",
            b"/public/%252e%252e/secret",
            b"/public/..;/secret",
            b"/public/..\\secret",
            b"/public/%5c..%5csecret",
            b"/public//secret",
            b"/public/x#/../secret",
            b"/public/x?y#z",
            b"/public/x%00",
            b"/public/%",
            b"/public/caf\xc3\xa9",
            b"/public/caf%C3%A9",
            b"/public/\xff",
            b"/public/\0",
            b"/public/x y",
            b"/public/x?a b",
            b"/public/x?\xff",
            b"http://wiki.example.com/public",
            b"//wiki.example.com/public",
            b"*",
        ] {
            assert!(!app.is_public(target), "{public} {}", target.escape_ascii());
        }
    }
}

#[test]
fn a_slash_opens_the_whole_app() {
    let app = app_with("https://wiki.example.com", None, &["/"]);
    for target in ["/", "/x", "/x/y?z", "/?x"] {
        assert!(app.is_public(target.as_bytes()), "{target}");
    }
}

#[test]
fn a_rule_that_no_request_could_match_is_refused() {
    use super::PublicPathFault::{NotAbsolute, NotNormal, Query, Star};
    for (path, fault) in [
        ("", NotAbsolute),
        ("static", NotAbsolute),
        ("*", NotAbsolute),
        ("https://wiki.example.com/static", NotAbsolute),
        ("/static?x", Query),
        ("/static#x", Query),
        ("/static/*", Star),
        ("//static", NotNormal),
        ("/static//", NotNormal),
        ("/static/..", NotNormal),
        ("/./static", NotNormal),
        ("/static\\x", NotNormal),
        ("/st%61tic", NotNormal),
        ("/my%20files", NotNormal),
        ("/static;x", NotNormal),
        ("/my files", NotNormal),
        ("/caf\u{e9}", NotNormal),
        ("/static\n", NotNormal),
    ] {
        assert_eq!(PublicPath::parse(path), Err(fault), "{path:?}");
    }
}

proptest! {
    #[test]
    fn only_what_lies_below_a_public_path_is_public(target in prop::collection::vec(any::<u8>(), 0..40)) {
        let app = app_with("https://wiki.example.com", None, &["/static"]);
        let with_prefix = [&b"/static"[..], &target].concat();
        prop_assert!(!app.is_public(&target) || target.starts_with(b"/static"));
        if app.is_public(&with_prefix) {
            prop_assert!(matches!(target.first(), None | Some(b'/' | b'?')));
            prop_assert!(target.iter().all(u8::is_ascii_graphic));
        }
    }

    #[test]
    fn a_star_covers_an_origin_exactly_if_labels_stand_before_its_domain(name in r"([a-z]{1,3}\.){0,3}(x\.)?example\.com") {
        let gateway = gateway(&["https://*.x.example.com"]);
        let expected = name.ends_with(".x.example.com");
        prop_assert_eq!(gateway.app(&origin(&format!("https://{name}"))).is_some(), expected);
    }
}
