//! The way from Postern into an app: whoever is signed in gets a ticket and goes on; the guard has sent all others to
//! the sign-in, from where they come back here.

use axum::{
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::{FINISH, carried_back, is_own, page};
use crate::{
    domain::Origin,
    flow::{
        Error, Visitor,
        gateway::{self, Attempt},
    },
    refusal::Refusal,
    state::AppState,
    web::answers::failed,
};

/// What [`super::hand_over`] sends along.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    app: String,
    r#try: String,
    nonce: String,
    next: Option<String>,
}

/// Leads into an app; `None` where there is none to lead to.
pub async fn enter(
    state: &AppState,
    visitor: &Visitor,
    parameters: Parameters,
    headers: &HeaderMap,
    uri: &Uri,
) -> Option<Response> {
    let origin = Origin::parse(&parameters.app).ok()?;
    let nonce_hash = URL_SAFE_NO_PAD.decode(&parameters.nonce).ok()?.try_into().ok()?;
    let known_by = parameters.r#try;
    let is_plain = known_by.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    // An app on Postern's own host needs no ticket.
    let is_elsewhere = !is_own(&state.config, &origin) && state.gateway.get().app(&origin).is_some();
    if !is_plain || known_by.len() > 16 || !is_elsewhere {
        return None;
    }
    let next = carried_back(parameters.next.as_deref());
    let attempt = Attempt { origin: origin.clone(), nonce_hash, next };
    Some(match gateway::enter(state, visitor, attempt).await {
        Ok(ticket) => {
            Redirect::to(&format!("{origin}{FINISH}?ticket={ticket}&try={known_by}")).into_response()
        }
        Err(Error::Refused(Refusal::NotAllowed)) => {
            let person = visitor.signed_in.as_ref()?;
            let back = uri.path_and_query().map_or("/", |back| back.as_str());
            page::not_allowed_there(&state.config, visitor.words, &origin, person.email(), back)
        }
        Err(error) => failed(state, headers, error),
    })
}
