use proptest::prelude::*;

use super::*;

fn parsed(input: &str) -> String {
    EmailAddress::parse(input).unwrap_or_else(|fault| panic!("{input:?}: {fault}")).to_string()
}

fn refused(inputs: &[&str], fault: AddressFault) {
    for input in inputs {
        assert_eq!(EmailAddress::parse(input), Err(fault), "{input:?}");
    }
}

/// A domain of `length` octets, in labels of at most 63.
fn domain_of(length: usize) -> String {
    let mut domain = "d".repeat(length);
    for dot in (63..length - 1).step_by(64) {
        domain.replace_range(dot..=dot, ".");
    }
    domain
}

#[test]
fn case_and_surrounding_space_do_not_count() {
    assert_eq!(parsed(" \t\r\nAda.Lovelace@EXAMPLE.Com\n"), "ada.lovelace@example.com");
}

#[test]
fn the_parts_are_what_stands_around_the_at() {
    let ada = EmailAddress::parse("Ada+news@mail.Example.com").unwrap();
    assert_eq!((ada.local(), ada.domain()), ("ada+news", "mail.example.com"));
    assert_eq!(format!("{ada} {ada:?}"), "ada+news@mail.example.com EmailAddress(ada+news@mail.example.com)");
}

#[test]
fn a_tag_makes_another_address() {
    assert_ne!(parsed("ada+news@example.com"), parsed("ada@example.com"));
}

#[test]
fn every_character_of_an_atom_that_names_no_route_is_kept() {
    assert_eq!(parsed("az09#$&'*+-/=?^_`{|}~@example.com"), "az09#$&'*+-/=?^_`{|}~@example.com");
}

#[test]
fn what_a_mail_server_may_take_for_another_place_is_refused() {
    let inputs = [
        "eve%evil.example@example.com",
        "a%b%evil.example@example.com",
        "evil.example!eve@example.com",
        "ada%@example.com",
        "!ada@example.com",
        "|id@example.com",
        "/tmp/ada@example.com",
        "-oQ@example.com",
    ];
    refused(&inputs, AddressFault::LocalPart);
}

#[test]
fn a_domain_and_its_ascii_form_are_equal() {
    let ascii = "ada@xn--bcher-kva.example";
    for input in
        ["ada@bücher.example", "ada@BÜCHER.example", "ada@bu\u{308}cher.example", "ada@XN--BCHER-KVA.example"]
    {
        assert_eq!(parsed(input), ascii, "{input}");
    }
    assert_eq!(parsed("ada@例え。テスト"), "ada@xn--r8jz45g.xn--zckzah");
}

#[test]
fn localhost_needs_no_dot() {
    assert_eq!(parsed("ada@LOCALHOST"), "ada@localhost");
}

#[test]
fn nothing_typed_is_refused() {
    refused(&["", " ", "\r\n\t"], AddressFault::Empty);
}

#[test]
fn a_line_break_or_control_character_is_refused() {
    let inputs = [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada\n@example.com",
        "ada@exam\0ple.com",
        "\0ada@example.com",
        "ada@example\t.com",
        "ada\u{7f}@example.com",
        "ada@example.com\u{85}",
    ];
    refused(&inputs, AddressFault::ControlCharacter);
}

#[test]
fn a_display_name_is_refused() {
    refused(&["Ada <ada@example.com>", "<ada@example.com>", "ada@example.com>"], AddressFault::DisplayName);
}

#[test]
fn a_quoted_local_part_is_refused() {
    refused(&["\"ada\"@example.com", "\"ada@evil.example\"@example.com"], AddressFault::Quoted);
}

#[test]
fn a_comment_is_refused() {
    refused(&["ada(work)@example.com", "ada@example.com(home)"], AddressFault::Comment);
}

#[test]
fn a_list_is_refused() {
    let inputs = [
        "ada@example.com,eve@example.com",
        "ada@example.com;",
        "ada@example.com eve@example.com",
        "ada@evil.example@example.com",
        "ada@@example.com",
    ];
    refused(&inputs, AddressFault::SeveralAddresses);
}

#[test]
fn something_without_an_at_is_refused() {
    refused(&["ada", "example.com", "ada＠example.com"], AddressFault::MissingAt);
}

