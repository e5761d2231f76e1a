use proptest::prelude::*;
use serde::Deserialize;

use super::*;

const MINUTES_5: Duration = Duration::from_secs(300);
const NOON: UnixTime = UnixTime::from_secs(1_790_000_000);

/// What `tests/django/make_vectors.py` wrote.
#[derive(Deserialize)]
struct Vectors {
    accepted: Vec<Vector>,
    refused: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    signing_key: String,
    key: String,
    fallbacks: Vec<String>,
    salt: String,
    value: String,
    signed_at: UnixTime,
    token: String,
    now: UnixTime,
    max_age: u64,
    /// The exception that Django raised.
    refusal: Option<String>,
}

impl Vector {
    fn unsign(&self) -> Result<Unsigned, SignatureError> {
        let fallbacks: Vec<&str> = self.fallbacks.iter().map(String::as_str).collect();
        signer(&self.key, &fallbacks, &self.salt).unsign(
            &self.token,
            self.now,
            Duration::from_secs(self.max_age),
        )
    }
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../tests/django/vectors.json")).unwrap()
}

fn signer(key: &str, fallbacks: &[&str], salt: &str) -> TimestampSigner {
    let fallbacks = fallbacks.iter().map(|&key| SecretKey::new(key)).collect();
    TimestampSigner::new(&SecretKeys::new(SecretKey::new(key), fallbacks), salt)
}

fn login_signer() -> TimestampSigner {
    signer("a key of thirty-two bytes or more", &[], "postern.login")
}

/// A token with any middle part, signed as if it were right.
fn signed_with_stamp(value: &str, stamp: &str) -> String {
    let stamped = format!("{value}:{stamp}");
    let signature = signature(&login_signer().primary, &stamped);
    format!("{stamped}:{signature}")
}

fn refusal(token: &str) -> SignatureError {
    login_signer().unsign(token, NOON, MINUTES_5).unwrap_err()
}

#[test]
fn our_tokens_are_byte_for_byte_djangos() {
    for vector in vectors().accepted {
        let ours = signer(&vector.signing_key, &[], &vector.salt).sign(&vector.value, vector.signed_at);
        assert_eq!(ours, vector.token);
    }
}

#[test]
fn what_django_accepts_we_read_alike() {
    for vector in vectors().accepted {
        let expected = Unsigned { value: vector.value.clone(), signed_at: vector.signed_at };
        assert_eq!(vector.unsign(), Ok(expected), "{}", vector.token);
    }
}

#[test]
fn what_django_refuses_we_refuse() {
    for vector in vectors().refused {
        let refusal = vector.unsign().unwrap_err();
        match vector.refusal.as_deref() {
            Some("SignatureExpired") => {
                assert_eq!(refusal, SignatureError::Expired, "{}", vector.token)
            }
            _ => assert_ne!(refusal, SignatureError::Expired, "{}", vector.token),
        }
    }
}

#[test]
fn a_token_is_good_until_its_last_second_and_not_after() {
    let token = login_signer().sign("ada@example.com", NOON);
    let last = NOON.plus(MINUTES_5);
    assert!(login_signer().unsign(&token, last, MINUTES_5).is_ok());
    let after = last.plus(Duration::from_secs(1));
    assert_eq!(login_signer().unsign(&token, after, MINUTES_5), Err(SignatureError::Expired));
}

#[test]
fn a_fallback_key_still_verifies_but_does_not_sign() {
    let old = signer("old", &[], "s").sign("ada", NOON);
    let rotated = signer("new", &["older", "old"], "s");
    assert!(rotated.unsign(&old, NOON, MINUTES_5).is_ok());
    assert_eq!(rotated.sign("ada", NOON), signer("new", &[], "s").sign("ada", NOON));
    assert_eq!(
        signer("old", &[], "s").unsign(&rotated.sign("ada", NOON), NOON, MINUTES_5),
        Err(SignatureError::Forged)
    );
}

#[test]
fn a_token_without_its_parts_is_malformed() {
    for token in ["", "ada", "ada@example.com", "ada:signature"] {
        assert_eq!(refusal(token), SignatureError::Malformed, "{token:?}");
    }
    for token in ["::", ":::", "ada:1vKyJE:", "::signature"] {
        assert_eq!(refusal(token), SignatureError::Forged, "{token:?}");
    }
}

