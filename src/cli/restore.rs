//! `postern restore`: the database as a backup has it.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::json;

use super::{Done, Failure, backup::contents, console::Format, surroundings};
use crate::{
    clock::Clock,
    flow::operator::backup::restore,
    store::{
        Store, StoreError,
        backup::{BackupError, Unfit},
        lock::ServerLock,
    },
};

/// Put a backup into the place of the database, while no server runs
///
/// The backup is looked through first, and stays as it is. The database that was there before is kept beside it, under a name
/// with the date: remove it once you do not need it any more. Everybody has to sign in again: who was signed in at the time of
/// the backup may have been signed out since. Mails that waited then are not sent, and no link of then is good.
#[derive(Args)]
#[command(
    after_help = "Example: systemctl stop postern.socket postern && postern restore /var/backups/postern/2026-09-21.sqlite3 && systemctl start postern\n\n\
    On PostgreSQL it names the command of pg_restore instead.\n\n\
    Exit codes: 0 done; 1 the database is as it was; 78 the configuration is wrong."
)]
pub struct Restore {
    /// What `postern backup` has made
    file: PathBuf,
    #[command(flatten)]
    format: Format,
}

impl Restore {
    pub fn run(self) -> Done {
        let config = surroundings::config()?;
        let Some(database) = Store::file(&config.database_url)? else {
            return Err(Failure::new(format!(
                "The database {} is PostgreSQL's. Stop Postern, and restore into an empty database:\n\n    \
                 pg_restore --no-owner --exit-on-error --dbname=\"$EMPTY_DATABASE_URL\" '{}'\n\n\
                 Then let DATABASE_URL name that one, end the sessions of then with `postern sessions end --all`, and start.",
                config.database_url,
                self.file.display()
            )));
        };
        // Kept until the end: no server starts in between.
        let _lock = ServerLock::take(&config.database_url).map_err(|error| match error {
            StoreError::Served(by) => Failure::new(format!(
                "Nothing was restored: {by} serves from {}. Stop it first, and the socket that would start it again \
                 (`systemctl stop postern.socket postern`), then try again.",
                database.display()
            )),
            error => error.into(),
        })?;
        let (now, from) = (Clock::System.now(), self.file.clone());
        let restored = surroundings::block_on(async {
            restore(&config, &from, &database, now).await.map_err(|error| failure(&from, error))
        })?;
        let mut words = format!(
            "{} is the database now, with {}. Everybody has to sign in again.",
            self.file.display(),
            contents(&restored.contents)
        );
        if let Some(kept) = &restored.kept {
            words.push_str(&format!(
                "\nThe database of before is {}. Remove it once you do not need it any more.",
                kept.display()
            ));
        }
        let value = json!({"database": database, "bytes": restored.contents.bytes, "kept": restored.kept});
        self.format.result(&value, &words);
        Ok(ExitCode::SUCCESS)
    }
}

/// Why nothing was restored, and what to do about it.
fn failure(from: &std::path::Path, error: BackupError) -> Failure {
    let what_to_do = match &error {
        BackupError::Unfit(Unfit::Newer(_)) => "Use that newer Postern, or an older backup.",
        BackupError::Unfit(Unfit::InParts(_)) => {
            "Take a backup that `postern backup` has made, or copy all parts from where Postern was stopped."
        }
        BackupError::Unfit(_) => "Take another backup.",
        BackupError::IsTheDatabase(_) => "Name a backup.",
        BackupError::File { .. } | BackupError::Exists(_) => {
            "Check that it is there and may be read, and that the folder of the database may be written and has room."
        }
        BackupError::Sqlite(_) | BackupError::Store(_) => "Check the folder of the database, then try again.",
    };
    Failure::new(format!(
        "Nothing was restored from {}: {error}. {what_to_do} The database is as it was.",
        from.display()
    ))
}
