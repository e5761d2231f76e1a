//! The large mail providers: where their people read mail, and which domain somebody meant who mistyped one.
//!
//! All of it is decided from an address's domain alone. A look-up in the DNS would be a request for each typed address,
//! and its time could tell something.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::{EmailAddress, email_address::normalise_domain};

/// What a value in a link is percent-encoded by: all but RFC 3986's unreserved characters.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The providers: name, domains, and where their people read mail, as in [`InboxLinks`].
// Only Gmail is known to keep a search in its address through a sign-in of its own; the others open the inbox.
const PROVIDERS: &[(&str, &[&str], &str)] = &[
    (
        "Gmail",
        &["gmail.com", "googlemail.com"],
        "https://mail.google.com/mail/u/0/?authuser={email}#search/from%3A({sender})+in%3Aanywhere+newer_than%3A1h",
    ),
    (
        "Outlook",
        &[
            "outlook.com",
            "outlook.de",
            "outlook.es",
            "outlook.fr",
            "outlook.in",
            "hotmail.com",
            "hotmail.co.uk",
            "hotmail.de",
            "hotmail.es",
            "hotmail.fr",
            "hotmail.it",
            "live.com",
            "live.co.uk",
            "live.de",
            "live.fr",
            "live.nl",
            "msn.com",
        ],
        "https://outlook.live.com/mail/0/?login_hint={email}",
    ),
    (
        "Yahoo Mail",
        &[
            "yahoo.com",
            "yahoo.ca",
            "yahoo.co.in",
            "yahoo.co.uk",
            "yahoo.com.br",
            "yahoo.de",
            "yahoo.es",
            "yahoo.fr",
            "yahoo.in",
            "yahoo.it",
            "ymail.com",
            "rocketmail.com",
        ],
        "https://mail.yahoo.com/",
    ),
    ("Proton Mail", &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"], "https://mail.proton.me/"),
    ("iCloud Mail", &["icloud.com", "me.com", "mac.com"], "https://www.icloud.com/mail"),
    ("Fastmail", &["fastmail.com", "fastmail.fm"], "https://app.fastmail.com/mail/Inbox"),
    ("GMX", &["gmx.de", "gmx.net", "gmx.at", "gmx.ch"], "https://www.gmx.net/"),
    ("GMX", &["gmx.com", "gmx.co.uk", "gmx.us"], "https://www.gmx.com/"),
    ("WEB.DE", &["web.de"], "https://web.de/"),
    ("Mail.ru", &["mail.ru", "inbox.ru", "list.ru", "bk.ru"], "https://e.mail.ru/inbox/"),
    ("Yandex Mail", &["yandex.ru", "ya.ru"], "https://mail.yandex.ru/"),
    ("Yandex Mail", &["yandex.com"], "https://mail.yandex.com/"),
];

/// Domains that a typing mistake is looked for against. Short ones (`me.com`, `live.com`) are too close to too many
/// others.
const OFTEN_MISTYPED: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "icloud.com",
    "protonmail.com",
    "fastmail.com",
];
/// Domains of others that are one letter away from one of these.
const NO_MISTAKES: &[&str] = &["mail.com", "email.com", "cloud.com"];

/// The address that was probably meant, where the domain of `email` is one letter, or one swap of two, away from that of
/// a large provider. A guess to ask about: such a domain may be real.
pub fn probably_meant(email: &EmailAddress) -> Option<EmailAddress> {
    let typed = email.domain();
    let is_a_provider = PROVIDERS.iter().any(|(_, domains, _)| domains.contains(&typed));
    if is_a_provider || NO_MISTAKES.contains(&typed) {
        return None;
    }
    let meant = OFTEN_MISTYPED.iter().find(|domain| strsim::osa_distance(domain, typed) == 1)?;
    EmailAddress::parse(&format!("{}@{meant}", email.local())).ok()
}

/// Where people read mail: one link for each domain.
///
/// `{email}` in a link is the address without its `+tag`, `{sender}` the sender of our mails, both percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxLinks {
    /// By domain, the ones of the operator before those of the providers; `None` where there shall be none.
    own: BTreeMap<String, Option<String>>,
    is_on: bool,
}

