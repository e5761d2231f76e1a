//! The places: every page's path, once, with the page it is and who may open it.
//!
//! The router registers exactly these paths; the guard, the slash at the end and the page that shows a form's refusal are
//! read from here, and so are the tests. Whatever is not listed needs a session before it is
//! even not found. A path is compared as it stands: `web::layers::plain_path` has refused those with two readings.

use leptos::server_fn::ServerFn;

use crate::api::{
    EndSessionOfAnybody, RedeemCode, RedeemLink, RedeemOperatorLink, RequestLink, ResendLink,
    RevokeOtherSessions, RevokeSession, TryMailAgain,
};

/// Which page it is: `web::pages` has a loader for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageName {
    Home,
    Login,
    Sent,
    Verify,
    Sessions,
    Logout,
    Admin,
    AdminEvents,
    AdminMails,
    AdminSessions,
    Enter,
    DevInbox,
    DevMail,
}

/// Who may open a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Strangers as well.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and named in ADMINS; to everybody else the page does not exist.
    Admins,
    /// Anyone, on a development server that shows its mails; elsewhere the page does not exist.
    Development,
}

/// Whether a page may be sent compressed. The length of what is compressed tells how much of it repeats itself: whoever can
/// have a visitor open the page with guesses in its query, and see how long the answers are, learns what else stands in it
/// (BREACH, CVE-2013-3587).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// It never is: it has an address, a token or what somebody has typed, beside what a query brings along.
    Never,
    /// It is in the answer to a request without any cookie: that has only what the request itself says, what everybody gets,
    /// and numbers that are other ones in each answer.
    WithoutCookies,
}

/// A page and its path, as the router of axum writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path, `{…}` where it has a parameter.
    pub path: &'static str,
    /// The page that stands there.
    pub page: PageName,
    /// Who may open it.
    pub access: Access,
    /// The server functions whose refusals are shown here, where a plain form called them.
    pub shows_refusals_of: &'static [&'static str],
    /// Whether it may be compressed.
    pub compression: Compression,
}

impl Place {
    const fn new(path: &'static str, page: PageName, access: Access) -> Self {
        Self { path, page, access, shows_refusals_of: &[], compression: Compression::Never }
    }

    /// A page with forms.
    const fn with_forms(self, shows_refusals_of: &'static [&'static str]) -> Self {
        Self { shows_refusals_of, ..self }
    }

    /// A page that strangers come to first, and that has nothing of theirs then.
    const fn compressed_without_cookies(self) -> Self {
        Self { compression: Compression::WithoutCookies, ..self }
    }
}

/// Where a sign-in leads that was not on the way to another page: who is signed in, where, and to what that leads.
pub const HOME: Place = Place::new("/", PageName::Home, Access::SignedIn);
/// The address form; strangers are sent here. A browser with cookies may be known, and then it shows addresses.
pub const LOGIN: Place = Place::new("/login", PageName::Login, Access::Anyone)
    .with_forms(&[RequestLink::PATH])
    .compressed_without_cookies();
/// The page of a browser that waits for a mail.
pub const SENT: Place = Place::new("/login/sent", PageName::Sent, Access::Anyone)
    .with_forms(&[ResendLink::PATH, RedeemCode::PATH]);
/// The page behind a mailed link, or one that the operator has made.
pub const VERIFY: Place = Place::new("/verify", PageName::Verify, Access::Anyone)
    .with_forms(&[RedeemLink::PATH, RedeemOperatorLink::PATH]);
/// The devices that are signed in as the same person.
pub const SESSIONS: Place = Place::new("/sessions", PageName::Sessions, Access::SignedIn)
    .with_forms(&[RevokeSession::PATH, RevokeOtherSessions::PATH]);
/// The page that asks before signing out.
pub const LOGOUT: Place = Place::new("/logout", PageName::Logout, Access::SignedIn);
/// What operators see at a glance.
pub const ADMIN: Place = Place::new("/admin", PageName::Admin, Access::Admins);
/// Who has signed in, what was refused and why, what operators did.
pub const ADMIN_EVENTS: Place = Place::new("/admin/events", PageName::AdminEvents, Access::Admins);
/// The mails that wait, and those that were refused.
pub const ADMIN_MAILS: Place =
    Place::new("/admin/mails", PageName::AdminMails, Access::Admins).with_forms(&[TryMailAgain::PATH]);
/// The sessions of everybody.
pub const ADMIN_SESSIONS: Place = Place::new("/admin/sessions", PageName::AdminSessions, Access::Admins)
    .with_forms(&[EndSessionOfAnybody::PATH]);
/// The way from here into an app behind the gateway; it shows nothing of its own.
pub const ENTER: Place = Place::new("/enter", PageName::Enter, Access::SignedIn);
/// The mails of a development server.
pub const DEV_INBOX: Place = Place::new("/dev/inbox", PageName::DevInbox, Access::Development);
/// One of these mails, for the frame on that page.
pub const DEV_MAIL: Place = Place::new("/dev/inbox/{number}", PageName::DevMail, Access::Development);

/// All pages, in the order in which a visitor meets them.
pub const PLACES: [Place; 13] = [
    HOME,
    LOGIN,
    SENT,
    VERIFY,
    SESSIONS,
    LOGOUT,
    ADMIN,
    ADMIN_EVENTS,
    ADMIN_MAILS,
    ADMIN_SESSIONS,
    ENTER,
    DEV_INBOX,
    DEV_MAIL,
];

/// The icon of the pages, as modern browsers take it.
pub const FAVICON: &str = "/favicon.svg";
/// Files beside the pages, open to anyone, without a session.
pub const FILES: [&str; 4] = [FAVICON, "/favicon.ico", "/apple-touch-icon.png", "/robots.txt"];
/// The style sheet of the failure page. Page and style sheet are in the binary and need no built file.
pub const FAILURE_STYLE: &str = "/failure.css";
/// The style sheet with the operator's accent.
pub const BRAND_STYLE: &str = "/brand.css";
/// The operator's logo, where there is one.
pub const LOGO: &str = "/logo";
/// Where mail servers tell of mails that came back.
pub const BOUNCES: &str = "/webhooks/bounces";
/// The probe that asks whether the process answers.
pub const HEALTHZ: &str = "/healthz";
/// The probe that asks whether the database answers too.
pub const READYZ: &str = "/readyz";

/// The place that the router registered under `route`; a slash at the end leads to the same one.
pub fn registered_as(route: &str) -> Option<&'static Place> {
    let path = if route == "/" { route } else { route.strip_suffix('/').unwrap_or(route) };
    PLACES.iter().find(|place| place.path == path)
}
