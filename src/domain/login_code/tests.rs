use std::collections::HashSet;

use hmac::KeyInit;
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

use super::*;
use crate::domain::signer::HmacSha256;

fn challenge(seed: u64) -> Challenge {
    Challenge::new(1_790_000_000_000, &mut StdRng::seed_from_u64(seed))
}

fn ada() -> EmailAddress {
    EmailAddress::parse("ada@example.com").unwrap()
}

fn derived(key: &str, seed: u64, email: &EmailAddress) -> LoginCode {
    LoginCode::derive(&SecretKey::new(key), &challenge(seed), email)
}

#[test]
fn the_truncation_is_the_one_in_the_rfcs() {
    // RFC 6238, appendix B, the rows for SHA-256, all eight digits.
    let rows = [
        (59_u64, b"46119246"),
        (1_111_111_109, b"68084774"),
        (1_111_111_111, b"67062674"),
        (1_234_567_890, b"91819424"),
        (2_000_000_000, b"90698825"),
        (20_000_000_000, b"77737706"),
    ];
    for (secs, code) in rows {
        let mac = HmacSha256::new_from_slice(b"12345678901234567890123456789012").unwrap();
        let digest = mac.chain_update((secs / 30).to_be_bytes()).finalize();
        assert_eq!(&truncate(&digest.into_bytes().into()), code, "{secs}");
    }
}

#[test]
fn the_code_of_a_login_is_always_the_same() {
    assert_eq!(derived("key", 1, &ada()).reveal(), derived("key", 1, &ada()).reveal());
}

#[test]
fn key_challenge_and_address_each_make_another_code() {
    let eve = EmailAddress::parse("eve@example.com").unwrap();
    let codes = [
        derived("key", 1, &ada()),
        derived("yek", 1, &ada()),
        derived("key", 2, &ada()),
        derived("key", 1, &eve),
    ];
    assert_eq!(codes.iter().map(LoginCode::reveal).collect::<HashSet<_>>().len(), 4);
}

#[test]
fn a_code_is_eight_digits_with_its_leading_zeros() {
    let codes: Vec<LoginCode> = (0..200).map(|seed| derived("key", seed, &ada())).collect();
    assert!(
        codes
            .iter()
            .all(|code| code.reveal().len() == 8 && code.reveal().bytes().all(|b| b.is_ascii_digit()))
    );
    assert!(codes.iter().any(|code| code.reveal().starts_with('0')));
}

#[test]
fn a_code_is_read_however_it_is_spaced() {
    let typed = [
        "04213795",
        "0421 3795",
        "042 137 95",
        " 0421-3795\n",
        "0 4 2 1 3 7 9 5",
        "0421\u{a0}3795",
        "0421–3795",
        "０４２１３７９５",
        "０４２１　３７９５",
        "٠٤٢١ ٣٧٩٥",
        "०४२१३७९५",
        "0421\u{2060}3795\u{200e}",
        "Your code is 0421 3795.",
        "Code: 0421 3795 (Postern)",
        "0421 3795 signs you in until 10:42 on 2026-03-02 09",
        "0421 3795 is your code\r\n\r\n0421-3795\n5 minutes",
    ];
    for input in typed {
        let code = LoginCode::parse(input).unwrap();
        assert_eq!(
            (code.reveal(), code.grouped()),
            ("04213795".to_owned(), "0421 3795".to_owned()),
            "{input:?}"
        );
    }
}

#[test]
fn anything_but_eight_digits_is_refused() {
    let long = format!("04213795{}", " ".repeat(1_000));
    for input in [
        "",
        " ",
        "--------",
        "0421379",
        "042137950",
        "O4213795",
        "0421.3795",
        "+4213795",
        "0421\n3795",
        "Your code is 0421 3795 or 0421 3796.",
        "½4213795",
        &long,
    ] {
        assert!(LoginCode::parse(input).is_err(), "{input:?}");
    }
}

#[test]
fn a_code_matches_its_own_login_only() {
    let keys = SecretKeys::new(SecretKey::new("key"), vec![]);
    let code = derived("key", 1, &ada());
    assert!(code.matches(&keys, &challenge(1), &ada()));
    assert!(!code.matches(&keys, &challenge(2), &ada()));
    assert!(!code.matches(&keys, &challenge(1), &EmailAddress::parse("eve@example.com").unwrap()));
}

#[test]
fn a_rotation_does_not_break_a_mailed_code() {
    let mailed = derived("old", 1, &ada());
    let rotated =
        SecretKeys::new(SecretKey::new("new"), vec![SecretKey::new("older"), SecretKey::new("old")]);
    assert!(mailed.matches(&rotated, &challenge(1), &ada()));
    let forgotten = SecretKeys::new(SecretKey::new("new"), vec![SecretKey::new("older")]);
    assert!(!mailed.matches(&forgotten, &challenge(1), &ada()));
}

#[test]
fn the_code_does_not_show_in_debug() {
    assert_eq!(format!("{:?}", derived("key", 1, &ada())), "LoginCode(redacted)");
}

proptest! {
    #[test]
    fn any_string_is_read_or_refused(input in any::<String>(), digits in "[0-9]{8}") {
        let _ = LoginCode::parse(&input);
        prop_assert_eq!(LoginCode::parse(&digits).map(|code| code.reveal()), Ok(digits));
    }
}