#[test]
fn a_space_inside_is_refused() {
    let inputs = [
        "ada lovelace@example.com",
        "ada @example.com",
        "ada@ example.com",
        "ada@example.com\u{a0}",
        "a\u{2028}@b.de",
    ];
    refused(&inputs, AddressFault::Space);
}

#[test]
fn a_local_part_that_is_no_dot_atom_is_refused() {
    let inputs = [
        "@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "a..da@example.com",
        "mailto:ada@example.com",
        "ada\\@example.com",
        "[ada]@example.com",
        "jürgen@example.com",
        "аda@example.com",
        "\u{200b}ada@example.com",
    ];
    refused(&inputs, AddressFault::LocalPart);
}

#[test]
fn an_address_at_a_number_is_refused() {
    let inputs = ["ada@[127.0.0.1]", "ada@[IPv6:::1]", "ada@127.0.0.1", "ada@１２７.0.0.1"];
    refused(&inputs, AddressFault::AddressLiteral);
}

#[test]
fn a_dot_at_the_end_is_refused() {
    refused(&["ada@example.com.", "ada@localhost.", "ada@."], AddressFault::TrailingDot);
}

#[test]
fn a_domain_without_a_dot_is_refused() {
    refused(&["ada@example", "ada@com", "ada@bücher"], AddressFault::MissingDot);
}

#[test]
fn a_domain_that_dns_or_idna_cannot_hold_is_refused() {
    let long_label = format!("ada@{}.example", "d".repeat(64));
    let inputs = [
        "ada@",
        "ada@.example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exam_ple.com",
        "ada@exam%70le.com",
        "ada@example.com/",
        "ada@example.com:25",
        "ada@*.example.com",
        "ada@xn--.example",
        "ada@xn--a.example",
        "ada@example.com。",
        "ada@\u{202e}example.com",
        &long_label,
    ];
    refused(&inputs, AddressFault::Domain);
}

#[test]
fn lengths_are_refused_just_above_their_limit() {
    assert!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(64))).is_ok());
    refused(&[&format!("{}@example.com", "a".repeat(65))], AddressFault::LocalPartTooLong);
    assert!(EmailAddress::parse(&format!("a@{}", domain_of(252))).is_ok());
    refused(&[&format!("ab@{}", domain_of(252))], AddressFault::TooLong);
    refused(&[&format!("a@{}", domain_of(254))], AddressFault::Domain);
    refused(&[&format!("{}ada@example.com", " ".repeat(1000))], AddressFault::TooLong);
}

#[test]
fn json_goes_through_parse() {
    let ada: EmailAddress = serde_json::from_str("\" Ada@Example.com\"").unwrap();
    assert_eq!(serde_json::to_string(&ada).unwrap(), "\"ada@example.com\"");
    assert!(serde_json::from_str::<EmailAddress>("\"ada\"").is_err());
}

fn check_normal_form(input: &str) -> Result<(), TestCaseError> {
    if let Ok(address) = EmailAddress::parse(input) {
        prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
        prop_assert!(address.as_str().bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()));
        prop_assert!(address.as_str().len() <= 254);
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_domain_that_idna_is_not_asked_about_is_what_idna_would_make_of_it(domain in "[a-z0-9.-]{1,12}(\\.[a-z0-9-]{1,6}){0,3}") {
        if is_normal(&domain) {
            prop_assert_eq!(idna::domain_to_ascii_strict(&domain).ok(), Some(domain));
        }
    }

    #[test]
    fn any_string_is_read_or_refused_and_reading_twice_changes_nothing(input in any::<String>()) {
        check_normal_form(&input)?;
    }

    #[test]
    fn reading_twice_changes_nothing_in_any_script(local in "[!-~]{1,8}", domain in "(\\PC{1,6}\\.){1,3}\\PC{1,6}") {
        check_normal_form(&format!("{local}@{domain}"))?;
    }

    #[test]
    fn an_ordinary_address_is_read(local in "[A-Za-z0-9]{1,10}([.+_-][A-Za-z0-9]{1,10}){0,3}", domain in "([a-z0-9]{1,10}\\.){1,3}[a-z]{2,6}") {
        let address = format!("{local}@{domain}");
        prop_assert_eq!(parsed(&address), address.to_ascii_lowercase());
    }
}
