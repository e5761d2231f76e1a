//! First step: a visitor types an address, and a mail is put into the outbox.
//!
//! Known and unknown addresses take the same path here, write the same rows and get the same answer. Only
//! [`super::deliver`] looks at the difference, when nobody is waiting for an answer.

use std::{sync::Arc, time::Duration};

use tower_sessions::session::Id;

use super::limits;
use crate::{
    audit::{Event, Note},
    domain::{Budget, EmailAddress, Limits, Priority, ReturnPath, SignIn, UnixTime},
    flow::{Asking, Error, Visitor},
    refusal::Refusal,
    session::{Pending, RefusedForm, Stored, id_for},
    state::AppState,
    store::{Step, StoreError, ahead::Reads},
};

/// How much of a refused input is kept for the form: more than any address has.
const LONGEST_KEPT: usize = 320;

/// Parses what was typed, and then in one step: spends the budgets, remembers the sign-in in this browser's session and
/// puts its mail into the outbox.
///
/// `form`: what the form brought along to be known by when it is posted twice.
///
/// A repeated press for an address that this browser waits for already, within the gap between two mails, changes nothing
/// and is no error: the mail that is on its way works.
///
/// # Errors
/// `MalformedAddress`; `Limited`; `NotRecognized` where the operator reveals that.
pub async fn request(
    state: &AppState,
    visitor: &Visitor,
    typed: &str,
    next: Option<&str>,
    form: Option<&str>,
) -> Result<(), Error> {
    let asking = Asking::by(state, visitor);
    let next = ReturnPath::parse_or_home(next);
    let kept = RefusedForm { email: typed.trim().chars().take(LONGEST_KEPT).collect(), next: next.clone() };
    let email = EmailAddress::parse(typed).map_err(|fault| Refusal::MalformedAddress { fault });
    let wanted = email.clone().map(|email| new_pending(&asking, email, next));
    let (known, fresh) = (visitor.session.id(), id_for(&state.config.keys.primary, form));
    let reads = Reads {
        sessions: Stored::reads(known.into_iter().chain([fresh])),
        counted: limits::looked_at(&asking, email.as_ref().ok()),
    };
    let asked = state
        .store
        .step_reading(reads, move |step| {
            Box::pin(async move {
                let (id, mut stored) = session(step, known, fresh, &asking).await?;
                let lives = stored.is_kept();
                let asked = match wanted {
                    Ok(pending) => ask(step, &asking, &mut stored, pending, Again::IsFine).await?,
                    Err(malformed) => {
                        let allowed = limits::spend(step, &asking, &limits::requests(&asking), None).await?;
                        allowed.and(Err(malformed))
                    }
                };
                match asked {
                    Ok(()) => Ok((Ok(()), Some(id))),
                    // Nothing is kept for a stranger who is held back: it would be rows without end. And a browser whose
                    // other tab has just been answered keeps the cookie of that answer.
                    Err(limited @ Refusal::Limited { .. }) if !lives => Ok((Err(limited), None)),
                    Err(refusal) => {
                        stored.says.refused_form = Some(kept);
                        stored.save(step, asking.lifetimes, asking.now).await?;
                        Ok((Err(refusal), Some(id)))
                    }
                }
            })
        })
        .await?;
    let (asked, id) = asked;
    if let Some(id) = id.filter(|id| known != Some(*id)) {
        visitor.session.hand_out(id).await?;
    }
    Ok(asked?)
}

/// Asks again for the address that this browser has asked for. Whoever is signed in and waits for nothing is led on:
/// `Some` path.
///
/// # Errors
/// `OtherBrowser` if it has not asked; `Limited` before the wait is over; `NotRecognized` where the operator reveals
/// that.
pub async fn resend(state: &AppState, visitor: &Visitor) -> Result<Option<ReturnPath>, Error> {
    let says = visitor.session.says();
    let waits_for = says.pending.as_ref().map(|pending| &pending.sign_in.email);
    if let Some(person) = &visitor.signed_in
        && waits_for.is_none_or(|email| email == person.email())
    {
        return Ok(Some(says.next.unwrap_or_else(ReturnPath::home)));
    }
    let asking = Asking::by(state, visitor);
    let id = visitor.session.id().ok_or(Refusal::OtherBrowser)?;
    state
        .store
        .step(move |step| {
            Box::pin(async move {
                let stored = Stored::find(step, &id, asking.now).await?;
                let pending = stored.as_ref().and_then(|stored| stored.says.pending.clone());
                let (Some(mut stored), Some(pending)) = (stored, pending) else {
                    return Ok(Err(Refusal::OtherBrowser));
                };
                let pending = new_pending(&asking, pending.sign_in.email, pending.next);
                ask(step, &asking, &mut stored, pending, Again::IsLimited).await
            })
        })
        .await??;
    Ok(None)
}

