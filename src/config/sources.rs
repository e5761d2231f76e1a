//! Where a setting is found: the environment, then .env, then the tables `[postern]` and `[limits]` of Leptos.toml.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, time::Duration};

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
    "EMAIL_ALLOW_PLAINTEXT",
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

/// The environment file, in the working directory.
pub const DOTENV: &str = ".env";
const LEPTOS_TOML: &str = "Leptos.toml";

type Settings = BTreeMap<String, String>;

/// The settings as text, by the name of their environment variable. Holds secrets: its `Debug` shows none.
#[derive(Clone, Default)]
pub struct Sources {
    environment: Settings,
    dotenv: Settings,
    policy: Settings,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

impl Sources {
    /// Reads the environment, then .env and Leptos.toml in the working directory.
    ///
    /// # Errors
    /// If a file is there and cannot be read.
    pub fn read() -> Result<Self, Mistakes> {
        // What is not UTF-8 is no setting of ours.
        let utf8 = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self { environment: utf8.collect(), ..Self::default() }.reread()
    }

    /// Reads the files again; the environment of a process does not change.
    ///
    /// # Errors
    /// If a file is there and cannot be read.
    pub fn reread(&self) -> Result<Self, Mistakes> {
        Ok(Self {
            environment: self.environment.clone(),
            dotenv: read_dotenv()?,
            policy: read_leptos_toml()?,
        })
    }

    /// Puts what .env says into the environment of this process, for LEPTOS_*, which others read there.
    pub fn export_dotenv() {
        // Whether it can be read is reported by `read`.
        let _ = dotenvy::from_path(DOTENV);
    }

    /// Settings from a list, for tests and for tools that start Postern themselves.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let environment = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { environment, ..Self::default() }
    }

    /// Settings from the text of a Leptos.toml.
    ///
    /// # Errors
    /// If it is not TOML.
    pub fn from_leptos_toml(text: &str) -> Result<Self, Mistakes> {
        Ok(Self { policy: read_policy(text)?, ..Self::default() })
    }

    /// The text of a setting; empty counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        [&self.environment, &self.dotenv, &self.policy]
            .into_iter()
            .filter_map(|settings| settings.get(name))
            .map(|value| value.trim())
            .find(|value| !value.is_empty())
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

fn read_dotenv() -> Result<Settings, Mistakes> {
    let unreadable = |error: dotenvy::Error| {
        // The error may quote the line, and the line may hold a secret.
        let problem = match error {
            dotenvy::Error::LineParse(_, column) => {
                format!("has a line that cannot be read, at its character {column}")
            }
            other => format!("cannot be read ({other})"),
        };
        Mistakes::from(Mistake::new(DOTENV, problem, "quote values that have spaces or quotes: NAME='value'"))
    };
    let lines = match dotenvy::from_path_iter(DOTENV) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(Settings::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut settings = Settings::new();
    for line in lines {
        let (name, value) = line.map_err(unreadable)?;
        if settings.contains_key(&name) {
            // Which one counts would depend on who reads the file.
            return Err(Mistake::new(&name, "stands twice in .env", "remove one of the two lines").into());
        }
        settings.insert(name, value);
    }
    Ok(settings)
}

fn read_leptos_toml() -> Result<Settings, Mistakes> {
    match std::fs::read_to_string(LEPTOS_TOML) {
        Ok(text) => read_policy(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Settings::new()),
        Err(error) => {
            Err(Mistake::new(LEPTOS_TOML, format!("cannot be read ({error})"), "check the file").into())
        }
    }
}

fn in_words(secs: u64) -> String {
    humantime::format_duration(Duration::from_secs(secs)).to_string()
}

fn read_policy(text: &str) -> Result<Settings, Mistakes> {
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
