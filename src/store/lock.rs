//! The lock of an SQLite file: one server serves from it. It is on a file of its own beside the database, and the system
//! takes it back when the process ends, however that ends.
//!
//! Rejected: a lock on the database itself. SQLite's own are POSIX locks, and closing any descriptor of the file would drop
//! them (SQLite, "How To Corrupt An SQLite Database File", section 2.2). Commands beside a running server take no lock.

use std::{
    fs::{self, File, TryLockError},
    io::Write,
    path::Path,
};

use super::{
    StoreError,
    files::{beside, leave_to_its_user},
    sqlite,
};
use crate::config::DatabaseUrl;

/// What the name of its file ends in.
pub const ENDING: &str = ".lock";

/// Held while a server serves from an SQLite file, or somebody replaces that.
#[derive(Debug)]
pub struct ServerLock {
    _file: File,
}

impl ServerLock {
    /// Takes the lock; `None` on PostgreSQL, which many may serve from. The folder of the database is made where it is missing.
    ///
    /// # Errors
    /// `Served` if another process has it; `Folder` if the file of the lock cannot be made.
    pub fn take(url: &DatabaseUrl) -> Result<Option<Self>, StoreError> {
        let DatabaseUrl::Sqlite(url) = url else { return Ok(None) };
        let database = sqlite::path(url)?;
        if let Some(folder) = database.parent() {
            fs::create_dir_all(folder)?;
        }
        // Again: a folder that was missing may lie behind a link.
        let database = sqlite::path(url)?;
        let path = beside(&database, ENDING);
        let mut file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        leave_to_its_user(&path, &database)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Served(holder(&path))),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        // For whoever wonders; a full disk is no reason not to serve.
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Some(Self { _file: file }))
    }
}

/// The process that serves from an SQLite file, as far as is known; `None` if none does.
///
/// # Errors
/// If the lock is there and cannot be looked at.
pub fn served_by(path: &Path) -> Result<Option<String>, StoreError> {
    let path = beside(path, ENDING);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Shared: two who look do not take each other for a server.
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(holder(&path))),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Who has the lock, in words.
fn holder(path: &Path) -> String {
    match fs::read_to_string(path).ok().and_then(|text| text.trim().parse::<u32>().ok()) {
        Some(process) => format!("process {process}"),
        None => "another process".to_owned(),
    }
}
