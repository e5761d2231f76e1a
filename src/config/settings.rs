//! The table of settings: one line each. The code that reads a setting, `postern --settings` and the test that
//! compares docs/configuration.md with the code all use this table.

use std::{collections::BTreeMap, fmt};

use crate::domain::Budget;
use DefaultValue::{Derived, Development, Nothing, Text};

/// What was written for settings, by their names.
pub(super) type Texts = BTreeMap<String, String>;

/// One thing that an operator can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its environment variable; also its name in .env and in messages.
    pub name: &'static str,
    /// Where it may stand, besides .env and the environment.
    pub place: Place,
    /// Its value where nobody has set it.
    pub default: DefaultValue,
    /// What it decides, in one line.
    pub meaning: &'static str,
}

/// Where a setting may stand, besides .env and the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `[postern]` in Leptos.toml, in lower case.
    Postern,
    /// `[limits]` in Leptos.toml, in lower case and without `LIMIT_`.
    Limits,
    /// `[gateway]` in Leptos.toml, in lower case and without `GATEWAY_`.
    Gateway,
    /// `[package.metadata.leptos]` in Leptos.toml, spelled as in Cargo.toml: `site-addr` for `LEPTOS_SITE_ADDR`.
    Leptos,
    /// Nowhere else: Leptos.toml is committed, and this is a secret.
    Secret,
    /// Nowhere else: this concerns one process or one terminal.
    Process,
}

/// The value of a setting that nobody has set. `Display` writes it as docs/configuration.md does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// There is none.
    Nothing,
    /// This text, read as if it had been written.
    Text(&'static str),
    /// This text in development; production insists on a value.
    Development(&'static str),
    /// A value that the reading code works out, as these words say.
    Derived(&'static str),
}

impl Setting {
    /// Its table in Leptos.toml, as a dotted path, and its key there; `None` if it may not stand in that file.
    pub fn in_leptos_toml(&self) -> Option<(&'static str, String)> {
        let (table, prefix) = match self.place {
            Place::Postern => ("postern", ""),
            Place::Limits => ("limits", "LIMIT_"),
            Place::Gateway => ("gateway", "GATEWAY_"),
            Place::Leptos => ("package.metadata.leptos", "LEPTOS_"),
            Place::Secret | Place::Process => return None,
        };
        let key = self.name.strip_prefix(prefix)?.to_lowercase();
        Some((table, if self.place == Place::Leptos { key.replace('_', "-") } else { key }))
    }
}

impl DefaultValue {
    /// The text that stands for a value that is not set, if there is one.
    pub fn text(self, production: bool) -> Option<&'static str> {
        match self {
            Text(text) => Some(text),
            Development(text) if !production => Some(text),
            Nothing | Development(_) | Derived(_) => None,
        }
    }
}

impl fmt::Display for DefaultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Nothing => f.write_str("none"),
            Text(text) => write!(f, "`{text}`"),
            Development(text) => write!(f, "in DEV `{text}`; in PROD none"),
            Derived(words) => f.write_str(words),
        }
    }
}

/// Makes a constant of each line, and [`ALL`] of them all.
macro_rules! settings {
    ($($name:ident, $place:ident, $default:expr, $meaning:literal;)+) => {
        $(
            #[doc = $meaning]
            pub const $name: Setting =
                Setting { name: stringify!($name), place: Place::$place, default: $default, meaning: $meaning };
        )+
        /// Every setting, in the order of docs/configuration.md.
        pub const ALL: &[Setting] = &[$($name),+];
    };
}

