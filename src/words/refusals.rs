//! The sentences of refusals and notices. Each one says what to do next.

use strum::{EnumString, IntoStaticStr};

use super::Words;
use crate::{domain::AddressFault, refusal::Refusal};

/// Good news, named in the query of the page that tells it. A closed set, because anybody can write a query: no text
/// of it is ever shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Notice {
    /// The session has ended, as the visitor asked.
    SignedOut,
    /// Another mail is in the outbox.
    SentAgain,
    /// A session of another device has ended, as its person asked.
    DeviceSignedOut,
    /// All sessions but this one have.
    OthersSignedOut,
    /// This browser waits for no mail, so there was nothing to show on the page before.
    StartHere,
    /// An admin has ended a session.
    SessionEnded,
    /// An admin has a mail tried again.
    MailTriedAgain,
}

impl Words {
    /// The sentence for a refusal: what happened, and what to do next. `retry_after` and `tries_left` are told in words.
    /// `support`: whom to ask, where only the operator can help.
    pub fn refusal(self, refusal: &Refusal, support: Option<&str>) -> String {
        match refusal {
            Refusal::SignedOut => self.refusal_signed_out(),
            Refusal::CrossSite => self.refusal_cross_site(),
            Refusal::NotAllowed => match support {
                Some(support) => return self.refusal_not_allowed_ask(support),
                None => self.refusal_not_allowed(),
            },
            Refusal::NoSuchSession => self.refusal_no_such_session(),
            Refusal::NoSuchMail => self.refusal_no_such_mail(),
            Refusal::OtherBrowser => self.refusal_other_browser(),
            Refusal::Superseded => self.refusal_superseded(),
            Refusal::Expired => self.refusal_expired(),
            Refusal::Used => self.refusal_used(),
            Refusal::MalformedAddress { fault } => self.advice(*fault),
            Refusal::MalformedLink => self.refusal_malformed_link(),
            Refusal::MalformedCode => self.refusal_malformed_code(),
            Refusal::WrongCode { tries_left } => return self.refusal_wrong_code(u64::from(*tries_left)),
            Refusal::NotRecognized => match support {
                Some(support) => return self.refusal_not_recognized_ask(support),
                None => self.refusal_not_recognized(),
            },
            Refusal::MalformedRequest => self.refusal_malformed_request(),
            Refusal::CodeLocked => self.refusal_code_locked(),
            Refusal::Limited { retry_after } => return self.refusal_limited(&self.wait(*retry_after)),
            Refusal::NotReady => self.refusal_not_ready(),
        }
        .to_owned()
    }

    /// The heading of a page that says no.
    pub fn headline(self, refusal: &Refusal) -> &'static str {
        match refusal {
            Refusal::OtherBrowser => self.headline_other_browser(),
            Refusal::Superseded => self.headline_superseded(),
            Refusal::Expired => self.headline_expired(),
            Refusal::Used => self.headline_used(),
            Refusal::MalformedLink | Refusal::MalformedRequest => self.headline_malformed(),
            Refusal::NotAllowed => self.headline_not_allowed(),
            Refusal::NotReady => self.headline_not_ready(),
            _ => self.headline_signed_out(),
        }
    }

    /// The line that tells a notice.
    pub fn notice(self, notice: Notice) -> &'static str {
        match notice {
            Notice::SignedOut => self.notice_signed_out(),
            Notice::SentAgain => self.notice_sent_again(),
            Notice::DeviceSignedOut => self.notice_device_signed_out(),
            Notice::OthersSignedOut => self.notice_others_signed_out(),
            Notice::StartHere => self.notice_start_here(),
            Notice::SessionEnded => self.notice_session_ended(),
            Notice::MailTriedAgain => self.notice_mail_tried_again(),
        }
    }

    /// How to write the address instead.
    fn advice(self, fault: AddressFault) -> &'static str {
        match fault {
            AddressFault::Empty => self.address_empty(),
            AddressFault::TooLong => self.address_too_long(),
            AddressFault::ControlCharacter => self.address_control_character(),
            AddressFault::DisplayName => self.address_display_name(),
            AddressFault::Quoted => self.address_quoted(),
            AddressFault::Comment => self.address_comment(),
            AddressFault::SeveralAddresses => self.address_several(),
            AddressFault::MissingAt => self.address_missing_at(),
            AddressFault::Space => self.address_space(),
            AddressFault::LocalPart => self.address_local_part(),
            AddressFault::LocalPartTooLong => self.address_local_part_too_long(),
            AddressFault::AddressLiteral => self.address_literal(),
            AddressFault::TrailingDot => self.address_trailing_dot(),
            AddressFault::MissingDot => self.address_missing_dot(),
            AddressFault::Domain => self.address_domain(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn every_refusal_has_a_sentence_of_its_own_in_every_language() {
        let faults = AddressFault::iter().map(|fault| Refusal::MalformedAddress { fault });
        let refusals: Vec<_> = Refusal::iter()
            .filter(|refusal| !matches!(refusal, Refusal::MalformedAddress { .. }))
            .chain(faults)
            .collect();
        for code in ["en", "de", "es", "fr", "hi"] {
            let words = Words::of(code).unwrap();
            let sentences: HashSet<_> = refusals.iter().map(|refusal| words.refusal(refusal, None)).collect();
            assert_eq!(sentences.len(), refusals.len(), "{code}");
            let end = if code == "hi" { '।' } else { '.' };
            assert!(sentences.iter().all(|sentence| sentence.ends_with(end)), "{sentences:?}");
        }
    }

    #[test]
    fn the_tries_that_are_left_are_counted_in_the_words_of_each_language() {
        for (code, none, one, four) in [
            ("de", "keinen Versuch mehr", "noch einen Versuch.", "noch 4 Versuche."),
            ("es", "No quedan intentos", "Le queda un intento.", "Le quedan 4 intentos."),
            ("fr", "aucun essai", "Il vous reste 1 essai.", "Il vous reste 4 essais."),
            ("hi", "कोई कोशिश बाक़ी नहीं", "एक कोशिश और है।", "4 कोशिशें और हैं।"),
        ] {
            let told =
                |tries_left| Words::of(code).unwrap().refusal(&Refusal::WrongCode { tries_left }, None);
            assert!(told(0).contains(none) && told(1).ends_with(one) && told(4).ends_with(four), "{code}");
        }
    }

    #[test]
    fn the_tries_that_are_left_are_counted_in_words() {
        let words = Words::default();
        let told = |tries_left| words.refusal(&Refusal::WrongCode { tries_left }, None);
        assert!(told(0).contains("No tries are left"), "{}", told(0));
        assert!(told(1).contains("one more try."), "{}", told(1));
        assert!(told(4).contains("4 more tries."), "{}", told(4));
    }
}
