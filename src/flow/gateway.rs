//! The gateway: whether a request to another app may pass, and how a browser gets from here to there.
//!
//! No cookie opens more than one app. A browser that wants into an app sets out there with a nonce of its own, comes here,
//! and goes back with a ticket: good for a minute, once, for this app, this session and this nonce. With it the app's host
//! gets a session that ends with the one here (docs/decisions/0012-tickets-between-hosts.md).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Broken, Error, Visitor};
use crate::{
    audit::{Client, Event, Note},
    domain::{EmailAddress, Gateway, Origin},
    random,
    refusal::Refusal,
    session::{AppCookie, AppSession},
    state::AppState,
    store::{
        gateway::{AppSessionRow, TicketRow},
        sessions::HashedSessionId,
    },
};

/// How long a ticket is good.
const TICKET_MAX_AGE: Duration = Duration::from_secs(60);

/// What becomes of a request to an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passes, in the name of this person, who is in these groups (their names, with commas).
    Pass { email: EmailAddress, groups: String },
    /// It passes in nobody's name: the path is public.
    PassAsNobody,
    /// Nobody is signed in.
    SignedOut,
    /// This person may not open this app.
    NotAllowed(EmailAddress),
    /// There is no such app.
    NoApp,
}

/// Judges a request for `target` (path and query, as they came) of the app at `origin`.
///
/// # Errors
/// If the database fails, and somebody who may be signed in asks: nothing passes then.
pub async fn check(
    state: &AppState,
    origin: &Origin,
    target: &[u8],
    cookie: Option<AppCookie<'_>>,
) -> Result<Verdict, Broken> {
    let gateway = state.gateway.get();
    let Some(app) = gateway.app(origin) else { return Ok(Verdict::NoApp) };
    let person = match cookie {
        Some(cookie) => find(state, origin, cookie).await?.map(|session| session.email),
        None => None,
    };
    Ok(match person {
        Some(email) if app.allows(&email) => Verdict::Pass { groups: groups(&gateway, &email), email },
        _ if app.is_public(target) => Verdict::PassAsNobody,
        Some(email) => Verdict::NotAllowed(email),
        None => Verdict::SignedOut,
    })
}

fn groups(gateway: &Gateway, email: &EmailAddress) -> String {
    gateway.groups_of(email).collect::<Vec<_>>().join(",")
}

/// The session with which a browser opens the app at `origin`. That of somebody who has left the allowlist ends here.
///
/// # Errors
/// If the database fails.
pub async fn find(
    state: &AppState,
    origin: &Origin,
    cookie: AppCookie<'_>,
) -> Result<Option<AppSession>, Broken> {
    let now = state.clock.now();
    let found = state.app_sessions.find(&state.store, cookie, now).await?;
    // It is the session of one app, whichever host its cookie was brought to.
    let here = |session: &AppSession| session.origin.as_deref().is_none_or(|at| at == origin.as_str());
    let Some(session) = found.filter(here) else { return Ok(None) };
    if !state.allowlist.get().allows(&session.email) {
        end(state, &session, None).await?;
        return Ok(None);
    }
    session.see_later(&state.store, state.lifetimes, now);
    Ok(Some(session))
}

/// Ends the session that the browser opens the app with, and so all of that browser's.
///
/// # Errors
/// If it cannot be ended.
pub async fn sign_out(
    state: &AppState,
    client: &Client,
    origin: &Origin,
    cookie: AppCookie<'_>,
) -> Result<(), Broken> {
    if let Some(session) = find(state, origin, cookie).await? {
        end(state, &session, Some(client.clone())).await?;
    }
    Ok(())
}