settings! {
    LEPTOS_ENV, Leptos, Text("DEV"), "DEV shows every mail; PROD checks everything and shows nothing";
    LEPTOS_SITE_ADDR, Leptos, Text("127.0.0.1:3000"), "IP address and port to listen on";
    LEPTOS_SITE_ROOT, Leptos, Derived("the files in the binary; without any, `target/site`"),
        "folder of the built files";
    LEPTOS_SITE_PKG_DIR, Leptos, Text("pkg"), "folder of scripts and styles inside it";
    LEPTOS_OUTPUT_NAME, Leptos, Text("postern"), "how their names begin";
    LEPTOS_HASH_FILES, Leptos, Text("true"), "whether their names have hashes";
    LEPTOS_HASH_FILE_NAME, Leptos, Text("hash.txt"), "list of the hashes, seen from the folder of the binary";
    LEPTOS_RELOAD_PORT, Leptos, Text("3001"), "port on which a development page hears of changes";
    LEPTOS_RELOAD_EXTERNAL_PORT, Leptos, Derived("that of `LEPTOS_RELOAD_PORT`"), "the same port as a browser sees it";
    LEPTOS_WATCH, Process, Text("false"), "set by cargo leptos watch: an open page reloads after a change";
    DRAIN_TIME, Postern, Derived("in DEV `0s`; in PROD `5s`"), "how long it goes on answering when it is asked to stop";
    LANGUAGES, Postern, Derived("all in `languages/`, English first"),
        "the languages that are offered, the first one for whoever reads none of them";
    METRICS_ADDR, Postern, Nothing, "IP address and port at which Prometheus reads the metrics";

    CREDENTIALS, Postern, Development(r#"["@example.com"]"#), "who may sign in, a JSON list";
    CREDENTIALS_FILE, Postern, Nothing, "who else may sign in, a file with one entry a line";
    ADMINS, Postern, Nothing, "who may open /admin, a JSON list like `CREDENTIALS`";
    REVEAL_UNKNOWN_EMAILS, Postern, Text("false"), "whether a stranger is told that an address is not on the list";

    SECRET_KEY, Secret, Derived("in DEV made once, in `data/secret_key`; in PROD none"), "signs links, derives codes";
    SECRET_KEY_FALLBACKS, Secret, Text("[]"), "older keys that still verify, a JSON list";
    LINK_MAX_AGE, Postern, Text("5m"), "how long a link and its code live";
    SESSION_IDLE, Postern, Text("24h"), "a session ends after this long without a request";
    SESSION_ABSOLUTE, Postern, Text("7d"), "a session ends this long after the sign-in";

    PUBLIC_URL, Postern, Derived("in DEV `http://localhost:` and the port of `LEPTOS_SITE_ADDR`; in PROD none"),
        "the origin that visitors type; links are built from it";
    ALLOW_HTTP, Postern, Text("false"), "whether PROD may run with an http PUBLIC_URL, and http apps";
    TRUSTED_PROXIES, Postern, Nothing, "the address of each proxy whose headers count";
    EXEMPT_PATHS, Postern, Nothing, "paths that need no session, besides Postern's own";

    SITE_NAME, Postern, Derived("the host of `PUBLIC_URL`"), "what pages and mails call this site";
    SITE_LOGO, Postern, Nothing, "its logo above every page, an SVG or PNG file";
    ACCENT_COLOUR, Postern, Nothing, "the colour of buttons and links, in six hexadecimal digits";
    ACCENT_COLOUR_DARK, Postern, Derived("made from `ACCENT_COLOUR`"), "the same in the dark";
    SUPPORT_ADDRESS, Postern, Nothing, "whom to ask: a mail address or an https URL";

    GATEWAY_APPS, Gateway, Nothing, "the apps behind this login, a JSON list of objects";
    GATEWAY_GROUPS, Gateway, Nothing, "groups of people that apps are told of, a JSON object of lists";

    DATABASE_URL, Postern, Text("sqlite://data/postern.sqlite3"), "the SQLite file, or a database of PostgreSQL";
    DATABASE_CA_FILE, Postern, Nothing, "the authority that signed PostgreSQL's certificate, a PEM file";
    AUDIT_KEPT, Postern, Text("90d"), "how long the audit trail remembers";

    EMAIL_BACKEND, Postern, Derived("in DEV `console`; in PROD `smtp`"),
        "console prints mails, file keeps them in a folder, smtp sends them";
    EMAIL_FILE_PATH, Postern, Text("data/mail"), "the folder for file";
    EMAIL_HOST, Postern, Nothing, "the mail server, needed with smtp";
    EMAIL_PORT, Postern, Derived("587 with `EMAIL_USE_TLS`, 465 with `EMAIL_USE_SSL`, else 25"), "its port";
    EMAIL_USE_TLS, Postern, Text("false"), "STARTTLS";
    EMAIL_USE_SSL, Postern, Text("false"), "TLS from the first byte";
    EMAIL_HOST_USER, Postern, Nothing, "the user at the mail server";
    EMAIL_HOST_PASSWORD, Secret, Nothing, "the user's password";
    EMAIL_EHLO_NAME, Postern, Derived("the host of `PUBLIC_URL`"), "what Postern calls itself at the mail server";
    EMAIL_ALLOW_PLAINTEXT, Postern, Text("false"), "whether mails may cross the network without TLS";
    EMAIL_CA_FILE, Postern, Nothing, "the authority that signed the mail server's certificate, a PEM file";
    EMAIL_FALLBACK_HOST, Postern, Nothing, "a second mail server, for while the first fails";
    EMAIL_FALLBACK_PORT, Postern, Derived("587 with `EMAIL_FALLBACK_USE_TLS`, 465 with `EMAIL_FALLBACK_USE_SSL`, else 25"),
        "its port";
    EMAIL_FALLBACK_USE_TLS, Postern, Text("false"), "STARTTLS there";
    EMAIL_FALLBACK_USE_SSL, Postern, Text("false"), "TLS from the first byte there";
    EMAIL_FALLBACK_HOST_USER, Postern, Nothing, "the user there";
    EMAIL_FALLBACK_HOST_PASSWORD, Secret, Nothing, "that user's password";
    EMAIL_FALLBACK_CA_FILE, Postern, Nothing, "the authority that signed its certificate, a PEM file";
    DEFAULT_FROM_EMAIL, Postern, Development("Postern <postern@localhost>"), "the sender of all mails";
    EMAIL_REPLY_TO, Postern, Nothing, "where answers to mails go, if not to the sender";
    BOUNCE_WEBHOOK_TOKEN, Secret, Nothing, "what whoever tells of bounces has to know";
    INBOX_LINKS, Postern, Text("on"), "links to people's inboxes: on, off, or a JSON object with links by mail domain";
    NEW_DEVICE_MAILS, Postern, Text("on"), "a mail to whoever signs in with a browser that is not known there: on or off";

    LIMITS, Postern, Text("on"), "off lifts every limit, for load tests";
    LIMIT_BROWSER, Limits, Text("1 per 60s"), "mails that a browser asks for, one after the other, for one inbox";
    LIMIT_KNOWN_BROWSER, Limits, Text("10 per 1h"), "mails that a known browser asks for, for one address";
    LIMIT_KNOWN_BROWSERS, Limits, Text("20 per 1h"), "mails that all known browsers of one inbox ask for";
    LIMIT_NETWORK, Limits, Text("600 per 1h"), "requests for a mail from one network, in the short run";
    LIMIT_NETWORK_DAY, Limits, Text("3000 per 1d"), "requests for a mail from one network, in the long run";
    LIMIT_ADDRESS_NETWORK, Limits, Text("5 per 15m"), "mails to one inbox that one network asks for";
    LIMIT_ADDRESS, Limits, Text("15 per 30m"), "mails to one inbox that browsers ask for which are not known";
    LIMIT_NETWORK_MAILS, Limits, Text("600 per 1h"), "mails that leave because one network asks";
    LIMIT_MAILS, Limits, Text("1500 per 1h"), "mails that leave, over all";
    LIMIT_ADDRESS_CODES, Limits, Text("20 per 1h"), "wrong codes for one inbox";
    LIMIT_NETWORK_CODES, Limits, Text("20 per 1h"), "wrong codes from one network";
    LIMIT_CODES, Limits, Text("100 per 1h"), "wrong codes, over all";
    LIMIT_TRAIL, Limits, Text("2000 per 1h"), "entries of the audit trail that strangers can cause";

    RUST_LOG, Postern, Text("info"), "what is logged: a level, or levels by target";
    LOG_FORMAT, Postern, Text("text"), "text for people, json for machines";
    NO_COLOR, Process, Nothing, "any value keeps colour codes out of the log";
}

/// The setting of a budget's limit.
pub fn of_budget(budget: Budget) -> Option<Setting> {
    let name = format!("LIMIT_{}", budget.name().to_uppercase());
    ALL.iter().find(|setting| setting.name == name).copied()
}

/// All settings for people to read, one a line.
pub fn list() -> String {
    ALL.iter()
        .map(|Setting { name, meaning, default, .. }| format!("{name:28} {meaning}; default: {default}\n"))
        .collect()
}

#[cfg(test)]
mod tests;
