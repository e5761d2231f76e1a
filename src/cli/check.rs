//! `postern check`: everything that is wrong with an installation, and what to do about it.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{
    Done, arguments,
    console::{Format, Row, bold, print},
    surroundings,
};
use crate::{
    checks::{self, Finding, Findings, Weight},
    config::{
        Config, MailBackend, Mistake, Origin,
        settings::{self, DefaultValue, Place, Setting},
    },
    domain::EmailAddress,
};

/// Characters of a value that people are shown.
const SHOWN: usize = 60;

/// Check everything that a server needs, and say what is wrong
///
/// Prints the settings in force and where each comes from, without secrets. Looks at files and folders with their owners and
/// modes, the built site, the database (it must be ours, and take a write, which is taken back), the mail server (as far as
/// its sign-in), PUBLIC_URL against cookies and proxies, and the clock. Names everything that is wrong at once, each with
/// what to do. It changes nothing, and works beside a running server. Run it as the user of the server.
#[derive(Args)]
#[command(after_help = "Example: sudo -u postern postern check --send you@example.com\n\n\
                        Exit codes: 0 all is well; 1 there is trouble; 2 wrong usage; 78 the configuration is wrong.")]
pub struct Check {
    /// Send a mail to this address, to see it arrive
    #[arg(long, value_name = "ADDRESS", value_parser = arguments::address)]
    send: Option<EmailAddress>,
    #[command(flatten)]
    format: Format,
}

/// A line of the report for machines.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    /// Something that keeps the configuration from being read.
    Mistake(&'a Mistake),
    /// A setting in force.
    Setting(&'a InForce),
    /// What a check has found.
    Finding(&'a Finding),
    /// The last line: how much trouble there is.
    Result { trouble: usize },
}

/// A setting as it is in force.
#[derive(Serialize)]
struct InForce {
    name: &'static str,
    /// Its value; of a secret, only that it is set; `None` where there is none.
    value: Option<String>,
    from: Origin,
    /// What stands in for a value that there is none of, for people.
    #[serde(skip)]
    instead: Option<&'static str>,
}

impl Row for InForce {
    const HEAD: &'static [&'static str] = &["SETTING", "FROM", "VALUE"];

    fn cells(&self) -> Vec<String> {
        let instead = || format!("({})", self.instead.unwrap_or("none"));
        let value = self.value.clone().unwrap_or_else(instead);
        let cut = match value.char_indices().nth(SHOWN) {
            Some((at, _)) => format!("{}…", &value[..at]),
            None => value,
        };
        vec![self.name.to_owned(), self.from.to_string(), cut]
    }
}

impl Check {
    pub fn run(self) -> Done {
        let config = match surroundings::config() {
            Ok(config) => config,
            Err(mistakes) => {
                if self.format.json {
                    mistakes.iter().for_each(|mistake| self.line(&Line::Mistake(mistake)));
                }
                return Err(mistakes.into());
            }
        };
        let settings: Vec<InForce> =
            settings::ALL.iter().map(|setting| in_force(*setting, &config)).collect();
        // Before the checks: some of them take a while.
        if self.format.json {
            settings.iter().for_each(|setting| self.line(&Line::Setting(setting)));
        } else {
            self.format.rows(&settings, "");
            print("");
        }
        let findings = surroundings::block_on(async { Ok(checks::all(&config, self.send.as_ref()).await) })?;
        let trouble = findings.at_least(Weight::Trouble).count();
        if self.format.json {
            findings.iter().for_each(|finding| self.line(&Line::Finding(finding)));
            self.line(&Line::Result { trouble });
        } else {
            print(&for_people(&findings, trouble));
        }
        Ok(if trouble == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn line(&self, line: &Line<'_>) {
        self.format.result(line, "");
    }
}

fn for_people(findings: &Findings, trouble: usize) -> String {
    let each = findings.iter().map(|Finding { about, weight, words, fix }| {
        let sign = if *weight == Weight::Well { "ok     ".to_owned() } else { bold("TROUBLE") };
        let fix = fix.as_ref().map(|fix| format!("\n{:19}Fix: {fix}.", "")).unwrap_or_default();
        format!("{sign}  {about:8}  {words}.{fix}")
    });
    let end = match trouble {
        0 => "All is well.".to_owned(),
        1 => bold("One thing needs attention."),
        many => bold(&format!("{many} things need attention.")),
    };
    format!("{}\n\n{end}", each.collect::<Vec<_>>().join("\n"))
}

/// A setting as it is in force. What the reading code has worked out is shown where it can be.
fn in_force(setting: Setting, config: &Config) -> InForce {
    let (sources, production) = (config.sources(), config.is_production());
    let written = sources.get(setting);
    let value = match (setting.place, written) {
        (Place::Secret, written) => written.map(|_| "(set)".to_owned()),
        // Without the password that may stand in it.
        _ if setting == settings::DATABASE_URL => Some(config.database_url.to_string()),
        (_, Some(written)) => Some(written.to_owned()),
        (_, None) => {
            worked_out(setting, config).or_else(|| setting.default.text(production).map(str::to_owned))
        }
    };
    let instead = match setting.default {
        DefaultValue::Derived(words) => Some(words),
        _ => None,
    };
    InForce { name: setting.name, value, from: sources.place_of(setting), instead }
}

/// The value that stands in for one that nobody has set and that has no text as a default.
fn worked_out(setting: Setting, config: &Config) -> Option<String> {
    let smtp = match &config.mail.backend {
        MailBackend::Smtp(smtp) => Some(smtp),
        _ => None,
    };
    Some(match setting {
        settings::PUBLIC_URL => config.public_url.to_string(),
        settings::SITE_NAME => config.brand.name.clone(),
        settings::DRAIN_TIME => humantime::format_duration(config.drain_time).to_string(),
        settings::EMAIL_PORT => smtp?.first.port.to_string(),
        settings::EMAIL_FALLBACK_PORT => smtp?.fallback.as_ref()?.port.to_string(),
        settings::EMAIL_EHLO_NAME => smtp?.ehlo_name.to_string(),
        settings::EMAIL_BACKEND => match &config.mail.backend {
            MailBackend::Console => "console",
            MailBackend::File(_) => "file",
            MailBackend::Smtp(_) => "smtp",
        }
        .to_owned(),
        _ => return None,
    })
}
