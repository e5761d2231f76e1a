//! `postern keygen`: a key for SECRET_KEY.

use std::process::ExitCode;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Args;
use rand::Rng;

use super::{Done, console::print};
use crate::random;

/// Make a key for SECRET_KEY
///
/// Prints 48 random bytes in 64 letters, digits, `-` and `_`, which need no quotes anywhere. It writes no file. To replace a
/// key while people are signing in, put the old one into SECRET_KEY_FALLBACKS until its links have expired.
#[derive(Args)]
#[command(after_help = "Example: echo \"SECRET_KEY=$(postern keygen)\" >> .env\n\nExit codes: 0 done.")]
pub struct Keygen {}

impl Keygen {
    pub fn run(self) -> Done {
        let mut bytes = [0u8; 48];
        random::rng().fill_bytes(&mut bytes);
        print(&URL_SAFE_NO_PAD.encode(bytes));
        Ok(ExitCode::SUCCESS)
    }
}
