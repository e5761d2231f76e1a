//! The token in the mailed link: an address and the second it was asked for, signed.

use std::{fmt, time::Duration};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{EmailAddress, SecretKeys, SignatureError, TimestampSigner, UnixTime};

/// The purpose of the signature, Django's `salt`. A token that was signed for another purpose is no link.
const SALT: &str = "postern.login";

/// What is percent-encoded in the value of a query: all but the unreserved characters of RFC 3986, section 2.3.
pub const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `email:timestamp:signature` for one login. A secret: not in `Debug`.
// Rejected (docs/decisions/0002-token-format.md): a random token, hashed in the database, would have to be minted
// before anybody looks at the allowlist, or be stored until the mail leaves, and Django could not read it. A JWT is a
// longer link with a choice of algorithms that nobody needs.
#[derive(Clone)]
pub struct LinkToken(String);

impl LinkToken {
    /// The token itself, for the mail and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(redacted)")
    }
}

/// What a genuine token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkClaim {
    /// The address that asked, in its normal form.
    pub email: EmailAddress,
    /// The second of the request, not of the mail: it tells the newest request of a browser from older ones.
    pub issued_at: UnixTime,
}

/// Why a link is refused. The visitor learns only which of the two; the fault inside is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("malformed: {0}")]
    Malformed(#[source] LinkFault),
    #[error("expired")]
    Expired,
}

/// What exactly is wrong with a malformed link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    #[error("not of the shape email:timestamp:signature")]
    Shape,
    #[error("the signature does not match under any key")]
    Forged,
    #[error("the signed value is not a normalised address")]
    NotAnAddress,
}

impl From<SignatureError> for LinkError {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Malformed => Self::Malformed(LinkFault::Shape),
            SignatureError::Forged => Self::Malformed(LinkFault::Forged),
            SignatureError::Expired => Self::Expired,
        }
    }
}

/// The token for a login that `email` asked for at `issued_at`. The same request always has the same token.
pub fn mint(keys: &SecretKeys, email: &EmailAddress, issued_at: UnixTime) -> LinkToken {
    LinkToken(TimestampSigner::new(keys, SALT).sign(email.as_str(), issued_at))
}

/// The link to mail: `public_url` (its trailing slashes dropped), `/verify?token=` and the percent-encoded token.
pub fn url(public_url: &str, token: &LinkToken) -> String {
    around(public_url, token.reveal())
}

/// As [`url()`], for a token that came out of a link.
pub fn around(public_url: &str, token: &str) -> String {
    let token = utf8_percent_encode(token, QUERY_VALUE);
    format!("{}/verify?token={token}", public_url.trim_end_matches('/'))
}

/// Reads a token (percent-decoded already) that is at most `max_age` old at `now`.
///
/// # Errors
/// [`LinkError::Expired`] only for a genuine token; [`LinkError::Malformed`] for everything else.
pub fn read(
    keys: &SecretKeys,
    token: &str,
    now: UnixTime,
    max_age: Duration,
) -> Result<LinkClaim, LinkError> {
    let claim = TimestampSigner::new(keys, SALT).unsign(token, now, max_age)?;
    // A signature proves who signed, not what: whoever has the key, a Django beside us too, can sign any text.
    match EmailAddress::parse(&claim.value) {
        Ok(email) if email.as_str() == claim.value => Ok(LinkClaim { email, issued_at: claim.signed_at }),
        _ => Err(LinkError::Malformed(LinkFault::NotAnAddress)),
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::SecretKey;

    const MINUTES_5: Duration = Duration::from_secs(300);
    const NOON: UnixTime = UnixTime::from_secs(1_790_000_000);

    fn keys() -> SecretKeys {
        SecretKeys::new(SecretKey::new("a key of thirty-two bytes or more"), vec![])
    }

    fn ada() -> EmailAddress {
        EmailAddress::parse("ada+tag@example.com").unwrap()
    }

    #[test]
    fn a_minted_token_is_read_back() {
        let token = mint(&keys(), &ada(), NOON);
        let claim = read(&keys(), token.reveal(), NOON.plus(MINUTES_5), MINUTES_5).unwrap();
        assert_eq!(claim, LinkClaim { email: ada(), issued_at: NOON });
    }

    #[test]
    fn a_retried_mail_carries_the_same_link() {
        assert_eq!(mint(&keys(), &ada(), NOON).reveal(), mint(&keys(), &ada(), NOON).reveal());
    }

    #[test]
    fn the_link_has_nothing_that_a_mail_program_could_misread() {
        let token = mint(&keys(), &ada(), NOON);
        let link = url("https://postern.example/", &token);
        let encoded =
            link.strip_prefix("https://postern.example/verify?token=ada%2Btag%40example.com%3A").unwrap();
        assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)), "{encoded}");
        assert_eq!(link, url("https://postern.example", &token));
        let parsed = url::Url::parse(&link).unwrap();
        let (name, value) = parsed.query_pairs().next().unwrap();
        assert_eq!((&*name, &*value), ("token", token.reveal()));
    }

    #[test]
    fn an_old_link_has_expired() {
        let token = mint(&keys(), &ada(), NOON);
        let late = NOON.plus(MINUTES_5 + Duration::from_secs(1));
        assert_eq!(read(&keys(), token.reveal(), late, MINUTES_5), Err(LinkError::Expired));
    }

    #[test]
    fn a_forged_and_a_torn_link_differ_for_the_log() {
        let token = mint(&keys(), &ada(), NOON);
        let forged = token.reveal().replace("ada", "eve");
        let forged = read(&keys(), &forged, NOON, MINUTES_5).unwrap_err();
        let torn = read(&keys(), "ada", NOON, MINUTES_5).unwrap_err();
        assert_eq!(
            (forged, torn),
            (LinkError::Malformed(LinkFault::Forged), LinkError::Malformed(LinkFault::Shape))
        );
        assert!(forged.source().unwrap().to_string().contains("signature"));
    }

    #[test]
    fn a_token_for_another_purpose_is_refused() {
        for salt in ["postern.session", "postern.logi", "postern.login.", ""] {
            let token = TimestampSigner::new(&keys(), salt).sign(ada().as_str(), NOON);
            let refusal = read(&keys(), &token, NOON, MINUTES_5);
            assert_eq!(refusal, Err(LinkError::Malformed(LinkFault::Forged)), "{salt}");
        }
    }

    #[test]
    fn a_signed_value_that_is_no_normalised_address_is_refused() {
        for value in
            ["Ada@example.com", " ada@example.com", "ada@bücher.example", "ada", "", "ada@example.com:1vKyJE"]
        {
            let token = TimestampSigner::new(&keys(), SALT).sign(value, NOON);
            let refusal = read(&keys(), &token, NOON, MINUTES_5);
            assert_eq!(refusal, Err(LinkError::Malformed(LinkFault::NotAnAddress)), "{value}");
        }
    }

    #[test]
    fn the_token_does_not_show_in_debug() {
        assert_eq!(format!("{:?}", mint(&keys(), &ada(), NOON)), "LinkToken(redacted)");
    }

    proptest! {
        #[test]
        fn any_string_is_read_or_refused(token in any::<String>()) {
            prop_assert!(read(&keys(), &token, NOON, MINUTES_5).is_err());
        }
    }
}
