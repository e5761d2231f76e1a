//! Copies of an SQLite database: one that is made while others work on it, and one that takes its place.
//!
//! Either is looked through before it counts: whether it is whole, and whether it is a database of ours. It bears a name of its
//! own until then, in the folder that it is for, and is the owner's alone, whatever the umask says.
//!
//! `VACUUM INTO` reads one moment of the database while others go on writing, and what was deleted before is not in the copy.
//! Rejected: SQLite's backup API copies page by page, deleted rows too, and begins anew whenever another process has written.

use std::{
    fs::{self, File},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};
use sqlx::migrate::Migrator;
use tempfile::{Builder, NamedTempFile};

use super::{
    Step, Store, StoreError,
    files::{BESIDE, beside, give_to},
    lock, sql, sqlite,
};

/// The first bytes of an SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Why there is no copy. The database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{0} exists already")]
    Exists(PathBuf),
    #[error("{0} is the database itself")]
    IsTheDatabase(PathBuf),
    #[error("{0}")]
    Unfit(#[from] Unfit),
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a file is no backup of Postern.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    #[error("it is not an SQLite database")]
    NotSqlite,
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error("it is a database of something else, or its migrations are not those of Postern")]
    NotOurs,
    #[error("a newer Postern has migrated it (migration {0})")]
    Newer(i64),
    #[error("it is a part of a database in use: the rest is in {0}")]
    InParts(PathBuf),
}

/// What is in a copy.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Its size.
    pub bytes: u64,
    /// The number of rows of each table that has any, by name.
    pub rows: Vec<(String, u64)>,
}

impl Contents {
    /// The rows of all tables.
    pub fn all_rows(&self) -> u64 {
        self.rows.iter().map(|(_, rows)| rows).sum()
    }
}

/// Copies `database` to `to`: whole, as it is at one moment, on the disk, and looked through.
///
/// # Errors
/// If `to` exists and may not be replaced, or the copy cannot be made. Nothing is left of it then.
pub fn back_up(database: &Path, to: &Path, replace: bool) -> Result<Contents, BackupError> {
    let files = BESIDE.iter().chain(&[lock::ENDING]).map(|ending| beside(database, ending));
    if is_same(database, to) || files.into_iter().any(|file| is_same(&file, to)) {
        return Err(BackupError::IsTheDatabase(to.to_owned()));
    }
    if !replace && fs::symlink_metadata(to).is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let copy = new_file_for(to)?;
    let source = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    source.busy_timeout(sqlite::BUSY)?;
    source.execute("VACUUM INTO ?1", [path_text(copy.path())?])?;
    drop(source);
    let contents = look_through(copy.path())?;
    put_into_place(copy, to, replace)?;
    Ok(contents)
}

/// A copy of a backup, in the folder of the database whose place it is to take.
pub struct Replacement {
    file: NamedTempFile,
    /// What was in the backup.
    pub contents: Contents,
}

impl Replacement {
    /// Copies the backup at `from`, which stays as it is, beside `database`, and looks through it.
    ///
    /// # Errors
    /// `Unfit` if it is no backup; else if it cannot be read, or written there.
    pub fn of(from: &Path, database: &Path) -> Result<Self, BackupError> {
        if is_same(from, database) {
            return Err(BackupError::IsTheDatabase(from.to_owned()));
        }
        for ending in ["-wal", "-journal"] {
            let part = beside(from, ending);
            if fs::metadata(&part).is_ok_and(|part| part.len() > 0) {
                return Err(Unfit::InParts(part).into());
            }
        }
        let mut source = File::open(from).map_err(at(from))?;
        let mut start = [0; MAGIC.len()];
        let read = source.read_exact(&mut start).and_then(|()| source.rewind());
        match read {
            Ok(()) if start == MAGIC => {}
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(at(from)(error)),
            _ => return Err(Unfit::NotSqlite.into()),
        }
        if let Some(folder) = database.parent() {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        let mut file = new_file_for(database)?;
        io::copy(&mut source, &mut file).map_err(at(database))?;
        let contents = look_through(file.path())?;
        Ok(Self { file, contents })
    }

    /// Opens it, and brings its tables up to date.
    ///
    /// # Errors
    /// If that cannot be done.
    pub async fn open(&self) -> Result<Store, StoreError> {
        Store::open_file(self.file.path().to_owned()).await
    }

    /// Puts it into the place of `database`, once it is closed. There is a database at every moment, whole: the old one, or
    /// this one. The old one stays beside it, under a name that ends in `ending`, with a number behind it where there is one of
    /// that name already; its path, if there was one. So does what was left of it, where its file is gone.
    ///
    /// # Errors
    /// If a file cannot be written or renamed. The database is the old one then.
    pub fn put_into_place(self, database: &Path, ending: &str) -> Result<Option<PathBuf>, BackupError> {
        for ending in BESIDE {
            if beside(self.file.path(), ending).exists() {
                return Err(Unfit::InParts(beside(self.file.path(), ending)).into());
            }
        }
        let kept = free_name(database, ending);
        let kept = match fs::metadata(database) {
            Ok(old) => {
                keep(database, &kept)?;
                give_to(self.file.path(), &old).map_err(at(self.file.path()))?;
                Some(kept)
            }
            Err(_) => {
                // The new one would take the log of another one for its own.
                set_aside(database, &kept, true)?;
                let folder = fs::metadata(folder_of(database)).map_err(at(database))?;
                give_to(self.file.path(), &folder).map_err(at(self.file.path()))?;
                None
            }
        };
        put_into_place(self.file, database, true)?;
        Ok(kept)
    }
}

/// Lets the database at `database` be found at `kept` too, with all that belongs to it.
fn keep(database: &Path, kept: &Path) -> Result<(), BackupError> {
    // What is in its log goes into the file, if the file can be read at all, and nobody else reads it just now.
    let folded = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|old| {
        old.busy_timeout(sqlite::BUSY)?;
        let busy: i64 = old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        old.close().map_err(|(_, error)| error)?;
        Ok(busy == 0)
    });
    // A file system without links: for a moment there is no database then.
    fs::hard_link(database, kept).or_else(|_| fs::rename(database, kept)).map_err(at(kept))?;
    set_aside(database, kept, !matches!(folded, Ok(true)))
}

