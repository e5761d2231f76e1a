//! Last step: the link is opened or the code is typed, in the browser that asked.

use super::limits;
use crate::{
    audit::{Event, Note},
    domain::{
        EmailAddress, LoginCode, ReturnPath, SignIn,
        login_link::{self, LinkClaim, LinkError},
    },
    flow::{Error, Visitor},
    refusal::Refusal,
    session::Pending,
    state::AppState,
    store::limits::Verdict,
};

/// Wrong codes per challenge (NIST SP 800-63B, section 3.2.2 asks for a limit; six digits make five sensible).
const CODE_TRIES: u32 = 5;

/// Reads a token without using it: is it worth showing a button for?
///
/// # Errors
/// `MalformedLink` or `Expired`.
pub fn inspect_link(state: &AppState, token: &str) -> Result<LinkClaim, Refusal> {
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
/// `MalformedLink`, `Expired`, `OtherBrowser`, `Superseded`, `Used` or `NotAllowed`.
pub async fn redeem_link(state: &AppState, visitor: &Visitor, token: &str) -> Result<ReturnPath, Error> {
    let claim = match inspect_link(state, token) {
        Ok(claim) => claim,
        Err(refusal) => return refuse(state, visitor, None, refusal).await,
    };
    let pending = visitor.session.pending().await?.filter(|pending| pending.sign_in.email == claim.email);
    let refusal = match pending {
        Some(pending) if pending.sign_in.issued_at == claim.issued_at => {
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
/// `MalformedCode`, `OtherBrowser`, `Expired`, `CodeLocked`, `Limited`, `WrongCode`, `Used` or `NotAllowed`.
pub async fn redeem_code(state: &AppState, visitor: &Visitor, typed: &str) -> Result<ReturnPath, Error> {
    let pending = visitor.session.pending().await?.ok_or(Refusal::OtherBrowser)?;
    let code = LoginCode::parse(typed).map_err(|_| Refusal::MalformedCode)?;
    match try_code(state, &pending.sign_in, &code).await {
        Ok(()) => sign_in(state, visitor, pending).await,
        Err(Error::Refused(refusal)) => refuse(state, visitor, Some(&pending.sign_in.email), refusal).await,
        Err(broken) => Err(broken),
    }
}

async fn try_code(state: &AppState, sign_in: &SignIn, code: &LoginCode) -> Result<(), Error> {
    let (now, expires_at) = (state.clock.now(), sign_in.expires_at(state.config.link_max_age));
    if now > expires_at {
        return Err(Refusal::Expired.into());
    }
    // Both counted before the code is looked at, so that parallel guesses cannot exceed a limit. The first is over
    // all challenges of the address: asking for new mails does not buy new guesses. Neither blocks the link.
    let (counted, limit) = (format!("address_codes:{}", sign_in.email), state.config.limits.address_codes);
    if let Verdict::Limited { retry_after } = state.store.count(&counted, limit, now).await? {
        return Err(Refusal::Limited { retry_after }.into());
    }
    let tries = state.store.count_code_try(&sign_in.challenge.hashed(), CODE_TRIES, expires_at).await?;
    let Some(tries) = tries else {
        state.store.uncount(&counted, limit).await?;
        return Err(Refusal::CodeLocked.into());
    };
    if code.matches(&state.config.keys, &sign_in.challenge, &sign_in.email) {
        state.store.uncount(&counted, limit).await?;
        return Ok(());
    }
    Err(Refusal::WrongCode { tries_left: CODE_TRIES - tries }.into())
}

/// The one place where a session begins, for link and code alike: using one voids the other.
async fn sign_in(state: &AppState, visitor: &Visitor, pending: Pending) -> Result<ReturnPath, Error> {
    let (email, expires_at) = (&pending.sign_in.email, pending.sign_in.expires_at(state.config.link_max_age));
    if !state.allowlist.get().allows(email) {
        return refuse(state, visitor, Some(email), Refusal::NotAllowed).await;
    }
    if !state.store.redeem_once(&pending.sign_in.challenge.hashed(), expires_at).await? {
        return refuse(state, visitor, Some(email), Refusal::Used).await;
    }
    visitor.session.begin(email).await?;
    state.audit.note(Note::of(Event::SignedIn).email(email).client(&visitor.client)).await;
    Ok(pending.next)
}

async fn refuse(
    state: &AppState,
    visitor: &Visitor,
    email: Option<&EmailAddress>,
    refusal: Refusal,
) -> Result<ReturnPath, Error> {
    let (event, reason) = match refusal {
        Refusal::Limited { .. } => (Event::Limited, "address_codes"),
        _ => (Event::Refused, refusal.name()),
    };
    // Wrong codes are few by their own limit; everything else could be repeated without end.
    let address = email.map(EmailAddress::as_str).unwrap_or_default();
    let key = format!("{reason}:{address}:{}", visitor.client.network);
    if matches!(refusal, Refusal::WrongCode { .. }) || limits::first_this_minute(state, &key).await? {
        let note = Note::of(event).reason(reason).client(&visitor.client);
        state.audit.note(email.into_iter().fold(note, Note::email)).await;
    }
    Err(refusal.into())
}
