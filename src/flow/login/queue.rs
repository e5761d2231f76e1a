//! Which mail leaves next.
//!
//! Mails wait here for the budgets that others can spend too: nobody is told of them, for the answer would tell that
//! somebody else has asked. A known browser's mail waits for nobody; a part of the budget over all is kept for
//! addresses that are named; the rest is shared by the networks in turn.

use std::{cmp::Reverse, collections::HashMap, sync::Arc, time::Duration};

use strum::IntoEnumIterator;

use super::limits;
use crate::{
    audit::{Audit, Event, Note},
    domain::{Allowlist, Budget, Limits, Priority, UnixTime},
    flow::retry::LEASE,
    state::AppState,
    store::{
        Step, StoreError,
        outbox::{Due, Found, Kinds, OutboxRow},
    },
};

/// How many mails are under way at the same time: a slow recipient holds up nobody else.
pub const MAX_PARALLEL_MAILS: usize = 32;
/// Mails of a kind that one step looks at, beside those under way: all other steps wait meanwhile.
const LOOKED_AT: usize = 64;
/// Lines that one step looks at.
const LINES_LOOKED_AT: usize = 16;
/// Mails that one step takes: each step waits for a commit, so one at a time they would leave no faster than those.
const TAKEN_AT_ONCE: usize = 16;
/// The share of LIMIT_MAILS from which on the log warns, so that the operator hears of it before mails wait.
const WARN_AT: f64 = 0.8;

/// What there is to do next.
pub struct Next {
    /// Send these mails; they are claimed.
    pub send: Vec<OutboxRow>,
    pub then: Then,
}

/// What there is to do after that.
pub enum Then {
    /// Look again: there was more than one step could look at.
    Look,
    /// There is no hand free for the next one.
    Full,
    /// Nothing may be sent for so long.
    Wait(Duration),
    /// Nothing else is due now.
    Nothing,
}

/// What a claiming step takes along.
#[derive(Clone)]
pub struct Queue {
    now: UnixTime,
    max_age: Duration,
    limits: Limits,
    /// That of now: whoever was removed since the request gets no mail.
    allowlist: Arc<Allowlist>,
    audit: Audit,
    /// The mails in the worker's hands, by Message-ID; `None`: it has left, which is still to be written.
    under_way: HashMap<String, Option<Priority>>,
    /// What this step has claimed.
    taken: Vec<OutboxRow>,
}

impl Queue {
    /// While these mails are being sent, and those have left and still stand in the database.
    pub fn new(state: &AppState, being_sent: &[OutboxRow], unwritten: &[OutboxRow]) -> Self {
        // One that nobody has looked at is never taken.
        let priority = |row: &OutboxRow| row.priority.unwrap_or(Priority::ByRule);
        let sent = being_sent.iter().map(|row| (row.sign_in.message_id(), Some(priority(row))));
        let under_way = sent.chain(unwritten.iter().map(|row| (row.sign_in.message_id(), None))).collect();
        Self {
            now: state.clock.now(),
            max_age: state.config.link_max_age,
            limits: state.config.limits,
            allowlist: state.allowlist.get(),
            audit: state.audit,
            under_way,
            taken: Vec::new(),
        }
    }

