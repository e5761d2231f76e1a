//! Last step: the link is opened or the code is typed, in the browser that asked.
//!
//! Whoever else sees a link (a scanner, a forwarder, a log) cannot use it, and cannot use it up either: address and
//! second are found in this browser's session before anything is redeemed. Confirming from another device is left out
//! on purpose: people can be talked into confirming (docs/decisions/0005-get-never-consumes.md).

use tower_sessions::session::Id;

use super::limits;
use crate::{
    audit::{Event, Note},
    domain::{
        Device, EmailAddress, LoginCode, ReturnPath, SecretKeys,
        login_link::{self, LinkClaim, LinkError},
    },
    flow::{Asking, Error, Visitor, new_device},
    refusal::Refusal,
    session::{Pending, Stored},
    state::AppState,
    store::{Step, StoreError},
};

/// Wrong codes per challenge (NIST SP 800-63B, section 3.2.2 asks for a limit; it asks for a limit of 100, and people need few).
const CODE_TRIES: u32 = 5;

/// Reads a token and changes nothing: what it says, if it is genuine and young enough to show a button for.
///
/// Mail scanners and previews open every link, and other sites can send a GET with the visitor's cookie. So a GET comes
/// this far and no further.
///
/// # Errors
/// `MalformedLink` or `Expired`.
pub fn inspect_link(state: &AppState, token: &str) -> Result<LinkClaim, Refusal> {
    let config = &state.config;
    login_link::read(&config.keys, token, state.clock.now(), config.link_max_age)
        .map_err(|error| note_refused_link(state, error))
}

/// The refusal of a link that is no good, and its exact reason for the log.
pub(super) fn note_refused_link(state: &AppState, error: LinkError) -> Refusal {
    if let Some(left_out) = state.throttles.refused_link.pass(state.clock.now()) {
        tracing::info!(reason = ?error, left_out, "link refused");
    }
    match error {
        LinkError::Expired => Refusal::Expired,
        LinkError::Malformed(_) => Refusal::MalformedLink,
    }
}

/// Signs in by link. Gives the path that the visitor wanted in the first place; so it does for whoever is signed in as
/// that address already.
///
/// # Errors
/// `MalformedLink`, `Expired`, `OtherBrowser`, `Superseded`, `Used` or `NotAllowed`.
pub async fn redeem_link(state: &AppState, visitor: &Visitor, token: &str) -> Result<ReturnPath, Error> {
    let claim = inspect_link(state, token);
    let redeeming = Redeeming::by(state, visitor);
    let step = redeeming.run(state, move |step, redeeming| {
        Box::pin(async move {
            let claim = match claim {
                Ok(claim) => claim,
                Err(refusal) => return redeeming.refuse(step, None, refusal).await,
            };
            let stored = redeeming.stored(step).await?;
            let pending = stored.as_ref().and_then(|stored| stored.says.pending.clone());
            match (stored, pending.filter(|pending| pending.sign_in.email == claim.email)) {
                (Some(stored), Some(pending)) if pending.sign_in.issued_at == claim.issued_at => {
                    redeeming.sign_in(step, stored, pending).await
                }
                (Some(stored), _) if redeeming.signed_in.as_ref() == Some(&claim.email) => {
                    Ok(Ok(Redeemed::already(&stored)))
                }
                (_, Some(_)) => redeeming.refuse(step, Some(&claim.email), Refusal::Superseded).await,
                // This browser asked for nothing, or for somebody else.
                _ => redeeming.refuse(step, Some(&claim.email), Refusal::OtherBrowser).await,
            }
        })
    });
    finish(state, visitor, step.await?).await
}

/// Signs in by code. A wrong code is counted and leaves link and code as they are. Whoever is signed in and waits for
/// nothing is led on.
///
/// # Errors
/// `MalformedCode`, `OtherBrowser`, `Expired`, `CodeLocked`, `Limited`, `WrongCode`, `Used` or `NotAllowed`.
pub async fn redeem_code(state: &AppState, visitor: &Visitor, typed: &str) -> Result<ReturnPath, Error> {
    let typed = LoginCode::parse(typed);
    let keys = state.config.keys.clone();
    let redeeming = Redeeming::by(state, visitor);
    let step = redeeming.run(state, move |step, redeeming| {
        Box::pin(async move {
            let Some(stored) = redeeming.stored(step).await? else { return Ok(Err(Refusal::OtherBrowser)) };
            let Some(pending) = stored.says.pending.clone() else {
                let already = redeeming.signed_in.is_some().then(|| Redeemed::already(&stored));
                return Ok(already.ok_or(Refusal::OtherBrowser));
            };
            let Ok(code) = typed else { return Ok(Err(Refusal::MalformedCode)) };
            redeeming.try_code(step, &keys, stored, pending, &code).await
        })
    });
    finish(state, visitor, step.await?).await
}

/// Sends the new cookies, where there is a new session.
pub(super) async fn finish(
    state: &AppState,
    visitor: &Visitor,
    redeemed: Redeemed,
) -> Result<ReturnPath, Error> {
    if let Some((id, email)) = redeemed.begun {
        visitor.session.hand_out(id).await?;
        visitor.browser.remember(&state.config, &email, state.clock.now());
    }
    Ok(redeemed.next)
}

/// What redeeming came to.
pub(super) struct Redeemed {
    next: ReturnPath,
    /// The new session and whose it is; none, if the visitor was signed in already.
    begun: Option<(Id, EmailAddress)>,
}

impl Redeemed {
    /// A session has begun that leads home.
    pub(super) fn begun(redeeming: &Redeeming, email: EmailAddress) -> Self {
        Self { next: ReturnPath::home(), begun: Some((redeeming.begins, email)) }
    }

