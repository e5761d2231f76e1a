//! What admins see at /admin: every function takes an [`Admin`], which only [`Admin::of`] makes.
//!
//! Whether somebody is one is found out at each request, by ADMINS as it stands then: who is removed is out at once. An
//! admin has signed in like everybody else, so the allowlist names them too.

use std::time::Duration;

use super::{
    Error, Visitor,
    figures::{MOST_MAILS, count_sessions, shared_budgets},
    operator::{Operator, limits, outbox, sessions},
};
use crate::{
    audit::Event,
    domain::{Budget, EmailAddress, Limit, UnixTime},
    refusal::Refusal,
    state::AppState,
    store::{
        audit::AuditRow,
        people::PersonRow,
        sessions::HashedSessionId,
        waiting::{Kind, Stands, WaitingRow},
    },
};
use strum::IntoEnumIterator;

/// Digits of the left half of a Message-ID.
const NAME_OF_A_MAIL: usize = 64;
/// Rows of a page.
pub const PAGE: usize = 50;
/// Of which share on somebody has nearly spent a budget.
const NEARLY: f64 = 0.8;
/// Spenders that are shown.
const MOST_SPENDERS: usize = 20;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// Somebody who is signed in and named in ADMINS at this moment. Holding it is proof.
#[derive(Clone, Debug)]
pub struct Admin(EmailAddress);

impl Admin {
    /// The visitor as an admin, if they are one.
    pub fn of(state: &AppState, visitor: &Visitor) -> Option<Self> {
        let email = visitor.signed_in.as_ref()?.email();
        state.admins.get().allows(email).then(|| Self(email.clone()))
    }
}

/// Events that are shown together.
pub const SIGN_INS: [Event; 3] = [Event::SignedIn, Event::Entered, Event::SignedOut];
/// Everything that was refused to somebody, by Postern or by a mail server.
pub const REFUSALS: [Event; 4] = [Event::Refused, Event::Limited, Event::GaveUp, Event::Bounced];
/// What was done to what belongs to others, and which commands were used.
pub const OPERATORS: [Event; 3] = [Event::Revoked, Event::Retried, Event::Command];

/// Entries of these events, the newest first: those before the id `before`, at most `most`; and whether there are older ones.
///
/// # Errors
/// If the database fails.
pub async fn events(
    state: &AppState,
    _: &Admin,
    events: &[Event],
    before: Option<i64>,
    most: usize,
) -> Result<(Vec<AuditRow>, bool), Error> {
    let mut rows = Vec::new();
    for event in events {
        rows.extend(state.store.events_of(event.name(), before, most + 1).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    let more = rows.len() > most;
    rows.truncate(most);
    Ok((rows, more))
}

/// The mails that wait, those first that are tried first, and those that the mail server has refused for good, the last one first:
/// at most [`PAGE`] of a kind.
///
/// # Errors
/// If the database fails.
pub async fn mails(state: &AppState, _: &Admin) -> Result<(Vec<WaitingRow>, Vec<WaitingRow>), Error> {
    let mails = state.store.waiting(PAGE).await?;
    Ok(mails.into_iter().partition(|mail| !matches!(mail.stands, Stands::Refused(_))))
}

/// The sessions of everybody, the newest sign-in first: those after `after`, at most [`PAGE`]; and whether there are more.
///
/// # Errors
/// If the database fails.
pub async fn sessions(
    state: &AppState,
    _: &Admin,
    after: Option<(UnixTime, HashedSessionId)>,
) -> Result<(Vec<PersonRow>, bool), Error> {
    let mut rows = state.store.latest_people(state.clock.now(), after, PAGE + 1).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Ok((rows, more))
}

/// How much there is of what.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Sessions of people, up to 100,000.
    pub sessions: u64,
    /// Mails that wait, up to 10,000 of a kind.
    pub waiting: u64,
    /// Mails that the mail server has refused for good.
    pub refused: u64,
}

/// Counts them.
///
/// # Errors
/// If the database fails.
pub async fn counts(state: &AppState, _: &Admin) -> Result<Counts, Error> {
    let mut waiting = 0;
    for kind in Kind::ALL {
        waiting += state.store.count_waiting(kind, MOST_MAILS).await?;
    }
    let refused = state.store.count_refused(MOST_MAILS).await?;
    Ok(Counts { sessions: count_sessions(&state.store).await?, waiting, refused })
}

/// A part of a span: when it began, how many signed in, and how much was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its first second.
    pub from: UnixTime,
    /// Sign-ins.
    pub sign_ins: u64,
    /// Refusals, limits that were met, and mails that were given up or have bounced.
    pub refusals: u64,
}

