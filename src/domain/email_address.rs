//! One e-mail address, parsed at the door: whoever holds an [`EmailAddress`] need not check it again.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

const MAX_INPUT: usize = 1000;
const MAX_ADDRESS: usize = 254;
const MAX_LOCAL: usize = 64;

/// An address in its normal form: lower-case `local@domain`, at most 254 octets of ASCII.
///
/// The local part is a dot-atom (RFC 5322, section 3.2.3), tags (`name+tag`) kept. The domain is in ASCII as IDNA
/// (UTS 46) writes it, so `bücher.example` and `xn--bcher-kva.example` are equal. A string in JSON.
// RFC 5321 lets a host tell `Ada` from `ada`. Hardly any does, and people type their name either way, so case is dropped.
// Quoted local parts are legal too: they are refused, for they let one string be read as two addresses.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    text: String,
    at: usize,
}

/// Why something typed is not an address; each message tells the person what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedAddress {
    #[error("Type your address, like name@example.com.")]
    Empty,
    #[error("This is longer than an address can be. Type one address, like name@example.com.")]
    TooLong,
    #[error(
        "There is a line break or another invisible character in it. Type the address by hand, like name@example.com."
    )]
    ControlCharacter,
    #[error("Type only the address, without the name and the angle brackets, like name@example.com.")]
    DisplayName,
    #[error("Addresses with quotation marks do not work here. Type one like name@example.com.")]
    Quoted,
    #[error("Leave out the brackets and what is between them. Type one address, like name@example.com.")]
    Comment,
    #[error("Type one address only, like name@example.com.")]
    SeveralAddresses,
    #[error("There is no @ in it. Type one address, like name@example.com.")]
    MissingAt,
    #[error("There is a space in it. Type the address without spaces, like name@example.com.")]
    Space,
    #[error(
        "The part before the @ may have only unaccented letters, digits and signs such as . _ + -. Check how it is spelt."
    )]
    LocalPart,
    #[error("The part before the @ is longer than 64 characters. Check the address and type it again.")]
    LocalPartTooLong,
    #[error("Addresses at a number instead of a name do not work here. Type one like name@example.com.")]
    AddressLiteral,
    #[error("Leave out the dot at the end, like name@example.com.")]
    TrailingDot,
    #[error("The part after the @ is not complete. It needs a dot, like name@example.com.")]
    MissingDot,
    #[error(
        "The part after the @ is not the name of a mail domain. Check how it is spelt, like name@example.com."
    )]
    Domain,
}

impl EmailAddress {
    /// Reads one address and normalises it; ASCII whitespace around it is dropped.
    ///
    /// Follows RFC 5321 and 5322 without quoted local parts, comments, display names, lists and address literals.
    /// The domain needs a dot unless it is `localhost`. Limits in octets, after normalisation: 64 before the `@`,
    /// 63 per label, 253 for the domain (RFC 1035's 255 as written), 254 in all; input over 1000 is not looked at.
    ///
    /// # Errors
    /// [`MalformedAddress`], never a panic, for anything else.
    pub fn parse(input: &str) -> Result<Self, MalformedAddress> {
        if input.len() > MAX_INPUT {
            return Err(MalformedAddress::TooLong);
        }
        let typed = input.trim_matches(|c: char| c.is_ascii_whitespace());
        refuse_what_is_not_one_address(typed)?;
        let (local, domain) = typed.split_once('@').ok_or(MalformedAddress::MissingAt)?;
        if !is_dot_atom(local) {
            return Err(MalformedAddress::LocalPart);
        }
        if local.len() > MAX_LOCAL {
            return Err(MalformedAddress::LocalPartTooLong);
        }
        let domain = normalise_domain(domain)?;
        let text = format!("{}@{domain}", local.to_ascii_lowercase());
        if text.len() > MAX_ADDRESS {
            return Err(MalformedAddress::TooLong);
        }
        Ok(Self { text, at: local.len() })
    }

    /// The whole address, in normal form.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`, 1 to 64 octets.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// What stands after the `@`, in ASCII (`xn--` labels for others).
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }
}

/// Finds the common ways to type something else, so that the answer can name them.
fn refuse_what_is_not_one_address(typed: &str) -> Result<(), MalformedAddress> {
    if typed.is_empty() {
        Err(MalformedAddress::Empty)
    } else if typed.contains(char::is_control) {
        Err(MalformedAddress::ControlCharacter)
    } else if typed.contains(['<', '>']) {
        Err(MalformedAddress::DisplayName)
    } else if typed.contains('"') {
        Err(MalformedAddress::Quoted)
    } else if typed.contains(['(', ')']) {
        Err(MalformedAddress::Comment)
    } else if typed.contains([',', ';']) || typed.matches('@').count() > 1 {
        Err(MalformedAddress::SeveralAddresses)
    } else if typed.contains(char::is_whitespace) {
        Err(MalformedAddress::Space)
    } else {
        Ok(())
    }
}

/// RFC 5322 `dot-atom-text`: runs of atext with single dots between them.
fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    })
}

/// A domain in lower-case ASCII as strict IDNA (UTS 46) has it: letters, digits and hyphens, with a dot in it unless
/// it is `localhost`, no dot at the end, not a number.
pub(super) fn normalise_domain(domain: &str) -> Result<String, MalformedAddress> {
    if domain.starts_with('[') {
        return Err(MalformedAddress::AddressLiteral);
    }
    if domain.ends_with('.') {
        return Err(MalformedAddress::TrailingDot);
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| MalformedAddress::Domain)?;
    match ascii.rsplit_once('.') {
        None if ascii == "localhost" => Ok(ascii),
        None => Err(MalformedAddress::MissingDot),
        Some((_, last)) if last.bytes().all(|b| b.is_ascii_digit()) => Err(MalformedAddress::AddressLiteral),
        Some(_) => Ok(ascii),
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.text)
    }
}

impl FromStr for EmailAddress {
    type Err = MalformedAddress;

    fn from_str(input: &str) -> Result<Self, MalformedAddress> {
        Self::parse(input)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = MalformedAddress;

    fn try_from(input: String) -> Result<Self, MalformedAddress> {
        Self::parse(&input)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.text
    }
}

#[cfg(test)]
mod tests;
