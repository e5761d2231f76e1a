//! What a request must pass before any mail is thought of. Known and unknown addresses count alike.

use crate::{
    api::refusal::Refusal,
    domain::{EmailAddress, Limit},
    server::{audit::Event, state::AppState, store::limits::Verdict, visitor::Visitor},
};

/// The operator hears of it before the last mail of the hour is gone.
const WARN_AT: f64 = 0.8;

/// Counts a request from the visitor's network, whatever it asks for.
///
/// # Errors
/// `Limited`, or `NotReady`.
pub async fn count_request(state: &AppState, visitor: &Visitor) -> Result<(), Refusal> {
    let counted = format!("network:{}", visitor.network);
    pass(state, visitor, None, &counted, state.config.limits.network).await
}

/// Counts a mail to `email`. Nothing resets a counter: not a resend, not a sign-in.
///
/// # Errors
/// `Limited`, or `NotReady`.
pub async fn count_mail(state: &AppState, visitor: &Visitor, email: &EmailAddress) -> Result<(), Refusal> {
    let limits = &state.config.limits;
    for (name, limit) in [
        ("address_gap", limits.address_gap),
        ("address_short", limits.address_short),
        ("address_long", limits.address_long),
    ] {
        pass(state, visitor, Some(email), &format!("{name}:{email}"), limit).await?;
    }
    pass(state, visitor, Some(email), "mails", limits.mails).await
}

async fn pass(
    state: &AppState,
    visitor: &Visitor,
    email: Option<&EmailAddress>,
    counted: &str,
    limit: Limit,
) -> Result<(), Refusal> {
    match state.store.count(counted, limit, state.clock.now()).await? {
        Verdict::Passed { used } => {
            if counted == "mails" && used >= WARN_AT {
                tracing::warn!(
                    used_percent = (used * 100.0).round(),
                    "the limit over all mails is nearly reached"
                );
            }
            Ok(())
        }
        Verdict::Limited { retry_after } => {
            let name = counted.split(':').next();
            state.note(Event::Limited, name, email.map(EmailAddress::as_str), Some(visitor)).await;
            Err(Refusal::Limited { retry_after })
        }
    }
}
