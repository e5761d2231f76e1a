//! What each page shows. The server loads it once for each request, sentences included; the views only draw it.

use crate::api::Refused;

/// A page with all that stands on it.
#[derive(Clone, Debug)]
pub enum Page {
    Home {
        /// The address of whoever is signed in.
        email: String,
    },
    Login(Login),
    Sent(Sent),
    /// /verify with a link that is worth a button.
    Verify {
        token: String,
        unreachable: &'static str,
    },
    /// /verify with a link that is not.
    LinkRefused {
        headline: &'static str,
        message: String,
        /// Whether the visitor is in all the same.
        signed_in: bool,
    },
    Logout {
        email: String,
    },
    /// The mails of a development server, the newest first.
    DevInbox(Vec<SentMail>),
    NotFound,
}

/// What stands on /login.
#[derive(Clone, Debug)]
pub struct Login {
    /// What stands in the address field: what was typed before, even where it was refused.
    pub typed: String,
    /// The local path to open after the sign-in.
    pub next: String,
    /// What this form is known by when it is posted twice; a secret between it and the server.
    pub form: String,
    pub notice: Option<&'static str>,
    pub refused: Option<Refused>,
    pub unreachable: &'static str,
}

/// What stands on /login/sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub email: String,
    /// How long link and code live, in words.
    pub lifetime: String,
    /// Seconds until another mail may be asked for.
    pub resend_in: u64,
    pub notice: Option<&'static str>,
    pub mail_refused: Option<Refused>,
    pub code_refused: Option<Refused>,
    pub has_inbox: bool,
    pub unreachable: &'static str,
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
