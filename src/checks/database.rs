//! The database: is it there, are its tables ours, can it be written, does somebody serve from it?

use std::path::Path;

use super::{Findings, clock::Time};
use crate::{
    config::{Config, DatabaseUrl},
    store::{
        Tables,
        probe::{Found, look_at, sqlite_files},
    },
};

const ABOUT: &str = "database";
/// Bytes on the disk of an SQLite file below which it may soon not be written any more.
const LITTLE: u64 = 100 << 20;

/// Looks at either database; what time it is on PostgreSQL.
pub async fn check(config: &Config, findings: &mut Findings) -> Option<Time> {
    match &config.database_url {
        DatabaseUrl::Sqlite(_) => {
            check_file(config, false, findings).await;
            None
        }
        DatabaseUrl::Postgres(_) => {
            let now = look(config, false, findings).await?.now?;
            Some(Time { whose: "the database", now })
        }
    }
}

/// Looks at an SQLite file. A server that `starts` must be the only one.
pub async fn check_file(config: &Config, starts: bool, findings: &mut Findings) {
    let DatabaseUrl::Sqlite(url) = &config.database_url else { return };
    look(config, starts, findings).await;
    if let Some(file) = sqlite_files(url).ok().and_then(|files| files.into_iter().next()) {
        space(&file, findings);
    }
}

async fn look(config: &Config, starts: bool, findings: &mut Findings) -> Option<Found> {
    let url = &config.database_url;
    let found = match look_at(url).await {
        Ok(found) => found,
        Err(error) => {
            findings.fatal(ABOUT, format!("The database {url} cannot be used: {error}"), fix(url));
            return None;
        }
    };
    match &found.written {
        Ok(()) => {
            let tables = match found.tables {
                Tables::Current => "its tables are up to date",
                Tables::Older => "the next start brings its tables up to date",
                Tables::Missing => "the first start makes its tables",
            };
            findings.well(ABOUT, format!("The database {url} can be written; {tables}"));
        }
        // That passes, and a server waits for its turn.
        Err(error) if error.is_busy() => findings.trouble(
            ABOUT,
            format!("The database {url} is locked by another process, and has been for seconds"),
            "see who works on it for so long (fuser)",
        ),
        Err(error) => {
            findings.fatal(ABOUT, format!("The database {url} cannot be written: {error}"), fix(url));
        }
    }
    match &found.served_by {
        Some(server) if starts => findings.fatal(
            ABOUT,
            format!("The database {url} is in use: {server} serves from it, and on SQLite one server does"),
            "stop that one first, or give this one a DATABASE_URL of its own",
        ),
        Some(server) => findings.well(ABOUT, format!("A server is running: {server}")),
        None => {}
    }
    Some(found)
}

fn fix(url: &DatabaseUrl) -> &'static str {
    match url {
        DatabaseUrl::Sqlite(_) => {
            "check DATABASE_URL, and that file and folder belong to the user of the server, who may write both"
        }
        DatabaseUrl::Postgres(_) => {
            "check DATABASE_URL, and that the role may use the database; a server without TLS on another machine, on a way \
             that something else encrypts, needs ?sslmode=disable"
        }
    }
}

/// How much room there is for the file to grow.
fn space(file: &Path, findings: &mut Findings) {
    let folder = file.ancestors().skip(1).find(|folder| folder.is_dir());
    let Some(Ok(room)) = folder.map(rustix::fs::statvfs) else { return };
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    if free < LITTLE {
        findings.trouble(
            ABOUT,
            format!("The disk of {} has {} MB left", file.display(), free >> 20),
            "make room: on a full disk nobody can ask for a mail",
        );
    }
}
