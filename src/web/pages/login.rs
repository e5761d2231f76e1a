//! Loads `/login`.

use super::{Loaded, Visit};
use crate::{
    app::{
        page::{Login, Page},
        places::SENT,
    },
    domain::{Challenge, ReturnPath},
    flow::login::request::resend_wait,
    random,
    refusal::Refusal,
    web::answers::shown,
    words::UNREACHABLE,
};

/// The form, with what was typed before; whoever is signed in is led on to where they wanted to go.
///
/// What was typed comes from the session and not from the query, which anybody can write.
pub fn load(visit: &Visit<'_>) -> Loaded {
    let says = visit.visitor.session.says();
    let refusal = visit.refusal();
    let form = says.refused_form.filter(|_| refusal.is_some());
    let next = match (visit.query("next"), &form) {
        (None, Some(form)) => form.next.clone(),
        (next, _) => ReturnPath::parse_or_home(next),
    };
    if visit.visitor.signed_in.is_some() {
        return Loaded::Redirect(next.to_string());
    }
    // Held back in one tab while the mail that another one asked for is on its way: that is the page to be at.
    if let (Some(Refusal::Limited { .. }), Some(pending)) = (&refusal, &says.pending)
        && form.as_ref().is_none_or(|form| form.email == pending.sign_in.email.as_str())
        && resend_wait(visit.state, pending) > 0
    {
        return Loaded::Redirect(SENT.path.into());
    }
    let typed = match form {
        Some(form) => form.email,
        None => says.pending.map(|pending| pending.sign_in.email.to_string()).unwrap_or_default(),
    };
    Loaded::Page(Page::Login(Login {
        typed,
        next: next.to_string(),
        form: Challenge::random(&mut random::rng()).hashed().to_string(),
        notice: visit.notice(),
        refused: refusal.as_ref().map(shown),
        unreachable: UNREACHABLE,
    }))
}
