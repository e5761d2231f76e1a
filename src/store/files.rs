//! The files beside an SQLite database: what they are called, and whose they are.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
};

/// What the name of the write-ahead log ends in.
pub const LOG: &str = "-wal";
/// What the names of all those end in that SQLite keeps beside a database in use.
pub const BESIDE: [&str; 3] = [LOG, "-shm", "-journal"];

/// The file beside `path` whose name ends in `ending` more.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Has a file that root makes, by a command or at a start by mistake, belong to whoever has `like`, or its folder where that is not
/// there: they will serve.
///
/// # Errors
/// If the system does not let root do it.
pub fn leave_to_its_user(file: &Path, like: &Path) -> io::Result<()> {
    let owner = fs::metadata(like).or_else(|error| match like.parent() {
        Some(folder) => fs::metadata(folder),
        None => Err(error),
    })?;
    give_to(file, &owner)
}

/// Gives a file that root has made to its `owner`. For everybody else a file is theirs anyway.
///
/// # Errors
/// If the system does not let root do it.
pub fn give_to(file: &Path, owner: &fs::Metadata) -> io::Result<()> {
    if rustix::process::geteuid().is_root() {
        chown(file, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}
