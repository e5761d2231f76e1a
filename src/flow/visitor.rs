//! The browser that sent a request.

use super::SignedIn;
use crate::{audit::Client, refusal::Refusal, session::LoginSession};

/// Who sends a request: found once by `web::layers::identify`, and read by everybody after it.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub session: LoginSession,
    pub client: Client,
    /// The person, if somebody is signed in.
    pub signed_in: Option<SignedIn>,
}

impl Visitor {
    /// The person.
    ///
    /// # Errors
    /// `SignedOut` if nobody is signed in.
    pub fn signed_in(&self) -> Result<&SignedIn, Refusal> {
        self.signed_in.as_ref().ok_or(Refusal::SignedOut)
    }
}
