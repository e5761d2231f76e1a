//! `postern events`: the audit trail.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use serde::Serialize;
use strum::IntoEnumIterator;

use super::{
    Done,
    arguments::{self, Since},
    console::{Format, Row},
    moments::{at, rfc3339},
    outbox::SHOWN,
    surroundings,
};
use crate::{
    audit::Event,
    domain::EmailAddress,
    flow::operator::{Operator, events::read},
    store::audit::{AuditRow, Wanted},
};

/// How often the trail is looked at while it is followed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Show the audit trail, the newest entry last
///
/// docs/logging.md has all events and their reasons. What commands do is in the trail too, this one included.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern events --address ada@example.com --since 1h\n  \
    postern events --kind refused --since 2026-09-21 --json\n  \
    postern events --follow\n\n\
    Exit codes: 0 done; 1 the database could not be read; 2 wrong usage; 78 the configuration is wrong.")]
pub struct Events {
    /// Only those about this address
    #[arg(long, value_parser = arguments::address)]
    address: Option<EmailAddress>,
    /// Only those of this kind, such as signed_in
    #[arg(long, value_parser = kinds())]
    kind: Option<String>,
    /// Only those since then: 2h, 3d, 2026-09-21, or 2026-09-21T14:13:20Z
    #[arg(long, value_parser = arguments::since)]
    since: Option<Since>,
    /// How many at most, the newest of them
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// Go on with what happens from now on, until interrupted
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    format: Format,
}

fn kinds() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(Event::iter().map(|event| -> &'static str { event.into() }))
}

#[derive(Serialize)]
struct Entry {
    at: String,
    event: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<i64>,
    #[serde(skip)]
    words: String,
}

impl From<AuditRow> for Entry {
    fn from(row: AuditRow) -> Self {
        Self {
            at: rfc3339(row.at),
            words: at(row.at),
            event: row.event,
            reason: row.reason,
            address: row.email,
            network: row.network,
            app: row.app,
            device: row.device,
            message_id: row.message_id,
            by: row.by_whom,
            detail: row.detail,
            user_agent: row.user_agent,
            left_out: row.left_out,
        }
    }
}

impl Row for Entry {
    const HEAD: &'static [&'static str] = &["AT (UTC)", "EVENT", "REASON", "ADDRESS", "NETWORK", "BESIDE IT"];

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let left_out = self.left_out.map(|left_out| format!("{left_out} entries"));
        // Enough of a message id to be found in the log of the mail server.
        let mail = self.message_id.as_ref().map(|id| format!("mail {}", &id[..id.len().min(SHOWN)]));
        let by = self.by.as_ref().map(|by| format!("by {by}"));
        let detail = self.detail.clone();
        let beside =
            [self.app.clone(), self.device.clone(), by, left_out, mail, detail].into_iter().flatten();
        vec![
            self.words.clone(),
            self.event.clone(),
            text(&self.reason),
            text(&self.address),
            text(&self.network),
            beside.collect::<Vec<_>>().join(" "),
        ]
    }
}

impl Events {
    pub fn run(self) -> Done {
        let Self { address, kind, since, limit, follow, format } = self;
        surroundings::beside(|state| async move {
            let operator = Operator::of(&state);
            let since = since.map(|since| since.moment(state.clock.now()));
            let wanted = Wanted { email: address, event: kind, since };
            let (rows, mut reading) = read(&operator, wanted, limit).await?;
            let entries = |rows: Vec<AuditRow>| rows.into_iter().map(Entry::from).collect::<Vec<_>>();
            format.rows(&entries(rows), "Nothing of that kind is in the trail.");
            if !follow {
                return Ok(ExitCode::SUCCESS);
            }
            loop {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
                format.more_rows(&entries(reading.next(&operator).await?));
            }
        })
    }
}