/// A link to somebody's inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxLink {
    /// The name of the provider, or the host of the operator's own link.
    pub name: String,
    /// An https URL.
    pub url: String,
}

/// Why an entry of the operator's is no link to an inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InboxLinkFault {
    #[error("is not for a mail domain")]
    Domain,
    #[error("is not an https URL")]
    NotHttps,
    #[error("has braces around something else than {{email}} or {{sender}}")]
    Placeholder,
    #[error("has a placeholder in its host")]
    Host,
}

impl InboxLinks {
    /// Those of the large providers.
    pub fn of_providers() -> Self {
        Self { own: BTreeMap::new(), is_on: true }
    }

    /// None at all.
    pub fn off() -> Self {
        Self { own: BTreeMap::new(), is_on: false }
    }

    /// Puts a link of the operator's in the place of the provider's; `None`: no link for this domain.
    ///
    /// # Errors
    /// [`InboxLinkFault`] if `domain` is no mail domain, or `link` not an https URL with these placeholders.
    pub fn set(&mut self, domain: &str, link: Option<&str>) -> Result<(), InboxLinkFault> {
        let domain = normalise_domain(domain).map_err(|_| InboxLinkFault::Domain)?;
        if let Some(link) = link {
            let sample = filled(link, "a", "b");
            if sample.contains(['{', '}']) {
                return Err(InboxLinkFault::Placeholder);
            }
            let url = Url::parse(&sample).ok().filter(|url| url.scheme() == "https");
            let url = url.ok_or(InboxLinkFault::NotHttps)?;
            // An address that is typed here must never choose where the button leads.
            let elsewhere = Url::parse(&filled(link, "c", "d")).map_err(|_| InboxLinkFault::NotHttps)?;
            if url.origin() != elsewhere.origin() || !url.username().is_empty() || url.password().is_some() {
                return Err(InboxLinkFault::Host);
            }
        }
        self.own.insert(domain, link.map(str::to_owned));
        Ok(())
    }

    /// The link to the inbox of `email`, if there is one. `sender`: the sender of our mails.
    pub fn of(&self, email: &EmailAddress, sender: &str) -> Option<InboxLink> {
        if !self.is_on {
            return None;
        }
        let fill = |link: &str| filled(link, &email.inbox(), sender);
        match self.own.get(email.domain()) {
            Some(own) => {
                let url = fill(own.as_deref()?);
                let name = Url::parse(&url).ok()?.host_str()?.to_owned();
                Some(InboxLink { name, url })
            }
            None => {
                let provider = PROVIDERS.iter().find(|(_, domains, _)| domains.contains(&email.domain()));
                provider.map(|(name, _, link)| InboxLink { name: (*name).to_owned(), url: fill(link) })
            }
        }
    }
}

