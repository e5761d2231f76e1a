//! The budgets of a login: what may happen only so often, and who spends it.
//!
//! Each one is spent by somebody in particular, so that a stranger, or a thousand of them, cannot use up what somebody
//! else needs to get in. What a visitor spends by themselves is refused in so many words; what others can spend too
//! ([`Budget::Address`] and whatever mails leave by) only makes a mail wait, so that no answer tells of anybody else.

use std::fmt::Display;

use strum::{EnumCount, EnumIter, IntoEnumIterator, IntoStaticStr};

use super::Limit;

/// The budgets. Their names, in snake case, stand in `[limits]` of Leptos.toml and, in capitals, behind LIMIT_.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Budget {
    /// A browser asks again for the same inbox.
    Browser,
    /// A known browser asks for an address that it has signed in with before. Beyond it, it is a browser like any other.
    KnownBrowser,
    /// All known browsers of an inbox ask: whoever signs in again and again makes new ones.
    KnownBrowsers,
    /// A network asks, in the short run.
    Network,
    /// A network asks, in the long run.
    NetworkDay,
    /// Mails to one inbox that one network asked for.
    AddressNetwork,
    /// Mails to one inbox that browsers asked for which are not known there.
    Address,
    /// Mails that one network asked for.
    NetworkMails,
    /// Mails, over all.
    Mails,
    /// Wrong codes for one inbox.
    AddressCodes,
    /// Wrong codes from one network.
    NetworkCodes,
    /// Wrong codes, over all.
    Codes,
    /// Entries of the audit trail that strangers can cause, over all.
    Trail,
}

impl Budget {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// This budget as `who` spends it.
    pub fn of(self, who: impl Display) -> Spender {
        Spender { budget: self, key: format!("{}:{who}", self.name()) }
    }

    /// This budget as all spend it together.
    pub fn of_all(self) -> Spender {
        Spender { budget: self, key: self.name().to_owned() }
    }
}

/// A budget and who spends it.
#[derive(Clone, Debug)]
pub struct Spender {
    /// What is spent.
    pub budget: Budget,
    /// The name of both in the database: `network:192.0.2.7`.
    pub key: String,
}

/// The limit of each budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits([Limit; Budget::COUNT]);

impl Limits {
    /// No limit at all.
    pub const OFF: Self = Self([Limit::Off; Budget::COUNT]);

    /// The limit of a budget.
    pub fn of(&self, budget: Budget) -> Limit {
        self.0[budget as usize]
    }

    /// The same with another limit for one budget.
    pub fn with(mut self, budget: Budget, limit: Limit) -> Self {
        self.0[budget as usize] = limit;
        self
    }
}

/// Whose mail may leave: a part of [`Budget::Mails`] is kept for each kind from all that stand below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter)]
pub enum Priority {
    /// A browser asked that has signed in with this address before. No stranger has one.
    KnownBrowser = 1,
    /// The address has an entry of its own on the allowlist. Who has the list can ask for each of them.
    Named = 2,
    /// A rule covers the address and many more, invented ones too.
    ByRule = 3,
}

impl Priority {
    /// The one with that number, which is what the database has.
    pub fn numbered(number: i64) -> Option<Self> {
        Self::iter().find(|priority| *priority as i64 == number)
    }

    /// How much of [`Budget::Mails`] and of the hands of the worker it may use, in percent.
    pub fn part(self) -> u32 {
        match self {
            Self::KnownBrowser => 100,
            Self::Named => 75,
            Self::ByRule => 50,
        }
    }
}
