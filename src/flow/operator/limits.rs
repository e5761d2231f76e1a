//! Who has spent how much of which budget, and giving it back.

use std::net::IpAddr;

use strum::IntoEnumIterator;
use tokio::task::yield_now;

use super::{Operator, outbox};
use crate::{
    domain::{Budget, ClientNetwork, EmailAddress, Limit, UnixTime},
    state::AppState,
    store::{StoreError, waiting::WaitingRow},
};

/// Rows that are read at once.
const PAGE: usize = 1_000;
/// Rows that one step takes away: all other steps wait meanwhile.
const AT_ONCE: usize = 50;

/// Whose budgets.
#[derive(Clone, Debug)]
pub enum Whose {
    /// Those that are spent by or for this inbox.
    Address(EmailAddress),
    /// Those that this network spends.
    Network(ClientNetwork),
    /// All.
    Everybody,
}

impl Whose {
    /// Reads what was typed: an address with an `@`, or an IP address, alone or as the trail writes networks (`/64`, `/48`).
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('@') {
            return EmailAddress::parse(text).ok().map(Self::Address);
        }
        let address = text.strip_suffix("/64").or_else(|| text.strip_suffix("/48")).unwrap_or(text);
        let address: IpAddr = address.parse().ok()?;
        Some(Self::Network(ClientNetwork::of(address)))
    }

    /// Whether a budget is theirs that is spent by `who`, as it stands behind its name in the database.
    fn spends(&self, who: &str) -> bool {
        let (first, rest) = match who.split_once('@') {
            // An inbox, and what stands behind it: a network, or the id of a browser.
            Some((local, behind)) => match behind.split_once(':') {
                Some((domain, rest)) => (format!("{local}@{domain}"), Some(rest)),
                None => (who.to_owned(), None),
            },
            None => (who.to_owned(), None),
        };
        match self {
            Self::Address(email) => first == email.inbox(),
            Self::Network(network) => {
                let (network, site) = (network.to_string(), network.site().to_string());
                [Some(first.as_str()), rest].into_iter().flatten().any(|who| who == network || who == site)
            }
            Self::Everybody => true,
        }
    }

    /// Whether a mail waits for one of their budgets, or may.
    fn waits(&self, mail: &WaitingRow) -> bool {
        match self {
            Self::Address(email) => {
                EmailAddress::parse(&mail.email).is_ok_and(|to| to.inbox() == email.inbox())
            }
            Self::Network(network) => mail.network == network.site().to_string(),
            Self::Everybody => true,
        }
    }
}

/// A budget of which something is spent.
#[derive(Clone, Debug)]
pub struct Spent {
    /// Which.
    pub budget: Budget,
    /// By whom or for whom; empty where all spend it together.
    pub who: String,
    /// How much it allows.
    pub limit: Limit,
    /// How much is spent: 0 to 1, and beyond where events were counted without asking first.
    pub used: f64,
    /// Seconds until it lets one more through; `None` if it does now.
    pub wait: Option<u64>,
}

/// What is spent of the budgets of `whose`: at least `least` of each, 0 to 1; most of all first.
///
/// # Errors
/// If the database fails.
pub async fn show(operator: &Operator, whose: &Whose, least: f64) -> Result<Vec<Spent>, StoreError> {
    operator.note("limits_show", whose.email()).await?;
    let mut spent = Vec::new();
    for (counted, arrival) in counted(operator, whose).await? {
        let Some((budget, who)) = named(&counted) else { continue };
        let limit = operator.state.config.limits.of(budget);
        if limit == Limit::Off {
            continue;
        }
        let arrival = limit.arrival(Some(arrival), operator.now);
        let used = limit.used(arrival, operator.now);
        if used >= least {
            let (who, wait) = (who.to_owned(), limit.wait(arrival, 100, operator.now));
            spent.push(Spent { budget, who, limit, used, wait });
        }
    }
    spent.sort_by(|one, other| other.used.total_cmp(&one.used).then_with(|| one.who.cmp(&other.who)));
    Ok(spent)
}

/// What was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// Budgets that are whole again.
    pub budgets: usize,
    /// Mails that waited for a limit, and are due now.
    pub mails: usize,
}

