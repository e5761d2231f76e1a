//! Loads `/login`.

use super::{Loaded, Visit};
use crate::{
    app::page::{Login, Page},
    domain::{Challenge, ReturnPath},
    random,
    web::answers::shown,
    words::UNREACHABLE,
};

/// Whoever is signed in is led on to where they wanted to go.
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
