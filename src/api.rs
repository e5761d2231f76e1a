//! The server functions that the pages call, and the types that cross the wire.
//!
//! Each one is thin: it finds the visitor, calls one step of `flow`, and names the page that comes next. A refusal
//! becomes a status for a fetch and a page for a plain form in `web::answers`; no server function sets either.

#[cfg(feature = "ssr")]
pub mod call;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;
#[cfg(feature = "ssr")]
use {
    crate::{audit::Event, flow::login},
    call::Call,
    leptos_axum::redirect,
};

/// Asks for a sign-in mail to `email`. The answer is the same whether or not the address may sign in.
///
/// `next`: the local path to open after the sign-in; anything else than a local path is ignored.
///
/// Refused with `MalformedAddress`, or with `NotRecognized` where the operator chose to reveal that.
#[server(endpoint = "request_link")]
pub async fn request_link(email: String, next: Option<String>) -> Result<(), Refusal> {
    let call = Call::current()?;
    login::request::request(&call.state, &call.visitor, &email, next.as_deref()).await?;
    redirect("/login/sent");
    Ok(())
}

/// Sends a fresh mail to the address that this browser asked for; the older link and code become void.
///
/// Refused with `OtherBrowser` where this browser has not asked for anything.
#[server(endpoint = "resend_link")]
pub async fn resend_link() -> Result<(), Refusal> {
    let call = Call::current()?;
    login::request::resend(&call.state, &call.visitor).await?;
    redirect("/login/sent?notice=sent_again");
    Ok(())
}

/// Signs in with the token of a mailed link, once, in time, and only in the browser that asked.
#[server(endpoint = "redeem_link")]
pub async fn redeem_link(token: String) -> Result<(), Refusal> {
    let call = Call::current()?;
    let next = login::redeem::redeem_link(&call.state, &call.visitor, &token).await?;
    redirect(next.as_str());
    Ok(())
}

/// Signs in with the six-digit code of a mail, once, in time, and only in the browser that asked.
#[server(endpoint = "redeem_code")]
pub async fn redeem_code(code: String) -> Result<(), Refusal> {
    let call = Call::current()?;
    let next = login::redeem::redeem_code(&call.state, &call.visitor, &code).await?;
    redirect(next.as_str());
    Ok(())
}

/// Ends the session of this browser.
#[server(endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), Refusal> {
    let call = Call::current()?;
    let email = call.user().await?;
    call.visitor.session.end().await?;
    call.state.note(Event::SignedOut, None, Some(email.as_str()), Some(&call.visitor)).await;
    redirect("/login?notice=signed_out");
    Ok(())
}

/// The person behind a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The normalised e-mail address.
    pub email: String,
}

/// Tells who is signed in. The guard refuses everybody else with 401.
#[server(endpoint = "whoami")]
pub async fn whoami() -> Result<Identity, Refusal> {
    let email = Call::current()?.user().await?;
    Ok(Identity { email: email.to_string() })
}
