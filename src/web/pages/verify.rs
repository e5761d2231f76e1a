//! Loads `/verify`.

use axum::http::StatusCode;

use super::{Loaded, Visit};
use crate::{app::page::Page, flow::login::redeem::inspect_link, refusal::Refusal, web::answers::status};

/// The page behind a link. Looking at it changes nothing; only the POST of its button does.
///
/// A link that is refused at sight says so in its status as well; the refusal of a form has been answered before.
pub fn load(visit: &Visit<'_>) -> Loaded {
    let (refusal, status) = match (visit.query("token"), visit.refusal()) {
        (Some(token), _) => match inspect_link(visit.state, token) {
            Ok(_) => {
                return Loaded::Page(Page::Verify { token: token.to_owned() });
            }
            Err(refusal) => (refusal.clone(), status(&refusal)),
        },
        (None, Some(told)) => (told, StatusCode::OK),
        (None, None) => (Refusal::MalformedLink, status(&Refusal::MalformedLink)),
    };
    let page = Page::LinkRefused {
        headline: visit.words().headline(&refusal),
        message: visit.sentence(&refusal),
        signed_in: visit.visitor.signed_in.is_some(),
    };
    Loaded::Refused(status, page)
}
