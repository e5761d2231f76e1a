//! `postern outbox`: the mails that have not left.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::{
    Done, Failure,
    console::{Format, Row},
    moments::{at, rfc3339, until},
    surroundings,
};
use crate::{
    domain::UnixTime,
    flow::operator::{
        Operator,
        outbox::{All, One, ends_at, list, retry_all, retry_one},
    },
    store::waiting::{Stands, WaitingRow},
};

/// Hexadecimal digits of a message id that are shown, and the least that are taken for a name: the first twelve are the time.
pub(super) const SHOWN: usize = 16;

/// List the mails that have not left, or try them again
///
/// Mails wait for a mail server that cannot be reached, for a limit, or for their turn. One that the mail server has refused
/// for good is not tried again by itself; it is kept for a day after its end. No mail is shown, only whom it goes to.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern outbox list\n  \
    postern outbox retry 019ad8f23c40b71e\n  \
    postern outbox retry --all\n\n\
    Exit codes: 0 done; 1 there is no such mail, or it is of no use any more; 78 the configuration is wrong.")]
pub struct Outbox {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(List),
    Retry(Retry),
}

/// List mails that wait or were refused: why, how often they were tried, and when they are tried next
#[derive(Args)]
#[command(after_help = "Example: postern outbox list\n\n\
    Exit codes: 0 done; 1 the database could not be read; 78 the configuration is wrong.")]
struct List {
    /// How many of each kind at most
    #[arg(long, default_value_t = 1000)]
    limit: usize,
    #[command(flatten)]
    format: Format,
}

/// Have a mail tried now, or all of them, as long as they are of use
///
/// A running server takes them up within fifteen seconds, on PostgreSQL within one. A limit still counts: see `postern limits`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern outbox retry 019ad8f23c40b71e\n  \
    postern outbox retry --all\n\n\
    Exit codes: 0 done; 1 there is no such mail, or it is of no use any more; 2 wrong usage; 78 the configuration is wrong.")]
#[group(required = true, multiple = false, args = ["id", "all"])]
struct Retry {
    /// What `postern outbox list` calls it
    id: Option<String>,
    /// All of them
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Mail {
    id: String,
    message_id: String,
    kind: &'static str,
    address: String,
    state: &'static str,
    tries: u32,
    next: Option<String>,
    asked: String,
    ends: String,
    why: Option<String>,
    #[serde(skip)]
    words: [String; 2],
}

impl Mail {
    fn of(operator: &Operator, row: WaitingRow, now: UnixTime) -> Self {
        let ends = ends_at(operator, &row);
        let is_dead = ends <= now;
        let (state, next, words) = match row.stands {
            _ if is_dead => ("too_late", None, "never: it is too late".to_owned()),
            Stands::UnderWay => ("under_way", None, "it is being sent".to_owned()),
            Stands::Due(due) => ("waiting", Some(due), until(due, now)),
            Stands::Refused(_) => ("refused", None, "never by itself".to_owned()),
        };
        Self {
            id: row.message_id[..SHOWN.min(row.message_id.len())].to_owned(),
            kind: row.kind.name(),
            address: row.email,
            state,
            tries: row.tries,
            next: next.map(rfc3339),
            asked: rfc3339(row.issued_at),
            ends: rfc3339(ends),
            why: row.trouble,
            words: [words, at(row.issued_at)],
            message_id: row.message_id,
        }
    }
}

impl Row for Mail {
    const HEAD: &'static [&'static str] =
        &["ID", "ADDRESS", "KIND", "STATE", "TRIES", "NEXT TRY", "ASKED FOR (UTC)", "WHY"];

    fn cells(&self) -> Vec<String> {
        let [next, asked] = self.words.clone();
        vec![
            self.id.clone(),
            self.address.clone(),
            self.kind.to_owned(),
            self.state.to_owned(),
            self.tries.to_string(),
            next,
            asked,
            self.why.clone().unwrap_or_default(),
        ]
    }
}

impl Outbox {
    pub fn run(self) -> Done {
        match self.command {
            Command::List(command) => command.run(),
            Command::Retry(command) => command.run(),
        }
    }
}

impl List {
    fn run(self) -> Done {
        let Self { limit, format } = self;
        surroundings::beside(|state| async move {
            let (operator, now) = (Operator::of(&state), state.clock.now());
            let mails = list(&operator, limit).await?;
            let mails: Vec<_> = mails.into_iter().map(|row| Mail::of(&operator, row, now)).collect();
            format.rows(&mails, "Every mail has left.");
            Ok(ExitCode::SUCCESS)
        })
    }
}

impl Retry {
    fn run(self) -> Done {
        let Self { id, all: _, format } = self;
        let Some(id) = id else {
            return surroundings::beside(|state| async move {
                let All { due, under_way, too_late } = retry_all(&Operator::of(&state)).await?;
                let mut words = match due {
                    0 => "No mail could be made due.".to_owned(),
                    1 => "One mail is due now.".to_owned(),
                    _ => format!("{due} mails are due now."),
                };
                if under_way > 0 {
                    words.push_str(&format!(" Being sent already: {under_way}."));
                }
                if too_late > 0 {
                    words.push_str(&format!(" Too late for {too_late}: whoever waits has to ask again."));
                }
                let value = json!({"due": due, "under_way": under_way, "too_late": too_late});
                format.result(&value, &words);
                Ok(ExitCode::SUCCESS)
            });
        };
        let id = id.to_ascii_lowercase();
        if !(SHOWN..=64).contains(&id.len()) || !id.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Failure::usage(format!(
                "`{id}` is no mail: `postern outbox list` shows what each is called."
            )));
        }
        surroundings::beside(|state| async move {
            let (mail, state, words) = match retry_one(&Operator::of(&state), id.clone()).await? {
                One::Due(mail) => {
                    let words = format!("The mail to {} is due now.", mail.email);
                    (mail, "due", words)
                }
                One::UnderWay(mail) => {
                    let words = format!("The mail to {} is being sent at this moment.", mail.email);
                    (mail, "under_way", words)
                }
                One::TooLate(mail) => {
                    return Err(Failure::new(format!(
                        "It is too late for the mail to {}: its link has expired. Whoever waits for it has to ask again.",
                        mail.email
                    )));
                }
                One::None => {
                    return Err(Failure::new(format!(
                        "No mail is called {id}: it has left, or was given up (`postern events`)."
                    )));
                }
                One::Several => {
                    return Err(Failure::new(format!(
                        "Several mails begin with {id}: give more of its digits."
                    )));
                }
            };
            format.result(
                &json!({"message_id": mail.message_id, "address": mail.email, "state": state}),
                &words,
            );
            Ok(ExitCode::SUCCESS)
        })
    }
}
