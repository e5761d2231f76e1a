//! The audit: each event of a login, once in the log, once in the audit trail of the database, and counted in the metrics.
//!
//! docs/logging.md lists the events, their reasons, and what may never stand in either place.

use strum::{EnumIter, IntoStaticStr};

use crate::{
    domain::{Budget, ClientNetwork, EmailAddress, Limit, UnixTime},
    store::{Step, StoreError, audit::Entry},
};

/// User agents, and what mail servers say, are noted up to this many characters: enough to tell devices, and reasons, apart.
const LONGEST_TEXT: usize = 200;

/// Something that happened. The names, in snake case, are stable: machines count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// A mail was asked for, listed address or not, and no limit stood in the way.
    Asked,
    /// A mail was accepted by the mail server, the console or the folder.
    Sent,
    /// A mail was not sent, for good.
    GaveUp,
    /// A session began.
    SignedIn,
    /// A link or a code was refused.
    Refused,
    /// A browser of somebody who is signed in was let into an app.
    Entered,
    /// A person signed out.
    SignedOut,
    /// A session ended from outside: its address is no longer on the allowlist, or its person has ended it from another
    /// device, or an operator has.
    Revoked,
    /// An operator has a mail tried again.
    Retried,
    /// A mail that had left came back, or its provider sends nothing to that address.
    Bounced,
    /// A limit was met; noted once a minute.
    Limited,
    /// The operator has used a command of Postern's.
    Command,
    /// Entries that strangers can cause were too many (LIMIT_TRAIL); this one says how many a minute had.
    LeftOut,
}

impl Event {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether strangers can cause it as often as they like.
    fn is_for_everybody(self) -> bool {
        matches!(self, Self::Asked | Self::GaveUp | Self::Refused | Self::Limited)
    }
}

/// Where a request comes from, as far as the trail remembers it.
#[derive(Clone, Debug)]
pub struct Client {
    /// An IPv4 address or an IPv6 /64.
    pub network: ClientNetwork,
    /// What the browser says it is, cut to 200 characters without control characters.
    pub user_agent: String,
}

impl Client {
    /// `user_agent`: the header as it came.
    pub fn new(network: ClientNetwork, user_agent: &str) -> Self {
        Self { network, user_agent: kept(user_agent) }
    }
}

/// A text of somebody else, as the trail keeps it.
fn kept(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_TEXT).collect()
}

/// An event and what is known of it.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    event: Event,
    reason: Option<&'a str>,
    email: Option<&'a EmailAddress>,
    client: Option<&'a Client>,
    app: Option<&'a str>,
    device: Option<&'a str>,
    message_id: Option<&'a str>,
    by_whom: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> Note<'a> {
    /// A note of `event` and nothing else yet.
    pub fn of(event: Event) -> Self {
        Self {
            event,
            reason: None,
            email: None,
            client: None,
            app: None,
            device: None,
            message_id: None,
            by_whom: None,
            detail: None,
        }
    }

    /// Why, in our own words: one of a closed set, never the visitor's.
    pub fn reason(self, reason: &'a str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// Whom it is about.
    pub fn email(self, email: &'a EmailAddress) -> Self {
        Self { email: Some(email), ..self }
    }

    /// The origin of the app.
    pub fn app(self, app: &'a str) -> Self {
        Self { app: Some(app), ..self }
    }

    /// The device whose session was ended, where it is not the one that the request came from.
    pub fn device(self, device: &'a str) -> Self {
        Self { device: Some(device), ..self }
    }

    /// The mail that it is about: the left half of its Message-ID, as the mail server's log has it too.
    pub fn message_id(self, message_id: &'a str) -> Self {
        Self { message_id: Some(message_id), ..self }
    }

    /// The operator who did it: an address, or `command`.
    pub fn by(self, whom: &'a str) -> Self {
        Self { by_whom: Some(whom), ..self }
    }

    /// What a mail server said; cut to 200 characters without control characters.
    pub fn detail(self, detail: &'a str) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// Where the request came from. Left out for what a worker or the operator has done.
    pub fn client(self, client: &'a Client) -> Self {
        Self { client: Some(client), ..self }
    }
}

/// The way to the audit trail: every event goes through [`Audit::note`].
#[derive(Clone, Copy, Debug)]
pub struct Audit {
    /// How many entries strangers may cause.
    pub limit: Limit,
}

impl Audit {
    /// Notes an event in the trail, as a part of `step`: what did not happen is not noted, and what is not noted did not
    /// happen. The log has it once the step has committed.
    ///
    /// Of what strangers can cause, no more is noted than the limit says, here and in the log: they must not fill the disk.
    /// How many were left out stands in a row of its own.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn note(self, step: &mut Step, now: UnixTime, note: Note<'_>) -> Result<(), StoreError> {
        let event = note.event.name();
        step.tally(event, now);
        let (metrics, reason) = (step.metrics(), note.reason.map(str::to_owned));
        step.after_commit(move || metrics.event(event, reason.as_deref()));
        if note.event.is_for_everybody() {
            let trail = Budget::Trail.of_all();
            if step.wait_for(&trail.key, self.limit, 100, now).await?.is_some() {
                return self.leave_out(step, now).await;
            }
            step.count(&trail.key, self.limit, now).await?;
        }
        let network = note.client.map(|client| client.network.to_string());
        let email = note.email.map(EmailAddress::as_str);
        let detail = note.detail.map(kept);
        let entry = Entry {
            event,
            reason: note.reason,
            email,
            network: network.as_deref(),
            app: note.app,
            user_agent: note.client.map(|client| client.user_agent.as_str()),
            device: note.device,
            message_id: note.message_id,
            by_whom: note.by_whom,
            detail: detail.as_deref(),
        };
        step.record(now, &entry).await?;
        let [reason, email, app, device, message_id, by_whom] =
            [note.reason, email, note.app, note.device, note.message_id, note.by_whom]
                .map(|text| text.map(str::to_owned));
        step.after_commit(move || {
            tracing::info!(event, reason, email, message_id, network, app, device, by_whom, "audit");
        });
        Ok(())
    }

    async fn leave_out(self, step: &mut Step, now: UnixTime) -> Result<(), StoreError> {
        if step.leave_out(Event::LeftOut.into(), now).await? == 1 {
            step.after_commit(|| {
                tracing::warn!(
                    "more happens than LIMIT_TRAIL lets be noted: entries of this minute are left out"
                );
            });
        }
        Ok(())
    }
}
