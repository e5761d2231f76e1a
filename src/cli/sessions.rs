//! `postern sessions`: who is signed in, and ending that.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::{
    Done, Failure, arguments,
    console::{Format, Row, progress},
    moments::{ago, at, rfc3339},
    surroundings,
};
use crate::{
    domain::EmailAddress,
    flow::operator::{
        Operator,
        sessions::{One, end_all, end_one, list, name, read_name},
    },
    store::people::PersonRow,
};

/// List or end the sessions of people
///
/// A session that was ended is over with the next request, at this and every other server of the database; apps behind the
/// gateway close within a second.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern sessions list --address ada@example.com\n  \
    postern sessions end 0f3a9c2b11d4e5f6\n  \
    postern sessions end --address ada@example.com\n  \
    postern sessions end --all\n\n\
    Exit codes: 0 done; 1 there is no such session, or it could not be done; 78 the configuration is wrong.")]
pub struct Sessions {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(List),
    End(End),
}

/// List who is signed in, by address
#[derive(Args)]
#[command(after_help = "Example: postern sessions list --address ada@example.com\n\n\
    Exit codes: 0 done; 1 the database could not be read; 2 wrong usage; 78 the configuration is wrong.")]
struct List {
    /// Only those of this address
    #[arg(long, value_parser = arguments::address)]
    address: Option<EmailAddress>,
    /// How many at most
    #[arg(long, default_value_t = 1000)]
    limit: usize,
    #[command(flatten)]
    format: Format,
}

/// End one session, those of an address, or all
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern sessions end 0f3a9c2b11d4e5f6\n  \
    postern sessions end --address ada@example.com\n  \
    postern sessions end --all\n\n\
    Exit codes: 0 done; 1 there is no such session, or it could not be done; 2 wrong usage; 78 the configuration is wrong.")]
#[group(required = true, multiple = false, args = ["id", "address", "all"])]
struct End {
    /// What `postern sessions list` calls it, or its first eight digits
    id: Option<String>,
    /// All sessions of this address
    #[arg(long, value_parser = arguments::address)]
    address: Option<EmailAddress>,
    /// Those of everybody
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Session {
    id: String,
    address: String,
    browser: Option<&'static str>,
    system: Option<&'static str>,
    signed_in: String,
    last_seen: String,
    expires: String,
    #[serde(skip)]
    words: [String; 2],
}

impl Row for Session {
    const HEAD: &'static [&'static str] = &["ID", "ADDRESS", "DEVICE", "LAST SEEN", "SIGNED IN (UTC)"];

    fn cells(&self) -> Vec<String> {
        let device: Vec<_> = [self.browser, self.system].into_iter().flatten().collect();
        let device = if device.is_empty() { "unknown".to_owned() } else { device.join(", ") };
        let [last_seen, signed_in] = self.words.clone();
        vec![self.id.clone(), self.address.clone(), device, last_seen, signed_in]
    }
}

impl Sessions {
    pub fn run(self) -> Done {
        match self.command {
            Command::List(command) => command.run(),
            Command::End(command) => command.run(),
        }
    }
}

impl List {
    fn run(self) -> Done {
        let Self { address, limit, format } = self;
        surroundings::beside(|state| async move {
            let now = state.clock.now();
            // One more than is shown tells whether there are others.
            let mut rows = list(&Operator::of(&state), address.as_ref(), limit.saturating_add(1)).await?;
            let has_more = rows.len() > limit;
            rows.truncate(limit);
            let shown = |row: PersonRow| Session {
                id: name(&row.session),
                address: row.email,
                browser: row.device.browser,
                system: row.device.system,
                signed_in: rfc3339(row.created_at),
                last_seen: rfc3339(row.last_seen_at),
                expires: rfc3339(row.expires_at),
                words: [ago(row.last_seen_at, now), at(row.created_at)],
            };
            format.rows(&rows.into_iter().map(shown).collect::<Vec<_>>(), "Nobody is signed in.");
            if has_more {
                progress("There are more: ask for one --address, or raise --limit.");
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

impl End {
    fn run(self) -> Done {
        let Self { id, address, all: _, format } = self;
        let Some(id) = id else {
            return surroundings::beside(|state| async move {
                let ended = end_all(&Operator::of(&state), address.as_ref()).await?;
                let whose = address.map_or("everybody".to_owned(), |address| address.to_string());
                let words = match ended {
                    0 => format!("Nobody was signed in ({whose})."),
                    1 => format!("One session was ended ({whose})."),
                    _ => format!("{ended} sessions were ended ({whose})."),
                };
                format.result(&json!({"ended": ended}), &words);
                Ok(ExitCode::SUCCESS)
            });
        };
        let start = read_name(&id).ok_or_else(|| {
            Failure::usage(format!(
                "`{id}` is no session: `postern sessions list` shows what each is called."
            ))
        })?;
        surroundings::beside(|state| async move {
            match end_one(&Operator::of(&state), start).await? {
                One::Ended(row) => {
                    let words = format!("The session of {} was ended.", row.email);
                    format.result(&json!({"ended": 1, "address": row.email}), &words);
                    Ok(ExitCode::SUCCESS)
                }
                One::None => Err(Failure::new(format!(
                    "No session that lives is called {id}: it has ended, or `postern sessions list` has another name."
                ))),
                One::Several => {
                    Err(Failure::new(format!("Several sessions begin with {id}: give more of its digits.")))
                }
            }
        })
    }
}
