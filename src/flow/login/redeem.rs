//! Last step: the link is opened or the code is typed, in the browser that asked.

use super::limits;
use crate::{
    audit::Event,
    domain::{
        EmailAddress, LoginCode, ReturnPath, UnixTime,
        login_link::{self, LinkClaim, LinkError},
    },
    flow::Visitor,
    refusal::Refusal,
    session::Pending,
    state::AppState,
    store::limits::Verdict,
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
pub async fn redeem_link(state: &AppState, visitor: &Visitor, token: &str) -> Result<ReturnPath, Refusal> {
    let claim = match look_at_link(state, token) {
        Ok(claim) => claim,
        Err(refusal) => return refuse(state, visitor, None, refusal).await,
    };
    let pending = visitor.session.pending().await?.filter(|pending| pending.email == claim.email);
    let refusal = match pending {
        Some(pending) if pending.issued_at == claim.issued_at => {
            return sign_in(state, visitor, pending).await;
        }
        Some(_) => Refusal::Superseded,
        // This browser asked for nothing, or for somebody else.
        None => Refusal::OtherBrowser,
    };
    refuse(state, visitor, Some(&claim.email), refusal).await
}

/// Signs in by code. A wrong code is counted and leaves link and code as they are.
///
/// # Errors
/// `MalformedCode`, `OtherBrowser`, `Expired`, `CodeLocked`, `Limited`, `WrongCode`, `Used`, `NotAllowed` or
/// `NotReady`.
pub async fn redeem_code(state: &AppState, visitor: &Visitor, typed: &str) -> Result<ReturnPath, Refusal> {
    let pending = visitor.session.pending().await?.ok_or(Refusal::OtherBrowser)?;
    let code = LoginCode::parse(typed).map_err(|_| Refusal::MalformedCode)?;
    match try_code(state, &pending, &code).await {
        Ok(()) => sign_in(state, visitor, pending).await,
        Err(refusal) => refuse(state, visitor, Some(&pending.email), refusal).await,
    }
}

async fn try_code(state: &AppState, pending: &Pending, code: &LoginCode) -> Result<(), Refusal> {
    let (now, expires_at) = (state.clock.now(), expiry(state, pending));
    if now > expires_at {
        return Err(Refusal::Expired);
    }
    // Both counted before the code is looked at, so that parallel guesses cannot exceed a limit. The first is over
    // all challenges of the address: asking for new mails does not buy new guesses. Neither blocks the link.
    let (counted, limit) = (format!("address_codes:{}", pending.email), state.config.limits.address_codes);
    if let Verdict::Limited { retry_after } = state.store.count(&counted, limit, now).await? {
        return Err(Refusal::Limited { retry_after });
    }
    let tries = state.store.count_code_try(&pending.challenge.hashed(), CODE_TRIES, expires_at).await?;
    let Some(tries) = tries else {
        state.store.uncount(&counted, limit).await?;
        return Err(Refusal::CodeLocked);
    };
    if code.matches(&state.config.keys, &pending.challenge, &pending.email) {
        state.store.uncount(&counted, limit).await?;
        return Ok(());
    }
    Err(Refusal::WrongCode { tries_left: CODE_TRIES - tries })
}

/// The one place where a session begins, for link and code alike: using one voids the other.
async fn sign_in(state: &AppState, visitor: &Visitor, pending: Pending) -> Result<ReturnPath, Refusal> {
    let email = &pending.email;
    if !state.allowlist.get().allows(email) {
        return refuse(state, visitor, Some(email), Refusal::NotAllowed).await;
    }
    if !state.store.redeem_once(&pending.challenge.hashed(), expiry(state, &pending)).await? {
        return refuse(state, visitor, Some(email), Refusal::Used).await;
    }
    visitor.session.begin(email).await?;
    state.note(Event::SignedIn, None, Some(email.as_str()), Some(visitor)).await;
    Ok(pending.next)
}

async fn refuse(
    state: &AppState,
    visitor: &Visitor,
    email: Option<&EmailAddress>,
    refusal: Refusal,
) -> Result<ReturnPath, Refusal> {
    let (event, reason) = match refusal {
        Refusal::Limited { .. } => (Event::Limited, "address_codes"),
        _ => (Event::Refused, refusal.name()),
    };
    // Wrong codes are few by their own limit; everything else could be repeated for ever.
    let email = email.map(EmailAddress::as_str);
    let repeated = format!("{reason}:{}:{}", email.unwrap_or_default(), visitor.network);
    if matches!(refusal, Refusal::WrongCode { .. }) || limits::is_news(state, &repeated).await? {
        state.note(event, Some(reason), email, Some(visitor)).await;
    }
    Err(refusal)
}

fn expiry(state: &AppState, pending: &Pending) -> UnixTime {
    pending.issued_at.plus(state.config.link_max_age)
}
