//! The way from Postern into an app: whoever is signed in gets a ticket and goes on; the guard has sent all others to
//! the sign-in, from where they come back here.

use axum::{
    Extension,
    extract::{Query, Request, State, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::{carried_back, hand_over::FINISH, page};
use crate::{
    domain::Origin,
    flow::{
        Error, Visitor,
        gateway::{self, Attempt},
    },
    refusal::Refusal,
    state::AppState,
    web::{answers::failed, pages::not_found},
};

/// What [`super::hand_over`] sends along.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    app: String,
    r#try: String,
    nonce: String,
    next: Option<String>,
}

/// Leads into an app.
pub async fn enter(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    request: Request,
) -> Response {
    let read = parameters.ok().and_then(|Query(parameters)| {
        let origin = Origin::parse(&parameters.app).ok()?;
        let nonce_hash = URL_SAFE_NO_PAD.decode(&parameters.nonce).ok()?.try_into().ok()?;
        let plain =
            parameters.r#try.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let next = carried_back(parameters.next.as_deref());
        (plain && parameters.r#try.len() <= 16)
            .then_some((Attempt { origin, nonce_hash, next }, parameters.r#try))
    });
    let Some((attempt, known_by)) = read else { return not_found(State(state), request).await };
    let origin = attempt.origin.clone();
    match gateway::enter(&state, &visitor, attempt).await {
        Ok(ticket) => {
            Redirect::to(&format!("{origin}{FINISH}?ticket={ticket}&try={known_by}")).into_response()
        }
        Err(Error::Refused(Refusal::NotAllowed)) => match &visitor.signed_in {
            Some(person) if state.gateway.get().app(&origin).is_some() => {
                let back = request.uri().path_and_query().map_or("/", |back| back.as_str());
                page::not_allowed_there(&state.config, &origin, person.email(), back)
            }
            _ => not_found(State(state), request).await,
        },
        Err(error) => failed(request.headers(), error),
    }
}
