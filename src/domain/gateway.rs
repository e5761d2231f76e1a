//! The gateway's rules: which apps there are, who may open each, and what of it is open to everybody.

mod origin;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

pub use origin::{Origin, OriginFault, OriginPattern};

use super::{
    Allowlist, EmailAddress,
    plain_path::{covers, has_one_reading, is_plain_query},
};

/// Bytes of a group's name.
const MAX_GROUP_NAME: usize = 64;

/// One app behind the gateway, or, with a star in its origin, one kind of apps with the same rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    origin: OriginPattern,
    /// `None`: everybody who may sign in.
    allow: Option<Allowlist>,
    public: Vec<PublicPath>,
}

/// A path of an app that is open to everybody, with all that lies below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicPath(String);

/// Why a path cannot be a public one; the end of a sentence that begins with "which".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicPathFault {
    #[error("does not begin with a slash")]
    NotAbsolute,
    #[error("has a query or a fragment, and only the path decides")]
    Query,
    #[error("has a star, and every path covers all below it without one")]
    Star,
    #[error(
        "is not in normal form, so no request would match it: no dots, //, ;, \\, % or letters beyond ASCII"
    )]
    NotNormal,
}

/// The name of a group: 1 to 64 ASCII letters, digits, `-` and `_`, because apps get names in a header, divided by
/// commas.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupName(String);

/// A text that is no name of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not 1 to 64 letters (a to z), digits, - and _")]
pub struct MalformedGroupName;

/// All apps and groups; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gateway {
    apps: Vec<App>,
    /// The place in `apps` of each that has an origin of its own.
    exact: HashMap<Origin, usize>,
    /// The parents of those with a star, the longest first, and their places.
    below: Vec<(Origin, usize)>,
    groups: BTreeMap<GroupName, Allowlist>,
    /// The host on which people sign in: no star covers it.
    login: Option<Origin>,
}

impl App {
    /// An app at `origin`. `allow` says who may open it; `None` is everybody who may sign in.
    pub fn new(origin: OriginPattern, allow: Option<Allowlist>, public: Vec<PublicPath>) -> Self {
        Self { origin, allow, public }
    }

    /// Where it is.
    pub fn origin(&self) -> &OriginPattern {
        &self.origin
    }

    /// Whether its own rules let `email` in. Whoever may not sign in at all may not come here: ask the allowlist too.
    pub fn allows(&self, email: &EmailAddress) -> bool {
        self.allow.as_ref().is_none_or(|rules| rules.allows(email))
    }

    /// Whether everybody may open `target`: path and query as they stood in the request line.
    ///
    /// The app behind the gateway reads the path again, in a way that nobody here knows. So a target that is not in
    /// normal form ([`has_one_reading`], [`is_plain_query`]) is never public.
    pub fn is_public(&self, target: &[u8]) -> bool {
        let Ok(target) = str::from_utf8(target) else { return false };
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        has_one_reading(path)
            && query.is_none_or(is_plain_query)
            && self.public.iter().any(|PublicPath(public)| covers(public, path))
    }
}

impl PublicPath {
    /// Reads a path. It covers itself and all below it, by whole segments; `/` opens the whole app.
    ///
    /// # Errors
    /// [`PublicPathFault`] for one that no request could match.
    pub fn parse(path: &str) -> Result<Self, PublicPathFault> {
        if !path.starts_with('/') {
            Err(PublicPathFault::NotAbsolute)
        } else if path.contains(['?', '#']) {
            Err(PublicPathFault::Query)
        } else if path.contains('*') {
            Err(PublicPathFault::Star)
        } else if !has_one_reading(path) || path.contains('%') {
            // An escape can be written in two ways (%5B, %5b), of which requests would match one.
            Err(PublicPathFault::NotNormal)
        } else {
            Ok(Self(path.to_owned()))
        }
    }
}

impl GroupName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`MalformedGroupName`].
    pub fn parse(name: &str) -> Result<Self, MalformedGroupName> {
        let fits = (1..=MAX_GROUP_NAME).contains(&name.len());
        let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits && is_plain { Ok(Self(name.to_owned())) } else { Err(MalformedGroupName) }
    }
}

