//! The identification of the visitor: who sends a request is found out once, here, for everybody after it.

use axum::{
    extract::{Request, State},
    http::header::USER_AGENT,
    middleware::Next,
    response::Response,
};
use tower_sessions::Session;

use crate::{
    audit::Client,
    domain::ClientNetwork,
    flow::{Visitor, signed_in},
    session::{BrowserCookie, LoginSession},
    state::AppState,
    web::answers::failed,
};

/// Leaves a [`Visitor`] in the request, or answers that the database is broken: without knowing who asks, nothing is
/// shown. Runs before the guard, and needs the network that `client_address` has found.
pub async fn identify(
    State(state): State<AppState>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let network = request.extensions().get::<ClientNetwork>().copied().unwrap_or_default();
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    let client = Client::new(network, user_agent.unwrap_or_default());
    let browser = BrowserCookie::read(request.extensions(), &state.config, state.clock.now());
    let found = async {
        let session = LoginSession::read(session, &state.store, state.clock.now()).await?;
        let signed_in = signed_in::find(&state, &session).await?;
        Ok((session, signed_in))
    };
    match found.await {
        Ok((session, signed_in)) => {
            request.extensions_mut().insert(Visitor { session, client, signed_in, browser });
            next.run(request).await
        }
        Err(error) => failed(request.headers(), error),
    }
}
