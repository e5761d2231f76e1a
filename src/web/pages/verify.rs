//! Loads `/verify`.

use axum::http::StatusCode;

use super::{Loaded, Visit};
use crate::{
    app::page::{OtherBrowser, Page},
    domain::{LinkError, ReturnPath, login_link, operator_link},
    flow::login::redeem::inspect_link,
    refusal::Refusal,
    web::answers::status,
};

/// The page behind a link. Looking at it changes nothing; only the POST of its button does.
///
/// A link that is refused at sight says so in its status as well; the refusal of a form has been answered before.
pub fn load(visit: &Visit<'_>) -> Loaded {
    if let Some(page) = operator_link(visit) {
        return page;
    }
    let (refusal, status) = match (visit.query("token"), visit.refusal()) {
        (token, Some(Refusal::OtherBrowser)) => {
            let link = token.and_then(|token| link(visit, token));
            return Loaded::Page(Page::OtherBrowser(OtherBrowser { link, next: next(visit) }));
        }
        (_, Some(told)) => (told, StatusCode::OK),
        (Some(token), None) => match inspect_link(visit.state, token) {
            Ok(_) => return Loaded::Page(Page::Verify { token: token.to_owned() }),
            Err(refusal) => (refusal.clone(), status(&refusal)),
        },
        (None, None) => (Refusal::MalformedLink, status(&Refusal::MalformedLink)),
    };
    refused(visit, &refusal, status)
}

/// The page that says why a link signs nobody in.
fn refused(visit: &Visit<'_>, refusal: &Refusal, status: StatusCode) -> Loaded {
    let (headline, message) = (visit.words().headline(refusal), visit.sentence(refusal));
    Loaded::Refused(
        status,
        Page::LinkRefused { headline, message, told: refusal.to_query(), next: next(visit) },
    )
}

/// The page behind a link that the operator has made, if it is one. One that has expired is told as such, and so is one that
/// has been used: by its button.
fn operator_link(visit: &Visit<'_>) -> Option<Loaded> {
    let token = visit.query("token").filter(|_| visit.refusal().is_none())?;
    match operator_link::read(&visit.state.config.keys, token, visit.state.clock.now()) {
        Ok(claim) => {
            let (token, email) = (token.to_owned(), claim.email.to_string());
            Some(Loaded::Page(Page::OperatorLink { token, email }))
        }
        Err(LinkError::Expired) => Some(refused(visit, &Refusal::Expired, status(&Refusal::Expired))),
        Err(LinkError::Malformed(_)) => None,
    }
}

/// Where somebody who is in all the same goes on.
fn next(visit: &Visit<'_>) -> Option<String> {
    let next = visit.visitor.session.says().next.unwrap_or_else(ReturnPath::home);
    visit.visitor.signed_in.as_ref().map(|_| next.to_string())
}

/// The link around a token, and whose it is, if it is genuine and young enough to be worth copying: what anybody writes
/// into an address is not repeated.
fn link(visit: &Visit<'_>, token: &str) -> Option<(String, String)> {
    let claim = inspect_link(visit.state, token).ok()?;
    Some((login_link::around(visit.state.config.public_url.origin(), token), claim.email.to_string()))
}
