//! The server functions that the pages call, and the types that cross the wire.
//!
//! Each one is thin: it finds who calls, calls one step of `flow`, and names the page that comes next. A refusal becomes
//! a status for a fetch and a page for a plain form in `web::answers`; no server function sets either.

#[cfg(feature = "ssr")]
mod call;

#[cfg(feature = "ssr")]
pub use call::{Failed, Outcome};

use leptos::{
    prelude::*,
    server_fn::{
        ServerFn,
        codec::JsonEncoding,
        error::{FromServerFnError, ServerFnErrorErr},
    },
};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use {
    crate::{
        domain::{QUERY_VALUE, ReturnPath},
        flow::{admin, devices, login, sign_out as end},
        refusal::Refusal,
        session::cookie,
    },
    call::{Call, set_cookie},
    leptos_axum::redirect,
    percent_encoding::utf8_percent_encode,
};

/// The server functions that a visitor needs to become somebody, in their language. Every other one, those of tomorrow included, answers
/// 401 unless somebody is signed in.
pub const OPEN_TO_STRANGERS: [&str; 6] = [
    RequestLink::PATH,
    ResendLink::PATH,
    RedeemLink::PATH,
    RedeemCode::PATH,
    RedeemOperatorLink::PATH,
    ChooseLanguage::PATH,
];

/// The server functions that only admins may call: to everybody else they do not exist.
pub const FOR_ADMINS: [&str; 2] = [EndSessionOfAnybody::PATH, TryMailAgain::PATH];

/// Asks for a sign-in mail to `email`. The answer is the same whether or not the address may sign in.
///
/// `next`: the local path to open after the sign-in; anything else than a local path is ignored. `form`: what the form was
/// drawn with; two presses of one form are known by it for the same browser, before it has a cookie.
///
/// # Errors
/// `malformed_address`, `limited`, or `not_recognized` where the operator chose to reveal that.
#[server(endpoint = "request_link")]
pub async fn request_link(email: String, next: Option<String>, form: Option<String>) -> Result<(), Refused> {
    let call = Call::current()?;
    let (next, form) = (next.as_deref(), form.as_deref());
    let asked = login::request::request(&call.state, &call.visitor, &email, next, form).await;
    call.answer(asked.map(|()| redirect("/login/sent")))
}

/// Sends a fresh mail to the address that this browser asked for; the older link and code become void.
///
/// # Errors
/// `other_browser` where this browser has not asked for anything, `limited`, or `not_recognized` where the operator
/// chose to reveal that.
#[server(endpoint = "resend_link")]
pub async fn resend_link() -> Result<(), Refused> {
    let call = Call::current()?;
    let asked = login::request::resend(&call.state, &call.visitor).await;
    call.answer(asked.map(|lead| match lead {
        Some(next) => redirect(next.as_str()),
        None => redirect("/login/sent?notice=sent_again"),
    }))
}

/// Signs in with the token of a mailed link, once, in time, and only in the browser that asked.
///
/// # Errors
/// `malformed_link`, `expired`, `other_browser`, `superseded`, `used` or `not_allowed`.
#[server(endpoint = "redeem_link")]
pub async fn redeem_link(token: String) -> Result<(), Refused> {
    let call = Call::current()?;
    let redeemed = login::redeem::redeem_link(&call.state, &call.visitor, &token).await;
    call.note_token(token);
    call.answer(redeemed.map(|next| redirect(next.as_str())))
}

/// Signs in with the token of a link that the operator has made, once, in time, in whichever browser it is opened.
///
/// # Errors
/// `malformed_link`, `expired`, `used` or `not_allowed`.
#[server(endpoint = "redeem_operator_link")]
pub async fn redeem_operator_link(token: String) -> Result<(), Refused> {
    let call = Call::current()?;
    let redeemed = login::operator_link::redeem(&call.state, &call.visitor, &token).await;
    call.answer(redeemed.map(|next| redirect(next.as_str())))
}

/// Signs in with the eight-digit code of a mail, once, in time, and only in the browser that asked.
///
/// # Errors
/// `malformed_code`, `other_browser`, `expired`, `wrong_code`, `code_locked`, `limited`, `used` or `not_allowed`.
#[server(endpoint = "redeem_code")]
pub async fn redeem_code(code: String) -> Result<(), Refused> {
    let call = Call::current()?;
    let redeemed = login::redeem::redeem_code(&call.state, &call.visitor, &code).await;
    call.answer(redeemed.map(|next| redirect(next.as_str())))
}

/// Ends the session of this browser, and with it those of all apps behind the gateway.
///
/// `next`: the local path to open after the next sign-in, for whoever wants to be somebody else.
///
/// # Errors
/// `signed_out` if nobody is signed in.
#[server(endpoint = "sign_out")]
pub async fn sign_out(next: Option<String>) -> Result<(), Refused> {
    let call = Call::current()?;
    let ended = end::sign_out(&call.state, &call.visitor).await;
    let next = next.and_then(|next| ReturnPath::parse(&next).ok());
    let next = next.map(|next| format!("&next={}", utf8_percent_encode(next.as_str(), QUERY_VALUE)));
    call.answer(ended.map(|()| redirect(&format!("/login?notice=signed_out{}", next.unwrap_or_default()))))
}

