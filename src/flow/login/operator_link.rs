//! A sign-in without a mail: with a link that the operator has made on the command line and handed over by other means.
//!
//! Nobody has asked for it in a browser, so it is bound to none; the one thing that makes it one-time is its row, which the
//! redeeming step takes away. The allowlist is asked when the link is made and again when it is used.

use super::redeem::{Outcome, Redeemed, Redeeming, finish, note_refused_link};
use crate::{
    audit::{Event, Note},
    domain::{
        Challenge, Device, EmailAddress, ReturnPath, UnixTime, login_link,
        operator_link::{self, MAX_AGE, OperatorClaim},
    },
    flow::{Error, Visitor, new_device},
    random,
    refusal::Refusal,
    session::Stored,
    state::AppState,
    store::{Step, StoreError},
};

/// What the trail calls such a sign-in.
const REASON: &str = "operator_link";

/// A link that was made.
pub struct Made {
    /// The link. A secret: for the one who is to be signed in, and nowhere else.
    pub url: String,
    /// The last second in which it is good.
    pub expires_at: UnixTime,
}

/// Makes a link that signs in `email`, once. `None` if the address is not on the allowlist.
///
/// # Errors
/// If the database fails; then there is no link.
pub async fn make(state: &AppState, email: &EmailAddress) -> Result<Option<Made>, StoreError> {
    if !state.allowlist.get().allows(email) {
        return Ok(None);
    }
    let (config, audit, now) = (&state.config, state.audit, state.clock.now());
    let (secret, expires_at) = (Challenge::new(state.clock.now_ms(), &mut random::rng()), now.plus(MAX_AGE));
    let token = operator_link::mint(&config.keys, &secret, email, now);
    let (secret, email) = (secret.hashed(), email.clone());
    let making = state.store.step(move |step| {
        Box::pin(async move {
            audit.note(step, now, Note::of(Event::Command).reason("link").email(&email)).await?;
            step.put_operator_link(&secret, &email, expires_at).await
        })
    });
    making.await?;
    let url = login_link::around(config.public_url.origin(), token.reveal());
    Ok(Some(Made { url, expires_at }))
}

/// Reads a token and changes nothing: what it says, if it is genuine and young enough to show a button for. Whether it was
/// used already only its button tells.
///
/// # Errors
/// `MalformedLink` or `Expired`.
pub fn inspect(state: &AppState, token: &str) -> Result<OperatorClaim, Refusal> {
    operator_link::read(&state.config.keys, token, state.clock.now())
        .map_err(|error| note_refused_link(state, error))
}

/// Signs in with the token of a link that the operator has made, and uses it up.
///
/// # Errors
/// `MalformedLink`, `Expired`, `Used` or `NotAllowed`.
// A lost answer costs a new link, unlike with a mail: that one can be redeemed again because only one browser can.
pub async fn redeem(state: &AppState, visitor: &Visitor, token: &str) -> Result<ReturnPath, Error> {
    let claim = inspect(state, token);
    let redeeming = Redeeming::by(state, visitor);
    let step = redeeming.run(state, move |step, redeeming| {
        Box::pin(async move {
            match claim {
                Ok(claim) => sign_in(step, &redeeming, claim.clone()).await,
                Err(refusal) => redeeming.refuse(step, None, refusal).await,
            }
        })
    });
    finish(state, visitor, step.await?).await
}

async fn sign_in(
    step: &mut Step,
    redeeming: &Redeeming,
    claim: OperatorClaim,
) -> Result<Outcome, StoreError> {
    let (asking, email) = (&redeeming.asking, &claim.email);
    if !asking.allowlist.allows(email) {
        return redeeming.refuse(step, Some(email), Refusal::NotAllowed).await;
    }
    if !step.take_operator_link(&claim.secret, email, asking.now).await? {
        return redeeming.refuse(step, Some(email), Refusal::Used).await;
    }
    // Whoever was signed in here is not any more: the cookie is that of the new session.
    if redeeming.signed_in.is_some()
        && let Some(id) = &redeeming.session
    {
        Stored::end(step, id).await?;
    }
    let device = Device::of(&asking.client.user_agent);
    Stored::begin(step, &redeeming.begins, email, device, asking.lifetimes, asking.now).await?;
    let note = Note::of(Event::SignedIn).reason(REASON).email(email).client(&asking.client);
    asking.audit.note(step, asking.now, note).await?;
    new_device::tell(step, asking, email).await?;
    Ok(Ok(Redeemed::begun(redeeming, email.clone())))
}
