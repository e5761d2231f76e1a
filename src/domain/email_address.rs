//! One e-mail address, parsed at the door: whoever holds an [`EmailAddress`] need not check it again.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

/// Bytes of input; more is refused unread.
const MAX_INPUT: usize = 1000;
/// Octets of an address: the 256 of a path (RFC 5321, section 4.5.3.1.3) without its angle brackets.
const MAX_ADDRESS: usize = 254;
/// Octets before the `@` (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// An address in its normal form: lower-case `local@domain`, at most 254 octets of ASCII.
///
/// The local part is a dot-atom (RFC 5322, section 3.2.3), tags (`name+tag`) kept, without the signs that some mail
/// servers take for a route, a command or a file. The domain is in ASCII as IDNA (UTS 46) writes it, so `bücher.example` and `xn--bcher-kva.example` are equal. A string in JSON.
// RFC 5321 lets a host tell `Ada` from `ada`. Hardly any does, and people type their name either way, so case is dropped.
// Quoted local parts are legal too: they are refused, for they let one string be read as two addresses.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    text: String,
    at: usize,
}

/// Why something typed is not an address: a closed set, whose names cross the wire in snake case. What to tell the
/// visitor about each stands in `words`; the text here is for logs and the operator's configuration.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error, EnumIter, EnumString, IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum AddressFault {
    #[default]
    #[error("it is empty")]
    Empty,
    #[error("it is longer than an address can be")]
    TooLong,
    #[error("it has a line break or another control character")]
    ControlCharacter,
    #[error("it has a display name or angle brackets")]
    DisplayName,
    #[error("it has quotation marks")]
    Quoted,
    #[error("it has a comment in brackets")]
    Comment,
    #[error("it holds several addresses")]
    SeveralAddresses,
    #[error("it has no @")]
    MissingAt,
    #[error("it has a space")]
    Space,
    #[error(
        "the part before the @ is not a dot-atom of ASCII, or has a % or ! in it, or begins with |, / or -"
    )]
    LocalPart,
    #[error("the part before the @ is longer than 64 octets")]
    LocalPartTooLong,
    #[error("the part after the @ is a number instead of a name")]
    AddressLiteral,
    #[error("it ends with a dot")]
    TrailingDot,
    #[error("the part after the @ has no dot")]
    MissingDot,
    #[error("the part after the @ is not the name of a mail domain")]
    Domain,
}

impl EmailAddress {
    /// Reads one address and normalises it; ASCII whitespace around it is dropped.
    ///
    /// Follows RFC 5321 and 5322 without quoted local parts, comments, display names, lists, address literals, `%` and
    /// `!`, and a local part that begins with `|`, `/` or `-`.
    /// The domain needs a dot unless it is `localhost`. Limits in octets, after normalisation: 64 before the `@`,
    /// 63 per label, 253 for the domain (RFC 1035's 255 as written), 254 in all; input over 1000 is not looked at.
    ///
    /// # Errors
    /// [`AddressFault`], never a panic, for anything else.
    pub fn parse(input: &str) -> Result<Self, AddressFault> {
        if input.len() > MAX_INPUT {
            return Err(AddressFault::TooLong);
        }
        let typed = input.trim_matches(|c: char| c.is_ascii_whitespace());
        refuse_what_is_not_one_address(typed)?;
        let (local, domain) = typed.split_once('@').ok_or(AddressFault::MissingAt)?;
        if !is_dot_atom(local) || could_lead_elsewhere(local) {
            return Err(AddressFault::LocalPart);
        }
        if local.len() > MAX_LOCAL {
            return Err(AddressFault::LocalPartTooLong);
        }
        let domain = normalise_domain(domain)?;
        let text = format!("{}@{domain}", local.to_ascii_lowercase());
        if text.len() > MAX_ADDRESS {
            return Err(AddressFault::TooLong);
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

    /// The address without its tag: where mail to `name+tag@example.com` ends up with most mail servers (RFC 5233). For
    /// counting only: whether two addresses really share an inbox, their mail server alone knows.
    pub fn inbox(&self) -> String {
        match self.local().split_once('+') {
            Some((name, _)) if !name.is_empty() => format!("{name}@{}", self.domain()),
            _ => self.text.clone(),
        }
    }

    /// What stands after the `@`, in ASCII (`xn--` labels for others).
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }
}

/// Finds the common ways to type something else, so that the answer can name them. A control character comes first: a
/// line break in an address could begin another header of the mail.
fn refuse_what_is_not_one_address(typed: &str) -> Result<(), AddressFault> {
    if typed.is_empty() {
        Err(AddressFault::Empty)
    } else if typed.contains(char::is_control) {
        Err(AddressFault::ControlCharacter)
    } else if typed.contains(['<', '>']) {
        Err(AddressFault::DisplayName)
    } else if typed.contains('"') {
        Err(AddressFault::Quoted)
    } else if typed.contains(['(', ')']) {
        Err(AddressFault::Comment)
    } else if typed.contains([',', ';']) || typed.matches('@').count() > 1 {
        Err(AddressFault::SeveralAddresses)
    } else if typed.contains(char::is_whitespace) {
        Err(AddressFault::Space)
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

/// Whether some mail server may deliver to another place than the mailbox of that name.
///
/// With its defaults Postfix reads `eve%evil.example@example.com` and `evil.example!eve@example.com` as
/// eve@evil.example where example.com is its own domain (`allow_percent_hack`, `swap_bangpath`; sendmail has the same
/// habit), so eve would be signed in as somebody at example.com. Others have taken a first `|` for a command, `/` for
/// a file, `-` for an option.
fn could_lead_elsewhere(local: &str) -> bool {
    local.contains(['%', '!']) || local.starts_with(['|', '/', '-'])
}

/// A domain in lower-case ASCII as strict IDNA (UTS 46) has it: letters, digits and hyphens, with a dot in it unless
/// it is `localhost`, no dot at the end, not a number.
pub(super) fn normalise_domain(domain: &str) -> Result<String, AddressFault> {
    if domain.starts_with('[') {
        return Err(AddressFault::AddressLiteral);
    }
    if domain.ends_with('.') {
        return Err(AddressFault::TrailingDot);
    }
    let ascii = if is_normal(domain) {
        domain.to_owned()
    } else {
        idna::domain_to_ascii_strict(domain).map_err(|_| AddressFault::Domain)?
    };
    match ascii.rsplit_once('.') {
        None if ascii == "localhost" => Ok(ascii),
        None => Err(AddressFault::MissingDot),
        Some((_, last)) if last.bytes().all(|b| b.is_ascii_digit()) => Err(AddressFault::AddressLiteral),
        Some(_) => Ok(ascii),
    }
}

/// Whether a domain surely is what IDNA would make of it: short labels of lower-case letters, digits and single hyphens. Nearly
/// every domain is; the tables of Unicode would be most of the work of reading an address.
fn is_normal(domain: &str) -> bool {
    domain.len() <= 253
        && !domain.contains("--")
        && domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
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

impl TryFrom<String> for EmailAddress {
    type Error = AddressFault;

    fn try_from(input: String) -> Result<Self, AddressFault> {
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
