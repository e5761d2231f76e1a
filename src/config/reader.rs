//! The reader of settings: typed values, and a note of every mistake on the way.
//!
//! A method that returns [`Noted`] has noted the mistake, so its caller only has to stop. `fix` is what to do, as the
//! end of a sentence: "write true or false".

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use super::{
    mistakes::Mistakes,
    settings::{self, Setting},
    sources::Sources,
};

/// Settings on their way to a [`Config`](super::Config).
pub struct Reader<'a> {
    /// The texts of the settings, and the folder in which relative paths begin.
    pub sources: &'a Sources,
    /// Whether the rules of LEPTOS_ENV=PROD hold.
    pub production: bool,
    /// Whether a file that is missing may be made.
    pub may_write: bool,
    mistakes: Mistakes,
}

/// Stands where there is no value because a mistake was noted. Only [`Reader::note`] and [`Reader::note_all`] make
/// one, so a `?` cannot lose a mistake.
#[derive(Clone, Copy, Debug)]
pub struct Noted(());

impl<'a> Reader<'a> {
    /// A reader in the mode that LEPTOS_ENV names. One that cannot be read counts as PROD, which makes no key and
    /// shows no mail.
    pub fn new(sources: &'a Sources) -> Self {
        let mut reader =
            Self { sources, production: true, may_write: true, mistakes: sources.misplaced().clone() };
        let production = reader.parsed(settings::LEPTOS_ENV, "write DEV or PROD", |text| {
            match text.to_lowercase().as_str() {
                "dev" | "development" => Some(false),
                "prod" | "production" => Some(true),
                _ => None,
            }
        });
        reader.production = production.unwrap_or(true);
        reader
    }

    /// As [`Self::new`], for somebody who only looks: nothing is made.
    pub fn to_look_at(sources: &'a Sources) -> Self {
        Self { may_write: false, ..Self::new(sources) }
    }

    /// A reader for a process that runs already, and keeps the mode in which it started.
    pub fn again(sources: &'a Sources, production: bool) -> Self {
        Self { sources, production, may_write: true, mistakes: Mistakes::default() }
    }

    /// As [`Self::again`], for what stands in tables of Leptos.toml: a name there that is none has been noted, for the
    /// table that was meant would look empty.
    pub fn again_with_tables(sources: &'a Sources, production: bool) -> Self {
        Self { sources, production, may_write: true, mistakes: sources.misplaced().clone() }
    }

    /// What was read, if nothing at all was wrong.
    ///
    /// # Errors
    /// All mistakes.
    pub fn finish<T>(self, read: Result<T, Noted>) -> Result<T, Mistakes> {
        match read {
            Ok(value) => self.mistakes.none_or(value),
            Err(Noted(())) => Err(self.mistakes),
        }
    }

    /// Notes what is wrong with a setting, and how to mend it.
    pub fn note(&mut self, setting: Setting, problem: impl Into<String>, fix: impl Into<String>) -> Noted {
        self.mistakes.add(setting.name, problem, fix);
        Noted(())
    }

    /// As [`Self::note`], for at least one problem, each with its fix.
    pub fn note_all<'f>(
        &mut self,
        setting: Setting,
        problems: impl IntoIterator<Item = (String, &'f str)>,
    ) -> Noted {
        for (problem, fix) in problems {
            self.note(setting, problem, fix);
        }
        Noted(())
    }

    /// The text that somebody wrote.
    pub fn written(&self, setting: Setting) -> Option<&'a str> {
        self.sources.get(setting)
    }

    /// The text that somebody wrote, or the default.
    pub fn text(&self, setting: Setting) -> Option<&'a str> {
        self.written(setting).or(setting.default.text(self.production))
    }

    /// As [`Self::text`]; that there is none is a mistake.
    pub fn required(&mut self, setting: Setting, fix: &str) -> Result<&'a str, Noted> {
        self.text(setting).ok_or_else(|| self.note(setting, "is not set", fix))
    }

    /// A text that `parse` takes.
    pub fn parsed<T>(
        &mut self,
        setting: Setting,
        fix: &str,
        parse: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, Noted> {
        let text = self.required(setting, fix)?;
        parse(text).ok_or_else(|| self.note(setting, format!("is `{text}`"), fix))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, setting: Setting) -> Result<bool, Noted> {
        self.parsed(setting, "write true or false", |text| match text.to_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        })
    }

    /// One word of a closed set.
    pub fn one_of(&mut self, setting: Setting, words: &[&str]) -> Result<&'a str, Noted> {
        let fix = format!("write one of {}", words.join(", "));
        self.parsed(setting, &fix, |text| words.contains(&text).then_some(text))
    }

    /// A port, 1 to 65535.
    pub fn port(&mut self, setting: Setting) -> Result<u16, Noted> {
        self.parsed(setting, "write a port number, 1 to 65535", |text| {
            text.parse().ok().filter(|port| *port > 0)
        })
    }

    /// As [`Self::port`], for a setting without a default.
    pub fn optional_port(&mut self, setting: Setting) -> Result<Option<u16>, Noted> {
        self.text(setting).map(|_| self.port(setting)).transpose()
    }

    /// A time span: whole seconds (`300`) or with units (`5m`, `24h`, `7d`), within `range` seconds.
    pub fn duration(&mut self, setting: Setting, range: RangeInclusive<u64>) -> Result<Duration, Noted> {
        let in_words = |secs: u64| humantime::format_duration(Duration::from_secs(secs));
        let (shortest, longest) = (in_words(*range.start()), in_words(*range.end()));
        let example = setting.default.text(self.production).unwrap_or("5m");
        let fix = format!("write whole seconds or a time span like {example}, from {shortest} to {longest}");
        self.parsed(setting, &fix, |text| {
            let seconds = text.parse().map(Duration::from_secs);
            let span = seconds.or_else(|_| humantime::parse_duration(text)).ok()?;
            (range.contains(&span.as_secs()) && span.subsec_nanos() == 0).then_some(span)
        })
    }

    /// The entries of a list with commas, each as `parse` takes it. `parse` says what an entry is that it does not take.
    pub fn list<T>(
        &mut self,
        setting: Setting,
        fix: &str,
        parse: impl Fn(&'a str) -> Result<T, &'static str>,
    ) -> Result<Vec<T>, Noted> {
        let text = self.text(setting).unwrap_or_default();
        let (mut values, mut noted) = (Vec::new(), None);
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            match parse(entry) {
                Ok(value) => values.push(value),
                Err(fault) => {
                    noted = Some(self.note(setting, format!("has the entry `{entry}`, which {fault}"), fix));
                }
            }
        }
        noted.map_or(Ok(values), Err)
    }

    /// A file or folder.
    pub fn path(&mut self, setting: Setting, fix: &str) -> Result<PathBuf, Noted> {
        self.required(setting, fix).map(|path| self.sources.resolve(path))
    }

    /// As [`Self::path`], for a setting without a default.
    pub fn optional_path(&self, setting: Setting) -> Option<PathBuf> {
        self.text(setting).map(|path| self.sources.resolve(path))
    }
}