/// The link with both placeholders filled in. What one value has in braces is no placeholder: they are encoded.
fn filled(link: &str, email: &str, sender: &str) -> String {
    let encoded = |value| utf8_percent_encode(value, VALUE).to_string();
    link.replace("{email}", &encoded(email)).replace("{sender}", &encoded(sender))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: &str = "postern+x@example.com";

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn link(links: &InboxLinks, email: &str) -> Option<String> {
        links.of(&address(email), SENDER).map(|link| link.url)
    }

    #[test]
    fn gmail_searches_for_the_sender_in_the_right_account() {
        let links = InboxLinks::of_providers();
        let expected = "https://mail.google.com/mail/u/0/?authuser=ada%26x%40gmail.com\
                        #search/from%3A(postern%2Bx%40example.com)+in%3Aanywhere+newer_than%3A1h";
        assert_eq!(link(&links, "Ada&x+tag@GMail.com").as_deref(), Some(expected));
    }

    #[test]
    fn each_provider_has_an_https_link_and_no_domain_stands_twice() {
        let domains: Vec<_> = PROVIDERS.iter().flat_map(|(_, domains, _)| domains.iter()).collect();
        for (index, domain) in domains.iter().enumerate() {
            assert!(!domains[index + 1..].contains(domain), "{domain}");
            let url = link(&InboxLinks::of_providers(), &format!("ada@{domain}")).unwrap();
            assert!(Url::parse(&url).is_ok_and(|url| url.scheme() == "https"), "{url}");
            assert!(!url.contains(['{', '}']), "{url}");
            // What is said of the operator's links holds for ours.
            let (_, _, own) = PROVIDERS.iter().find(|(_, domains, _)| domains.contains(domain)).unwrap();
            assert_eq!(InboxLinks::of_providers().set(domain, Some(own)), Ok(()));
        }
        assert_eq!(link(&InboxLinks::of_providers(), "ada@example.com"), None);
        assert_eq!(link(&InboxLinks::of_providers(), "ada@mail.gmail.com"), None);
    }

    #[test]
    fn the_operator_s_link_comes_before_that_of_the_provider() {
        let mut links = InboxLinks::of_providers();
        links.set("Example.com", Some("https://mail.example.com/?q={sender}&to={email}")).unwrap();
        links.set("gmail.com", None).unwrap();
        let own = links.of(&address("ada@example.com"), SENDER).unwrap();
        assert_eq!(own.name, "mail.example.com");
        assert_eq!(own.url, "https://mail.example.com/?q=postern%2Bx%40example.com&to=ada%40example.com");
        assert_eq!(link(&links, "ada@gmail.com"), None);
        assert!(link(&links, "ada@yahoo.com").is_some());
        assert_eq!(link(&InboxLinks::off(), "ada@yahoo.com"), None);
    }

    #[test]
    fn one_slip_in_a_common_domain_is_seen() {
        for (typed, meant) in [
            ("gmial.com", "gmail.com"),
            ("gamil.com", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("hotmial.com", "hotmail.com"),
            ("outlok.com", "outlook.com"),
            ("yahooo.com", "yahoo.com"),
            ("iclould.com", "icloud.com"),
            ("protonmial.com", "protonmail.com"),
        ] {
            let guess = probably_meant(&address(&format!("ada+tag@{typed}")));
            assert_eq!(guess, Some(address(&format!("ada+tag@{meant}"))), "{typed}");
        }
    }

    #[test]
    fn no_provider_and_no_other_domain_is_taken_for_a_mistake() {
        let others = [
            "example.com",
            "gmail.example",
            "mail.gmail.com",
            "gmx.fr",
            "mail.com",
            "email.com",
            "cloud.com",
        ];
        let providers = PROVIDERS.iter().flat_map(|(_, domains, _)| domains.iter());
        for domain in providers.chain(OFTEN_MISTYPED).chain(&others) {
            assert_eq!(probably_meant(&address(&format!("ada@{domain}"))), None, "{domain}");
        }
        for domain in OFTEN_MISTYPED {
            assert!(PROVIDERS.iter().any(|(_, domains, _)| domains.contains(domain)), "{domain}");
        }
    }

    #[test]
    fn only_an_https_link_whose_host_nobody_can_choose_is_taken() {
        let fault = |domain, link| InboxLinks::of_providers().set(domain, Some(link)).unwrap_err();
        for link in ["http://mail.example.com/", "javascript:alert(1)", "mail.example.com", "", "https://"] {
            assert_eq!(fault("example.com", link), InboxLinkFault::NotHttps, "{link}");
        }
        for link in [
            "https://{email}/",
            "https://{email}.example.com/",
            "https://mail.example.com:{sender}@x.example/",
        ] {
            let fault = fault("example.com", link);
            assert!(matches!(fault, InboxLinkFault::Host | InboxLinkFault::NotHttps), "{link}: {fault:?}");
        }
        assert_eq!(fault("example.com", "https://x.example/{name}"), InboxLinkFault::Placeholder);
        assert_eq!(fault("no domain", "https://x.example/"), InboxLinkFault::Domain);
    }
}