/// Gives `whose` budgets back whole, and lets the mails go that wait for them. Of everybody: all that is counted, also what
/// keeps the trail and the log short.
///
/// # Errors
/// If the database fails; some may be whole then.
pub async fn clear(operator: &Operator, whose: &Whose) -> Result<Cleared, StoreError> {
    operator.note("limits_clear", whose.email()).await?;
    let mut counted: Vec<_> =
        counted(operator, whose).await?.into_iter().map(|(counted, _)| counted).collect();
    if !matches!(whose, Whose::Everybody) {
        counted.retain(|counted| named(counted).is_some());
    }
    let mut budgets = 0;
    for some in counted.chunks(AT_ONCE) {
        let some = some.to_vec();
        let clearing = operator.state.store.step(move |step| {
            Box::pin(async move {
                let mut gone = 0;
                for counted in &some {
                    gone += usize::from(step.forget_counted(counted).await? && named(counted).is_some());
                }
                Ok(gone)
            })
        });
        budgets += clearing.await?;
    }
    let mails = outbox::let_go(operator, |mail| whose.waits(mail)).await?;
    Ok(Cleared { budgets, mails })
}

/// All that is counted for them.
async fn counted(operator: &Operator, whose: &Whose) -> Result<Vec<(String, i64)>, StoreError> {
    in_force(&operator.state, operator.now, |counted, _| {
        whose.spends(counted.split_once(':').map_or("", |(_, who)| who))
    })
    .await
}

/// All that is counted at `now` and `is_wanted`: names of the database, with theoretical arrival times in milliseconds since 1970.
///
/// # Errors
/// If the database fails.
pub(in crate::flow) async fn in_force(
    state: &AppState,
    now: UnixTime,
    is_wanted: impl Fn(&str, i64) -> bool,
) -> Result<Vec<(String, i64)>, StoreError> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = state.store.counted(&after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after.clone_from(last);
        let is_over = |arrival: i64| arrival <= now.secs() * 1_000;
        all.extend(
            page.into_iter().filter(|(counted, arrival)| !is_over(*arrival) && is_wanted(counted, *arrival)),
        );
        // With SQLite nothing else here waits for anything.
        yield_now().await;
    }
}

/// The budget that a row of the database is about, and who spends it; none for what is counted beside budgets.
pub(in crate::flow) fn named(counted: &str) -> Option<(Budget, &str)> {
    let (name, who) = counted.split_once(':').unwrap_or((counted, ""));
    Budget::iter().find(|budget| budget.name() == name).map(|budget| (budget, who))
}

impl Whose {
    fn email(&self) -> Option<&EmailAddress> {
        match self {
            Self::Address(email) => Some(email),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spends(whose: &str, counted: &str) -> bool {
        let (_, who) = named(counted).unwrap();
        Whose::parse(whose).unwrap().spends(who)
    }

    #[test]
    fn budgets_are_known_by_the_address_that_they_are_spent_for() {
        for counted in [
            "address:ada@example.com",
            "address_network:ada@example.com:192.0.2.7",
            "address_codes:ada@example.com",
            "known_browser:ada@example.com:Zm9v",
        ] {
            assert!(spends("ada+tag@example.com", counted), "{counted}");
            assert!(!spends("da@example.com", counted) && !spends("ada@example.co", counted), "{counted}");
        }
        assert!(!spends("ada@example.com", "network:192.0.2.7") && !spends("ada@example.com", "mails"));
    }

    #[test]
    fn budgets_are_known_by_the_network_that_spends_them() {
        for counted in
            ["network:192.0.2.7", "network_day:192.0.2.7", "address_network:ada@example.com:192.0.2.7"]
        {
            assert!(spends("192.0.2.7", counted), "{counted}");
            assert!(!spends("192.0.2.70", counted) && !spends("2.0.2.7", counted), "{counted}");
        }
        for counted in [
            "network:2001:db8:1:2::/64",
            "network_day:2001:db8:1::/48",
            "address_network:ada@example.com:2001:db8:1::/48",
        ] {
            assert!(spends("2001:db8:1:2::9", counted) && spends("2001:db8:1:2::/64", counted), "{counted}");
            assert!(!spends("2001:db8:2::9", counted), "{counted}");
        }
    }

    #[test]
    fn what_is_neither_address_nor_network_is_refused() {
        for text in ["", "ada", "@", "192.0.2", "192.0.2.7/24", "example.com"] {
            assert!(Whose::parse(text).is_none(), "{text}");
        }
    }
}
