use proptest::prelude::*;

use super::*;

fn list(entries: &[&str]) -> Allowlist {
    Allowlist::parse(entries).unwrap()
}

fn allows(entries: &[&str], email: &str) -> bool {
    list(entries).allows(&EmailAddress::parse(email).unwrap())
}

fn fault(entry: &str) -> EntryFault {
    let mistakes = Allowlist::parse([entry]).unwrap_err();
    assert_eq!(mistakes.len(), 1);
    mistakes[0].fault
}

#[test]
fn an_address_lets_in_that_address_only() {
    let entries = [" Ada@Example.COM "];
    assert!(allows(&entries, "ada@example.com"));
    for other in ["ada+tag@example.com", "eve@example.com", "ada@mail.example.com", "xada@example.com"] {
        assert!(!allows(&entries, other), "{other}");
    }
}

#[test]
fn a_domain_lets_in_everybody_at_exactly_that_domain() {
    let entries = ["@Example.com"];
    assert!(allows(&entries, "ada@example.com"));
    for other in
        ["ada@mail.example.com", "ada@badexample.com", "ada@example.com.evil.example", "ada@example.co"]
    {
        assert!(!allows(&entries, other), "{other}");
    }
}

#[test]
fn a_starred_domain_lets_in_any_depth_below_but_not_the_domain() {
    let entries = ["@*.example.com"];
    assert!(allows(&entries, "ada@mail.example.com"));
    assert!(allows(&entries, "ada@a.b.c.example.com"));
    for other in ["ada@example.com", "ada@badexample.com", "ada@example.com.evil.example", "ada@com.example"]
    {
        assert!(!allows(&entries, other), "{other}");
    }
}

#[test]
fn two_lists_together_let_in_whom_either_names_and_neither_denies() {
    let both =
        list(&["ada@example.com", "!eve@example.com"]).union(list(&["@example.com", "!bob@example.com"]));
    for (email, allowed) in [("ada", true), ("zoe", true), ("eve", false), ("bob", false)] {
        assert_eq!(
            both.allows(&EmailAddress::parse(&format!("{email}@example.com")).unwrap()),
            allowed,
            "{email}"
        );
    }
}

#[test]
fn a_denial_wins_over_everything_in_any_order() {
    for entries in [["ada@example.com", "!ada@example.com"], ["! ada@example.com", "ada@example.com"]] {
        assert!(!allows(&entries, "ada@example.com"));
    }
    assert!(!allows(&["@example.com", "!eve@example.com"], "eve@example.com"));
    assert!(allows(&["@example.com", "!eve@example.com"], "ada@example.com"));
    assert!(!allows(&["ada@example.com", "!@example.com"], "ada@example.com"));
    assert!(!allows(&["ada@mail.example.com", "!@*.example.com"], "ada@mail.example.com"));
}

#[test]
fn an_empty_list_lets_nobody_in() {
    assert!(!allows(&[], "ada@example.com"));
    assert!(!allows(&["!eve@example.com"], "ada@example.com"));
    assert!(list(&[]).is_empty());
}

#[test]
fn domains_are_compared_in_ascii() {
    assert!(allows(&["@bücher.example"], "ada@xn--bcher-kva.example"));
    assert!(allows(&["@*.XN--BCHER-KVA.example"], "ada@mail.bücher.example"));
}

#[test]
fn localhost_is_a_domain_for_development() {
    assert!(allows(&["@localhost"], "ada@localhost"));
}

#[test]
fn repeated_entries_count_once() {
    assert_eq!(list(&["ada@example.com", "ADA@example.com", "@example.com", "!@*.example.com"]).len(), 3);
}

#[test]
fn an_empty_entry_is_refused() {
    for entry in ["", "  ", "!", " ! "] {
        assert_eq!(fault(entry), EntryFault::Empty, "{entry:?}");
    }
}

#[test]
fn denying_twice_is_refused() {
    for entry in ["!!ada@example.com", "! !@example.com"] {
        assert_eq!(fault(entry), EntryFault::DoubleDeny, "{entry}");
    }
}

#[test]
fn a_domain_without_its_at_is_refused() {
    for entry in ["example.com", "!ada", "# comment"] {
        assert_eq!(fault(entry), EntryFault::MissingAt, "{entry}");
    }
}

#[test]
fn a_star_anywhere_else_is_refused() {
    let entries = [
        "*",
        "*@example.com",
        "a*@example.com",
        "@*",
        "@*example.com",
        "@a.*.com",
        "@*.*.com",
        "@example.*",
        "@**.example.com",
        "!*@example.com",
        "ada@*.example.com",
        "*.example.com",
        "@*。example.com",
    ];
    for entry in entries {
        assert_eq!(fault(entry), EntryFault::Wildcard, "{entry}");
    }
}

#[test]
fn a_single_label_is_refused() {
    for entry in ["@com", "@*.com", "@*.localhost", "!@*.com"] {
        assert_eq!(fault(entry), EntryFault::SingleLabel, "{entry}");
    }
}

#[test]
fn a_malformed_address_or_domain_is_refused() {
    let cases = [
        ("ada@example", AddressFault::MissingDot),
        ("Ada <ada@example.com>", AddressFault::DisplayName),
        ("ada@example.com, eve@example.com", AddressFault::SeveralAddresses),
        ("eve%evil.example@example.com", AddressFault::LocalPart),
        ("@example.com.", AddressFault::TrailingDot),
        ("@", AddressFault::Domain),
        ("@*.", AddressFault::Domain),
        ("@.example.com", AddressFault::Domain),
        ("@ada@example.com", AddressFault::Domain),
        ("@[127.0.0.1]", AddressFault::AddressLiteral),
    ];
    for (entry, expected) in cases {
        assert_eq!(fault(entry), EntryFault::Address(expected), "{entry}");
    }
}

#[test]
fn all_mistakes_are_named_at_once() {
    let mistakes = Allowlist::parse(["ada@example.com", "*@example.com", "", "@com"]).unwrap_err();
    let entries: Vec<&str> = mistakes.iter().map(|mistake| mistake.entry.as_str()).collect();
    assert_eq!(entries, ["*@example.com", "", "@com"]);
    assert_eq!(
        mistakes[0].to_string(),
        "allowlist entry \"*@example.com\": A star stands only in @*.example.com, for all subdomains. \
         Write @example.com for everybody at a domain."
    );
}

proptest! {
    #[test]
    fn a_domain_matches_nothing_but_itself(listed in "([ab]{1,2}\\.){1,2}[ab]{1,2}", asked in "([ab]{1,2}\\.){1,3}[ab]{1,2}") {
        prop_assert_eq!(allows(&[&format!("@{listed}")], &format!("ada@{asked}")), listed == asked);
    }

    #[test]
    fn a_starred_domain_matches_only_what_is_below(listed in "[ab]{1,2}\\.[ab]{1,2}", asked in "([ab]{1,2}\\.){1,3}[ab]{1,2}") {
        let below = asked.ends_with(&format!(".{listed}"));
        prop_assert_eq!(allows(&[&format!("@*.{listed}")], &format!("ada@{asked}")), below);
    }

    #[test]
    fn any_string_is_read_or_refused(entry in any::<String>(), marks in "[!@*. a]{0,6}") {
        let _ = Allowlist::parse([&entry, &marks, &format!("{marks}{entry}")]);
    }
}
