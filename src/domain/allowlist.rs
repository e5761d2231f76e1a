//! The allowlist: the operator's rules of who may sign in.

use std::collections::HashSet;

use super::{AddressFault, EmailAddress, email_address::normalise_domain};

/// Rules that let addresses in or keep them out; a rule that denies beats every rule that allows.
///
/// `ada@example.com` is one address, `@example.com` everybody at exactly that domain, `@*.example.com` everybody at any
/// depth below it but not at the domain itself; `!` before any of these denies. Domains are compared as IDNA (UTS 46)
/// writes them in ASCII. Looking up takes the same time for ten rules and ten thousand. Empty, it lets nobody in.
// A rule is kept as the piece of an address that it must be equal to: `ada@example.com`, `@example.com` or
// `.example.com`. No two kinds start alike, so one set holds them all and a look-up copies nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowlist {
    allowed: HashSet<Box<str>>,
    denied: HashSet<Box<str>>,
}

/// One entry that cannot be read: which, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowlist entry {entry:?}: {fault}")]
pub struct MalformedEntry {
    /// Which of the entries that were given, counted from 0.
    pub at: usize,
    /// The entry as it was written, without space around it.
    pub entry: String,
    /// What is wrong with it.
    pub fault: EntryFault,
}

/// What is wrong with an entry; each message says what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    #[error("It is empty. Remove it, or write an address such as name@example.com.")]
    Empty,
    #[error("One ! is enough to deny.")]
    DoubleDeny,
    #[error("There is no @ in it. Write @example.com for everybody at a domain.")]
    MissingAt,
    #[error(
        "A star stands only in @*.example.com, for all subdomains. Write @example.com for everybody at a domain."
    )]
    Wildcard,
    #[error(
        "One label would match more than it seems to. Write at least two, such as @example.com or @*.example.com."
    )]
    SingleLabel,
    #[error(transparent)]
    Address(#[from] AddressFault),
}

impl Allowlist {
    /// Reads all entries; space around each is dropped, repeated ones count once.
    ///
    /// # Errors
    /// Every [`MalformedEntry`], in the order given: one look mends them all.
    pub fn parse<I: IntoIterator<Item: AsRef<str>>>(entries: I) -> Result<Self, Vec<MalformedEntry>> {
        let mut list = Self::default();
        let mut mistakes = Vec::new();
        for (at, entry) in entries.into_iter().enumerate() {
            let entry = entry.as_ref().trim();
            let (rules, rule) = match entry.strip_prefix('!') {
                Some(denied) => (&mut list.denied, denied.trim_start()),
                None => (&mut list.allowed, entry),
            };
            match parse_rule(rule) {
                Ok(rule) => _ = rules.insert(rule.into()),
                Err(fault) => mistakes.push(MalformedEntry { at, entry: entry.to_owned(), fault }),
            }
        }
        if mistakes.is_empty() { Ok(list) } else { Err(mistakes) }
    }

    /// The rules of both lists. What one of them denies stays denied.
    pub fn union(self, other: Self) -> Self {
        // The shorter one moves into the longer one: most often one of them is empty.
        let (mut long, short) = if self.len() < other.len() { (other, self) } else { (self, other) };
        long.allowed.extend(short.allowed);
        long.denied.extend(short.denied);
        long
    }

    /// Whether `email` may sign in.
    pub fn allows(&self, email: &EmailAddress) -> bool {
        covers(&self.allowed, email) && !covers(&self.denied, email)
    }

    /// The entries that let `email` in, and those that keep it out, each as an operator writes it. One of the latter is enough
    /// to keep it out.
    pub fn entries_about(&self, email: &EmailAddress) -> (Vec<String>, Vec<String>) {
        let about = |rules: &HashSet<Box<str>>, start| {
            pieces(email).filter(|piece| rules.contains(*piece)).map(|piece| written(start, piece)).collect()
        };
        (about(&self.allowed, ""), about(&self.denied, "!"))
    }

