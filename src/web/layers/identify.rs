//! The identification of the visitor: who sends a request is found out once, here, for everybody after it.

use axum::{
    Extension,
    extract::{Request, State},
    http::{Method, header::USER_AGENT},
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
    web::answers::{failed, wants_page},
    words::Words,
};

/// Leaves a [`Visitor`] in the request, or answers that the database is broken: without knowing who asks, nothing is
/// shown. A page takes a cookie away that names no session. Runs before the guard, and needs the network that
/// `client_address` and the language that `language` has found.
pub async fn identify(
    State(state): State<AppState>,
    session: Session,
    Extension(words): Extension<Words>,
    mut request: Request,
    next: Next,
) -> Response {
    let client = client(&request);
    let browser = BrowserCookie::read(request.extensions(), &state.config, state.clock.now());
    // A POST keeps even a dead cookie: while it was on its way, another answer may have set a new one. A page could meet
    // that only in a second tab, within milliseconds, and the price would be to sign in once more.
    let may_remove = matches!(*request.method(), Method::GET | Method::HEAD) && wants_page(request.headers());
    let found = async {
        let session = LoginSession::read(session, &state.store, state.clock.now()).await?;
        if session.is_dead() && may_remove {
            session.forget().await?;
        }
        let signed_in = signed_in::find(&state, &session).await?;
        Ok((session, signed_in))
    };
    match found.await {
        Ok((session, signed_in)) => {
            request.extensions_mut().insert(Visitor { session, client, signed_in, browser, words });
            next.run(request).await
        }
        Err(error) => failed(&state, request.headers(), error),
    }
}

/// Where a request comes from, for limits and the trail. Needs the network that `client_address` has found.
pub fn client(request: &Request) -> Client {
    let network = request.extensions().get::<ClientNetwork>().copied().unwrap_or_default();
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    Client::new(network, user_agent.unwrap_or_default())
}
