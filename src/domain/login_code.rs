//! The eight digits for whoever reads the mail on another device. Derived, so that none has to be stored.
//!
//! Digits drawn at random would be one more secret at rest (docs/decisions/0002-token-format.md).

use std::fmt;

use hmac::Mac;
use subtle::{Choice, ConstantTimeEq};

use super::{Challenge, EmailAddress, SecretKey, SecretKeys};

/// A salt of its own, so that no signature is ever a code.
const SALT: &str = "postern.code";
/// Eight decimal digits are 26 bits; OWASP ASVS 5.0 asks for 20 in 6.5.4. Six would be 20 bits and too few against many
/// networks that guess at many addresses (docs/threat-model.md, "What guessing codes is worth").
const DIGITS: usize = 8;
/// Bytes of input; more is refused unread.
const MAX_INPUT: usize = 64;

/// Eight decimal digits. A secret: not in `Debug`.
// One in a hundred million per try: whoever calls this must count the tries.
#[derive(Clone)]
pub struct LoginCode([u8; DIGITS]);

/// What was typed is not eight digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not eight digits")]
pub struct MalformedCode;

impl LoginCode {
    /// The code of one login: HMAC-SHA256 of the challenge and the address, cut down as RFC 4226, section 5.3 does it
    /// (with the 32-byte digest of RFC 6238) to a number below 100,000,000.
    pub fn derive(key: &SecretKey, challenge: &Challenge, email: &EmailAddress) -> Self {
        // The challenge is always 32 bytes, so no two pairs make the same message.
        let mac = key.mac(SALT).chain_update(challenge.as_bytes()).chain_update(email.as_str());
        Self(truncate(&mac.finalize().into_bytes().into()))
    }

    /// Reads what a person typed: eight digits, ASCII or full-width, with any space and hyphens between and around them.
    ///
    /// # Errors
    /// [`MalformedCode`] for any other number of digits, any other character, and input over 64 bytes.
    pub fn parse(input: &str) -> Result<Self, MalformedCode> {
        if input.len() > MAX_INPUT {
            return Err(MalformedCode);
        }
        let digits =
            input.chars().filter(|&c| !is_separator(c)).map(ascii_digit).collect::<Option<Vec<u8>>>();
        digits.and_then(|digits| digits.try_into().ok()).map(Self).ok_or(MalformedCode)
    }

    /// Whether this is the code of that login under any of the keys, so that a rotation does not break a mailed code.
    /// Takes the same time for every code.
    pub fn matches(&self, keys: &SecretKeys, challenge: &Challenge, email: &EmailAddress) -> bool {
        keys.iter()
            .map(|key| Self::derive(key, challenge, email).0.ct_eq(&self.0))
            .fold(Choice::from(0), |found, same| found | same)
            .into()
    }

    /// `04213795`: for the mail and nothing else.
    pub fn reveal(&self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }

    /// `0421 3795`: easier to carry over by eye.
    pub fn grouped(&self) -> String {
        let mut code = self.reveal();
        code.insert(DIGITS / 2, ' ');
        code
    }
}

impl fmt::Debug for LoginCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginCode(redacted)")
    }
}

/// RFC 4226, section 5.3: the low four bits of the last byte say where to take 31 bits from.
// 2^31 is no multiple of a hundred million: the likeliest codes come 22 times in 2^31, which is 1 in 97.6 million.
fn truncate(digest: &[u8; 32]) -> [u8; DIGITS] {
    let offset = usize::from(digest[31] & 0x0f);
    let bits = digest[offset..offset + 4].iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
    let mut number = bits & 0x7fff_ffff;
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

/// Whether people write `c` between digits: white space, hyphens and dashes, the full-width one too.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{ff0d}')
}

/// The ASCII digit for `c`, which may be full-width.
fn ascii_digit(c: char) -> Option<u8> {
    let value = match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        '０'..='９' => u32::from(c) - u32::from('０'),
        _ => return None,
    };
    Some(b'0' + value as u8)
}

#[cfg(test)]
mod tests;