    /// What has changed since it was `before`.
    pub fn changes_since(&self, before: &Self) -> Changes {
        Changes { added: Entries::only_in(self, before), removed: Entries::only_in(before, self) }
    }

    /// Whether `email` has an entry of its own, besides rules for its domain.
    pub fn names(&self, email: &EmailAddress) -> bool {
        self.allowed.contains(email.as_str())
    }

    /// Whether no rule allows anything: there is none, or all of them deny.
    pub fn lets_in_nobody(&self) -> bool {
        self.allowed.is_empty()
    }

    /// Whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of different rules, those that deny included.
    pub fn len(&self) -> usize {
        self.allowed.len() + self.denied.len()
    }
}

/// One rule without its `!`, in the form in which [`Allowlist`] keeps it.
///
/// # Errors
/// [`EntryFault`]. A domain of one label is one: `@com` would let in the world.
fn parse_rule(rule: &str) -> Result<String, EntryFault> {
    if rule.is_empty() {
        return Err(EntryFault::Empty);
    }
    if rule.starts_with('!') {
        return Err(EntryFault::DoubleDeny);
    }
    let (start, domain) = match (rule.strip_prefix("@*."), rule.strip_prefix('@')) {
        (Some(parent), _) => (".", parent),
        (None, Some(domain)) => ("@", domain),
        (None, None) => ("", rule),
    };
    if domain.contains('*') {
        return Err(EntryFault::Wildcard);
    }
    if start.is_empty() {
        if !rule.contains('@') {
            return Err(EntryFault::MissingAt);
        }
        return Ok(EmailAddress::parse(rule)?.into());
    }
    match normalise_domain(domain) {
        Err(AddressFault::MissingDot) => Err(EntryFault::SingleLabel),
        Ok(domain) if start == "." && !domain.contains('.') => Err(EntryFault::SingleLabel),
        Ok(domain) => Ok(format!("{start}{domain}")),
        Err(fault) => Err(fault.into()),
    }
}

/// Whether a rule is equal to a piece of the address.
fn covers(rules: &HashSet<Box<str>>, email: &EmailAddress) -> bool {
    pieces(email).any(|piece| rules.contains(piece))
}

/// What a rule may be equal to: the address, its domain, and each parent of its domain.
fn pieces(email: &EmailAddress) -> impl Iterator<Item = &str> {
    let at_domain = &email.as_str()[email.local().len()..];
    let parents = email.domain().match_indices('.').map(|(dot, _)| &email.domain()[dot..]);
    [email.as_str(), at_domain].into_iter().chain(parents)
}

/// A rule as an operator writes it; `start` is `!` for one that denies.
fn written(start: &str, rule: &str) -> String {
    let star = if rule.starts_with('.') { "@*" } else { "" };
    format!("{start}{star}{rule}")
}

/// How one list differs from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    pub added: Entries,
    pub removed: Entries,
}

/// Entries of a list: how many, and a few of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    /// How many there are.
    pub count: usize,
    /// The first ten in the order of the alphabet, as an operator writes them.
    pub first: Vec<String>,
}

impl Entries {
    /// As many as can be read in a line of the log.
    const FEW: usize = 10;

    fn only_in(list: &Allowlist, other: &Allowlist) -> Self {
        let allowed = list.allowed.difference(&other.allowed).map(|rule| ("", rule));
        let denied = list.denied.difference(&other.denied).map(|rule| ("!", rule));
        let (mut count, mut first) = (0, Vec::new());
        for (start, rule) in allowed.chain(denied) {
            count += 1;
            first.push(written(start, rule));
            // Of two hundred thousand no more are held than are shown.
            if first.len() > 2 * Self::FEW {
                first.sort_unstable();
                first.truncate(Self::FEW);
            }
        }
        first.sort_unstable();
        first.truncate(Self::FEW);
        Self { count, first }
    }
}

#[cfg(test)]
mod tests;