/// Takes away what lies beside a database; its log goes to where it is `kept`, if there is something in it that is `needed`.
fn set_aside(database: &Path, kept: &Path, needed: bool) -> Result<(), BackupError> {
    for ending in BESIDE {
        let (from, to) = (beside(database, ending), beside(kept, ending));
        match ending {
            "-wal" | "-journal" if needed && from.exists() => {
                fs::rename(&from, &to).map_err(at(&from))?;
            }
            _ => match fs::remove_file(&from) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&from)(error)),
                _ => {}
            },
        }
    }
    Ok(())
}

/// A name beside `database` that nothing has.
fn free_name(database: &Path, ending: &str) -> PathBuf {
    let names = (1..).map(|number| match number {
        1 => beside(database, ending),
        number => beside(database, &format!("{ending}-{number}")),
    });
    let is_free = |name: &PathBuf| {
        ["", "-wal", "-journal"].iter().all(|part| fs::symlink_metadata(beside(name, part)).is_err())
    };
    // There is one: a folder has an end.
    names.into_iter().find(is_free).unwrap_or_else(|| beside(database, ending))
}

/// A file for its owner alone, beside the place that it is for; it goes away unless it gets there.
fn new_file_for(place: &Path) -> Result<NamedTempFile, BackupError> {
    let folder = folder_of(place);
    Builder::new().prefix(".postern-").suffix(".part").tempfile_in(folder).map_err(at(folder))
}

/// Renames a file once all of it is on the disk.
fn put_into_place(file: NamedTempFile, place: &Path, replace: bool) -> Result<(), BackupError> {
    file.as_file().sync_all().map_err(at(place))?;
    let placed = if replace { file.persist(place) } else { file.persist_noclobber(place) };
    placed.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(place.to_owned()),
        _ => at(place)(error.error),
    })?;
    let folder = folder_of(place);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

/// Reads all of a file that nobody else has open: whether it is whole and ours, and what is in it.
fn look_through(path: &Path) -> Result<Contents, BackupError> {
    let looked = |error: rusqlite::Error| Unfit::Damaged(error.to_string());
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // A copy that somebody else has made says that it has a log, which it has not.
    database.pragma_update(None, "journal_mode", "DELETE").map_err(looked)?;
    let verdict = database.query_row("PRAGMA integrity_check(3)", [], |row| row.get::<_, String>(0));
    let verdict = verdict.map_err(looked)?;
    if verdict != "ok" {
        return Err(Unfit::Damaged(verdict).into());
    }
    is_ours(&database)?;
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
                  AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY name";
    let mut tables = database.prepare(tables).map_err(looked)?;
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).map_err(looked)?;
    let tables = tables.collect::<Result<Vec<_>, _>>().map_err(looked)?;
    let mut rows = Vec::new();
    for table in tables {
        // Its name is ours: the migrations are.
        let count = format!("SELECT COUNT(*) FROM \"{table}\"");
        let count: i64 = database.query_row(&count, [], |row| row.get(0)).map_err(looked)?;
        rows.push((table, u64::try_from(count).unwrap_or_default()));
    }
    rows.retain(|(_, rows)| *rows > 0);
    let bytes = fs::metadata(path).map_err(at(path))?.len();
    Ok(Contents { bytes, rows })
}

/// Whether the migrations that a database has seen are ours, and all of them known.
fn is_ours(database: &Connection) -> Result<(), Unfit> {
    let ours: &Migrator = &sqlite::FILES;
    let seen = database
        .prepare("SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version")
        .and_then(|mut seen| {
            let rows = seen.query_map([], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, bool>(2)?))
            })?;
            rows.collect::<Result<Vec<_>, _>>()
        })
        .map_err(|_| Unfit::NotOurs)?;
    let mut newer = None;
    let mut known = 0;
    for (version, checksum, succeeded) in &seen {
        match ours.iter().find(|migration| migration.version == *version) {
            Some(migration) if migration.checksum.as_ref() == checksum.as_slice() && *succeeded => known += 1,
            Some(_) => return Err(Unfit::NotOurs),
            None => newer = Some(*version),
        }
    }
    match newer {
        _ if known == 0 => Err(Unfit::NotOurs),
        Some(version) => Err(Unfit::Newer(version)),
        None => Ok(()),
    }
}

impl Step {
    /// Takes away what must not come back with a backup: who was signed in, what opened apps, what was to be sent, and links
    /// that were good. What has been counted stays, and the trail.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn forget_the_past(&mut self) -> Result<(), StoreError> {
        for forget in [
            "DELETE FROM sessions",
            "DELETE FROM app_sessions",
            "DELETE FROM tickets",
            "DELETE FROM outbox",
            "DELETE FROM outbox_lines",
            "DELETE FROM refused_mails",
            "DELETE FROM operator_links",
        ] {
            self.connection.write(sql(forget)).await?;
        }
        Ok(())
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other
        || matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

fn path_text(path: &Path) -> Result<&str, BackupError> {
    let source = io::Error::new(io::ErrorKind::InvalidFilename, "SQLite wants a path in UTF-8");
    path.to_str().ok_or_else(|| BackupError::File { path: path.to_owned(), source })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}
