//! Bounces: what a mail server says later of a mail that it had taken, as a delivery report (RFC 3464) or as a few words of
//! JSON.

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use serde::Deserialize;

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The left half of its Message-ID.
    pub message_id: String,
    pub outcome: Outcome,
    /// What the mail server said, as it came: for the operator, and never for a visitor.
    pub words: String,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It could not be delivered.
    Bounced,
    /// The provider sends nothing to this address any more, because earlier mails bounced or were complained about.
    Suppressed,
}

impl Outcome {
    /// Its name in the trail.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Suppressed => "suppressed",
        }
    }

    /// `5.1.1` (RFC 3463) or the word `suppressed`; `None` for what is no failure, or not yet.
    fn of_status(status: &str) -> Option<Self> {
        let status = status.trim();
        if status.eq_ignore_ascii_case("suppressed") {
            return Some(Self::Suppressed);
        }
        status.starts_with("5.").then_some(Self::Bounced)
    }
}

/// A bounce in JSON.
#[derive(Deserialize)]
struct Told {
    message_id: String,
    #[serde(default)]
    recipient: String,
    status: String,
    #[serde(default)]
    diagnostic: String,
}

impl Bounce {
    /// Reads `{"message_id": "…", "recipient": "…", "status": "5.1.1", "diagnostic": "…"}`. `None` if it is not one, or tells of no
    /// failure.
    pub fn from_json(body: &[u8]) -> Option<Self> {
        let told: Told = serde_json::from_slice(body).ok()?;
        let words = [told.status.as_str(), &told.recipient, &told.diagnostic];
        Some(Self {
            message_id: left_half(&told.message_id)?,
            outcome: Outcome::of_status(&told.status)?,
            words: joined(&words),
        })
    }

    /// Reads a delivery report: a `multipart/report` with the part `message/delivery-status`, and the mail or its headers. `None`
    /// if it is not one, or tells of no failure.
    pub fn from_report(body: &[u8]) -> Option<Self> {
        let report = MessageParser::default().parse(body)?;
        let (mut status, mut message_id) = (None, None);
        for part in &report.parts {
            let kind = part.content_type().map(|kind| (kind.ctype(), kind.subtype().unwrap_or_default()));
            match (kind, &part.body) {
                (Some(("message", "delivery-status")), body) => {
                    status = status.or_else(|| failure(text_of(body)?.as_ref()));
                }
                (_, PartType::Message(mail)) => message_id = message_id.or_else(|| id_of(mail)),
                (Some(("text", "rfc822-headers")), body) => {
                    let headers = text_of(body);
                    let mail = headers
                        .as_ref()
                        .and_then(|headers| MessageParser::default().parse(headers.as_bytes()));
                    message_id = message_id.or_else(|| id_of(&mail?));
                }
                _ => {}
            }
        }
        let (outcome, words) = status?;
        Some(Self { message_id: message_id?, outcome, words })
    }
}

