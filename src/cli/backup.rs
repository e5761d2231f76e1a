//! `postern backup`: a copy of the database.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::json;

use super::{Done, Failure, console::Format, moments::size, surroundings};
use crate::{
    config::DatabaseUrl,
    flow::operator::{self, Operator},
    store::{
        Store,
        backup::{BackupError, Contents},
    },
};

/// Copy the database, while the server runs or not
///
/// The copy is the database as it is at one moment: everything is in it that was answered before the command began. It has
/// mode 0600, is looked through before it counts, and is on the disk when the command ends. It holds mail addresses, and
/// signs nobody in.
#[derive(Args)]
#[command(after_help = "Example: postern backup /var/backups/postern/$(date +%F).sqlite3\n\n\
    On PostgreSQL it names the command of pg_dump instead.\n\n\
    Exit codes: 0 done; 1 there is no copy; 78 the configuration is wrong.")]
pub struct Backup {
    /// Where the copy goes
    file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    format: Format,
}

impl Backup {
    pub fn run(self) -> Done {
        let config = surroundings::config()?;
        let Some(database) = Store::file(&config.database_url)? else {
            return Err(pg_dump(&config.database_url, &self.file));
        };
        let (to, force, from) = (self.file.clone(), self.force, database.clone());
        let copied = surroundings::beside(|state| async move {
            operator::backup::back_up(&Operator::of(&state), from, to, force).await.map_err(failure)
        })?;
        let words = format!("{} has {}.", self.file.display(), contents(&copied));
        let tables: serde_json::Map<_, _> =
            copied.rows.iter().map(|(table, rows)| (table.clone(), json!(rows))).collect();
        self.format.result(&json!({"file": self.file, "bytes": copied.bytes, "rows": tables}), &words);
        Ok(ExitCode::SUCCESS)
    }
}

/// What is in a copy, in words.
pub fn contents(copied: &Contents) -> String {
    let tables: Vec<_> = copied.rows.iter().map(|(table, rows)| format!("{table} {rows}")).collect();
    let tables = if tables.is_empty() { String::new() } else { format!(" ({})", tables.join(", ")) };
    format!("{} and {} rows{tables}", size(copied.bytes), copied.all_rows())
}

/// Why there is no copy, and what to do about it.
fn failure(error: BackupError) -> Failure {
    let what_to_do = match &error {
        BackupError::Exists(_) => "Choose another name, or replace it with --force.",
        BackupError::IsTheDatabase(_) => "Choose another name.",
        BackupError::Unfit(_) => {
            "The copy was removed: the database itself is damaged. Keep what you have, look at the disk, and restore the last good backup."
        }
        BackupError::File { .. } => "Check that the folder is there, may be written, and has room.",
        BackupError::Sqlite(_) | BackupError::Store(_) => "Nothing was left of the copy. Try again.",
    };
    Failure::new(format!("There is no backup: {error}. {what_to_do}"))
}

/// The command that does it on PostgreSQL. Its URL is that of DATABASE_URL without a password.
fn pg_dump(url: &DatabaseUrl, file: &std::path::Path) -> Failure {
    Failure::new(format!(
        "The database {url} is PostgreSQL's, and so is the way to copy it, while Postern runs:\n\n    \
         umask 077; pg_dump --no-owner --format=custom --dbname=\"$DATABASE_URL\" --file='{}'\n\n\
         It goes into an empty database with:\n\n    \
         pg_restore --no-owner --exit-on-error --dbname=\"$EMPTY_DATABASE_URL\" '{}'",
        file.display(),
        file.display()
    ))
}
