//! Django's `TimestampSigner`, byte for byte: `value:timestamp:signature`.
//!
//! The timestamp is base62 seconds; the signature is HMAC-SHA256 under SHA-256(salt + "signer" + key), in URL-safe
//! base64 without padding. `tests/django` holds vectors that Django made, and a script with which Django reads ours.

use std::{fmt, iter, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::UnixTime;

/// Bytes; a longer text is refused before any signature is computed.
const MAX_SIGNED: usize = 2048;
/// `-` and eleven digits hold every `i64`.
const MAX_STAMP: usize = 12;
/// Django's alphabet: digits, capitals, small letters.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// HMAC (RFC 2104) over SHA-256 (FIPS 180-4).
pub(super) type HmacSha256 = Hmac<Sha256>;

/// The bytes of `SECRET_KEY`, which only this server knows. Redacted in `Debug`, overwritten when dropped.
// No refusal of short keys here: how long is long enough depends on LEPTOS_ENV, which the configuration knows.
#[derive(Clone, Debug)]
pub struct SecretKey(SecretString);

impl SecretKey {
    /// A key from any text; Django takes its UTF-8 bytes, and so do we.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// 32 bytes that only this key makes of `message`, for the purpose that `salt` names.
    pub fn derive(&self, salt: &str, message: &str) -> [u8; 32] {
        self.mac(salt).chain_update(message).finalize().into_bytes().into()
    }

    /// A MAC under SHA-256(`salt` + this key), as Django's `salted_hmac` derives it. One salt per purpose, none of
    /// them the beginning of another.
    pub(super) fn mac(&self, salt: &str) -> HmacSha256 {
        let derived = Sha256::new().chain_update(salt).chain_update(self.bytes()).finalize();
        HmacSha256::new_from_slice(&derived).expect("HMAC takes a key of any length")
    }

    fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// The key that signs, and older ones (`SECRET_KEY_FALLBACKS`) that still verify.
#[derive(Clone, Debug)]
pub struct SecretKeys {
    /// The key of SECRET_KEY.
    pub primary: SecretKey,
    /// The keys of SECRET_KEY_FALLBACKS, usually none.
    pub fallbacks: Vec<SecretKey>,
}

impl SecretKeys {
    /// `primary` signs and verifies; `fallbacks` only verify.
    pub fn new(primary: SecretKey, fallbacks: Vec<SecretKey>) -> Self {
        Self { primary, fallbacks }
    }

    /// All keys that verify, the primary first.
    pub fn iter(&self) -> impl Iterator<Item = &SecretKey> {
        iter::once(&self.primary).chain(&self.fallbacks)
    }
}

/// Signs and reads values for one purpose (the salt).
pub struct TimestampSigner {
    primary: HmacSha256,
    fallbacks: Vec<HmacSha256>,
}

/// A value whose signature was right and young enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// What was signed: all before the last two colons.
    pub value: String,
    /// The second in the timestamp.
    pub signed_at: UnixTime,
}

/// Why a signed value is refused. For the log: a visitor only learns whether it has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("not of the shape value:timestamp:signature")]
    Malformed,
    #[error("the signature does not match under any key")]
    Forged,
    #[error("signed too long ago")]
    Expired,
}

impl TimestampSigner {
    /// Same as Django's `TimestampSigner(key=primary, fallback_keys=fallbacks, salt=salt)` with `sep=":"` and sha256.
    pub fn new(keys: &SecretKeys, salt: &str) -> Self {
        let salt = format!("{salt}signer");
        Self {
            primary: keys.primary.mac(&salt),
            fallbacks: keys.fallbacks.iter().map(|key| key.mac(&salt)).collect(),
        }
    }

    /// `value:timestamp:signature`. `value` may hold anything, colons too; a result above 2048 bytes cannot be read back.
    pub fn sign(&self, value: &str, at: UnixTime) -> String {
        let stamped = format!("{value}:{}", to_base62(at.secs()));
        let signature = signature(&self.primary, &stamped);
        format!("{stamped}:{signature}")
    }

    /// Reads what [`sign`](Self::sign) or Django wrote under one of the keys, if it is at most `max_age` old.
    /// As with Django, exactly `max_age` passes, and so does a timestamp after `now`.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] (over 2048 bytes, parts missing, a signed timestamp that is not canonical base62
    /// or not an `i64`), [`SignatureError::Forged`], [`SignatureError::Expired`].
    // The encoded signatures are compared, not the decoded bytes: base64 has several spellings of the same bytes, and
    // only one of them may pass.
    pub fn unsign(&self, signed: &str, now: UnixTime, max_age: Duration) -> Result<Unsigned, SignatureError> {
        if signed.len() > MAX_SIGNED {
            return Err(SignatureError::Malformed);
        }
        let (stamped, given) = signed.rsplit_once(':').ok_or(SignatureError::Malformed)?;
        let (value, stamp) = stamped.rsplit_once(':').ok_or(SignatureError::Malformed)?;
        // Every key is tried, also after a match, and compared in constant time.
        let genuine = iter::once(&self.primary)
            .chain(&self.fallbacks)
            .map(|mac| signature(mac, stamped).as_bytes().ct_eq(given.as_bytes()))
            .fold(Choice::from(0), |found, same| found | same);
        if !bool::from(genuine) {
            return Err(SignatureError::Forged);
        }
        let signed_at = from_base62(stamp).map(UnixTime::from_secs).ok_or(SignatureError::Malformed)?;
        if now.since(signed_at) > max_age {
            return Err(SignatureError::Expired);
        }
        Ok(Unsigned { value: value.to_owned(), signed_at })
    }
}

impl fmt::Debug for TimestampSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimestampSigner(redacted)")
    }
}

/// The signature of `stamped` as it stands in a token: 43 characters.
fn signature(mac: &HmacSha256, stamped: &str) -> String {
    URL_SAFE_NO_PAD.encode(mac.clone().chain_update(stamped).finalize().into_bytes())
}

/// Django's `b62_encode`.
fn to_base62(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::with_capacity(MAX_STAMP);
    loop {
        digits.push(char::from(BASE62[(rest % 62) as usize]));
        rest /= 62;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

/// The number that `to_base62` writes like this; no leading zeros, no `-0`, nothing beyond `i64`.
fn from_base62(text: &str) -> Option<i64> {
    if text.len() > MAX_STAMP {
        return None;
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let size = digits.bytes().try_fold(0_i128, |number, digit| {
        let value = BASE62.iter().position(|&letter| letter == digit)?;
        Some(number * 62 + value as i128)
    })?;
    let number = i64::try_from(if text.starts_with('-') { -size } else { size }).ok()?;
    (to_base62(number) == text).then_some(number)
}

#[cfg(test)]
mod tests;