/// Ends the session of one device that is signed in as the same person, and with it those of its apps. `id`: its name on
/// /sessions. That of the device that asks is ended as by `sign_out`.
///
/// # Errors
/// `signed_out` if nobody is signed in; `no_such_session` for everything that is not the name of a session of one's own.
#[server(endpoint = "revoke_session")]
pub async fn revoke_session(id: String) -> Result<(), Refused> {
    let call = Call::current()?;
    let ended = devices::end(&call.state, &call.visitor, &id).await;
    call.answer(ended.map(|ended| match ended {
        devices::Ended::This => redirect("/login?notice=signed_out"),
        devices::Ended::Other => redirect("/sessions?notice=device_signed_out"),
    }))
}

/// Ends the sessions of all devices that are signed in as the same person, except the one that asks.
///
/// # Errors
/// `signed_out` if nobody is signed in.
#[server(endpoint = "revoke_other_sessions")]
pub async fn revoke_other_sessions() -> Result<(), Refused> {
    let call = Call::current()?;
    let ended = devices::end_others(&call.state, &call.visitor).await;
    call.answer(ended.map(|()| redirect("/sessions?notice=others_signed_out")))
}

/// Ends the session of somebody, and with it those of its apps. `id`: its name on /admin/sessions.
///
/// # Errors
/// `no_such_session` if it has ended. To whoever is no admin there is no such function.
#[server(endpoint = "end_session_of_anybody")]
pub async fn end_session_of_anybody(id: String) -> Result<(), Refused> {
    let call = Call::current()?;
    let ended = match call.admin() {
        Ok(by) => admin::end_session(&call.state, &call.visitor, &by, &id).await,
        Err(refusal) => Err(refusal.into()),
    };
    call.answer(ended.map(|()| redirect("/admin/sessions?notice=session_ended")))
}

/// Has a mail tried again that waits or was refused. `message_id`: its name on /admin/mails.
///
/// # Errors
/// `no_such_mail` if it waits no more. To whoever is no admin there is no such function.
#[server(endpoint = "try_mail_again")]
pub async fn try_mail_again(message_id: String) -> Result<(), Refused> {
    let call = Call::current()?;
    let tried = match call.admin() {
        Ok(by) => admin::try_again(&call.state, &call.visitor, &by, &message_id).await,
        Err(refusal) => Err(refusal.into()),
    };
    call.answer(tried.map(|()| redirect("/admin/mails?notice=mail_tried_again")))
}

/// Lets this browser read `language`, a tag such as `de`, for a year.
///
/// `next`: the local path of the page that the visitor is on; they are led home from one that is none.
///
/// # Errors
/// `malformed_request` for a language that is not offered.
#[server(endpoint = "choose_language")]
pub async fn choose_language(language: String, next: Option<String>) -> Result<(), Refused> {
    let call = Call::current()?;
    let config = &call.state.config;
    let chosen = config.languages.of(&language).map(|words| cookie::language(config, words.lang()));
    let here = next.and_then(|next| ReturnPath::parse_here(&next).ok()).unwrap_or_else(ReturnPath::home);
    call.answer(chosen.ok_or(Refusal::MalformedRequest.into()).map(|cookie| {
        set_cookie(&cookie);
        redirect(here.as_str());
    }))
}

/// The person behind a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The normalised e-mail address.
    pub email: String,
}

/// Tells who is signed in.
///
/// # Errors
/// `signed_out` if nobody is.
#[server(endpoint = "whoami")]
pub async fn whoami() -> Result<Identity, Refused> {
    let call = Call::current()?;
    let person = call.visitor.signed_in().map(|person| Identity { email: person.email().to_string() });
    call.answer(person.map_err(Into::into))
}

/// A refusal as it reaches an island, in the lines of `app::given`. Machines read JSON, which `web::answers` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The stable name: one of `refusal::Refusal`'s. Where no answer of ours came, app/scripts/islands.js
    /// says `unreachable`, `not_ours` (a proxy or a network's portal answered) or `given_up` (nobody answered in time).
    pub refusal: String,
    /// Seconds until the next try makes sense.
    pub retry_after: Option<u64>,
    /// What to tell the visitor. Drawn by the server, so that no refusal and no language of one is part of the client;
    /// empty where no answer of ours came.
    pub message: String,
}

impl Refused {
    /// A refusal that has only its name.
    pub fn named(refusal: &str) -> Self {
        Self { refusal: refusal.into(), retry_after: None, message: String::new() }
    }

    /// Whether the same request may go through later, as it is.
    pub fn is_passing(&self) -> bool {
        self.message.is_empty() || self.refusal == "not_ready"
    }

    /// Whether it is about what the visitor typed.
    pub fn blames_the_field(&self) -> bool {
        matches!(
            self.refusal.as_str(),
            "malformed_address" | "malformed_code" | "wrong_code" | "not_recognized"
        )
    }
}

impl FromServerFnError for Refused {
    type Encoder = JsonEncoding;

    /// Nobody sees it: Leptos asks for it before a function is called, when it cannot read the arguments, and `web::answers`
    /// says so itself. The client posts forms and calls no function.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::named("malformed_request")
    }
}
