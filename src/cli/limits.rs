//! `postern limits`: which budgets are spent, and giving them back.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use strum::IntoEnumIterator;

use super::{
    Done,
    console::{Format, Row},
    surroundings,
};
use crate::{
    domain::{Budget, Limit, Limits as InForce},
    flow::operator::{
        Operator,
        limits::{Spent, Whose, clear, show},
    },
    words::Words,
};

/// From how much on a budget is near its end.
const NEAR: f64 = 0.8;

/// Show which limits are in force and who is near them, or give somebody their budgets back
///
/// The names are those of `[limits]` in Leptos.toml. `browser` is kept with the session of each browser and is not shown.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern limits show\n  \
    postern limits show ada@example.com\n  \
    postern limits clear 192.0.2.7\n  \
    postern limits clear --all\n\n\
    Exit codes: 0 done; 1 it could not be done; 2 wrong usage; 78 the configuration is wrong.")]
pub struct Limits {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Show(Show),
    Clear(Clear),
}

/// Show the limits in force, and budgets of which four fifths are spent; or all that somebody has spent
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern limits show\n  \
    postern limits show ada@example.com\n\n\
    Exit codes: 0 done; 1 the database could not be read; 2 wrong usage; 78 the configuration is wrong.")]
struct Show {
    /// An address, or the IP address of a network
    #[arg(value_parser = whose)]
    whose: Option<Whose>,
    #[command(flatten)]
    format: Format,
}

/// Give an address, a network or everybody all budgets back, and let the mails go that wait for them
///
/// Codes that were typed wrong too often for one mail stay locked: whoever waits asks for a new mail.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern limits clear ada@example.com\n  \
    postern limits clear 192.0.2.7\n  \
    postern limits clear --all\n\n\
    Exit codes: 0 done; 1 it could not be done; 2 wrong usage; 78 the configuration is wrong.")]
#[group(required = true, multiple = false, args = ["whose", "all"])]
struct Clear {
    /// An address, or the IP address of a network
    #[arg(value_parser = whose)]
    whose: Option<Whose>,
    /// Those of everybody
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

fn whose(text: &str) -> Result<Whose, String> {
    Whose::parse(text)
        .ok_or_else(|| "write an address like ada@example.com, or a network like 192.0.2.7".to_owned())
}

/// A budget that is spent, wholly or partly.
#[derive(Serialize)]
struct Line {
    budget: &'static str,
    who: Option<String>,
    limit: String,
    used_percent: u64,
    wait_seconds: u64,
}

impl From<Spent> for Line {
    fn from(spent: Spent) -> Self {
        Self {
            budget: spent.budget.name(),
            who: Some(spent.who).filter(|who| !who.is_empty()),
            limit: written(spent.limit),
            used_percent: (spent.used * 100.0).round() as u64,
            wait_seconds: spent.wait.unwrap_or_default(),
        }
    }
}

impl Row for Line {
    const HEAD: &'static [&'static str] = &["BUDGET", "WHO", "LIMIT", "SPENT", "NEXT"];

    fn cells(&self) -> Vec<String> {
        let next = match self.wait_seconds {
            0 => "now".to_owned(),
            seconds => format!("in {}", Words::default().wait(seconds)),
        };
        let who = self.who.clone().unwrap_or_else(|| "everybody".to_owned());
        vec![self.budget.to_owned(), who, self.limit.clone(), format!("{} %", self.used_percent), next]
    }
}

/// A limit in force.
#[derive(Serialize)]
struct InForceLine {
    budget: &'static str,
    limit: String,
}

impl Row for InForceLine {
    const HEAD: &'static [&'static str] = &["BUDGET", "LIMIT"];

    fn cells(&self) -> Vec<String> {
        vec![self.budget.to_owned(), self.limit.clone()]
    }
}

/// A limit as Leptos.toml has it.
fn written(limit: Limit) -> String {
    match limit {
        Limit::Off => "off".to_owned(),
        Limit::Rate { count, period } => format!("{count} per {}", humantime::format_duration(period)),
    }
}

impl Limits {
    pub fn run(self) -> Done {
        match self.command {
            Command::Show(command) => command.run(),
            Command::Clear(command) => command.run(),
        }
    }
}

impl Show {
    fn run(self) -> Done {
        let Self { whose, format } = self;
        surroundings::beside(|state| async move {
            let least = if whose.is_some() { 0.0 } else { NEAR };
            let spent =
                show(&Operator::of(&state), whose.as_ref().unwrap_or(&Whose::Everybody), least).await?;
            let spent: Vec<_> = spent.into_iter().map(Line::from).collect();
            if whose.is_none() {
                in_force(format, &state.config.limits);
                format.heading("\nNear their end:");
                format.rows(&spent, "Nobody is near a limit.");
            } else {
                format.rows(&spent, "Nothing is spent.");
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// The table of all limits.
fn in_force(format: Format, limits: &InForce) {
    let line = |budget: Budget| InForceLine { budget: budget.name(), limit: written(limits.of(budget)) };
    format.rows(&Budget::iter().map(line).collect::<Vec<_>>(), "");
}

impl Clear {
    fn run(self) -> Done {
        let Self { whose, all: _, format } = self;
        surroundings::beside(|state| async move {
            let cleared = clear(&Operator::of(&state), whose.as_ref().unwrap_or(&Whose::Everybody)).await?;
            let words = match cleared.budgets {
                0 => "Nothing was spent.".to_owned(),
                1 => "One budget is whole again.".to_owned(),
                budgets => format!("{budgets} budgets are whole again."),
            };
            let mails = match cleared.mails {
                0 => String::new(),
                1 => " One mail that waited is due now.".to_owned(),
                mails => format!(" {mails} mails that waited are due now."),
            };
            let value = json!({"budgets": cleared.budgets, "mails": cleared.mails});
            format.result(&value, &format!("{words}{mails}"));
            Ok(ExitCode::SUCCESS)
        })
    }
}
