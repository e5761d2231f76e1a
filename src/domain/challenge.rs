//! The challenge: a random secret that ties a login to the browser that asked for it, and makes it one-time.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// 32 bytes that belong to one request for a link: 6 bytes of time, and 26 random ones. A secret: not in `Debug`.
/// In JSON 43 characters of URL-safe base64 without padding (RFC 4648, section 5).
#[derive(Clone)]
pub struct Challenge([u8; 32]);

/// The form of a [`Challenge`] to store and to look up: its time, and the first 26 bytes of its SHA-256. It does not lead back.
///
/// In the order of time, as names of UUID version 7 are (RFC 9562, section 5.7): what is written at one time stands together in every
/// index (docs/decisions/0030-names-in-the-order-of-time.md).
// Unsalted and fast: nobody can try out 208 random bits, unlike a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HashedChallenge([u8; 32]);

/// Bytes of the time: milliseconds since 1970, the most significant one first. They last until the year 10889.
const TIME: usize = 6;

impl Challenge {
    /// A new challenge, made so many milliseconds after 1970. Time and `rng` are arguments: this room has neither by itself.
    pub fn new(made_at_ms: u64, rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes[TIME..]);
        bytes[..TIME].copy_from_slice(&made_at_ms.to_be_bytes()[8 - TIME..]);
        Self(bytes)
    }

    /// One that was written down by this room.
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The form to store.
    pub fn hashed(&self) -> HashedChallenge {
        let mut hashed = [0; 32];
        hashed[..TIME].copy_from_slice(&self.0[..TIME]);
        hashed[TIME..].copy_from_slice(&Sha256::digest(self.0)[..32 - TIME]);
        HashedChallenge(hashed)
    }

    /// The secret itself, for the MACs of the code and of the reference word and nothing else.
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl HashedChallenge {
    /// The hash that [`Self::as_bytes`] gave.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Compares in constant time.
impl PartialEq for Challenge {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Challenge {}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(redacted)")
    }
}

/// 64 hexadecimal digits in lower case.
impl fmt::Display for HashedChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not `{byte:02x}` for each: every step of a mail asks for it, and a profile of them showed the formatter.
        let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
        let digits: String = self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        f.write_str(&digits)
    }
}

impl Serialize for Challenge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Challenge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| de::Error::custom("a challenge is 32 bytes in URL-safe base64"))
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn challenge(seed: u64) -> Challenge {
        Challenge::new(1_790_000_000_000, &mut StdRng::seed_from_u64(seed))
    }

    #[test]
    fn two_challenges_differ_and_so_do_their_hashes() {
        let mut rng = StdRng::seed_from_u64(1);
        let (first, second) = (Challenge::new(7, &mut rng), Challenge::new(7, &mut rng));
        assert_ne!(first, second);
        assert_ne!(first.hashed(), second.hashed());
        assert_eq!(first.hashed(), first.clone().hashed());
    }

    #[test]
    fn the_form_to_store_is_the_time_and_sha_256_in_hexadecimal() {
        let zeros = Challenge([0; 32]);
        let expected = "00000000000066687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a";
        assert_eq!(zeros.hashed().to_string(), expected);
        assert_eq!(zeros.hashed().as_bytes()[6..8], [0x66, 0x68]);
    }

    #[test]
    fn forms_to_store_are_in_the_order_of_time() {
        let mut rng = StdRng::seed_from_u64(1);
        let names = [0, 255, 256, 1_790_000_000_000, 1_790_000_000_001, (1 << 48) - 1]
            .map(|ms| Challenge::new(ms, &mut rng).hashed().to_string());
        assert!(names.is_sorted(), "{names:?}");
        assert!(names[3].starts_with("01a0c4506c00"), "{names:?}");
    }

    #[test]
    fn json_keeps_all_of_it() {
        let json = serde_json::to_string(&challenge(1)).unwrap();
        assert_eq!(json.len(), 45);
        assert_eq!(serde_json::from_str::<Challenge>(&json).unwrap(), challenge(1));
    }

    #[test]
    fn json_of_another_length_or_alphabet_is_refused() {
        let short = "A".repeat(42);
        let long = "A".repeat(44);
        let padded = format!("{}=", "A".repeat(43));
        let spare_bits = format!("{}B", "A".repeat(42));
        let standard = format!("+{}", "A".repeat(42));
        for text in ["", &short, &long, &padded, &spare_bits, &standard] {
            assert!(serde_json::from_str::<Challenge>(&format!("\"{text}\"")).is_err(), "{text}");
        }
    }

    #[test]
    fn the_challenge_does_not_show_in_debug() {
        assert_eq!(format!("{:?}", challenge(1)), "Challenge(redacted)");
    }
}
