//! Loads `/login/sent`.

use super::{Loaded, Visit};
use crate::{
    app::{
        page::{Page, Sent},
        places::LOGIN,
    },
    domain::ReturnPath,
    flow::login::request::resend_wait,
    refusal::Refusal,
    web::answers::shown,
    words::{self, UNREACHABLE},
};

/// The page of a browser that waits for a mail. Every other one is sent on: home if it is signed in, else to /login.
pub fn load(visit: &Visit<'_>) -> Loaded {
    let says = visit.visitor.session.says();
    if visit.visitor.signed_in.is_some() {
        return Loaded::Redirect(says.next.unwrap_or_else(ReturnPath::home).to_string());
    }
    let Some(pending) = says.pending else {
        return Loaded::Redirect(format!("{}?notice=start_here", LOGIN.path));
    };
    // A limit is about the mail unless it says otherwise, everything else about the code.
    let about_mail = visit.query("at") != Some("code");
    let (mail_refused, code_refused) = match visit.refusal() {
        Some(limited @ Refusal::Limited { .. }) if about_mail => (Some(limited), None),
        refusal => (None, refusal),
    };
    Loaded::Page(Page::Sent(Sent {
        resend_in: resend_wait(visit.state, &pending),
        email: pending.sign_in.email.to_string(),
        lifetime: words::span(visit.state.config.link_max_age),
        notice: visit.notice(),
        mail_refused: mail_refused.as_ref().map(shown),
        code_refused: code_refused.as_ref().map(shown),
        has_inbox: visit.state.inbox.is_some(),
        unreachable: UNREACHABLE,
    }))
}
