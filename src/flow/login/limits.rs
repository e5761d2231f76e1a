//! Spending the budgets of a login. Known and unknown addresses count alike, or a limit would tell them apart.
//!
//! Everything here is a part of a step: what is counted commits with what it was counted for, or not at all.
//! docs/configuration.md says what each budget is for, docs/threat-model.md what they hold.

use std::time::Duration;

use crate::{
    audit::{Event, Note},
    domain::{Budget, EmailAddress, KnownBrowser, Limit, Limits, Spender, UnixTime},
    flow::Asking,
    refusal::Refusal,
    store::{Step, StoreError},
};

/// A repeated refusal is noted once a minute, so that an attack cannot fill the disk.
const REPEATS_NOTED: Limit = Limit::Rate { count: 1, period: Duration::from_secs(60) };

/// What a request for a mail spends: of the network, in two spans.
///
/// Where a network is IPv6, the short span is that of a /64 and the long one that of its /48.
pub fn requests(asking: &Asking) -> [Spender; 2] {
    let network = asking.client.network;
    [Budget::Network.of(network), Budget::NetworkDay.of(network.site())]
}

/// What a mail spends that leaves, besides [`Budget::Mails`], if no known browser asked for it.
pub fn mails_to(email: &EmailAddress, site: &str) -> [Spender; 3] {
    let inbox = email.inbox();
    [
        Budget::AddressNetwork.of(format_args!("{inbox}:{site}")),
        Budget::Address.of(&inbox),
        Budget::NetworkMails.of(site),
    ]
}

/// What a wrong code spends, besides the tries of its own mail: of the inbox, the network and all; of a known browser and
/// the inbox only.
pub fn wrong_codes(asking: &Asking, email: &EmailAddress) -> Vec<Spender> {
    let inbox = email.inbox();
    match known_browser(asking, email) {
        Some(browser) => vec![Budget::AddressCodes.of(format_args!("{inbox}:{}", browser.id()))],
        None => vec![
            Budget::AddressCodes.of(&inbox),
            Budget::NetworkCodes.of(asking.client.network.site()),
            Budget::Codes.of_all(),
        ],
    }
}

/// The browser, if `email` has signed in there before.
pub fn known_browser<'a>(asking: &'a Asking, email: &EmailAddress) -> Option<&'a KnownBrowser> {
    asking.browser.as_ref().filter(|browser| browser.knows(email))
}

/// What a mail to `email` costs a known browser.
fn of_known_browser(asking: &Asking, email: &EmailAddress) -> Option<[Spender; 2]> {
    let inbox = email.inbox();
    known_browser(asking, email).map(|browser| {
        [Budget::KnownBrowser.of(format_args!("{inbox}:{}", browser.id())), Budget::KnownBrowsers.of(&inbox)]
    })
}

/// What a request for a mail to `email`, if that is an address, will be held against, by its names in the database.
pub fn looked_at(asking: &Asking, email: Option<&EmailAddress>) -> Vec<String> {
    let own = email.and_then(|email| of_known_browser(asking, email)).into_iter().flatten();
    let spenders: Vec<_> = own.chain(requests(asking)).collect();
    names(&asking.limits, &spenders)
}

/// Lets a request for a mail to `email` pass, or refuses it. `true`: a known browser asks, and its budget has paid for it.
///
/// # Errors
/// If the database fails.
pub async fn let_ask(
    step: &mut Step,
    asking: &Asking,
    email: &EmailAddress,
) -> Result<Result<bool, Refusal>, StoreError> {
    if let Some(own) = of_known_browser(asking, email) {
        // The mail stands in its network's line at once.
        let network = Budget::NetworkMails.of(asking.client.network.site());
        look_up(step, &asking.limits, &[own[0].clone(), own[1].clone(), network]).await?;
        if can_spend(step, asking, &own).await? {
            return Ok(Ok(true));
        }
    }
    Ok(spend(step, asking, &requests(asking), Some(email)).await?.map(|()| false))
}

