//! What is worth remembering of a login, once in the log and once in the audit trail of the database.

use super::{flow::Visitor, state::AppState, store::audit::Entry};

/// Something that happened. The words are stable: machines count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Asked,
    Sent,
    /// A mail was not sent, for good.
    GaveUp,
    SignedIn,
    Refused,
    SignedOut,
    /// A session was ended by somebody else than its browser.
    Revoked,
    Limited,
}

impl Event {
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sent => "sent",
            Self::GaveUp => "gave_up",
            Self::SignedIn => "signed_in",
            Self::Refused => "refused",
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::Limited => "limited",
        }
    }
}

impl AppState {
    /// Notes an event. `reason` is in our own words; `visitor` is `None` for what a worker does.
    ///
    /// A trail that cannot be written is reported in the log and stops nobody: locking everybody out because of
    /// a full disk would be the worse failure.
    pub async fn note(
        &self,
        event: Event,
        reason: Option<&str>,
        email: Option<&str>,
        visitor: Option<&Visitor>,
    ) {
        let network = visitor.map(|visitor| visitor.network.to_string());
        tracing::info!(event = event.name(), reason, email, network, "audit");
        let entry = Entry {
            event: event.name(),
            reason,
            email,
            network: network.as_deref(),
            user_agent: visitor.map(|visitor| visitor.user_agent.as_str()),
        };
        if let Err(error) = self.store.record(self.clock.now(), &entry).await {
            tracing::error!(%error, event = event.name(), "the audit trail could not be written");
        }
    }
}
