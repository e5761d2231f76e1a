//! A sign-in: one login, from the request to the redemption.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Challenge, EmailAddress, LoginCode, ReferenceWord, SecretKeys, UnixTime, login_link};

/// A login that somebody has asked for: the address, the second of the request, the secret of that browser.
///
/// Everything else about it is derived: no link and no code is ever at rest, and each try of a mail carries the
/// same ones. Secret through its challenge, which `Debug` does not show. In JSON an object with these three fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The address to mail to and to sign in.
    pub email: EmailAddress,
    /// The second of the request; ages are counted from it, not from the mail.
    pub issued_at: UnixTime,
    /// The secret of this request, from which the code is derived.
    pub challenge: Challenge,
}

impl SignIn {
    /// The link to mail, below `public_url`. A secret.
    pub fn link(&self, keys: &SecretKeys, public_url: &str) -> String {
        login_link::url(public_url, &login_link::mint(keys, &self.email, self.issued_at))
    }

    /// The code to mail, derived under the primary key.
    pub fn code(&self, keys: &SecretKeys) -> LoginCode {
        LoginCode::derive(&keys.primary, &self.challenge, &self.email)
    }

    /// The word that the page and the mail share.
    pub fn word(&self) -> ReferenceWord {
        ReferenceWord::of(&self.challenge)
    }

    /// The left half of the mail's Message-ID (RFC 5322, section 3.6.4): known before the mail exists, and the same for
    /// each try. It tells when the mail was asked for, as the link in it does, and nothing else.
    pub fn message_id(&self) -> String {
        self.challenge.hashed().to_string()
    }

    /// The last second in which link and code are good, if they live for `max_age`.
    ///
    /// Not a field: `LINK_MAX_AGE` may change between restarts, and what was mailed before is judged by the new one.
    pub fn expires_at(&self, max_age: Duration) -> UnixTime {
        self.issued_at.plus(max_age)
    }

    /// Whether link and code are no longer good at `now`.
    pub fn is_expired(&self, max_age: Duration, now: UnixTime) -> bool {
        now > self.expires_at(max_age)
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::domain::SecretKey;

    const MINUTES_5: Duration = Duration::from_secs(300);

    fn keys(primary: &str, fallbacks: &[&str]) -> SecretKeys {
        SecretKeys::new(SecretKey::new(primary), fallbacks.iter().map(|key| SecretKey::new(*key)).collect())
    }

    fn sign_in(seed: u64) -> SignIn {
        SignIn {
            email: EmailAddress::parse("ada@example.com").unwrap(),
            issued_at: UnixTime::from_secs(1_790_000_000),
            challenge: Challenge::new(1_790_000_000_000, &mut StdRng::seed_from_u64(seed)),
        }
    }

    #[test]
    fn its_link_says_who_asked_and_when() {
        let (sign_in, keys) = (sign_in(1), keys("new", &[]));
        let link = url::Url::parse(&sign_in.link(&keys, "https://postern.example")).unwrap();
        assert_eq!(link.path(), "/verify");
        let (_, token) = link.query_pairs().next().unwrap();
        let claim = login_link::read(&keys, &token, sign_in.expires_at(MINUTES_5), MINUTES_5).unwrap();
        assert_eq!((claim.email, claim.issued_at), (sign_in.email, sign_in.issued_at));
    }

    #[test]
    fn its_last_second_is_the_last_second_of_its_link() {
        let (sign_in, keys) = (sign_in(1), keys("new", &[]));
        let token = login_link::mint(&keys, &sign_in.email, sign_in.issued_at);
        let read = |now| login_link::read(&keys, token.reveal(), now, MINUTES_5);
        let last = sign_in.expires_at(MINUTES_5);
        assert!(read(last).is_ok());
        assert!(!sign_in.is_expired(MINUTES_5, last));
        assert_eq!(read(last.plus(Duration::from_secs(1))), Err(login_link::LinkError::Expired));
        assert!(sign_in.is_expired(MINUTES_5, last.plus(Duration::from_secs(1))));
    }

    #[test]
    fn a_code_mailed_before_a_rotation_matches_after_it() {
        let sign_in = sign_in(1);
        let code = sign_in.code(&keys("old", &[]));
        assert!(code.matches(&keys("new", &["old"]), &sign_in.challenge, &sign_in.email));
        assert!(!code.matches(&keys("new", &[]), &sign_in.challenge, &sign_in.email));
    }

    #[test]
    fn two_requests_of_one_second_differ_in_code_and_message_id() {
        let (one, two, keys) = (sign_in(1), sign_in(2), keys("new", &[]));
        assert_ne!(one.message_id(), two.message_id());
        assert_ne!(one.code(&keys).grouped(), two.code(&keys).grouped());
    }

    #[test]
    fn json_keeps_all_of_it_and_debug_hides_the_challenge() {
        let sign_in = sign_in(1);
        let json = serde_json::to_value(&sign_in).unwrap();
        assert_eq!((&json["email"], &json["issued_at"]), (&"ada@example.com".into(), &1_790_000_000.into()));
        let challenge = json["challenge"].as_str().unwrap();
        assert!(!format!("{sign_in:?}").contains(challenge));
        assert_eq!(serde_json::from_value::<SignIn>(json.clone()).unwrap(), sign_in);
    }
}
