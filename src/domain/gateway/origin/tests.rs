//! Spellings of one origin, and what is none.

use proptest::prelude::*;

use super::{Origin, OriginFault, OriginPattern};

#[test]
fn spellings_of_one_origin_are_equal() {
    for (written, normal) in [
        ("https://wiki.example.com", "https://wiki.example.com"),
        ("HTTPS://Wiki.Example.COM.:443", "https://wiki.example.com"),
        ("http://wiki.example.com:80", "http://wiki.example.com"),
        ("https://wiki.example.com:80", "https://wiki.example.com:80"),
        ("http://wiki.example.com:443", "http://wiki.example.com:443"),
        ("https://wiki.example.com:8443", "https://wiki.example.com:8443"),
        ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
        ("https://B\u{dc}CHER.example", "https://xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://grafana", "http://grafana"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://[2001:DB8:0:0:0:0:0:1]:443", "https://[2001:db8::1]"),
    ] {
        let origin = Origin::parse(written).expect(written);
        assert_eq!(origin.as_str(), normal);
        assert_eq!(origin.to_string(), normal);
        assert_eq!(origin.is_https(), normal.starts_with("https:"));
        assert_eq!(origin.authority(), normal.split_once("://").expect("a scheme").1);
        assert_eq!(Origin::parse(normal), Ok(origin), "the normal form is its own");
    }
}

#[test]
fn what_is_no_origin_is_refused_for_what_it_has() {
    use super::OriginFault::{Empty, Host, Path, Port, Query, Scheme, User, Wildcard};
    for (text, fault) in [
        ("", Scheme),
        ("wiki.example.com", Scheme),
        ("//wiki.example.com", Scheme),
        ("ftp://wiki.example.com", Scheme),
        ("wss://wiki.example.com", Scheme),
        (" https://wiki.example.com", Scheme),
        ("https:wiki.example.com", Scheme),
        ("https://", Empty),
        ("https://:443", Empty),
        ("https:///x", Path),
        ("https://wiki.example.com/", Path),
        ("https://wiki.example.com/x?y#z", Path),
        ("https://wiki.example.com\\x", Path),
        ("https://wiki.example.com?x", Query),
        ("https://wiki.example.com#x", Query),
        ("https://ada@wiki.example.com", User),
        ("https://ada:secret@wiki.example.com", User),
        ("https://*.example.com", Wildcard),
        ("https://wi*i.example.com", Wildcard),
        ("https://wiki.example.com:", Port),
        ("https://wiki.example.com:0", Port),
        ("https://wiki.example.com:0443", Port),
        ("https://wiki.example.com:+443", Port),
        ("https://wiki.example.com:65536", Port),
        ("https://wiki.example.com:https", Port),
        ("https://wiki.example.com:443:443", Port),
        ("https://wiki.example.com ", Host),
        ("https://wiki\t.example.com", Host),
        ("https://wiki.example.com\n", Host),
        ("https://wiki..example.com", Host),
        ("https://.example.com", Host),
        ("https://wiki.example.com..", Host),
        ("https://.", Host),
        ("https://-wiki.example.com", Host),
        ("https://my_wiki.example.com", Host),
        ("https://wiki%2eexample.com", Host),
        ("https://wiki.example.com,evil.example", Host),
        ("https://127.1", Host),
        ("https://127.0.0.01", Host),
        ("https://2130706433", Host),
        ("https://0x7f.0.0.1", Host),
        ("https://0x7f000001", Host),
        ("https://1.2.3.4.5", Host),
        ("https://::1", Empty),
        ("https://[::1", Port),
        ("https://[fe80::1%25eth0]", Host),
        ("https://[::1]x", Host),
        ("https://xn--a.example", Host),
    ] {
        assert_eq!(Origin::parse(text), Err(fault), "{text:?}");
    }
    let long = format!("https://{}.example.com", "a".repeat(64));
    assert_eq!(Origin::parse(&long), Err(Host));
}

#[test]
fn a_proxy_tells_an_origin_by_its_scheme_and_host() {
    for (scheme, host, origin) in [
        ("https", "Wiki.Example.com", "https://wiki.example.com"),
        ("wss", "wiki.example.com:443", "https://wiki.example.com"),
        ("ws", "wiki.example.com", "http://wiki.example.com"),
        ("HTTP", "wiki.example.com.:8080", "http://wiki.example.com:8080"),
    ] {
        assert_eq!(Origin::of(scheme, host).expect(host).as_str(), origin);
    }
    for (scheme, host) in [
        ("", "wiki.example.com"),
        ("https,http", "wiki.example.com"),
        ("https ", "wiki.example.com"),
        ("javascript", "wiki.example.com"),
        ("https", ""),
        ("https", "wiki.example.com, evil.example"),
        ("https", "wiki.example.com/x"),
        ("https", "ada@wiki.example.com"),
        ("https", "*.example.com"),
        ("https", "https://wiki.example.com"),
        ("https", "b\u{fc}cher.example"),
    ] {
        assert!(Origin::of(scheme, host).is_err(), "{scheme} {host}");
    }
}

#[test]
fn a_star_stands_for_whole_labels_below_a_domain() {
    for (written, normal) in [
        ("https://*.apps.example.com", "https://*.apps.example.com"),
        ("HTTPS://*.Apps.Example.com.:443", "https://*.apps.example.com"),
        ("http://*.localhost:3000", "http://*.localhost:3000"),
        ("https://wiki.example.com", "https://wiki.example.com"),
    ] {
        assert_eq!(OriginPattern::parse(written).expect(written).to_string(), normal);
    }
    for (text, fault) in [
        ("*.example.com", OriginFault::Scheme),
        ("https://*", OriginFault::Wildcard),
        ("https://*.", OriginFault::Empty),
        ("https://*.com", OriginFault::WideWildcard),
        ("https://*.*.example.com", OriginFault::Wildcard),
        ("https://*wiki.example.com", OriginFault::Wildcard),
        ("https://wiki.*.example.com", OriginFault::Wildcard),
        ("https://*.127.0.0.1", OriginFault::Wildcard),
        ("https://*.[::1]", OriginFault::Wildcard),
        ("https://*.example.com/x", OriginFault::Path),
    ] {
        assert_eq!(OriginPattern::parse(text), Err(fault), "{text}");
    }
}

proptest! {
    #[test]
    fn whatever_is_read_as_an_origin_a_url_parser_reads_alike(
        text in r"(https|http|HTTPS)://[a-zA-Z0-9.\-:\[\]@/\\%_*ü]{0,24}",
    ) {
        if let Ok(origin) = Origin::parse(&text) {
            let url = url::Url::parse(&text).expect("an origin is a URL");
            let theirs = url.origin().ascii_serialization();
            let (scheme, rest) = theirs.split_once("://").expect("a scheme");
            // The parser keeps a dot at the end, and writes an IPv4 address inside of IPv6 in another way.
            let host = rest.split(":").next().unwrap_or_default();
            if !rest.starts_with('[') {
                let ours = rest.replacen(host, host.trim_end_matches('.'), 1);
                prop_assert_eq!(origin.as_str(), format!("{scheme}://{ours}"));
            }
            let again = Origin::parse(origin.as_str());
            prop_assert_eq!(again.as_ref(), Ok(&origin));
        }
    }

    #[test]
    fn no_text_makes_the_reading_of_an_origin_panic(text in r"\PC{0,30}", authority in r"\PC{0,30}") {
        let _ = Origin::parse(&text);
        let _ = Origin::parse(&format!("https://{authority}"));
        let _ = OriginPattern::parse(&format!("https://*.{authority}"));
        let _ = Origin::of("https", &authority);
    }
}
