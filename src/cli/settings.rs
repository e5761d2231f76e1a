//! `postern settings`: every setting there is.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{
    Done,
    console::{Format, print},
};
use crate::config::settings;

/// List every setting with its meaning and default
///
/// What is in force here, and where each value comes from, is what `postern check` tells.
#[derive(Args, Default)]
#[command(after_help = "Example: postern settings | grep EMAIL_\n\nExit codes: 0 done.")]
pub struct Settings {
    #[command(flatten)]
    format: Format,
}

impl Settings {
    pub fn run(self) -> Done {
        if self.format.json {
            for setting in settings::ALL {
                let default = setting.default.to_string();
                print(
                    &json!({"name": setting.name, "meaning": setting.meaning, "default": default})
                        .to_string(),
                );
            }
        } else {
            print(&settings::list());
        }
        Ok(ExitCode::SUCCESS)
    }
}
