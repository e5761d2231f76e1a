//! `postern allow`: may somebody sign in, and by which entry?

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{Done, arguments, console::Format, surroundings};
use crate::{
    config::{Config, settings},
    domain::EmailAddress,
};

/// Say whether somebody may sign in, and by which entry
///
/// Reads the allowlist as it is written now (CREDENTIALS and CREDENTIALS_FILE). A running server follows within two seconds,
/// unless the list is broken or has lost most of its entries: then it keeps the one before, and its log says so.
#[derive(Args)]
#[command(after_help = "Example: postern allow ada@example.com\n\n\
                        Exit codes: 0 yes; 1 no; 2 wrong usage, or no address; 78 the configuration is wrong.")]
pub struct Allow {
    /// Whose address
    #[arg(value_parser = arguments::address)]
    address: EmailAddress,
    #[command(flatten)]
    format: Format,
}

/// The answer for machines.
#[derive(Serialize)]
struct Answer {
    address: String,
    allowed: bool,
    /// The entries that let the address in.
    by: Vec<String>,
    /// Those that keep it out; one is enough.
    denied_by: Vec<String>,
    /// How many entries the list has.
    entries: usize,
    list: Vec<Source>,
}

/// A setting that the list comes from.
#[derive(Serialize)]
struct Source {
    setting: &'static str,
    /// Where it is set, or the file that it names.
    place: String,
}

impl Allow {
    pub fn run(self) -> Done {
        let config = surroundings::config()?;
        let allowlist = &config.credentials.allowlist;
        let (by, denied_by) = allowlist.entries_about(&self.address);
        let answer = Answer {
            address: self.address.as_str().to_owned(),
            allowed: allowlist.allows(&self.address),
            by,
            denied_by,
            entries: allowlist.len(),
            list: sources(&config),
        };
        self.format.result(&answer, &answer.in_words());
        Ok(if answer.allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Answer {
    fn in_words(&self) -> String {
        let (address, by, denied_by) = (&self.address, self.by.join(", "), self.denied_by.join(", "));
        let verdict = match (self.by.is_empty(), self.denied_by.is_empty()) {
            (false, true) => format!("{address} may sign in, by {by}."),
            (false, false) => {
                format!("{address} may not sign in: {denied_by} keeps it out, which {by} would let in.")
            }
            (true, false) => {
                format!("{address} may not sign in: {denied_by} keeps it out, and no entry lets it in.")
            }
            (true, true) => format!("{address} may not sign in: no entry lets it in."),
        };
        let entries =
            if self.entries == 1 { "one entry".to_owned() } else { format!("{} entries", self.entries) };
        let sources = self.list.iter().map(|Source { setting, place }| format!("{setting} ({place})"));
        format!("{verdict}\nThe list has {entries}, from {}.", sources.collect::<Vec<_>>().join(" and "))
    }
}

/// Where the list comes from: the default of CREDENTIALS counts only where no file is named.
fn sources(config: &Config) -> Vec<Source> {
    let (origin, file) = (config.sources().place_of(settings::CREDENTIALS), &config.credentials.file);
    let is_set = config.sources().get(settings::CREDENTIALS).is_some();
    let listed =
        (is_set || file.is_none()).then(|| Source { setting: "CREDENTIALS", place: origin.to_string() });
    let filed =
        file.as_ref().map(|file| Source { setting: "CREDENTIALS_FILE", place: file.display().to_string() });
    listed.into_iter().chain(filed).collect()
}
