//! Prints tokens of ours, one line of JSON each, for `tests/django/read_ours.py` to have Django read them.

use postern::domain::{SecretKey, SecretKeys, TimestampSigner, UnixTime};

fn main() {
    for (key, salt, value, secs) in [
        ("a key of thirty-two bytes or more", "postern.login", "ada@example.com", 1_790_000_000),
        ("schlüssel mit umlaut, lang genug für alle", "postern.login", "ada+tag@xn--bcher-kva.example", 0),
        ("k", "another salt", "colons: are: fine", 253_402_300_799),
        ("k", "s", "", i64::MAX),
        ("k", "s", "日本語 \n\u{1f511}", -1),
    ] {
        let keys = SecretKeys::new(SecretKey::new(key), Vec::new());
        let token = TimestampSigner::new(&keys, salt).sign(value, UnixTime::from_secs(secs));
        let line =
            serde_json::json!({"key": key, "salt": salt, "value": value, "signed_at": secs, "token": token});
        println!("{line}");
    }
}
