//! `postern link`: a sign-in without a mail.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{
    Done, Failure, arguments,
    console::{Format, print, progress},
    moments::rfc3339,
    surroundings,
};
use crate::{domain::EmailAddress, flow::login::operator_link::make};

/// Make a one-time link that signs somebody in, for the day on which no mail leaves
///
/// Whoever opens the link first and presses its button is signed in as this address, in whichever browser: hand it over on a
/// way that only this person reads. It is good for fifteen minutes, once, and only while the address is on the allowlist. It
/// is printed here and nowhere else; the trail says that it was made, and that it was used.
#[derive(Args)]
#[command(after_help = "Example: postern link ada@example.com\n\n\
    Exit codes: 0 done; 1 the address may not sign in, or the link could not be made; 2 wrong usage; \
    78 the configuration is wrong.")]
pub struct Link {
    /// Whom it signs in
    #[arg(value_parser = arguments::address)]
    address: EmailAddress,
    #[command(flatten)]
    format: Format,
}

impl Link {
    pub fn run(self) -> Done {
        let Self { address, format } = self;
        surroundings::beside(|state| async move {
            let Some(made) = make(&state, &address).await? else {
                return Err(Failure::new(format!(
                    "{address} is not on the allowlist, so no link was made. `postern allow {address}` says why."
                )));
            };
            if format.json {
                let value = json!({"address": address.as_str(), "link": made.url, "expires": rfc3339(made.expires_at)});
                format.result(&value, "");
            } else {
                print(&made.url);
                progress(
                    "It is good for fifteen minutes, once, for whoever opens it first. Say it to nobody else.",
                );
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}
