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
/// Bytes of input; more is refused unread. A line of a mail is shorter.
const MAX_INPUT: usize = 1_000;
/// The zeros of the writing systems that Unicode 14 has in its first plane (general category Nd). The other nine digits
/// follow each zero in order.
const ZEROS: [u32; 37] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
    0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40,
    0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

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

    /// Finds the code in what a person typed or pasted, which may be a whole line of the mail: the run of exactly eight
    /// digits, in any script, with spaces and dashes anywhere in it. Any other character ends a run, and so does a line
    /// break. `app/scripts/code_field.js` looks for the same when something is pasted; what is typed it only counts.
    ///
    /// # Errors
    /// [`MalformedCode`] for no such run, for two that differ, and for input over 1,000 bytes.
    pub fn parse(input: &str) -> Result<Self, MalformedCode> {
        if input.len() > MAX_INPUT {
            return Err(MalformedCode);
        }
        let runs = input.split(|c| ascii_digit(c).is_none() && !is_separator(c));
        let mut codes = runs.filter_map(|run| {
            let digits: Vec<u8> = run.chars().filter_map(ascii_digit).collect();
            <[u8; DIGITS]>::try_from(digits).ok()
        });
        let code = codes.next().ok_or(MalformedCode)?;
        if codes.all(|other| other == code) { Ok(Self(code)) } else { Err(MalformedCode) }
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

/// Whether people and programs put `c` between digits: spaces, hyphens, dashes, and marks that cannot be seen.
fn is_separator(c: char) -> bool {
    let breaks_line = matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let is_unseen = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let is_dash =
        matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}');
    (c.is_whitespace() && !breaks_line) || is_unseen || is_dash
}

/// The ASCII digit for `c`, a decimal digit of any script.
fn ascii_digit(c: char) -> Option<u8> {
    let value = ZEROS.iter().map(|zero| u32::from(c).wrapping_sub(*zero)).find(|value| *value < 10)?;
    Some(b'0' + value as u8)
}

#[cfg(test)]
mod tests;