impl Gateway {
    /// A gateway for `apps` on which people sign in at `login`. `groups` are lists of the allowlist's entries.
    ///
    /// No star covers an origin with the host of `login`; an app that shares it, for people who have a single name, is
    /// named.
    ///
    /// # Errors
    /// The origins that stand there twice, and those that share the host of `login` and are not `login`.
    pub fn new(
        apps: Vec<App>,
        groups: BTreeMap<GroupName, Allowlist>,
        login: Option<Origin>,
    ) -> Result<Self, Vec<OriginClash>> {
        let (mut exact, mut below, mut clashes) = (HashMap::new(), Vec::new(), Vec::new());
        for (place, app) in apps.iter().enumerate() {
            let is_new = match &app.origin {
                OriginPattern::Exactly(origin)
                    if login
                        .as_ref()
                        .is_some_and(|login| login != origin && login.host() == origin.host()) =>
                {
                    clashes.push(OriginClash::LoginHost(origin.clone()));
                    continue;
                }
                OriginPattern::Exactly(origin) => exact.insert(origin.clone(), place).is_none(),
                OriginPattern::Below(parent) => {
                    let is_new = below.iter().all(|(other, _)| other != parent);
                    below.push((parent.clone(), place));
                    is_new
                }
            };
            if !is_new {
                clashes.push(OriginClash::Twice(app.origin.clone()));
            }
        }
        // Of two stars that cover an origin, the one for fewer origins counts.
        below.sort_by_key(|(parent, _)| std::cmp::Reverse(parent.host().len()));
        if clashes.is_empty() { Ok(Self { apps, exact, below, groups, login }) } else { Err(clashes) }
    }

    /// The app at `origin`. One that is named exactly comes before one with a star.
    pub fn app(&self, origin: &Origin) -> Option<&App> {
        let place = self.exact.get(origin).copied().or_else(|| self.place_below(origin))?;
        self.apps.get(place)
    }

    fn place_below(&self, origin: &Origin) -> Option<usize> {
        if self.login.as_ref().is_some_and(|login| login.host() == origin.host()) {
            return None;
        }
        self.below.iter().find(|(parent, _)| origin.is_below(parent)).map(|(_, place)| *place)
    }

    /// The app at that `Host`, and its origin, for a request of which nobody tells the scheme. Where there is one for
    /// https and one for http, it is that for https; one that is named comes before one with a star.
    pub fn app_at(&self, authority: &str) -> Option<(&App, Origin)> {
        let origins = ["https", "http"].map(|scheme| Origin::of(scheme, authority).ok());
        let named = origins.iter().flatten().find(|origin| self.exact.contains_key(*origin));
        let origin = named.or_else(|| origins.iter().flatten().find(|origin| self.app(origin).is_some()))?;
        Some((self.app(origin)?, origin.clone()))
    }

    /// The names of the groups that `email` is in, in their order by bytes.
    pub fn groups_of(&self, email: &EmailAddress) -> impl Iterator<Item = &str> {
        self.groups.iter().filter(|(_, rules)| rules.allows(email)).map(|(name, _)| name.0.as_str())
    }

    /// The origins of all apps, those with a star as a Content-Security-Policy writes them.
    pub fn origins(&self) -> impl Iterator<Item = String> {
        self.apps.iter().map(|app| app.origin.to_string())
    }

    /// The origins of the apps that `email` may open, in the operator's order. A star names none.
    pub fn named_for(&self, email: &EmailAddress) -> impl Iterator<Item = &Origin> {
        self.apps.iter().filter(|app| app.allows(email)).filter_map(|app| match &app.origin {
            OriginPattern::Exactly(origin) => Some(origin),
            OriginPattern::Below(_) => None,
        })
    }

    /// Whether there is no app.
    pub fn is_empty(&self) -> bool {
        self.apps.is_empty()
    }

    /// The number of apps.
    pub fn len(&self) -> usize {
        self.apps.len()
    }
}

/// Two that claim one origin; the end of a sentence that begins with "has the app".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginClash {
    #[error("`{0}` twice")]
    Twice(OriginPattern),
    /// Cookies know no ports: the app would get that of the login, and could set it.
    #[error(
        "`{0}`, which is on the host of PUBLIC_URL at another scheme or port, and would share its cookies"
    )]
    LoginHost(Origin),
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
