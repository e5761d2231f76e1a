//! Paths that two programs could read in two ways.

use super::{covers, has_one_reading, is_plain, is_plain_query};

#[test]
fn a_path_that_reads_as_it_stands_is_plain() {
    for path in
        ["/", "/login", "/login/sent", "/a.b/..c/d..", "/a%20b", "/%6cogin", "/login%2f..%2fx", "/a;b=c"]
    {
        assert!(is_plain(path), "{path}");
    }
}

#[test]
fn a_path_that_somebody_could_read_otherwise_is_not() {
    for path in [
        "",
        "*",
        "login",
        "/login/..",
        "/login/../logout",
        "/./login",
        "/login/.",
        "/login/%2e%2e/logout",
        "/login/%2E%2e/logout",
        "/login/.%2e/logout",
        "/login/%2e./logout",
        "/%2e/login",
        "/login/..\\logout",
        "/login\\..\\logout",
        "\\login",
        "//login",
        "/login//sent",
        "/lo\tgin",
        "/lo\ngin",
        "/login#x",
        "/login?x",
        "/lo gin",
        "/l\u{f6}gin",
        "/\u{0}",
    ] {
        assert!(!is_plain(path), "{path:?}");
    }
}

proptest::proptest! {
    #[test]
    fn a_plain_path_has_one_reading(path in r"/([a-z.%2e5cf/\\]|%2[eE]|%5[cC]|\.\.){0,24}") {
        if is_plain(&path) {
            let url = url::Url::parse("http://x").and_then(|base| base.join(&path));
            proptest::prop_assert_eq!(url.as_ref().map(url::Url::path), Ok(path.as_str()));
        }
    }
}

#[test]
fn a_path_that_any_server_reads_alike_has_one_reading() {
    for path in [
        "/",
        "/static",
        "/static/",
        "/static/app.1f3a.js",
        "/static/.well-known/x",
        "/static/..x/x..",
        "/a-b_c~d/!$&'()*+,=:@",
        "/static/my%20file.png",
        "/_next/static/chunks/app/%5Bslug%5D/page.js",
        "/_next/static/chunks/app/%5bslug%5d/page.js",
        "/static/a%2Cb",
    ] {
        assert!(has_one_reading(path), "{path}");
    }
}

#[test]
fn a_path_that_some_server_could_resolve_has_more_than_one() {
    for path in [
        "",
        "static",
        "//static",
        "/static//x",
        "/static/../admin",
        "/static/./x",
        "/static/.",
        "/static/..",
        "/static/%2e%2e/admin",
        "/static/.%2E/admin",
        "/static/%2E./admin",
        // One that decodes twice, and one that takes overlong UTF-8 or a lookalike for a dot.
        "/static/%252e%252e/admin",
        "/static/%c0%ae%c0%ae/admin",
        "/static/%ef%bc%8e%ef%bc%8e/admin",
        "/static/..%2fadmin",
        "/static/..%2Fadmin",
        "/static%2Fx",
        "/static/..%5cadmin",
        "/static/..%5Cadmin",
        "/static/..\\admin",
        "/static\\..\\admin",
        "/static/..;/admin",
        "/static/..;x=y/admin",
        "/static;jsessionid=1/x",
        "/static/..%3b/admin",
        "/static/..%3B/admin",
        "/static/%00",
        "/static/..%00/admin",
        "/static/x%0a",
        "/static/x%0d%0aHost:y",
        "/static/%7f",
        "/static/%23/../admin",
        "/static/x%23y",
        "/static/x%3fy",
        "/static#/../admin",
        "/static?x",
        "/static/%",
        "/static/%2",
        "/static/%zz",
        "/static/%+1",
        "/static/%%32%65",
        "/static/%u002e",
        "/st%61tic/x",
        "/static/x%2Djs",
        "/static/caf\u{e9}",
        "/static/caf%C3%A9",
        "/static/\u{2025}/admin",
        "/static/...",
        "/static/.../admin",
        "/static/..%20/admin",
        "/static/%20/admin",
        "/static/.%20./admin",
        "/static/x y",
        "/static/\tx",
        "/static/\u{0}",
    ] {
        assert!(!has_one_reading(path), "{path:?}");
    }
}

#[test]
fn a_query_is_plain_if_a_parser_leaves_it_as_it_is() {
    for query in ["", "a=b&c", "next=/../x", "q=%41%2e%2F", "a[]=1", "x?y"] {
        assert!(is_plain_query(query), "{query}");
    }
    for query in ["x#y", "#", "x y", "q='a'", "\"", "<", "caf\u{e9}", "\t", "x\0", "q=100%", "%zz", "%+1"] {
        assert!(!is_plain_query(query), "{query:?}");
    }
}

#[test]
fn a_path_covers_itself_and_what_lies_below_it() {
    for (parent, path) in [
        ("/public", "/public"),
        ("/public", "/public/"),
        ("/public", "/public/x/y"),
        ("/public/", "/public/x"),
        ("/public/", "/public"),
        ("/", "/"),
        ("/", "/x"),
    ] {
        assert!(covers(parent, path), "{parent} {path}");
    }
}

#[test]
fn a_path_covers_none_that_only_begins_like_it() {
    for path in
        ["/publicity", "/public.html", "/publi", "/", "", "/x/public", "/PUBLIC", "/public%2fx", "public"]
    {
        assert!(!covers("/public", path), "{path}");
    }
}

/// What servers do to a path before they act on it, one after the other, as far as it goes.
fn resolved(path: &str) -> String {
    let mut path = path.to_owned();
    for _ in 0..3 {
        path = percent_encoding::percent_decode_str(&path).decode_utf8_lossy().replace('\\', "/");
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').map(|segment| segment.split([';', '\0']).next().unwrap_or_default()) {
        match segment.trim_end() {
            "" | "." => {}
            ".." => _ = segments.pop(),
            name => segments.push(name),
        }
    }
    format!("/{}", segments.join("/"))
}

proptest::proptest! {
    #[test]
    fn a_path_of_one_reading_stays_below_its_parent_whatever_a_server_does_to_it(
        rest in r"([/.;\\x ]|%2[eEfF05]|%5[cC]|%3[bB]|%00|\.\.|/){0,16}",
    ) {
        let path = format!("/static/{rest}");
        if has_one_reading(&path) {
            proptest::prop_assert!(covers("/static", &resolved(&path)), "{}", resolved(&path));
        }
    }

    #[test]
    fn no_path_makes_the_judgement_panic(path in r"\PC{0,40}") {
        let _ = (is_plain(&path), has_one_reading(&path), covers(&path, "/x"), covers("/x", &path));
    }
}
