//! Loads `/login`.

use super::{Loaded, Visit};
use crate::{
    app::page::{Login, Page},
    domain::ReturnPath,
    flow::Error,
    web::answers::shown,
    words::UNREACHABLE,
};

/// Whoever is signed in is led on to where they wanted to go.
pub async fn load(visit: &Visit<'_>) -> Result<Loaded, Error> {
    let session = &visit.visitor.session;
    let refusal = visit.refusal();
    let form = if refusal.is_some() { session.refused_form().await? } else { None };
    let next = match (visit.query("next"), &form) {
        (None, Some(form)) => form.next.clone(),
        (next, _) => ReturnPath::parse_or_home(next),
    };
    if visit.visitor.signed_in.is_some() {
        return Ok(Loaded::Redirect(next.to_string()));
    }
    let typed = match form {
        Some(form) => form.email,
        None => session.pending().await?.map(|pending| pending.sign_in.email.to_string()).unwrap_or_default(),
    };
    Ok(Loaded::Page(Page::Login(Login {
        typed,
        next: next.to_string(),
        notice: visit.notice(),
        refused: refusal.as_ref().map(shown),
        unreachable: UNREACHABLE,
    })))
}
