//! The refusals: one closed list of kinds, each with its status and at most one number.
//!
//! No sentence stands here: `words` draws them, and `web::answers` sends them. Sentences in these types
//! would be in one language for all readers: visitors, machines, the log and the audit trail (decision 8 in
//! docs/decisions).

use std::str::FromStr;

use strum::{EnumIter, EnumProperty, EnumString, IntoStaticStr};

use crate::domain::AddressFault;

/// A refusal. Its name is the variant in snake case, its status that of `props` (RFC 9110; 429 is RFC 6585).
#[derive(Clone, Debug, PartialEq, Eq, EnumIter, EnumProperty, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// Nobody is signed in here.
    #[strum(props(status = 401))]
    SignedOut,
    /// Another site made the browser send this.
    #[strum(props(status = 403))]
    CrossSite,
    /// The address is not on the allowlist, or not any more.
    #[strum(props(status = 403))]
    NotAllowed,
    /// None of the person's own sessions is called so: it has ended, or never was.
    #[strum(props(status = 404))]
    NoSuchSession,
    /// No mail in the outbox is called so that could be tried again.
    #[strum(props(status = 404))]
    NoSuchMail,
    /// This browser did not ask for that mail.
    #[strum(props(status = 409))]
    OtherBrowser,
    /// A newer mail was asked for after this one.
    #[strum(props(status = 410))]
    Superseded,
    /// Link or code are too old.
    #[strum(props(status = 410))]
    Expired,
    /// Link or code have signed somebody in already.
    #[strum(props(status = 410))]
    Used,
    /// What was typed is not an address.
    #[strum(props(status = 422))]
    MalformedAddress { fault: AddressFault },
    /// The link is torn or forged.
    #[strum(props(status = 422))]
    MalformedLink,
    /// What was typed is not a code at all; it costs no try.
    #[strum(props(status = 422))]
    MalformedCode,
    /// A guess at the code; `tries_left`: 0 to 4.
    #[strum(props(status = 422))]
    WrongCode { tries_left: u32 },
    /// The address is unknown, where the operator chose to say so.
    #[strum(props(status = 422))]
    NotRecognized,
    /// The request cannot be read.
    #[strum(props(status = 422))]
    MalformedRequest,
    /// The code was guessed at too often; the link still works.
    #[strum(props(status = 429))]
    CodeLocked,
    /// Too often; `retry_after`: whole seconds.
    #[strum(props(status = 429))]
    Limited { retry_after: u64 },
    /// Something broke on our side.
    #[strum(props(status = 503))]
    NotReady,
}

impl Refusal {
    /// The stable name, as machines see it.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The HTTP status, 401 to 503.
    pub fn status(&self) -> u16 {
        // A test looks at each of them.
        self.get_int("status").and_then(|status| u16::try_from(status).ok()).unwrap_or(500)
    }

    /// The one number of a refusal: tries left, or whole seconds to wait.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::WrongCode { tries_left } => Some(u64::from(*tries_left)),
            Self::Limited { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// The refusal as the query of the page that says it in words, such as `refusal=wrong_code&n=4`.
    pub fn to_query(&self) -> String {
        let name = self.name();
        match self {
            Self::MalformedAddress { fault } => format!("refusal={name}&fault={}", <&str>::from(fault)),
            _ => match self.number() {
                Some(number) => format!("refusal={name}&n={number}"),
                None => format!("refusal={name}"),
            },
        }
    }

    /// Reads what [`Self::to_query`] wrote, by the values of `refusal`, `n` and `fault`. Anybody may write a query: an
    /// unknown name gives `None`, a number is cut to what makes sense, an unknown fault counts as the first one.
    pub fn from_query(name: &str, number: Option<u64>, fault: Option<&str>) -> Option<Self> {
        let number = number.unwrap_or_default();
        Some(match Self::from_str(name).ok()? {
            Self::WrongCode { .. } => Self::WrongCode { tries_left: number.min(4) as u32 },
            Self::Limited { .. } => Self::Limited { retry_after: number.min(86_400) },
            Self::MalformedAddress { .. } => Self::MalformedAddress {
                fault: fault.and_then(|fault| fault.parse().ok()).unwrap_or_default(),
            },
            plain => plain,
        })
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn every_refusal_has_a_status_that_says_no() {
        for refusal in Refusal::iter() {
            assert!(refusal.get_int("status").is_some(), "{refusal:?}");
            assert!((400..600).contains(&refusal.status()), "{refusal:?}");
        }
        assert_eq!(Refusal::Limited { retry_after: 1 }.status(), 429);
    }

    #[test]
    fn every_refusal_survives_the_query() {
        let numbered = [Refusal::WrongCode { tries_left: 3 }, Refusal::Limited { retry_after: 42 }];
        let faults = AddressFault::iter().map(|fault| Refusal::MalformedAddress { fault });
        for refusal in Refusal::iter().chain(numbered).chain(faults) {
            let query = refusal.to_query();
            let value = |name: &str| {
                let mut pairs = url::form_urlencoded::parse(query.as_bytes());
                pairs.find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
            };
            let number = value("n").map(|number| number.parse().expect("a number"));
            let read =
                Refusal::from_query(&value("refusal").expect("a name"), number, value("fault").as_deref());
            assert_eq!(read, Some(refusal), "{query}");
        }
    }

    #[test]
    fn a_made_up_query_says_nothing_that_we_would_not_say() {
        assert_eq!(Refusal::from_query("<script>", None, None), None);
        let far = Some(u64::MAX);
        assert_eq!(Refusal::from_query("limited", far, None), Some(Refusal::Limited { retry_after: 86_400 }));
        assert_eq!(Refusal::from_query("wrong_code", far, None), Some(Refusal::WrongCode { tries_left: 4 }));
        let fault = AddressFault::Empty;
        assert_eq!(
            Refusal::from_query("malformed_address", None, Some("<b>")),
            Some(Refusal::MalformedAddress { fault })
        );
    }
}
