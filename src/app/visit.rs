//! What a page knows of its visitor. The server gathers it once for each request; pages only show it.

use crate::refusal::Refusal;

/// Provided as context to every page.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// The path that was asked for.
    pub path: String,
    /// The address of whoever is signed in.
    pub signed_in: Option<String>,
    /// The sign-in that this browser has asked for.
    pub pending: Option<PendingMail>,
    /// The local path to open after the sign-in.
    pub next: String,
    /// What stands in the address field: what was typed before, even where it was refused.
    pub draft: String,
    /// The token of a mailed link, on /verify.
    pub token: Option<String>,
    /// Why the last step was refused.
    pub refusal: Option<Refusal>,
    /// Whether the refusal was handed on by a plain form, rather than found by looking at a link.
    pub from_form: bool,
    /// Whether the refusal is about a code, where that is not plain from the refusal.
    pub about_code: bool,
    /// What the last step did.
    pub notice: Option<Notice>,
    /// The mails that went out, where the development inbox exists.
    pub inbox: Option<Vec<SentMail>>,
}

/// A mail that this browser waits for.
#[derive(Clone, Debug)]
pub struct PendingMail {
    pub email: String,
    /// Seconds until another mail may be asked for.
    pub resend_in: u64,
    /// How long link and code live, in words.
    pub lifetime: String,
}

/// Good news for the visitor, from the query of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    SignedOut,
    SentAgain,
    StartHere,
}

impl Notice {
    pub fn from_query(name: &str) -> Option<Self> {
        match name {
            "signed_out" => Some(Self::SignedOut),
            "sent_again" => Some(Self::SentAgain),
            "start_here" => Some(Self::StartHere),
            _ => None,
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            Self::SignedOut => "You are signed out.",
            Self::SentAgain => "A new mail is on its way. The older link and code no longer work.",
            Self::StartHere => {
                "Start here. If you have just asked for a link and are back on this page, your browser \
                 blocks cookies: allow them for this site."
            }
        }
    }
}

/// A mail in the development inbox.
#[derive(Clone, Debug)]
pub struct SentMail {
    pub number: usize,
    pub to: String,
    pub subject: String,
    pub date: String,
    pub text: String,
}