/// Seconds until the gap between two mails is over for this browser; 0 if it is. Other limits may still refuse.
pub fn resend_wait(state: &AppState, pending: &Pending) -> u64 {
    gap_left(&state.config.limits, &pending.sign_in, state.clock.now())
}

/// Seconds until a browser that has asked for `sign_in` may ask for the same inbox once more ([`Budget::Browser`]).
// Of all budgets the only one that no row is kept for: the session knows when it asked.
fn gap_left(limits: &Limits, sign_in: &SignIn, now: UnixTime) -> u64 {
    let gap = limits.of(Budget::Browser).interval_ms().unsigned_abs().div_ceil(1_000);
    // A clock that was ahead holds nobody up for longer than the gap.
    sign_in.issued_at.plus(Duration::from_secs(gap)).since(now).as_secs().min(gap)
}

/// What a second request for the same address, within the gap between two mails, is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// A second press of the same button.
    IsFine,
    /// The wish for another mail.
    IsLimited,
}

/// The session to write to, and its id: that of the cookie if it still lives, else the one that this form begins.
async fn session(
    step: &mut Step,
    known: Option<Id>,
    fresh: Id,
    asking: &Asking,
) -> Result<(Id, Stored), StoreError> {
    if let Some(id) = known
        && let Some(stored) = Stored::find(step, &id, asking.now).await?
    {
        return Ok((id, stored));
    }
    match Stored::find(step, &fresh, asking.now).await? {
        Some(stored) if stored.is_twice_pressed(asking.now) => Ok((fresh, stored)),
        // The value of a form is no key to the session that it began.
        Some(_) => {
            let id = Id::default();
            Ok((id, Stored::new(&id, asking.now)))
        }
        None => Ok((fresh, Stored::new(&fresh, asking.now))),
    }
}

/// Spends what the visitor spends, notes `asked`, enqueues the mail and remembers the sign-in. What others can spend too
/// is spent when the mail leaves ([`super::queue`]).
// Budgets first: what a limit has refused must not write a row or an entry each time.
async fn ask(
    step: &mut Step,
    asking: &Asking,
    stored: &mut Stored,
    pending: Pending,
    again: Again,
) -> Result<Result<(), Refusal>, StoreError> {
    let email = &pending.sign_in.email;
    let wait = own_wait(asking, stored, email);
    if wait > 0 {
        let own = Budget::Browser.of(format_args!("{email}:{}", asking.client.network));
        return Ok(match again {
            Again::IsFine => Ok(()),
            Again::IsLimited => Err(limits::refuse(step, asking, &own, Some(email), wait).await?),
        });
    }
    let by_known_browser = match limits::let_ask(step, asking, email).await? {
        Ok(by_known_browser) => by_known_browser,
        Err(limited) => return Ok(Err(limited)),
    };
    let message_id = pending.sign_in.message_id();
    let note = Note::of(Event::Asked).email(email).message_id(&message_id).client(&asking.client);
    asking.audit.note(step, asking.now, note).await?;
    if asking.reveals_unknown && !asking.allowlist.allows(email) {
        return Ok(Err(Refusal::NotRecognized));
    }
    let (expires_at, site) = (pending.sign_in.expires_at(asking.link_max_age), asking.client.network.site());
    let priority = by_known_browser.then_some(Priority::KnownBrowser);
    let (user_agent, language) = (&asking.client.user_agent, asking.words.lang());
    step.enqueue(&pending.sign_in, expires_at, &site.to_string(), user_agent, priority, language).await?;
    let bell = Arc::clone(&asking.outbox_bell);
    step.after_commit(move || bell.notify_one());
    stored.wait_for(pending);
    stored.save(step, asking.lifetimes, asking.now).await?;
    Ok(Ok(()))
}

/// Seconds of the gap between two mails that are left, where this browser has asked for the same inbox and not redeemed
/// that; else 0.
fn own_wait(asking: &Asking, stored: &Stored, email: &EmailAddress) -> u64 {
    let pending = stored.says.pending.as_ref().filter(|_| !stored.is_redeemed());
    let asked = pending.map(|pending| &pending.sign_in).filter(|asked| asked.email.inbox() == email.inbox());
    asked.map_or(0, |asked| gap_left(&asking.limits, asked, asking.now))
}

/// A sign-in with a challenge of its own, asked for in this second.
fn new_pending(asking: &Asking, email: EmailAddress, next: ReturnPath) -> Pending {
    Pending { sign_in: SignIn { email, issued_at: asking.now, challenge: asking.new_challenge() }, next }
}
