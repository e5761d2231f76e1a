//! The checks of an installation: what is well, what is trouble, and what to do about it. They change nothing.
//!
//! `postern check` runs all of them and prints what they find. `postern serve` runs [`at_start`] before it opens anything: the
//! same code, without what speaks to others over a network. A check that finds something goes on with the next one, so that
//! one run names everything.

mod address;
mod clock;
mod database;
mod files;
mod mail;

use serde::Serialize;

use crate::{
    config::{Config, advice_on_name},
    domain::{EmailAddress, Limits},
    site::Site,
};

/// Something that a check has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about: `settings`, `files`, `site`, `database`, `mail`, `address` or `clock`.
    pub about: &'static str,
    /// How bad it is.
    pub weight: Weight,
    /// What was found, as a sentence without its full stop. Holds no secret.
    pub words: String,
    /// What to do, as an order; `None` where nothing is wrong.
    pub fix: Option<String>,
}

/// How bad something is, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It is as it should be.
    Well,
    /// A server works with it, and somebody should mend it.
    Trouble,
    /// A server cannot work with it.
    Fatal,
}

/// Everything that was found, in the order of the checks.
#[derive(Clone, Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }

    /// Those that are at least as bad as that.
    pub fn at_least(&self, weight: Weight) -> impl Iterator<Item = &Finding> {
        self.0.iter().filter(move |finding| finding.weight >= weight)
    }

    fn well(&mut self, about: &'static str, words: impl Into<String>) {
        self.0.push(Finding { about, weight: Weight::Well, words: words.into(), fix: None });
    }

    fn trouble(&mut self, about: &'static str, words: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { about, weight: Weight::Trouble, words: words.into(), fix: Some(fix.into()) });
    }

    fn fatal(&mut self, about: &'static str, words: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { about, weight: Weight::Fatal, words: words.into(), fix: Some(fix.into()) });
    }
}

/// What a server looks at before it starts: names in .env, files, the site, and an SQLite file. PostgreSQL is met when it is
/// opened, which waits for one that is starting as well.
pub async fn at_start(config: &Config) -> Findings {
    let mut findings = Findings::default();
    names(config, &mut findings);
    files::check(config, &mut findings);
    site(config, &mut findings);
    database::check_file(config, true, &mut findings).await;
    findings
}

/// Everything. With `send_to`, a mail is sent to that address.
pub async fn all(config: &Config, send_to: Option<&EmailAddress>) -> Findings {
    let mut findings = Findings::default();
    names(config, &mut findings);
    doubts(config, &mut findings);
    files::check(config, &mut findings);
    site(config, &mut findings);
    let times = database::check(config, &mut findings).await;
    mail::check(config, send_to, &mut findings).await;
    let answered = address::check(config, &mut findings).await;
    clock::check(times.into_iter().chain(answered), &mut findings);
    findings
}

/// Names in .env that were meant to be settings.
fn names(config: &Config, findings: &mut Findings) {
    for name in config.sources().mistyped() {
        findings.trouble(
            "settings",
            format!("{name} in .env is not a setting of Postern"),
            advice_on_name(name),
        );
    }
}

/// What is allowed and may still be a mistake. A server says the same in its log, each in a line of its own.
fn doubts(config: &Config, findings: &mut Findings) {
    let allowlist = &config.credentials.allowlist;
    match allowlist.lets_in_nobody() {
        true => findings.trouble(
            "settings",
            "The allowlist has no entry that lets somebody in: nobody can sign in",
            "name people in CREDENTIALS or CREDENTIALS_FILE",
        ),
        false => {
            let entries = counted(allowlist.len(), "entry", "entries");
            findings.well("settings", format!("The allowlist has {entries}"));
        }
    }
    if config.limits == Limits::OFF {
        findings.trouble("settings", "Every limit is off (LIMITS)", "remove LIMITS=off where people sign in");
    }
}

fn site(config: &Config, findings: &mut Findings) {
    match Site::find(&config.leptos, config.site_root.is_some()) {
        Ok(_) => findings.well("site", "Pages have their scripts and styles"),
        Err(error) => findings.fatal(
            "site",
            error.to_string().trim_end_matches('.'),
            "copy a binary of `cargo leptos build --release`, or correct LEPTOS_SITE_ROOT",
        ),
    }
}

/// A number with its noun.
fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