/// Ends a session and notes why: by the person from `client`, or else because the address has left the allowlist.
async fn end(state: &AppState, session: &AppSession, client: Option<Client>) -> Result<(), Broken> {
    let (audit, now, id, email) = (state.audit, state.clock.now(), session.session, session.email.clone());
    state
        .store
        .step(move |step| {
            Box::pin(async move {
                if step.end_session(id).await? {
                    let note = match &client {
                        Some(client) => Note::of(Event::SignedOut).client(client),
                        None => Note::of(Event::Revoked).reason("not_on_the_allowlist"),
                    };
                    audit.note(step, now, note.email(&email)).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

/// A browser on its way into an app.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The app.
    pub origin: Origin,
    /// SHA-256 of the nonce that the browser keeps there.
    pub nonce_hash: [u8; 32],
    /// Path and query to open in the end, byte for byte.
    pub next: Vec<u8>,
}

/// A new nonce, in 43 characters of URL-safe base64.
pub fn nonce() -> String {
    let mut bytes = [0; 32];
    random::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether `text` has the shape of a [`nonce`], which is that of a ticket.
pub fn could_be_a_ticket(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// The hash of a nonce or of a ticket.
pub fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Gives whoever is signed in a ticket for the app.
///
/// # Errors
/// `SignedOut`; `NotAllowed` where there is no such app, or this person may not open it.
pub async fn enter(state: &AppState, visitor: &Visitor, attempt: Attempt) -> Result<String, Error> {
    let person = visitor.signed_in()?;
    let gateway = state.gateway.get();
    if gateway.app(&attempt.origin).is_none_or(|app| !app.allows(person.email())) {
        return Err(Refusal::NotAllowed.into());
    }
    let session = visitor.session.key().ok_or(Refusal::SignedOut)?;
    let (ticket, now) = (nonce(), state.clock.now());
    let row = TicketRow {
        session,
        origin: attempt.origin.to_string(),
        nonce_hash: attempt.nonce_hash,
        next: attempt.next,
        expires_at: now.plus(TICKET_MAX_AGE),
    };
    let hashed = hash(&ticket);
    state.store.step(move |step| Box::pin(async move { step.put_ticket(hashed, &row).await })).await?;
    Ok(ticket)
}

/// A browser that has come back to an app.
#[derive(Clone, Debug)]
pub struct Entered {
    /// The value of the cookie for the app's host.
    pub cookie: String,
    /// Path and query to open.
    pub next: Vec<u8>,
}

/// Takes a ticket and begins a session of the app at `origin`.
///
/// # Errors
/// `Expired` for a ticket that is late, used, forged or for another app; `OtherBrowser` without the nonce; `SignedOut` and
/// `NotAllowed` if that is so meanwhile.
pub async fn finish(
    state: &AppState,
    client: &Client,
    origin: &Origin,
    ticket: &str,
    nonce: Option<&str>,
) -> Result<Entered, Error> {
    let (now, audit, lifetimes) = (state.clock.now(), state.audit, state.lifetimes);
    let (hashed, nonce_hash) = (hash(ticket), nonce.map(hash));
    let (allowlist, gateway) = (state.allowlist.get(), state.gateway.get());
    let (client, origin, cookie) = (client.clone(), origin.clone(), self::nonce());
    let id = HashedSessionId::of(&cookie);
    let entered = state.store.step(move |step| {
        Box::pin(async move {
            let ticket = step.take_ticket(hashed).await?;
            let good = |ticket: &TicketRow| now < ticket.expires_at && ticket.origin == origin.as_str();
            let Some(ticket) = ticket.filter(good) else { return Ok(Err(Refusal::Expired)) };
            if nonce_hash.is_none_or(|nonce| !bool::from(nonce.ct_eq(&ticket.nonce_hash))) {
                return Ok(Err(Refusal::OtherBrowser));
            }
            let session = step.session(ticket.session, now).await?;
            let email =
                session.as_ref().and_then(|session| EmailAddress::parse(session.email.as_deref()?).ok());
            let (Some(session), Some(email)) = (session, email) else { return Ok(Err(Refusal::SignedOut)) };
            if !allowlist.allows(&email) || gateway.app(&origin).is_none_or(|app| !app.allows(&email)) {
                return Ok(Err(Refusal::NotAllowed));
            }
            let row = AppSessionRow {
                id,
                session: session.id,
                origin: origin.to_string(),
                expires_at: lifetimes.latest(session.created_at),
            };
            step.put_app_session(&row).await?;
            let note = Note::of(Event::Entered).email(&email).client(&client).app(origin.as_str());
            audit.note(step, now, note).await?;
            Ok(Ok(ticket.next))
        })
    });
    Ok(Entered { next: entered.await??, cookie })
}
