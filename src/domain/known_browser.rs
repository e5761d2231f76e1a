//! A known browser: one in which somebody has signed in before (OWASP Authentication, "device cookies").
//!
//! It carries a long-lived signed cookie that says so. The cookie signs nobody in: it buys a budget of its own, so that
//! whoever asks for Ada's mails all day long from elsewhere cannot make Ada wait where she has been before.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use super::{EmailAddress, SecretKeys, TimestampSigner, UnixTime};

/// A salt of its own: no link is ever a known browser, and no known browser a link.
const SALT: &str = "postern.browser";
/// Addresses that one browser is known for; with more, the one that was not used for longest is forgotten.
const MOST: usize = 4;

/// How long a browser is known after its last sign-in.
pub const KNOWN_FOR: Duration = Duration::from_secs(180 * 86_400);

/// A browser and the addresses that have signed in there. Signed, not secret; whoever copies it can spend its budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBrowser {
    /// 16 random bytes in URL-safe base64: what its budget is counted by.
    id: String,
    /// The newest first.
    people: Vec<EmailAddress>,
}

impl KnownBrowser {
    /// A browser that nobody is known in yet. `rng` is an argument: this room draws no chance by itself.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self { id: URL_SAFE_NO_PAD.encode(bytes), people: Vec::new() }
    }

    /// Reads the value of its cookie; `None` if it is forged, older than [`KNOWN_FOR`], or none at all.
    pub fn read(keys: &SecretKeys, cookie: &str, now: UnixTime) -> Option<Self> {
        let signed = TimestampSigner::new(keys, SALT).unsign(cookie, now, KNOWN_FOR).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.value).ok()?).ok()
    }

    /// The value of its cookie: `base64(json):timestamp:signature`, at most 2,048 bytes.
    pub fn sign(&self, keys: &SecretKeys, now: UnixTime) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        TimestampSigner::new(keys, SALT).sign(&URL_SAFE_NO_PAD.encode(json), now)
    }

    /// The same browser, after a sign-in with `email`.
    pub fn knowing(mut self, email: &EmailAddress) -> Self {
        self.people.retain(|known| known != email);
        self.people.insert(0, email.clone());
        self.people.truncate(MOST);
        self
    }

    /// Whether `email` has signed in here.
    pub fn knows(&self, email: &EmailAddress) -> bool {
        self.people.contains(email)
    }

    /// Who has signed in here, the one who did so last first: at most four.
    pub fn people(&self) -> &[EmailAddress] {
        &self.people
    }

    /// What its budget is counted by.
    pub fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::domain::{SecretKey, login_link};

    const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

    fn keys(primary: &str, fallbacks: &[&str]) -> SecretKeys {
        SecretKeys::new(SecretKey::new(primary), fallbacks.iter().map(|key| SecretKey::new(*key)).collect())
    }

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn known(people: &[&str]) -> KnownBrowser {
        let nobody = KnownBrowser::random(&mut StdRng::seed_from_u64(1));
        people.iter().fold(nobody, |browser, person| browser.knowing(&address(person)))
    }

    #[test]
    fn a_browser_knows_who_signed_in_and_nobody_else() {
        let browser = known(&["ada@example.com", "bob@example.com"]);
        let read = KnownBrowser::read(&keys("k", &[]), &browser.sign(&keys("k", &[]), NOW), NOW).unwrap();
        assert_eq!(read, browser);
        assert!(read.knows(&address("ada@example.com")) && read.knows(&address("bob@example.com")));
        assert!(!read.knows(&address("eve@example.com")) && !read.knows(&address("ada+1@example.com")));
        assert_eq!(
            read.people(),
            [address("bob@example.com"), address("ada@example.com")],
            "the newest first"
        );
    }

    #[test]
    fn of_too_many_people_the_one_away_for_longest_is_forgotten() {
        let addresses: Vec<String> = (0..=MOST).map(|n| format!("p{n}@example.com")).collect();
        let browser = known(&addresses.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(!browser.knows(&address("p0@example.com")) && browser.knows(&address("p1@example.com")));
        assert!(!browser.knowing(&address("p0@example.com")).knows(&address("p1@example.com")));
    }

    #[test]
    fn the_longest_addresses_fit_and_are_read_back() {
        let long = |n| {
            format!(
                "{n}{}@{}.example.com",
                "x".repeat(60),
                format!("{}.", "y".repeat(58)).repeat(3).trim_end_matches('.')
            )
        };
        let addresses: Vec<String> = (0..MOST).map(long).collect();
        assert!(addresses[0].len() > 240, "{}", addresses[0].len());
        let browser = known(&addresses.iter().map(String::as_str).collect::<Vec<_>>());
        let cookie = browser.sign(&keys("k", &[]), NOW);
        assert_eq!(KnownBrowser::read(&keys("k", &[]), &cookie, NOW), Some(browser), "{}", cookie.len());
    }

    #[test]
    fn a_forged_or_old_one_is_nobody_and_a_rotation_forgets_none() {
        let cookie = known(&["ada@example.com"]).sign(&keys("old", &[]), NOW);
        assert!(KnownBrowser::read(&keys("new", &["old"]), &cookie, NOW.plus(KNOWN_FOR)).is_some());
        assert_eq!(KnownBrowser::read(&keys("new", &[]), &cookie, NOW), None);
        let late = NOW.plus(KNOWN_FOR).plus(Duration::from_secs(1));
        assert_eq!(KnownBrowser::read(&keys("old", &[]), &cookie, late), None);
        let forged = cookie.replacen(&cookie[..4], "eyJp", 1).replacen('W', "X", 1);
        assert!(forged != cookie && KnownBrowser::read(&keys("old", &[]), &forged, NOW).is_none());
        for nothing in ["", "::", "a:b:c"] {
            assert_eq!(KnownBrowser::read(&keys("old", &[]), nothing, NOW), None);
        }
    }

    #[test]
    fn a_link_is_no_known_browser_and_a_known_browser_no_link() {
        let keys = keys("k", &[]);
        let link = login_link::mint(&keys, &address("ada@example.com"), NOW);
        assert_eq!(KnownBrowser::read(&keys, link.reveal(), NOW), None);
        let cookie = known(&["ada@example.com"]).sign(&keys, NOW);
        assert!(login_link::read(&keys, &cookie, NOW, Duration::from_secs(300)).is_err());
    }
}