/// Spends one of each budget, which were looked up before, or none; whether it did.
async fn can_spend(step: &mut Step, asking: &Asking, spenders: &[Spender]) -> Result<bool, StoreError> {
    for spender in spenders {
        if wait_for(step, asking, spender).await?.is_some() {
            return Ok(false);
        }
    }
    for spender in spenders {
        count(step, asking, spender).await?;
    }
    Ok(true)
}

/// Spends one of each budget, or none: then it is refused and noted, and nothing else counts.
///
/// # Errors
/// If the database fails.
pub async fn spend(
    step: &mut Step,
    asking: &Asking,
    spenders: &[Spender],
    email: Option<&EmailAddress>,
) -> Result<Result<(), Refusal>, StoreError> {
    let allowed = look(step, asking, spenders, email).await?;
    if allowed.is_ok() {
        for spender in spenders {
            count(step, asking, spender).await?;
        }
    }
    Ok(allowed)
}

/// As [`spend`], without spending.
///
/// # Errors
/// If the database fails.
pub async fn look(
    step: &mut Step,
    asking: &Asking,
    spenders: &[Spender],
    email: Option<&EmailAddress>,
) -> Result<Result<(), Refusal>, StoreError> {
    look_up(step, &asking.limits, spenders).await?;
    for spender in spenders {
        if let Some(retry_after) = wait_for(step, asking, spender).await? {
            return Ok(Err(refuse(step, asking, spender, email, retry_after).await?));
        }
    }
    Ok(Ok(()))
}

/// The refusal of somebody who has spent a budget. It is noted once a minute.
///
/// # Errors
/// If the database fails.
pub async fn refuse(
    step: &mut Step,
    asking: &Asking,
    spender: &Spender,
    email: Option<&EmailAddress>,
    retry_after: u64,
) -> Result<Refusal, StoreError> {
    if first_this_minute(step, &spender.key, asking.now).await? {
        let note = Note::of(Event::Limited).reason(spender.budget.name()).client(&asking.client);
        asking.audit.note(step, asking.now, email.into_iter().fold(note, Note::email)).await?;
    }
    Ok(Refusal::Limited { retry_after })
}

/// Reads at once what will be looked at one by one, with the budget of the trail: what comes of it is noted.
///
/// # Errors
/// If the database fails.
pub async fn look_up(step: &mut Step, limits: &Limits, spenders: &[Spender]) -> Result<(), StoreError> {
    step.look_up(names(limits, spenders).into_iter()).await
}

/// What is counted of them, and of the trail, by its names in the database.
fn names(limits: &Limits, spenders: &[Spender]) -> Vec<String> {
    let trail = Budget::Trail.of_all();
    let spent = spenders.iter().chain([&trail]).filter(|spender| limits.of(spender.budget) != Limit::Off);
    spent.map(|spender| spender.key.clone()).collect()
}

async fn wait_for(step: &mut Step, asking: &Asking, spender: &Spender) -> Result<Option<u64>, StoreError> {
    step.wait_for(&spender.key, asking.limits.of(spender.budget), 100, asking.now).await
}

async fn count(step: &mut Step, asking: &Asking, spender: &Spender) -> Result<(), StoreError> {
    step.count(&spender.key, asking.limits.of(spender.budget), asking.now).await.map(drop)
}

/// Whether an event of this `key` is the first in a minute, and so worth an entry in the audit trail.
///
/// # Errors
/// If the database fails.
pub async fn first_this_minute(step: &mut Step, key: &str, now: UnixTime) -> Result<bool, StoreError> {
    let counted = format!("noted:{key}");
    if step.wait_for(&counted, REPEATS_NOTED, 100, now).await?.is_some() {
        return Ok(false);
    }
    step.count(&counted, REPEATS_NOTED, now).await?;
    Ok(true)
}
