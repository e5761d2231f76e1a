//! Handing a mail over, with a note of how that went: for the metrics, and for whoever asks what is wrong.

use crate::{
    mail::{MailError, message::Mail},
    state::{AppState, mail_health::outcome},
};

/// Hands a mail over; returns when it has been accepted.
///
/// # Errors
/// Those of `Mailer::send`.
pub async fn hand_over(state: &AppState, mail: &Mail) -> Result<(), MailError> {
    let ended = state.mail.send(mail).await;
    state.metrics.mail_try(outcome(&ended));
    state.mail_health.note(&ended, state.clock.now());
    ended
}
