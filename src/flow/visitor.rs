//! Who is at the door: a browser's session, and where the request came from.

use tower_sessions::Session;

use crate::{domain::ClientNetwork, session::LoginSession};

/// User agents are noted up to this many characters: enough to tell devices apart.
const LONGEST_USER_AGENT: usize = 200;

/// The browser that sent a request.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub session: LoginSession,
    pub network: ClientNetwork,
    /// What the browser says it is; anything may stand here but control characters.
    pub user_agent: String,
}

impl Visitor {
    /// The visitor behind a request, if it passed the layers that find out.
    pub fn of(parts: &axum::http::request::Parts) -> Option<Self> {
        let session = parts.extensions.get::<Session>()?.clone();
        let network = *parts.extensions.get::<ClientNetwork>()?;
        let user_agent = parts.headers.get(axum::http::header::USER_AGENT);
        let user_agent = user_agent.and_then(|value| value.to_str().ok()).unwrap_or_default();
        Some(Self {
            session: LoginSession::new(session),
            network,
            user_agent: user_agent.chars().filter(|c| !c.is_control()).take(LONGEST_USER_AGENT).collect(),
        })
    }
}
