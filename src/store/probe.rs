//! A look at a database that changes nothing: is it there, are its tables ours, can it be written? [`look_at`] is for somebody
//! who does not use it yet, [`Store::probe`] for a server that does.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{Readers, Store, StoreError, Tables, files, lock, postgres, sqlite};
use crate::{config::DatabaseUrl, domain::UnixTime};

/// How long a step that was written proves that others can be.
const FRESH: Duration = Duration::from_secs(1);

impl Store {
    /// Proves that a step could be written now, and leaves nothing: on SQLite the pages of a row reach the log beside the
    /// database and are taken back, on PostgreSQL the turn is taken and given back. No disk is synced for it.
    ///
    /// # Errors
    /// Why no step could be written: the database is full, away, read-only, or its file is no longer the one at its path.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.is_in_place()?;
        match self.is_proven() {
            true => Ok(()),
            // Where steps follow closely upon one another the probe may get no turn between them.
            false => {
                self.try_to_write().await.or_else(|error| if self.is_proven() { Ok(()) } else { Err(error) })
            }
        }
    }

    /// Whether what is read and written is still the database of that name.
    ///
    /// # Errors
    /// `Replaced` if an SQLite file is gone, or another one is in its place.
    pub fn is_in_place(&self) -> Result<(), StoreError> {
        match &self.readers {
            Readers::Sqlite(file) => file.is_in_place(),
            Readers::Postgres(_) => Ok(()),
        }
    }

    /// Whether a step has written something within the last second.
    fn is_proven(&self) -> bool {
        let last = *self.proof.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() < FRESH)
    }

    async fn try_to_write(&self) -> Result<(), StoreError> {
        match &self.readers {
            // It may wait for another process that holds the lock.
            Readers::Sqlite(file) => {
                let file = Arc::clone(file);
                let probing = tokio::task::spawn_blocking(move || file.probe());
                probing.await.map_err(|_| StoreError::Panicked)?
            }
            Readers::Postgres(server) => server.probe().await,
        }
    }
}

/// What a look at a database has found.
#[derive(Debug)]
pub struct Found {
    /// Whose tables it has.
    pub tables: Tables,
    /// Whether it can be written. What was tried is taken back.
    pub written: Result<(), StoreError>,
    /// The process that serves from it, on SQLite.
    pub served_by: Option<String>,
    /// What time it is there, on PostgreSQL.
    pub now: Option<UnixTime>,
}

/// Looks at the database that `url` names.
///
/// # Errors
/// If it cannot be read or reached; `Schema` if its tables are those of a newer Postern that this one does not work with.
pub async fn look_at(url: &DatabaseUrl) -> Result<Found, StoreError> {
    match url {
        DatabaseUrl::Sqlite(url) => {
            let path = sqlite::path(url)?;
            let served_by = lock::served_by(&path)?;
            let (tables, written) = match path.is_file() {
                true => sqlite::look_at(&path)?,
                false => (Tables::Missing, can_be_made(&path)),
            };
            Ok(Found { tables, written, served_by, now: None })
        }
        DatabaseUrl::Postgres(url) => {
            let (tables, written, now) = postgres::look_at(url).await?;
            Ok(Found { tables, written, served_by: None, now: Some(now) })
        }
    }
}

/// The file that the URL of an SQLite database names, and those that lie beside it while it is used, there or not.
///
/// # Errors
/// If it is no such URL.
pub fn sqlite_files(url: &str) -> Result<Vec<PathBuf>, StoreError> {
    let path = sqlite::path(url)?;
    let others = files::BESIDE.iter().chain(&[lock::ENDING]).map(|ending| files::beside(&path, ending));
    Ok(std::iter::once(path.clone()).chain(others).collect())
}

/// Whether a file can be made in its folder, or in the nearest one above that is there.
fn can_be_made(path: &Path) -> Result<(), StoreError> {
    use rustix::fs::{Access, access};
    let folder = path.ancestors().skip(1).find(|folder| fs::exists(folder).unwrap_or(true));
    let Some(folder) = folder else { return Ok(()) };
    access(folder, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|error| StoreError::Folder(std::io::Error::from(error)))
}
