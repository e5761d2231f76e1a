//! Every way in which Postern says no, as a closed set that the server, the wasm client and machines share.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// A refusal, as JSON `{"refusal":"wrong_code","tries_left":4}`. Its text tells the visitor what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(from = "Wire", into = "Wire")]
pub enum Refusal {
    #[error("You are signed out. Sign in to go on.")]
    SignedOut,
    #[error("This request came from another site and was not carried out. Open the page here and try again.")]
    CrossSite,
    #[error(
        "This browser did not ask for it, or has used it already. Open the link where you asked, or type the code from the mail there."
    )]
    OtherBrowser,
    #[error("A newer mail was sent after this one. Use the link or the code from the newest mail.")]
    Superseded,
    #[error("This has expired. Ask for a new link.")]
    Expired,
    #[error("Each link and code works once. Ask for a new one if you need to sign in again.")]
    Used,
    /// `advice`: what is wrong with the address and how to write it.
    #[error("{advice}")]
    MalformedAddress { advice: String },
    #[error("The link is not complete. Copy the whole link from the mail, or ask for a new one.")]
    MalformedLink,
    #[error("The code has six digits. Type them as they stand in the mail.")]
    MalformedCode,
    /// `tries_left`: 0 to 4.
    #[error("That is not the code from the newest mail. {}", tries(*.tries_left))]
    WrongCode { tries_left: u32 },
    #[error("The code was mistyped too often and no longer works. The link in the mail still does.")]
    CodeLocked,
    #[error("This address may not sign in here any more. Ask whoever runs this site.")]
    NotAllowed,
    #[error("Email not recognized. Check it for typing mistakes, or ask whoever runs this site to add it.")]
    NotRecognized,
    /// `retry_after`: seconds.
    #[error("That was too often. Wait {}, then try again.", in_words(*.retry_after))]
    Limited { retry_after: u64 },
    #[error("The request could not be read. Go back, reload the page and try again.")]
    MalformedRequest,
    #[error("Something went wrong on our side. Wait a moment, then try again.")]
    NotReady,
    /// Seen by the client only: no answer came.
    #[error("The site could not be reached. Check your connection, then try again.")]
    Unreachable,
}

impl Refusal {
    /// The HTTP status that fits (RFC 9110; 429 is RFC 6585).
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::CrossSite | Self::NotAllowed => 403,
            Self::OtherBrowser => 409,
            Self::Superseded | Self::Expired | Self::Used => 410,
            Self::MalformedAddress { .. }
            | Self::MalformedLink
            | Self::MalformedCode
            | Self::WrongCode { .. }
            | Self::NotRecognized
            | Self::MalformedRequest => 422,
            Self::CodeLocked | Self::Limited { .. } => 429,
            Self::NotReady | Self::Unreachable => 503,
        }
    }

    /// Whether the same request may go through later, as it is.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::NotReady | Self::Unreachable)
    }

    /// The refusal as the query of the page that says it in words: `refusal=wrong_code&n=4`.
    ///
    /// The advice about an address stays out: the page works it out again from what was typed.
    pub fn to_query(&self) -> String {
        match self.name_and_number() {
            (name, Some(number)) => format!("refusal={name}&n={number}"),
            (name, None) => format!("refusal={name}"),
        }
    }

    /// Reads what [`Self::to_query`] wrote. Unknown names give `None`: the query is anybody's to write.
    pub fn from_query(name: &str, number: Option<u64>) -> Option<Self> {
        let number = number.unwrap_or_default();
        let known = [
            Self::SignedOut,
            Self::CrossSite,
            Self::OtherBrowser,
            Self::Superseded,
            Self::Expired,
            Self::Used,
            Self::MalformedAddress { advice: "Type one address, like name@example.com.".into() },
            Self::MalformedLink,
            Self::MalformedCode,
            Self::WrongCode { tries_left: number.min(4) as u32 },
            Self::CodeLocked,
            Self::NotAllowed,
            Self::NotRecognized,
            Self::Limited { retry_after: number.min(86_400) },
            Self::MalformedRequest,
            Self::NotReady,
        ];
        known.into_iter().find(|refusal| refusal.name() == name)
    }

    /// The stable name, as machines see it in JSON.
    pub fn name(&self) -> &'static str {
        self.name_and_number().0
    }

    fn name_and_number(&self) -> (&'static str, Option<u64>) {
        match self {
            Self::SignedOut => ("signed_out", None),
            Self::CrossSite => ("cross_site", None),
            Self::OtherBrowser => ("other_browser", None),
            Self::Superseded => ("superseded", None),
            Self::Expired => ("expired", None),
            Self::Used => ("used", None),
            Self::MalformedAddress { .. } => ("malformed_address", None),
            Self::MalformedLink => ("malformed_link", None),
            Self::MalformedCode => ("malformed_code", None),
            Self::WrongCode { tries_left } => ("wrong_code", Some(u64::from(*tries_left))),
            Self::CodeLocked => ("code_locked", None),
            Self::NotAllowed => ("not_allowed", None),
            Self::NotRecognized => ("not_recognized", None),
            Self::Limited { retry_after } => ("limited", Some(*retry_after)),
            Self::MalformedRequest => ("malformed_request", None),
            Self::NotReady => ("not_ready", None),
            Self::Unreachable => ("unreachable", None),
        }
    }
}