/// The last 24 hours by hour, and the last seven days by day, both in UTC and with the one that has begun.
///
/// # Errors
/// If the database fails.
pub async fn charts(state: &AppState, _: &Admin) -> Result<[Vec<Part>; 2], Error> {
    let now = state.clock.now();
    let spans = [(HOUR, 24), (DAY, 7)].map(|(length, parts)| empty(now, length, parts));
    let since = spans[1][0].from.min(spans[0][0].from);
    let mut charts = spans;
    for tally in state.store.tallies(since).await? {
        for (parts, length) in charts.iter_mut().zip([HOUR, DAY]) {
            let is_in = |part: &&mut Part| {
                part.from <= tally.hour && tally.hour < part.from.plus(Duration::from_secs(length))
            };
            let Some(part) = parts.iter_mut().find(is_in) else { continue };
            if tally.event == Event::SignedIn.name() {
                part.sign_ins += tally.times;
            } else if REFUSALS.iter().any(|event| event.name() == tally.event) {
                part.refusals += tally.times;
            }
        }
    }
    Ok(charts)
}

/// The last `parts` parts of `length` seconds, that of `now` the last one.
fn empty(now: UnixTime, length: u64, parts: u64) -> Vec<Part> {
    let last = now.secs() - now.secs().rem_euclid(length as i64);
    let from = |back: u64| UnixTime::from_secs(last - (back * length) as i64);
    (0..parts).rev().map(|back| Part { from: from(back), sign_ins: 0, refusals: 0 }).collect()
}

/// A budget: its limit, and how much is used where all spend it together, 0 to 1.
pub type InForce = (Budget, Limit, Option<f64>);

/// The budgets in force.
///
/// # Errors
/// If the database fails.
pub async fn budgets(state: &AppState, _: &Admin) -> Result<Vec<InForce>, Error> {
    let shared = shared_budgets(state).await?;
    let used = |budget| shared.iter().find(|(shared, _)| *shared == budget).map(|(_, used)| *used);
    Ok(Budget::iter().map(|budget| (budget, state.config.limits.of(budget), used(budget))).collect())
}

/// Who has spent four fifths of a budget of their own, or more: the budget, who, and the share, 0 to 1.
///
/// # Errors
/// If the database fails.
pub async fn spenders(state: &AppState, _: &Admin) -> Result<Vec<(Budget, String, f64)>, Error> {
    let now = state.clock.now();
    let nearly_spent = |counted: &str, arrival: i64| {
        // What all spend together is nobody's.
        let (budget, who) = limits::named(counted).filter(|(_, who)| !who.is_empty())?;
        let limit = state.config.limits.of(budget);
        let used = limit.used(limit.arrival(Some(arrival), now), now);
        (used >= NEARLY).then(|| (budget, who.to_owned(), used))
    };
    let counted = limits::in_force(state, now, |counted, at| nearly_spent(counted, at).is_some()).await?;
    let mut found: Vec<_> = counted.iter().filter_map(|(counted, at)| nearly_spent(counted, *at)).collect();
    found.sort_by(|one, other| other.2.total_cmp(&one.2));
    found.truncate(MOST_SPENDERS);
    Ok(found)
}

/// Ends a session of somebody. `name`: its whole name, [`sessions::full_name`].
///
/// # Errors
/// `NoSuchSession` if it has ended, or never was.
pub async fn end_session(
    state: &AppState,
    visitor: &Visitor,
    admin: &Admin,
    name: &str,
) -> Result<(), Error> {
    let session = sessions::key(name).ok_or(Refusal::NoSuchSession)?;
    match sessions::end_one(&operator(state, visitor, admin), session.as_bytes().to_vec()).await? {
        sessions::One::Ended(_) => Ok(()),
        sessions::One::None | sessions::One::Several => Err(Refusal::NoSuchSession.into()),
    }
}

/// Has a mail tried again.
///
/// # Errors
/// `NoSuchMail` if it waits no more.
pub async fn try_again(
    state: &AppState,
    visitor: &Visitor,
    admin: &Admin,
    message_id: &str,
) -> Result<(), Error> {
    // A button names a mail in full; a command may name it by its beginning.
    if message_id.len() != NAME_OF_A_MAIL {
        return Err(Refusal::NoSuchMail.into());
    }
    match outbox::retry_one(&operator(state, visitor, admin), message_id.to_owned()).await? {
        outbox::One::Due(_) | outbox::One::UnderWay(_) => Ok(()),
        outbox::One::None | outbox::One::Several | outbox::One::TooLate(_) => Err(Refusal::NoSuchMail.into()),
    }
}

fn operator(state: &AppState, visitor: &Visitor, admin: &Admin) -> Operator {
    Operator::admin(state, admin.0.clone(), visitor.client.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_span_is_the_one_that_has_begun() {
        let now = UnixTime::from_secs(10 * 3_600 + 59);
        let parts = empty(now, HOUR, 3);
        assert_eq!(parts.iter().map(|part| part.from.secs() / 3_600).collect::<Vec<_>>(), [8, 9, 10]);
    }
}
