//! The sentences of refusals and notices, in English: the one place for them. What a page always says stands in its view.
//!
//! Everything else speaks of refusals in closed kinds and numbers. Each sentence says what to do next.

use std::time::Duration;

use strum::{EnumString, IntoStaticStr};

use crate::{domain::AddressFault, refusal::Refusal};

/// For an island, when no answer of ours came back.
pub const UNREACHABLE: &str = "The site could not be reached. Check your connection, then try again.";

/// Good news, named in the query of the page that tells it. A closed set, because anybody can write a query: no text
/// of it is ever shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Notice {
    /// The session has ended, as the visitor asked.
    SignedOut,
    /// Another mail is in the outbox.
    SentAgain,
    /// This browser waits for no mail, so there was nothing to show on the page before.
    StartHere,
}

/// The sentence for a refusal: what happened, and what to do next. `retry_after` and `tries_left` are told in words.
pub fn sentence(refusal: &Refusal) -> String {
    match refusal {
        Refusal::SignedOut => "You are signed out. Sign in to go on.",
        Refusal::CrossSite => {
            "This request came from another site and was not carried out. Open the page here and try again."
        }
        Refusal::NotAllowed => "This address may not sign in here any more. Ask whoever runs this site.",
        Refusal::OtherBrowser => {
            "This browser did not ask for it, or has used it already. Open the link where you asked, or type the \
             code from the mail there."
        }
        Refusal::Superseded => {
            "A newer mail was sent after this one. Use the link or the code from the newest mail."
        }
        Refusal::Expired => "This has expired. Ask for a new link.",
        Refusal::Used => "Each link and code works once. Ask for a new one if you need to sign in again.",
        Refusal::MalformedAddress { fault } => advice(*fault),
        Refusal::MalformedLink => {
            "The link is not complete. Copy the whole link from the mail, or ask for a new one."
        }
        Refusal::MalformedCode => "The code has eight digits. Type them as they stand in the mail.",
        Refusal::WrongCode { tries_left } => {
            return format!("That is not the code from the newest mail. {}", tries(*tries_left));
        }
        Refusal::NotRecognized => {
            "Email not recognized. Check it for typing mistakes, or ask whoever runs this site to add it."
        }
        Refusal::MalformedRequest => {
            "The request could not be read. Go back, reload the page and try again."
        }
        Refusal::CodeLocked => {
            "The code was mistyped too often and no longer works. The link in the mail still does."
        }
        Refusal::Limited { retry_after } => {
            return format!("That was too often. Wait {}, then try again.", wait(*retry_after));
        }
        Refusal::NotReady => "Something went wrong on our side. Wait a moment, then try again.",
    }
    .to_owned()
}

/// The heading of a page that says no.
pub fn headline(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::OtherBrowser => "Open this link in the browser where you asked for it",
        Refusal::Superseded => "A newer link was sent",
        Refusal::Expired => "This link has expired",
        Refusal::Used => "This link has already been used",
        Refusal::MalformedLink | Refusal::MalformedRequest => "This link is not complete",
        Refusal::NotAllowed => "This address may not sign in",
        Refusal::NotReady => "That did not work",
        _ => "You are not signed in",
    }
}

impl Notice {
    /// The line that tells it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::SignedOut => "You are signed out.",
            Self::SentAgain => "A new mail is on its way. The older link and code no longer work.",
            Self::StartHere => {
                "Start here. If you have just asked for a link and are back on this page, your browser blocks \
                 cookies: allow them for this site."
            }
        }
    }
}

/// How to write the address instead.
fn advice(fault: AddressFault) -> &'static str {
    match fault {
        AddressFault::Empty => "Type your address, like name@example.com.",
        AddressFault::TooLong => {
            "This is longer than an address can be. Type one address, like name@example.com."
        }
        AddressFault::ControlCharacter => {
            "There is a line break or another invisible character in it. Type the address by hand, like \
             name@example.com."
        }
        AddressFault::DisplayName => {
            "Type only the address, without the name and the angle brackets, like name@example.com."
        }
        AddressFault::Quoted => {
            "Addresses with quotation marks do not work here. Type one like name@example.com."
        }
        AddressFault::Comment => {
            "Leave out the brackets and what is between them. Type one address, like name@example.com."
        }
        AddressFault::SeveralAddresses => "Type one address only, like name@example.com.",
        AddressFault::MissingAt => "There is no @ in it. Type one address, like name@example.com.",
        AddressFault::Space => {
            "There is a space in it. Type the address without spaces, like name@example.com."
        }
        AddressFault::LocalPart => {
            "The part before the @ may have only unaccented letters, digits and signs such as . _ + -. Check how it \
             is spelt."
        }
        AddressFault::LocalPartTooLong => {
            "The part before the @ is longer than 64 characters. Check the address and type it again."
        }
        AddressFault::AddressLiteral => {
            "Addresses at a number instead of a name do not work here. Type one like name@example.com."
        }
        AddressFault::TrailingDot => "Leave out the dot at the end, like name@example.com.",
        AddressFault::MissingDot => {
            "The part after the @ is not complete. It needs a dot, like name@example.com."
        }
        AddressFault::Domain => {
            "The part after the @ is not the name of a mail domain. Check how it is spelt, like name@example.com."
        }
    }
}

/// What is left after a wrong code.
fn tries(left: u32) -> String {
    match left {
        0 => "No tries are left: use the link in the mail.".into(),
        1 => "You have one more try.".into(),
        left => format!("You have {left} more tries."),
    }
}

/// A wait: "42 seconds", "3 minutes" (rounded up).
fn wait(seconds: u64) -> String {
    match seconds {
        1 => "1 second".into(),
        0..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// A time span, exactly: "5 minutes", "1 hour".
pub fn span(span: Duration) -> String {
    let (count, unit) = match span.as_secs() {
        secs if secs % 3_600 == 0 => (secs / 3_600, "hour"),
        secs if secs % 60 == 0 => (secs / 60, "minute"),
        secs => (secs, "second"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn every_refusal_has_a_sentence_of_its_own() {
        let faults = AddressFault::iter().map(|fault| Refusal::MalformedAddress { fault });
        let refusals: Vec<_> = Refusal::iter()
            .filter(|refusal| !matches!(refusal, Refusal::MalformedAddress { .. }))
            .chain(faults)
            .collect();
        let sentences: HashSet<_> = refusals.iter().map(sentence).collect();
        assert_eq!(sentences.len(), refusals.len());
        assert!(sentences.iter().all(|sentence| sentence.ends_with('.')), "{sentences:?}");
    }

    #[test]
    fn waits_and_spans_are_told_in_whole_units() {
        assert_eq!(
            [1, 42, 90, 91, 3_600].map(wait),
            ["1 second", "42 seconds", "90 seconds", "2 minutes", "60 minutes"]
        );
        let spans = [1, 300, 3_600, 7_200, 90].map(|secs| span(Duration::from_secs(secs)));
        assert_eq!(spans, ["1 second", "5 minutes", "1 hour", "2 hours", "90 seconds"]);
    }
}
