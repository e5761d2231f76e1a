//! Last step: the link is opened or the code is typed, in the browser that asked.

use crate::{
    api::refusal::Refusal,
    domain::{
        LoginCode, ReturnPath, UnixTime,
        login_link::{self, LinkClaim, LinkError},
    },
    server::{
        session::{LoginSession, Pending},
        state::AppState,
    },
};

/// Wrong codes per challenge (NIST SP 800-63B, section 3.2.2 asks for a limit; six digits make five sensible).
const CODE_TRIES: u32 = 5;

/// Looks at a token without using it: is it worth showing a button for?
///
/// # Errors
/// `MalformedLink` or `Expired`.
pub fn look_at_link(state: &AppState, token: &str) -> Result<LinkClaim, Refusal> {
    let config = &state.config;
    login_link::read(&config.keys, token, state.clock.now(), config.link_max_age).map_err(|error| {
        tracing::info!(reason = ?error, "link refused");
        match error {
            LinkError::Expired => Refusal::Expired,
            LinkError::Malformed(_) => Refusal::MalformedLink,
        }
    })
}

/// Signs in by link. Gives the path that the visitor wanted in the first place.
///
/// # Errors
/// `MalformedLink`, `Expired`, `OtherBrowser`, `Superseded`, `Used`, `NotAllowed` or `NotReady`.
pub async fn redeem_link(
    state: &AppState,
    session: &LoginSession,
    token: &str,
) -> Result<ReturnPath, Refusal> {
    let claim = look_at_link(state, token)?;
    let pending = session.pending().await?.filter(|pending| pending.email == claim.email);
    let refused = match pending {
        Some(pending) if pending.issued_at == claim.issued_at => {
            return sign_in(state, session, pending).await;
        }
        Some(_) => Refusal::Superseded,
        // This browser asked for nothing, or for somebody else.
        None => Refusal::OtherBrowser,
    };
    tracing::info!(email = %claim.email, refused = ?refused, "link refused");
    Err(refused)
}

/// Signs in by code. A wrong code is counted and leaves link and code as they are.
///
/// # Errors
/// `MalformedCode`, `OtherBrowser`, `Expired`, `CodeLocked`, `WrongCode`, `Used`, `NotAllowed` or `NotReady`.
pub async fn redeem_code(
    state: &AppState,
    session: &LoginSession,
    typed: &str,
) -> Result<ReturnPath, Refusal> {
    let pending = session.pending().await?.ok_or(Refusal::OtherBrowser)?;
    let code = LoginCode::parse(typed).map_err(|_| Refusal::MalformedCode)?;
    let expires_at = expiry(state, &pending);
    if state.clock.now() > expires_at {
        return Err(Refusal::Expired);
    }
    let counted = state.store.count_code_try(&pending.challenge.hashed(), CODE_TRIES, expires_at).await?;
    let Some(tries) = counted else {
        tracing::warn!(email = %pending.email, "code refused: too many tries");
        return Err(Refusal::CodeLocked);
    };
    if !code.matches(&state.config.keys, &pending.challenge, &pending.email) {
        tracing::info!(email = %pending.email, tries, "code refused: wrong");
        return Err(Refusal::WrongCode { tries_left: CODE_TRIES - tries });
    }
    sign_in(state, session, pending).await
}

/// The one place where a session begins, for link and code alike: using one voids the other.
async fn sign_in(state: &AppState, session: &LoginSession, pending: Pending) -> Result<ReturnPath, Refusal> {
    if !state.allowlist.get().allows(&pending.email) {
        tracing::warn!(email = %pending.email, "sign-in refused: not on the allowlist");
        return Err(Refusal::NotAllowed);
    }
    if !state.store.redeem_once(&pending.challenge.hashed(), expiry(state, &pending)).await? {
        tracing::info!(email = %pending.email, "sign-in refused: already used");
        return Err(Refusal::Used);
    }
    session.begin(&pending.email).await?;
    tracing::info!(email = %pending.email, "signed in");
    Ok(pending.next)
}

fn expiry(state: &AppState, pending: &Pending) -> UnixTime {
    pending.issued_at.plus(state.config.link_max_age)
}
