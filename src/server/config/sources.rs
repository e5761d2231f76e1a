//! Where a setting is found: the environment, then .env, then the tables `[postern]` and `[limits]` of Leptos.toml.

use std::{collections::BTreeMap, ops::RangeInclusive, path::Path, time::Duration};

use super::mistakes::{Mistake, Mistakes};

/// Settings that may never stand in Leptos.toml, because that file is committed.
const SECRETS: [&str; 3] = ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "EMAIL_HOST_PASSWORD"];

/// What Leptos.toml may set under `[postern]`, in lower case.
const POLICY: [&str; 30] = [
    "AUDIT_KEPT",
    "LIMIT_ADDRESS_CODES",
    "LIMIT_ADDRESS_GAP",
    "LIMIT_ADDRESS_LONG",
    "LIMIT_ADDRESS_SHORT",
    "LIMIT_MAILS",
    "LIMIT_NETWORK",
    "TRUSTED_PROXIES",
    "ALLOW_HTTP",
    "CREDENTIALS_FILE",
    "DATABASE_URL",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_ALLOW_PLAIN_AUTH",
    "EMAIL_BACKEND",
    "EMAIL_CA_FILE",
    "EMAIL_FILE_PATH",
    "EMAIL_HOST",
    "EMAIL_HOST_USER",
    "EMAIL_PORT",
    "EMAIL_USE_SSL",
    "EMAIL_USE_TLS",
    "EXEMPT_PATHS",
    "LINK_MAX_AGE",
    "LOG_FORMAT",
    "PUBLIC_URL",
    "REVEAL_UNKNOWN_EMAILS",
    "RUST_LOG",
    "SESSION_ABSOLUTE",
    "SESSION_IDLE",
    "CREDENTIALS",
];

/// The settings as text, by the name of their environment variable.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    environment: BTreeMap<String, String>,
    policy: BTreeMap<String, String>,
}

impl Sources {
    /// Reads .env into the environment, then the environment and Leptos.toml in the working directory.
    pub fn read() -> Result<Self, Mistakes> {
        match dotenvy::dotenv() {
            Err(error) if !error.not_found() => {
                return Err(
                    Mistake::new(".env", format!("cannot be read ({error})"), "correct that line").into()
                );
            }
            _ => {}
        }
        let toml = match std::fs::read_to_string(Path::new("Leptos.toml")) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(Mistake::new(
                    "Leptos.toml",
                    format!("cannot be read ({error})"),
                    "check the file",
                )
                .into());
            }
        };
        Ok(Self { environment: std::env::vars().collect(), policy: read_policy(&toml)? })
    }

    /// Settings from a list, for tests and for tools that start Postern themselves.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let environment = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { environment, policy: BTreeMap::new() }
    }

    /// Settings from the text of a Leptos.toml.
    ///
    /// # Errors
    /// If it is not TOML.
    pub fn from_leptos_toml(text: &str) -> Result<Self, Mistakes> {
        Ok(Self { environment: BTreeMap::new(), policy: read_policy(text)? })
    }

    /// The text of a setting; empty counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        let set =
            |map: &BTreeMap<String, String>| map.get(name).is_some_and(|value| !value.trim().is_empty());
        let from = if set(&self.environment) { &self.environment } else { &self.policy };
        from.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// `true` or `false`; unset is `false`.
    pub fn flag(&self, name: &str, m: &mut Mistakes) -> bool {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0" | "no") => false,
            Some("true" | "1" | "yes") => true,
            Some(other) => {
                m.add(name, format!("is `{other}`"), "write true or false");
                false
            }
        }
    }

    /// One word of a closed set.
    pub fn one_of<'a>(
        &'a self,
        name: &str,
        words: &[&'a str],
        default: &'a str,
        m: &mut Mistakes,
    ) -> &'a str {
        let word = self.get(name).unwrap_or(default);
        if !words.contains(&word) {
            m.add(name, format!("is `{word}`"), format!("write one of {}", words.join(", ")));
        }
        word
    }

    /// A time span: whole seconds (`300`) or with units (`5m`, `24h`, `7d`), within `range` seconds.
    pub fn duration(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
        default: &'static str,
        m: &mut Mistakes,
    ) -> Duration {
        let text = self.get(name).unwrap_or(default);
        let parsed = match text.parse::<u64>() {
            Ok(secs) => Some(Duration::from_secs(secs)),
            Err(_) => humantime::parse_duration(text).ok(),
        };
        match parsed.filter(|duration| range.contains(&duration.as_secs()) && duration.subsec_nanos() == 0) {
            Some(duration) => duration,
            None => {
                let (shortest, longest) = (in_words(*range.start()), in_words(*range.end()));
                m.add(
                    name,
                    format!("is `{text}`"),
                    format!(
                        "write whole seconds or a time span like {default}, from {shortest} to {longest}"
                    ),
                );
                Duration::from_secs(*range.start())
            }
        }
    }

    /// A typing mistake in Leptos.toml would otherwise go unseen, and a secret there would be committed.
    pub fn report_unknown_settings(&self, m: &mut Mistakes) {
        for name in self.policy.keys() {
            if SECRETS.contains(&name.as_str()) {
                m.add(
                    name,
                    "stands in Leptos.toml, which is no place for a secret",
                    "move it to .env or the environment",
                );
            } else if !POLICY.contains(&name.as_str()) {
                m.add(
                    &name.to_lowercase(),
                    "in Leptos.toml is not a setting of Postern",
                    "correct or remove it; docs/configuration.md lists them all",
                );
            }
        }
    }
}

fn in_words(secs: u64) -> String {
    humantime::format_duration(Duration::from_secs(secs)).to_string()
}

fn read_policy(text: &str) -> Result<BTreeMap<String, String>, Mistakes> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        Mistake::new("Leptos.toml", format!("is not TOML ({})", error.message()), "correct the file")
    })?;
    let policy = table.get("postern").and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let as_text = |value: toml::Value| match value {
        toml::Value::String(text) => text,
        // Lists read like the JSON that the environment would hold.
        other => serde_json::to_string(&other).unwrap_or_default(),
    };
    let policy = policy.into_iter().map(|(name, value)| (name.to_uppercase(), as_text(value)));
    let limits = table.get("limits").and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let limits =
        limits.into_iter().map(|(name, value)| (format!("LIMIT_{}", name.to_uppercase()), as_text(value)));
    Ok(policy.chain(limits).collect())
}
