//! The contents of each page. The server loads them once for each request; the views draw them, with the words around
//! them.

pub mod admin;

use crate::api::Refused;

/// A page with all that stands on it.
#[derive(Clone, Debug)]
pub enum Page {
    /// The page at `/`.
    Home(Home),
    /// The page at `/sessions`.
    Sessions(Sessions),
    /// The page at `/login`.
    Login(Login),
    /// The page at `/login/sent`.
    Sent(Sent),
    /// The same once link and code have expired.
    SentExpired(SentExpired),
    /// /verify with a link that is worth a button.
    Verify {
        token: String,
    },
    /// /verify with a link that the operator has made, for the person with this address.
    OperatorLink {
        token: String,
        email: String,
    },
    /// /verify in a browser that did not ask for the link.
    OtherBrowser(OtherBrowser),
    /// /verify with a link that is not.
    LinkRefused {
        headline: &'static str,
        message: String,
        /// The refusal, as a query of this page tells it.
        told: String,
        /// Where to go on, if the visitor is in all the same.
        next: Option<String>,
    },
    /// The page at `/logout`, for the person with this address.
    Logout {
        email: String,
    },
    /// A page of operators.
    Admin(Box<admin::Admin>),
    /// The mails of a development server, the newest first.
    DevInbox(Vec<SentMail>),
    NotFound,
}

impl Page {
    /// Whether it has islands; all others are spared the wasm.
    pub fn has_islands(&self) -> bool {
        matches!(self, Self::Login(_) | Self::Sent(_) | Self::Verify { .. })
    }
}

/// What stands on /.
#[derive(Clone, Debug)]
pub struct Home {
    /// The address of whoever is signed in.
    pub email: String,
    /// How many devices are, in words.
    pub devices: String,
    /// The apps that this person may open.
    pub apps: Vec<AppLink>,
    /// Whether this person is an admin.
    pub is_admin: bool,
}

/// An app behind the gateway.
#[derive(Clone, Debug)]
pub struct AppLink {
    /// Its host, with a port where it has one.
    pub name: String,
    /// Its address, at another site.
    pub url: String,
}

/// What stands on /sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// The address of whoever is signed in.
    pub email: String,
    /// The devices; this one first, then those last seen.
    pub devices: Vec<DeviceLine>,
    /// What is said of those that are not listed.
    pub left_out: Option<String>,
    /// Good news from the step before.
    pub notice: Option<&'static str>,
    /// Why the last step was refused.
    pub refused: Option<String>,
}

/// A device on that page.
#[derive(Clone, Debug)]
pub struct DeviceLine {
    /// The name by which it is ended.
    pub id: String,
    /// Browser and system, in words.
    pub name: String,
    /// Whether it is held in one hand.
    pub is_handheld: bool,
    /// Whether it is the one that the page is drawn for.
    pub is_this: bool,
    /// When it signed in.
    pub first_seen: Moment,
    /// When it was last seen.
    pub last_seen: Moment,
    /// The hosts of the apps that it has opened.
    pub apps: Vec<String>,
}

/// A moment of the past.
#[derive(Clone, Debug)]
pub struct Moment {
    /// How long ago that is, in words.
    pub words: String,
    /// The same for machines, in UTC (RFC 3339): `2026-03-02T09:14:07Z`.
    pub datetime: String,
}

/// What stands on /login.
#[derive(Clone, Debug)]
pub struct Login {
    /// What stands in the address field: what was typed before, even where it was refused.
    pub typed: String,
    /// Who has signed in with this browser before.
    pub known: KnownPeople,
    /// The local path to open after the sign-in.
    pub next: String,
    /// The same to look at, unless it is the usual one.
    pub leads_to: Option<String>,
    /// What this form is known by when it is posted twice; a secret between it and the server.
    pub form: String,
    /// The address of a mail that this browser waits for, as long as its link lives.
    pub on_its_way: Option<String>,
    /// Good news from the step before.
    pub notice: Option<&'static str>,
    /// The refusal of the last request, where a plain form made it.
    pub refused: Option<Refused>,
}

/// The people of a known browser, as /login greets them.
#[derive(Clone, Debug, Default)]
pub struct KnownPeople {
    /// Where somebody else goes, if the address in the field is that of one of them and nobody has typed it.
    pub somebody_else: Option<String>,
    /// The addresses that are not in the field, the newest first.
    pub others: Vec<String>,
}

/// What stands on /login/sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The address that the mail goes to.
    pub email: String,
    /// The word that stands in the mail too.
    pub word: String,
    /// How long link and code are good from now on, in words.
    pub lifetime: String,
    /// Seconds until they are not.
    pub expires_in: u64,
    /// The page that this one becomes then.
    pub expired: SentExpired,
    /// Seconds until another mail may be asked for.
    pub resend_in: u64,
    /// Good news from the step before.
    pub notice: Option<&'static str>,
    /// Why another mail was refused, to a plain form.
    pub mail_refused: Option<Refused>,
    /// Why a code was refused, to a plain form.
    pub code_refused: Option<Refused>,
    /// The address that was probably meant, where the domain looks mistyped.
    pub meant: Option<MeantAddress>,
    /// Where this address's mail is read, if that is known from its domain.
    pub inbox: Option<InboxButton>,
    /// Whether to point to /dev/inbox.
    pub has_inbox: bool,
}

/// The button for somebody who has probably mistyped a common domain.
#[derive(Clone, Debug)]
pub struct MeantAddress {
    /// The address to ask for instead.
    pub email: String,
    /// The local path to open after the sign-in, as before.
    pub next: String,
}

/// The button that opens somebody's inbox.
#[derive(Clone, Debug)]
pub struct InboxButton {
    /// The name of the mail provider, or the host of its web mail.
    pub name: String,
    /// An https URL at another site.
    pub url: String,
}

/// What stands on /login/sent once link and code have expired.
#[derive(Clone, Debug)]
pub struct SentExpired {
    /// The address that the mail went to.
    pub email: String,
    /// How long link and code lived, in words.
    pub lifetime: String,
    /// Why another mail was refused.
    pub refused: Option<String>,
}

/// What stands on the page for a link that was opened in a browser which did not ask for it.
#[derive(Clone, Debug)]
pub struct OtherBrowser {
    /// The whole link and the address that it is for, if the link is known and good.
    pub link: Option<(String, String)>,
    /// Where to go on, if the visitor is in all the same.
    pub next: Option<String>,
}

/// A mail in the development inbox.
#[derive(Clone, Debug)]
pub struct SentMail {
    /// Its number in the inbox, which is in the address of its frame.
    pub number: usize,
    /// The address of its recipient.
    pub to: String,
    /// The subject, as in its header.
    pub subject: String,
    /// When it was asked for, in UTC: `2026-03-02 09:14:07 UTC`.
    pub date: String,
    /// The plain text part.
    pub text: String,
}
