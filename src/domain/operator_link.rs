//! The token in a link that the operator makes by hand, for the day on which no mail leaves: a secret and an address, signed.
//!
//! Nobody has asked for it in a browser, so it is tied to none: whoever opens it first is signed in. So it takes two things to
//! make one, `SECRET_KEY` and a row in the database, which whoever uses it takes away; and it is for another purpose than
//! the link in a mail (its own salt), so that neither is ever taken for the other.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Challenge, EmailAddress, HashedChallenge, LinkError, SecretKeys, TimestampSigner, UnixTime,
    login_link::LinkFault,
};

/// The purpose of the signature.
const SALT: &str = "postern.operator_link";

/// How long one is good: long enough to be read out on the telephone.
pub const MAX_AGE: Duration = Duration::from_secs(15 * 60);

/// `secret:email:timestamp:signature`. A secret: not in `Debug`.
#[derive(Clone)]
pub struct OperatorToken(String);

impl OperatorToken {
    /// The token itself, for the link and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken(redacted)")
    }
}

/// What a genuine token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorClaim {
    /// The hash of its secret: the row that it needs.
    pub secret: HashedChallenge,
    /// Whom it signs in, in normal form.
    pub email: EmailAddress,
}

/// The token that signs in `email`. It is worth nothing without the row of `secret`.
pub fn mint(keys: &SecretKeys, secret: &Challenge, email: &EmailAddress, now: UnixTime) -> OperatorToken {
    let secret = URL_SAFE_NO_PAD.encode(secret.as_bytes());
    OperatorToken(TimestampSigner::new(keys, SALT).sign(&format!("{secret}:{email}"), now))
}

/// Reads a token (percent-decoded already) that is at most [`MAX_AGE`] old at `now`.
///
/// # Errors
/// [`LinkError::Expired`] only for a genuine token; [`LinkError::Malformed`] for everything else.
pub fn read(keys: &SecretKeys, token: &str, now: UnixTime) -> Result<OperatorClaim, LinkError> {
    let claim = TimestampSigner::new(keys, SALT).unsign(token, now, MAX_AGE)?;
    let shape = LinkError::Malformed(LinkFault::Shape);
    let (secret, email) = claim.value.split_once(':').ok_or(shape)?;
    let secret = URL_SAFE_NO_PAD.decode(secret).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(shape)?;
    match EmailAddress::parse(email) {
        Ok(parsed) if parsed.as_str() == email => {
            Ok(OperatorClaim { secret: Challenge::from_bytes(secret).hashed(), email: parsed })
        }
        _ => Err(LinkError::Malformed(LinkFault::NotAnAddress)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::domain::{SecretKey, login_link};

    const NOON: UnixTime = UnixTime::from_secs(1_790_000_000);

    fn keys() -> SecretKeys {
        SecretKeys::new(SecretKey::new("a key of thirty-two bytes or more"), vec![])
    }

    fn ada() -> EmailAddress {
        EmailAddress::parse("ada+tag@example.com").unwrap()
    }

    fn secret() -> Challenge {
        Challenge::new(1_790_000_000_000, &mut StdRng::seed_from_u64(1))
    }

    #[test]
    fn a_minted_token_is_read_back_until_its_last_second() {
        let token = mint(&keys(), &secret(), &ada(), NOON);
        let read = |now| read(&keys(), token.reveal(), now);
        let claim = OperatorClaim { secret: secret().hashed(), email: ada() };
        assert_eq!(read(NOON.plus(MAX_AGE)), Ok(claim));
        assert_eq!(read(NOON.plus(MAX_AGE + Duration::from_secs(1))), Err(LinkError::Expired));
    }

    #[test]
    fn neither_kind_of_link_is_ever_the_other() {
        let forged = Err(LinkError::Malformed(LinkFault::Forged));
        let ours = mint(&keys(), &secret(), &ada(), NOON);
        assert_eq!(login_link::read(&keys(), ours.reveal(), NOON, MAX_AGE).map(drop), forged);
        let mailed = login_link::mint(&keys(), &ada(), NOON);
        assert_eq!(read(&keys(), mailed.reveal(), NOON).map(drop), forged);
    }

    #[test]
    fn another_key_makes_none() {
        let other = SecretKeys::new(SecretKey::new("another key of thirty-two bytes"), vec![]);
        let token = mint(&other, &secret(), &ada(), NOON);
        assert_eq!(read(&keys(), token.reveal(), NOON), Err(LinkError::Malformed(LinkFault::Forged)));
    }

    #[test]
    fn a_signed_value_of_another_shape_is_refused() {
        let secret = URL_SAFE_NO_PAD.encode([7; 32]);
        let short = URL_SAFE_NO_PAD.encode([7; 31]);
        for (value, fault) in [
            ("ada@example.com".to_owned(), LinkFault::Shape),
            (format!("{short}:ada@example.com"), LinkFault::Shape),
            (format!("{secret}:Ada@example.com"), LinkFault::NotAnAddress),
            (format!("{secret}:"), LinkFault::NotAnAddress),
        ] {
            let token = TimestampSigner::new(&keys(), SALT).sign(&value, NOON);
            assert_eq!(read(&keys(), &token, NOON), Err(LinkError::Malformed(fault)), "{value}");
        }
    }

    #[test]
    fn the_token_does_not_show_in_debug() {
        assert_eq!(format!("{:?}", mint(&keys(), &secret(), &ada(), NOON)), "OperatorToken(redacted)");
    }

    proptest! {
        #[test]
        fn any_string_is_read_or_refused(token in any::<String>()) {
            prop_assert!(read(&keys(), &token, NOON).is_err());
        }
    }
}