#[test]
fn another_spelling_of_the_signature_is_refused() {
    let token = login_signer().sign("ada@example.com", NOON);
    // 32 bytes fill 42 2/3 characters of base64: the last one has two bits to spare.
    let (rest, last) = token.split_at(token.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let index = alphabet.find(last).unwrap();
    assert_eq!(index % 4, 0);
    for spare in 1..4 {
        assert_eq!(
            refusal(&format!("{rest}{}", &alphabet[index + spare..=index + spare])),
            SignatureError::Forged
        );
    }
    for altered in [format!("{token}="), format!("{token}=="), format!("{token}\n"), format!(" {token}")] {
        assert_eq!(refusal(&altered), SignatureError::Forged, "{altered}");
    }
    let (stamped, signature) = token.rsplit_once(':').unwrap();
    let standard = signature.replace('-', "+").replace('_', "/");
    assert!(standard == signature || refusal(&format!("{stamped}:{standard}")) == SignatureError::Forged);
}

#[test]
fn a_signed_timestamp_that_is_not_canonical_is_malformed() {
    let huge = "z".repeat(30);
    for stamp in [
        "",
        "-",
        "-0",
        "00",
        "01vKyJE",
        "-01",
        "1vKy!E",
        "１",
        "+1",
        " 1",
        "1 ",
        "AzL8n0Y58m8",
        "zzzzzzzzzzzz",
        &huge,
    ] {
        assert_eq!(refusal(&signed_with_stamp("ada", stamp)), SignatureError::Malformed, "{stamp:?}");
    }
}

#[test]
fn timestamps_at_the_ends_of_time_neither_panic_nor_overflow() {
    for secs in [i64::MIN, i64::MIN + 1, -1, 0, 61, 62, i64::MAX] {
        let token = login_signer().sign("ada", UnixTime::from_secs(secs));
        for now in [i64::MIN, 0, i64::MAX] {
            let read = login_signer().unsign(&token, UnixTime::from_secs(now), MINUTES_5);
            let old = i128::from(now) - i128::from(secs) > 300;
            assert_eq!(read.is_err(), old, "signed at {secs}, read at {now}");
        }
    }
    assert_eq!(from_base62("AzL8n0Y58m7"), Some(i64::MAX));
    assert_eq!(from_base62("-AzL8n0Y58m8"), Some(i64::MIN));
}

#[test]
fn oversized_input_is_malformed() {
    let token = login_signer().sign(&"a".repeat(2048), NOON);
    assert_eq!(refusal(&token), SignatureError::Malformed);
}

#[test]
fn keys_do_not_show_in_debug() {
    let keys = SecretKeys::new(SecretKey::new("hush"), vec![SecretKey::new("hush-hush")]);
    let shown = format!("{keys:?} {:?}", TimestampSigner::new(&keys, "s"));
    assert!(!shown.contains("hush"), "{shown}");
    assert_eq!(keys.iter().map(SecretKey::len).collect::<Vec<_>>(), [4, 9]);
}

fn moment() -> impl Strategy<Value = UnixTime> {
    (0_i64..4_000_000_000).prop_map(UnixTime::from_secs)
}

proptest! {
    #[test]
    fn what_is_signed_is_read_back(value in any::<String>(), at in any::<i64>().prop_map(UnixTime::from_secs)) {
        prop_assume!(value.len() < 1900);
        let token = login_signer().sign(&value, at);
        prop_assert_eq!(login_signer().unsign(&token, at, Duration::ZERO), Ok(Unsigned { value, signed_at: at }));
    }

    #[test]
    fn a_token_with_one_byte_altered_is_refused(at in moment(), place in any::<prop::sample::Index>(), byte in 0_u8..128) {
        let mut bytes = login_signer().sign("ada@example.com", at).into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        let altered = String::from_utf8(bytes).unwrap();
        prop_assert!(login_signer().unsign(&altered, at, MINUTES_5).is_err());
    }

    #[test]
    fn a_truncated_token_is_refused(at in moment(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let token = login_signer().sign("ada@example.com", at);
        let (from, to) = (from.index(token.len()), to.index(token.len() + 1));
        prop_assume!(from <= to && to - from < token.len());
        prop_assert!(login_signer().unsign(&token[from..to], at, MINUTES_5).is_err());
    }

    #[test]
    fn an_extended_token_is_refused(at in moment(), more in "\\PC{1,20}|[:=A-Za-z0-9_-]{1,20}") {
        let token = login_signer().sign("ada@example.com", at);
        for extended in [format!("{token}{more}"), format!("{more}{token}")] {
            prop_assert!(login_signer().unsign(&extended, at, MINUTES_5).is_err());
        }
    }

    #[test]
    fn a_spliced_token_is_refused(at in moment(), later in 1_u64..300, take in 1_usize..7) {
        let after = at.plus(Duration::from_secs(later));
        let (ada, eve) = (login_signer().sign("ada@example.com", at), login_signer().sign("eve@example.com", after));
        let parts: Vec<&str> = ada.split(':').zip(eve.split(':')).enumerate()
            .map(|(i, (a, e))| if take >> i & 1 == 0 { a } else { e })
            .collect();
        prop_assert!(login_signer().unsign(&parts.join(":"), after, MINUTES_5).is_err());
    }

    #[test]
    fn a_re_purposed_token_is_refused(at in moment(), key in "\\PC{1,40}", salt in "\\PC{1,20}") {
        prop_assume!(salt != "postern.login");
        let token = login_signer().sign("ada@example.com", at);
        let same_key = signer("a key of thirty-two bytes or more", &[], &salt);
        prop_assert_eq!(same_key.unsign(&token, at, MINUTES_5), Err(SignatureError::Forged));
        let same_salt = signer(&key, &["another"], "postern.login");
        prop_assert_eq!(same_salt.unsign(&token, at, MINUTES_5), Err(SignatureError::Forged));
    }

    #[test]
    fn no_string_makes_it_panic(token in any::<String>(), stamp in "-?[0-9A-Za-z]{0,14}") {
        prop_assert!(login_signer().unsign(&token, NOON, MINUTES_5).is_err());
        let _ = login_signer().unsign(&signed_with_stamp("ada", &stamp), NOON, MINUTES_5);
    }
}
