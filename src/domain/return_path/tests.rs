use proptest::prelude::*;

use super::*;

fn refused(inputs: &[&str], fault: ForeignPath) {
    for input in inputs {
        assert_eq!(ReturnPath::parse(input), Err(fault), "{input:?}");
    }
}

#[test]
fn a_local_path_is_kept_as_it_is() {
    let paths = [
        "/",
        "/reports",
        "/reports/",
        "/a//b",
        "/a.b/...",
        "/reports?year=2026&q=a+b",
        "/?",
        "/b%C3%BCcher",
        "/100%25",
        "/a%20b",
        "/%zz",
        "/login-help",
        "/a/login",
        "/a:b@c",
        "/?next=//evil.example/..\\",
        "/a%2Fb",
    ];
    for path in paths {
        assert_eq!(ReturnPath::parse(path).unwrap().as_str(), path);
    }
}

#[test]
fn a_path_that_is_not_absolute_is_refused() {
    let inputs = [
        "",
        "reports",
        "?a",
        "https://evil.example/",
        "javascript:alert(1)",
        "\\/evil.example",
        " /a",
        "\t//x",
    ];
    refused(&inputs, ForeignPath::NotAbsolute);
}

#[test]
fn another_host_is_refused_in_any_encoding() {
    let inputs = [
        "//evil.example",
        "///evil.example",
        "//",
        "/%2f/evil.example",
        "/%2Fevil.example",
        "/%252fevil.example",
        "/%25252f/evil.example",
        "//evil.example@postern.invalid/",
        "//postern.invalid",
        "/%2e%2e//evil.example",
        "/..//evil.example",
        "/a/..//evil.example",
        "/a%2f..%2f/evil.example",
        "/.//evil.example",
    ];
    refused(&inputs, ForeignPath::OtherSite);
}

#[test]
fn a_backslash_in_the_path_is_refused_in_any_encoding() {
    let inputs =
        ["/\\evil.example", "/%5cevil.example", "/%5C%5Cevil.example", "/%255cevil.example", "/a\\b"];
    refused(&inputs, ForeignPath::Backslash);
}

#[test]
fn a_raw_control_character_space_or_non_ascii_byte_is_refused() {
    let inputs = [
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\r\nSet-Cookie: a=b",
        "/a\0",
        "/a b",
        "/bücher",
        "/a\u{2028}",
    ];
    refused(&inputs, ForeignPath::RawCharacter);
}

#[test]
fn an_encoded_control_character_is_refused() {
    let inputs =
        ["/%09/evil.example", "/a%0d%0aSet-Cookie:%20a=b", "/%250a", "/%00", "/%7f", "/%C2%85", "/?a=%0a"];
    refused(&inputs, ForeignPath::ControlCharacter);
}

#[test]
fn a_dot_segment_is_refused_even_where_it_stays_inside() {
    let inputs = [
        "/a/../b",
        "/./a",
        "/..",
        "/a/%2e%2e/b",
        "/a/.%2E",
        "/a%2f..%2fb",
        "/a%23/..%2fevil",
        "/%252e%252e/a",
    ];
    refused(&inputs, ForeignPath::DotSegment);
}

#[test]
fn endless_encoding_and_overlong_utf_8_are_refused() {
    refused(&["/%2525252525252fevil.example", "/%c0%af/evil.example", "/%ff"], ForeignPath::Encoding);
}

#[test]
fn a_fragment_is_refused() {
    refused(&["/a#b", "/#//evil.example"], ForeignPath::Fragment);
}

#[test]
fn a_path_that_would_loop_is_refused() {
    refused(
        &["/login", "/login/sent", "/login?next=/login", "/verify?token=a", "/%6cogin"],
        ForeignPath::Loop,
    );
}

#[test]
fn a_path_over_2048_bytes_is_refused_and_one_to_an_app_over_6144() {
    assert!(ReturnPath::parse(&format!("/{}", "a".repeat(2047))).is_ok());
    refused(&[&format!("/{}", "a".repeat(2048))], ForeignPath::TooLong);
    assert!(ReturnPath::parse(&format!("/enter?{}", "a".repeat(6137))).is_ok());
    refused(&[&format!("/enter?{}", "a".repeat(6138))], ForeignPath::TooLong);
}

#[test]
fn a_foreign_or_missing_path_leads_home() {
    assert_eq!(ReturnPath::parse_or_home(None), ReturnPath::home());
    assert_eq!(ReturnPath::parse_or_home(Some("//evil.example")), ReturnPath::home());
    assert_eq!(ReturnPath::parse_or_home(Some("/reports")).to_string(), "/reports");
    assert_eq!(ReturnPath::parse("/"), Ok(ReturnPath::home()));
}

#[test]
fn json_goes_through_parse() {
    let path: ReturnPath = serde_json::from_str("\"/reports\"").unwrap();
    assert_eq!(serde_json::to_string(&path).unwrap(), "\"/reports\"");
    assert!(serde_json::from_str::<ReturnPath>("\"//evil.example\"").is_err());
}

fn check_origin(input: &str) -> Result<(), TestCaseError> {
    if let Ok(path) = ReturnPath::parse(input) {
        let site = Url::parse("https://postern.example/login/sent").unwrap();
        for layer in layers(path.as_str()).unwrap_or_default() {
            let joined = site.join(&layer).unwrap();
            prop_assert_eq!(joined.origin(), site.origin());
            prop_assert!(!joined.path().starts_with("//"));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn an_accepted_path_keeps_the_origin(input in any::<String>(), rest in "\\PC{0,20}") {
        check_origin(&input)?;
        check_origin(&format!("/{rest}"))?;
    }

    #[test]
    fn an_accepted_path_keeps_the_origin_amid_traps(traps in "/([/\\\\.:@?;a]|%2f|%5c|%2e|%25|%3f|%23|%09|2f|5c|evil\\.example){0,12}") {
        check_origin(&traps)?;
    }
}