/// A wait for people: "42 seconds", "3 minutes" (rounded up).
pub fn in_words(seconds: u64) -> String {
    match seconds {
        1 => "1 second".into(),
        0..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn tries(left: u32) -> String {
    match left {
        0 => "No tries are left: use the link in the mail.".into(),
        1 => "You have one more try.".into(),
        left => format!("You have {left} more tries."),
    }
}

/// The JSON of a refusal. Flat on purpose: serde's tagged enums would cost every visitor several kB of wasm.
#[derive(Serialize, Deserialize)]
struct Wire {
    refusal: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tries_left: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

impl From<Refusal> for Wire {
    fn from(refusal: Refusal) -> Self {
        let mut wire =
            Self { refusal: refusal.name().into(), advice: None, tries_left: None, retry_after: None };
        match refusal {
            Refusal::MalformedAddress { advice } => wire.advice = Some(advice),
            Refusal::WrongCode { tries_left } => wire.tries_left = Some(tries_left),
            Refusal::Limited { retry_after } => wire.retry_after = Some(retry_after),
            _ => {}
        }
        wire
    }
}

impl From<Wire> for Refusal {
    /// A name from a newer server reads as `NotReady`: "wait a moment, then try again" fits a page that is too old.
    fn from(wire: Wire) -> Self {
        let number = wire.tries_left.map(u64::from).or(wire.retry_after);
        match (Self::from_query(&wire.refusal, number), wire.advice) {
            (Some(Self::MalformedAddress { .. }), Some(advice)) => Self::MalformedAddress { advice },
            (Some(refusal), _) => refusal,
            (None, _) if wire.refusal == Self::Unreachable.name() => Self::Unreachable,
            (None, _) => Self::NotReady,
        }
    }
}

impl FromServerFnError for Refusal {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr::*;
        match error {
            Args(_) | MissingArg(_) | Deserialization(_) | Serialization(_) | UnsupportedRequestMethod(_) => {
                Self::MalformedRequest
            }
            Request(_) => Self::Unreachable,
            Registration(_) | ServerError(_) | MiddlewareError(_) | Response(_) => Self::NotReady,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_survives_the_wire() {
        let refusals = [
            Refusal::SignedOut,
            Refusal::CrossSite,
            Refusal::OtherBrowser,
            Refusal::Superseded,
            Refusal::Expired,
            Refusal::Used,
            Refusal::MalformedAddress { advice: "Type one address.".into() },
            Refusal::MalformedLink,
            Refusal::MalformedCode,
            Refusal::WrongCode { tries_left: 3 },
            Refusal::CodeLocked,
            Refusal::NotAllowed,
            Refusal::NotRecognized,
            Refusal::Limited { retry_after: 42 },
            Refusal::MalformedRequest,
            Refusal::NotReady,
            Refusal::Unreachable,
        ];
        for refusal in refusals {
            let json = serde_json::to_string(&refusal).expect("JSON");
            assert_eq!(serde_json::from_str::<Refusal>(&json).expect("a refusal"), refusal, "{json}");
        }
    }

    #[test]
    fn machines_see_a_name_and_a_number() {
        let json = |refusal| serde_json::to_string(&refusal).expect("JSON");
        assert_eq!(json(Refusal::WrongCode { tries_left: 4 }), r#"{"refusal":"wrong_code","tries_left":4}"#);
        assert_eq!(json(Refusal::Limited { retry_after: 9 }), r#"{"refusal":"limited","retry_after":9}"#);
        assert_eq!(json(Refusal::Used), r#"{"refusal":"used"}"#);
    }

    #[test]
    fn a_made_up_query_shows_nothing() {
        assert_eq!(Refusal::from_query("<script>", None), None);
        assert_eq!(
            Refusal::from_query("limited", Some(u64::MAX)),
            Some(Refusal::Limited { retry_after: 86_400 })
        );
    }
}