    fn already(stored: &Stored) -> Self {
        Self { next: stored.says.next.clone().unwrap_or_else(ReturnPath::home), begun: None }
    }
}

/// The result of a redeeming step. A refusal commits like a success: what was counted and noted for it stays.
pub(super) type Outcome = Result<Redeemed, Refusal>;

/// A redeeming step: what it takes along.
#[derive(Clone)]
pub(super) struct Redeeming {
    pub(super) asking: Asking,
    /// The session of the browser, if it has one.
    pub(super) session: Option<Id>,
    pub(super) signed_in: Option<EmailAddress>,
    /// The id of the session that may begin.
    pub(super) begins: Id,
}

impl Redeeming {
    pub(super) fn by(state: &AppState, visitor: &Visitor) -> Self {
        Self {
            asking: Asking::by(state, visitor),
            session: visitor.session.id(),
            signed_in: visitor.signed_in.as_ref().map(|person| person.email().clone()),
            begins: Id::default(),
        }
    }

    /// Runs `work` as one step.
    pub(super) async fn run<W>(self, state: &AppState, work: W) -> Result<Redeemed, Error>
    where
        W: for<'s> FnOnce(&'s mut Step, Self) -> crate::store::StepFuture<'s, Outcome>
            + Clone
            + Send
            + 'static,
    {
        Ok(state.store.step(move |step| work(step, self)).await??)
    }

    /// The session of this browser as it is now: a step that ran since the request came in may have changed it.
    async fn stored(&self, step: &mut Step) -> Result<Option<Stored>, StoreError> {
        match &self.session {
            Some(id) => Stored::find(step, id, self.asking.now).await,
            None => Ok(None),
        }
    }

    /// Compares a code and counts it if it is wrong, all within this step: steps run one after the other, so parallel
    /// guesses are counted one by one.
    // Checked before the code is compared: age, tries, budget. A right guess beyond a limit must not pass.
    async fn try_code(
        &self,
        step: &mut Step,
        keys: &SecretKeys,
        mut stored: Stored,
        pending: Pending,
        code: &LoginCode,
    ) -> Result<Outcome, StoreError> {
        let (asking, sign_in) = (&self.asking, &pending.sign_in);
        let email = Some(&sign_in.email);
        if asking.now > sign_in.expires_at(asking.link_max_age) {
            return self.refuse(step, email, Refusal::Expired).await;
        }
        if stored.code_tries() >= CODE_TRIES {
            return self.refuse(step, email, Refusal::CodeLocked).await;
        }
        let wrong_codes = limits::wrong_codes(asking, &sign_in.email);
        if let Err(limited) = limits::look(step, asking, &wrong_codes, email).await? {
            return Ok(Err(limited));
        }
        // A code counts only once its mail is on its way: before, nobody can know it who does not guess.
        if code.matches(keys, &sign_in.challenge, &sign_in.email) && stored.code_counts() {
            return self.sign_in(step, stored, pending).await;
        }
        _ = limits::spend(step, asking, &wrong_codes, email).await?;
        stored.count_wrong_code();
        stored.save(step, asking.lifetimes, asking.now).await?;
        let tries_left = CODE_TRIES - stored.code_tries();
        self.refuse(step, email, Refusal::WrongCode { tries_left }).await
    }

    /// The one place where a session begins, for link and code alike: using one voids the other.
    async fn sign_in(
        &self,
        step: &mut Step,
        mut stored: Stored,
        pending: Pending,
    ) -> Result<Outcome, StoreError> {
        let (asking, sign_in) = (&self.asking, &pending.sign_in);
        let (email, is_repeated) = (&sign_in.email, stored.is_redeemed());
        // Asked once more: somebody may have been removed since the mail left.
        if !asking.allowlist.allows(email) {
            return self.refuse(step, Some(email), Refusal::NotAllowed).await;
        }
        let device = Device::of(&asking.client.user_agent);
        if !stored.redeem(step, &self.begins, device, asking.lifetimes, asking.now).await? {
            return self.refuse(step, Some(email), Refusal::Used).await;
        }
        // Until the cookie comes back a mail may be redeemed without end, and the trail must not grow with that.
        let key = format!("signed_in:{}", sign_in.message_id());
        if !is_repeated || limits::first_this_minute(step, &key, asking.now).await? {
            let note = Note::of(Event::SignedIn).email(email).client(&asking.client);
            asking.audit.note(step, asking.now, note).await?;
        }
        if !is_repeated {
            new_device::tell(step, asking, email).await?;
        }
        Ok(Ok(Redeemed { begun: Some((self.begins, email.clone())), next: pending.next }))
    }

    /// Notes a refusal. Wrong codes are few by their own limit; everything else could be repeated without end.
    pub(super) async fn refuse(
        &self,
        step: &mut Step,
        email: Option<&EmailAddress>,
        refusal: Refusal,
    ) -> Result<Outcome, StoreError> {
        let (asking, reason) = (&self.asking, refusal.name());
        let address = email.map(EmailAddress::as_str).unwrap_or_default();
        let key = format!("{reason}:{address}:{}", asking.client.network);
        let is_wrong_code = matches!(refusal, Refusal::WrongCode { .. });
        if is_wrong_code || limits::first_this_minute(step, &key, asking.now).await? {
            let note = Note::of(Event::Refused).reason(reason).client(&asking.client);
            asking.audit.note(step, asking.now, email.into_iter().fold(note, Note::email)).await?;
        }
        Ok(Err(refusal))
    }
}