fn text_of<'a>(body: &'a PartType<'_>) -> Option<std::borrow::Cow<'a, str>> {
    match body {
        PartType::Text(text) | PartType::Html(text) => Some(text.as_ref().into()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Some(String::from_utf8_lossy(bytes)),
        PartType::Message(_) | PartType::Multipart(_) => None,
    }
}

fn id_of(mail: &Message<'_>) -> Option<String> {
    left_half(mail.message_id()?)
}

/// Ours are 64 hexadecimal digits, or fewer; what else comes is not looked for.
fn left_half(message_id: &str) -> Option<String> {
    let left = message_id.trim().trim_start_matches('<').split('@').next()?;
    let is_ours = (1..=128).contains(&left.len()) && left.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_ours.then(|| left.to_owned())
}

/// The first recipient of a delivery status who could not be reached, and what was said about it. The fields of each stand in a
/// block of their own, written like headers (RFC 3464, section 2.1).
fn failure(status: &str) -> Option<(Outcome, String)> {
    let blocks = status.replace("\r\n", "\n");
    blocks.split("\n\n").find_map(|block| {
        let block = format!("{}\n\n", block.trim());
        let fields = MessageParser::default().parse_headers(block.as_bytes())?;
        let field = |name| fields.header_raw(name).unwrap_or_default().trim();
        if !field("Action").eq_ignore_ascii_case("failed") {
            return None;
        }
        let outcome = Outcome::of_status(field("Status")).unwrap_or(Outcome::Bounced);
        Some((outcome, joined(&[field("Status"), field("Final-Recipient"), field("Diagnostic-Code")])))
    })
}

fn joined(words: &[&str]) -> String {
    let words = words.iter().flat_map(|words| words.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Postfix writes it, with the headers of the mail.
    fn report(action: &str, status: &str, returned: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mail.example.test (Mail Delivery System)\r\nTo: postern@example.test\r\n\
             Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\r\n\r\n\
             This is a MIME-encapsulated message.\r\n\r\n--B\r\nContent-Description: Notification\r\n\
             Content-Type: text/plain; charset=us-ascii\r\n\r\nYour message could not be delivered.\r\n\r\n\
             --B\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mail.example.test\r\nArrival-Date: Sun, 29 Nov 2026 16:00:00 +0000 (UTC)\r\n\r\n\
             Final-Recipient: rfc822; ada@example.com\r\nAction: {action}\r\nStatus: {status}\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 <ada@example.com>: no such\r\n    person\r\n\r\n\
             --B\r\nContent-Type: {returned}\r\n\r\nMessage-ID: <ab12@example.test>\r\nTo: ada@example.com\r\n\r\n--B--\r\n"
        )
    }

    #[test]
    fn a_report_of_a_failure_is_read_with_the_mail_or_with_its_headers() {
        for returned in ["message/rfc822", "text/rfc822-headers"] {
            let bounce = Bounce::from_report(report("failed", "5.1.1", returned).as_bytes()).unwrap();
            assert_eq!((bounce.message_id.as_str(), bounce.outcome), ("ab12", Outcome::Bounced));
            let words = "5.1.1 rfc822; ada@example.com smtp; 550 5.1.1 <ada@example.com>: no such person";
            assert_eq!(bounce.words, words, "{returned}");
        }
    }

    #[test]
    fn what_is_late_or_arrived_is_no_bounce() {
        for (action, status) in [("delayed", "4.4.1"), ("delivered", "2.0.0"), ("relayed", "2.0.0")] {
            assert_eq!(Bounce::from_report(report(action, status, "message/rfc822").as_bytes()), None);
        }
    }

    #[test]
    fn json_is_a_bounce_if_it_tells_of_a_failure() {
        let bounce = |text: &str| Bounce::from_json(text.as_bytes());
        let told = r#"{"message_id": "<ab12@example.test>", "recipient": "ada@example.com", "status": "5.1.1", "diagnostic": "no"}"#;
        let read = Bounce {
            message_id: "ab12".to_owned(),
            outcome: Outcome::Bounced,
            words: "5.1.1 ada@example.com no".to_owned(),
        };
        assert_eq!(bounce(told), Some(read));
        let suppressed = bounce(r#"{"message_id": "ab12", "status": "suppressed"}"#).unwrap();
        assert_eq!(suppressed.outcome, Outcome::Suppressed);
        for other in [
            r#"{"message_id": "ab12", "status": "4.2.1"}"#,
            r#"{"message_id": "", "status": "5.1.1"}"#,
            r#"{"message_id": "a b", "status": "5.1.1"}"#,
            r#"{"status": "5.1.1"}"#,
            "[]",
            "",
            "\u{0}",
        ] {
            assert_eq!(bounce(other), None, "{other}");
        }
    }

    #[test]
    fn nothing_that_comes_makes_the_reader_panic() {
        let whole = report("failed", "5.1.1", "message/rfc822");
        for length in 0..whole.len() {
            let _ = Bounce::from_report(&whole.as_bytes()[..length]);
            let _ = Bounce::from_json(&whole.as_bytes()[length..]);
        }
    }
}