    /// Gives up what is of no use any more, and claims the next mails.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next(mut self, step: &mut Step) -> Result<Next, StoreError> {
        let then = match self.fill_hands(step).await? {
            // No step takes more than some: there may be hands.
            Then::Full if !self.taken.is_empty() => Then::Look,
            then => then,
        };
        Ok(Next { send: self.taken, then })
    }

    /// Claims what is due, as far as hands are free; what there is to do then.
    async fn fill_hands(&mut self, step: &mut Step) -> Result<Then, StoreError> {
        let mut kinds = step.kinds_due(self.now, self.asked_too_long_ago()).await?;
        let mut saw_all = !kinds.old || self.give_up_old_ones(step).await?;
        saw_all &= !kinds.unsorted || self.sort(step, &mut kinds).await?;
        let mut wait = None;
        for priority in Priority::iter() {
            // What was tried has been paid for.
            let again = if kinds.again {
                self.due(step, Due::Again(priority), LOOKED_AT).await?.0
            } else {
                Vec::new()
            };
            for (row, waits) in again {
                if !self.has_a_hand_for(priority) {
                    break;
                }
                if self.is_of_use(step, &row, waits).await? {
                    self.take(step, vec![(priority, row)]).await?;
                }
            }
            if !self.has_a_hand_for(priority) {
                return Ok(Then::Full);
            }
            if wait.is_some() || !kinds.fresh.contains(&priority) {
                continue;
            }
            // Whoever stands below waits longer still.
            wait = self.must_wait(step, priority).await?;
            if wait.is_some() {
                continue;
            }
            let (due, more) = self.due(step, Due::Fresh(priority), LINES_LOOKED_AT).await?;
            // Behind each one that does not leave stands another one in its line.
            saw_all &= !more && due.is_empty();
            self.look_up_budgets(step, due.iter().map(|(row, _)| row)).await?;
            for (row, waits) in due {
                if !self.has_a_hand_for(priority) {
                    return Ok(Then::Full);
                }
                if self.is_of_use(step, &row, waits).await? && self.may_leave(step, &row, priority).await? {
                    let network = row.network.clone();
                    self.take(step, vec![(priority, row)]).await?;
                    step.end_turn(&network, priority, self.now).await?;
                    wait = self.must_wait(step, priority).await?;
                }
                if wait.is_some() {
                    break;
                }
            }
        }
        Ok(match wait {
            _ if !saw_all => Then::Look,
            Some(wait) => Then::Wait(Duration::from_secs(wait)),
            None => Then::Nothing,
        })
    }

    /// Seconds until the limit over all mails lets another one of `priority` leave, and a word to the operator; `None` if it
    /// does now.
    async fn must_wait(&self, step: &mut Step, priority: Priority) -> Result<Option<u64>, StoreError> {
        let (key, limit) = (Budget::Mails.of_all().key, self.limits.of(Budget::Mails));
        let wait = step.wait_for(&key, limit, priority.part(), self.now).await?;
        if let Some(wait) = wait {
            self.report(step, wait, priority).await?;
        }
        Ok(wait)
    }

    /// Whether one more mail of `priority` may be under way.
    fn has_a_hand_for(&self, priority: Priority) -> bool {
        self.hands_for(priority) > 0
    }

    /// How many more mails of `priority` may be under way: slow recipients of strangers' mails must leave hands for those who
    /// stand above them, and theirs for those above them again.
    fn hands_for(&self, priority: Priority) -> usize {
        let free = |priority: Priority| {
            let below = self.under_way.values().flatten().filter(|other| **other >= priority).count();
            (MAX_PARALLEL_MAILS * priority.part() as usize / 100).saturating_sub(below)
        };
        let free = Priority::iter().filter(|above| *above <= priority).map(free).min().unwrap_or(0);
        free.min(TAKEN_AT_ONCE.saturating_sub(self.taken.len()))
    }

    /// At most `most` mails of that kind, beside those under way, each with whether a browser still waits for it; and whether
    /// there are more.
    async fn due(
        &self,
        step: &mut Step,
        due: Due,
        most: usize,
    ) -> Result<(Vec<(OutboxRow, bool)>, bool), StoreError> {
        let Found { mut mails, mut more } = step.due(due, self.now, most + self.under_way.len()).await?;
        // One whose claim has run out is due, for everybody else.
        mails.retain(|row| !self.under_way.contains_key(&row.sign_in.message_id()));
        more |= mails.len() > most;
        mails.truncate(most);
        let challenges: Vec<_> = mails.iter().map(|row| row.sign_in.challenge.hashed()).collect();
        let waited_for = step.waited_for(&challenges).await?;
        let waits = challenges.iter().map(|challenge| waited_for.contains(challenge.as_bytes()));
        Ok((mails.into_iter().zip(waits.collect::<Vec<_>>()).collect(), more))
    }

    /// When a link was asked for that expires now.
    fn asked_too_long_ago(&self) -> UnixTime {
        self.now.minus(self.max_age)
    }

    /// Gives up mails whose link has expired, those that wait for a limit too. `false`: there are more.
    async fn give_up_old_ones(&self, step: &mut Step) -> Result<bool, StoreError> {
        let (old, more) = self.due(step, Due::Old(self.asked_too_long_ago()), LOOKED_AT).await?;
        for (row, waits) in &old {
            self.is_of_use(step, row, *waits).await?;
        }
        Ok(!more)
    }

    /// Finds the priority of new mails and lines them up; gives up those to addresses that are not listed. `false`: there are
    /// more. Where nobody waits and there is a hand for each of them, they are claimed at once.
    async fn sort(&mut self, step: &mut Step, kinds: &mut Kinds) -> Result<bool, StoreError> {
        let (unsorted, more) = self.due(step, Due::Unsorted, LOOKED_AT).await?;
        let mut new = Vec::new();
        for (row, waits) in unsorted {
            if self.is_of_use(step, &row, waits).await? {
                let priority = match row.priority {
                    Some(Priority::KnownBrowser) => Priority::KnownBrowser,
                    _ if self.allowlist.names(&row.sign_in.email) => Priority::Named,
                    _ => Priority::ByRule,
                };
                new.push((priority, row));
            }
        }
        let nobody_waits = kinds.fresh.is_empty() && !kinds.again && !more;
        if nobody_waits && new.len() <= self.hands_for(Priority::ByRule) {
            new = self.take_at_once(step, new).await?;
        } else {
            step.look_up(new.iter().map(|(_, row)| Budget::NetworkMails.of(&row.network).key)).await?;
        }
        for (priority, row) in new {
            step.line_up(&row.sign_in, priority, &row.network).await?;
            kinds.fresh.insert(priority);
        }
        Ok(!more)
    }

    /// Claims mails in the order in which their lines would have their turn; gives those that the limit over all mails keeps.
    async fn take_at_once(
        &mut self,
        step: &mut Step,
        mut new: Vec<(Priority, OutboxRow)>,
    ) -> Result<Vec<(Priority, OutboxRow)>, StoreError> {
        self.look_up_budgets(step, new.iter().map(|(_, row)| row)).await?;
        let (mut leave, mut kept, mut must_wait) = (Vec::new(), Vec::new(), false);
        while let Some(next) = (0..new.len()).min_by_key(|at| {
            let (priority, row) = &new[*at];
            let used = step.looked_up(&Budget::NetworkMails.of(&row.network).key);
            (*priority, used, Reverse(row.sign_in.issued_at))
        }) {
            let (priority, row) = new.swap_remove(next);
            // Whoever stands below waits longer still.
            must_wait = must_wait || self.must_wait(step, priority).await?.is_some();
            if must_wait {
                kept.push((priority, row));
            } else if self.may_leave(step, &row, priority).await? {
                leave.push((priority, row));
            }
        }
        self.take(step, leave).await?;
        Ok(kept)
    }

    /// Reads at once what [`Self::may_leave`] will ask of each of these mails, and what their networks have used.
    async fn look_up_budgets(
        &self,
        step: &mut Step,
        mails: impl Iterator<Item = &OutboxRow>,
    ) -> Result<(), StoreError> {
        let spent = mails.flat_map(|row| limits::mails_to(&row.sign_in.email, &row.network));
        let spenders: Vec<_> = spent.chain([Budget::Mails.of_all()]).collect();
        limits::look_up(step, &self.limits, &spenders).await
    }

    /// Whether a mail can still sign somebody in. One that cannot is given up here. `waits`: whether a browser waits for it.
    async fn is_of_use(&self, step: &mut Step, row: &OutboxRow, waits: bool) -> Result<bool, StoreError> {
        let sign_in = &row.sign_in;
        let reason = if self.now >= sign_in.expires_at(self.max_age) {
            if row.tries == 0 { "limited" } else { "expired" }
        } else if !self.allowlist.allows(&sign_in.email) {
            "not_on_the_allowlist"
        } else if !waits {
            "superseded"
        } else {
            return Ok(true);
        };
        let message_id = sign_in.message_id();
        let note = Note::of(Event::GaveUp).reason(reason).email(&sign_in.email).message_id(&message_id);
        self.audit.note(step, self.now, note).await?;
        step.settle(vec![message_id]).await?;
        Self::leave_line(step, row).await?;
        Ok(false)
    }

    /// Ends the line of a mail that has left it without being claimed, if it was the last one there.
    async fn leave_line(step: &mut Step, row: &OutboxRow) -> Result<(), StoreError> {
        match row.priority {
            Some(priority) if row.tries == 0 => step.end_empty_line(&row.network, priority).await,
            _ => Ok(()),
        }
    }

    /// Spends what a mail costs; one that must wait for that is due again when it can be paid for.
    async fn may_leave(
        &self,
        step: &mut Step,
        row: &OutboxRow,
        priority: Priority,
    ) -> Result<bool, StoreError> {
        let (email, now) = (&row.sign_in.email, self.now);
        if priority != Priority::KnownBrowser {
            let spenders = limits::mails_to(email, &row.network);
            for spender in &spenders {
                let limit = self.limits.of(spender.budget);
                if let Some(wait) = step.wait_for(&spender.key, limit, 100, now).await? {
                    let due_at =
                        now.plus(Duration::from_secs(wait)).min(row.sign_in.expires_at(self.max_age));
                    let trouble = format!("it waits for the limit `{}`", spender.budget.name());
                    step.postpone(&row.sign_in.message_id(), due_at, Some(&trouble)).await?;
                    Self::leave_line(step, row).await?;
                    if limits::first_this_minute(step, &spender.key, now).await? {
                        let note = Note::of(Event::Limited).reason(spender.budget.name()).email(email);
                        self.audit.note(step, now, note).await?;
                    }
                    return Ok(false);
                }
            }
            for spender in spenders {
                step.count(&spender.key, self.limits.of(spender.budget), now).await?;
            }
        }
        let used = step.count(&Budget::Mails.of_all().key, self.limits.of(Budget::Mails), now).await?;
        if used >= WARN_AT && limits::first_this_minute(step, "mails nearly", now).await? {
            let used_percent = (used * 100.0).round();
            step.after_commit(move || {
                tracing::warn!(used_percent, "the limit over all mails is nearly reached (LIMIT_MAILS)");
            });
        }
        Ok(true)
    }

    /// Claims mails, each with its priority.
    async fn take(&mut self, step: &mut Step, mails: Vec<(Priority, OutboxRow)>) -> Result<(), StoreError> {
        for priority in Priority::iter() {
            let of_it = mails.iter().filter(|(of, _)| *of == priority);
            let message_ids: Vec<_> = of_it.map(|(_, row)| row.sign_in.message_id()).collect();
            self.under_way.extend(message_ids.iter().map(|message_id| (message_id.clone(), Some(priority))));
            step.claim(message_ids, priority, self.now, LEASE).await?;
        }
        // From here on somebody may have the mail: also where the mail server's answer comes late, or is lost.
        let challenges: Vec<_> = mails.iter().map(|(_, row)| row.sign_in.challenge.hashed()).collect();
        step.let_codes_count(&challenges).await?;
        self.taken
            .extend(mails.into_iter().map(|(priority, row)| OutboxRow { priority: Some(priority), ..row }));
        Ok(())
    }

    /// Tells the operator once a minute that mails wait.
    async fn report(&self, step: &mut Step, retry_after: u64, priority: Priority) -> Result<(), StoreError> {
        if limits::first_this_minute(step, "mails", self.now).await? {
            let part = priority.part();
            step.after_commit(move || {
                tracing::error!(
                    retry_after,
                    part,
                    "the limit over all mails is reached: mails wait (LIMIT_MAILS)"
                );
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Limit;

    #[test]
    fn whatever_is_under_way_leaves_its_hands_to_whoever_stands_above() {
        for (named, by_rule, hands) in [
            (0, 0, [16, 16, 16]),
            (0, 16, [16, 8, 0]),
            (16, 0, [16, 8, 8]),
            (20, 0, [12, 4, 4]),
            (24, 0, [8, 0, 0]),
            (16, 8, [8, 0, 0]),
        ] {
            let mails = [(Priority::Named, named), (Priority::ByRule, by_rule)];
            let mails = mails.into_iter().flat_map(|(priority, count)| {
                (0..count).map(move |n| (format!("{priority:?} {n}"), Some(priority)))
            });
            let queue = Queue {
                now: UnixTime::from_secs(1_790_000_000),
                max_age: Duration::from_secs(300),
                limits: Limits::OFF,
                allowlist: Arc::default(),
                audit: Audit { limit: Limit::Off },
                under_way: mails.collect(),
                taken: Vec::new(),
            };
            let free: Vec<_> = Priority::iter().map(|priority| queue.hands_for(priority)).collect();
            assert_eq!(free, hands, "{named} named, {by_rule} by a rule");
        }
    }
}
