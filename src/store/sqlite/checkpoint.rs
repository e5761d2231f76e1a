//! The checkpoint: what was written to the log beside the database is copied into the database.
//!
//! SQLite by itself does that in the commit that makes the log a thousand pages long, so all steps wait for two more syncs and
//! some megabytes. A connection of its own does it beside the writer. Only where that does not keep up does the writer do
//! it too ([`BACKSTOP`]), and then finds little left to copy.

use std::{
    sync::{
        Weak,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use super::File;
use crate::store::StoreError;

/// Pages in the log that are not yet in the database, from which on they are copied. More at a time would be copied less often, and
/// commits may wait longer for the disk behind that (docs/performance.md).
const MANY: i64 = 1_000;
/// Pages in the log from which on the writer copies them itself, with each commit, until the log begins anew.
pub const BACKSTOP: i64 = 4_000;
/// Rows that the writer changes between two looks at the length of the log.
const ROWS: u64 = 100;

/// Has the log looked at, by and by; one for each writer.
#[derive(Debug)]
pub struct Bell {
    rings: SyncSender<()>,
    changes: u64,
}

impl Bell {
    /// Tells that the writer has changed `changes` rows since its connection was opened.
    pub fn written(&mut self, changes: u64) {
        if changes.abs_diff(self.changes) >= ROWS {
            self.changes = changes;
            // A look that is asked for already will see this too.
            let _ = self.rings.try_send(());
        }
    }
}

/// Starts the thread that looks after the log of a file. It ends with the bell.
pub fn start(file: Weak<File>) -> Bell {
    let (rings, asked) = sync_channel(1);
    thread::spawn(move || look_after(&file, &asked));
    Bell { rings, changes: 0 }
}

fn look_after(file: &Weak<File>, asked: &Receiver<()>) {
    while asked.recv().is_ok() {
        let Some(file) = file.upgrade() else { return };
        match file.checkpoint() {
            Ok(()) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::debug!(%error, "the log was not copied into the database; it will be"),
        }
    }
}

impl File {
    /// Copies the log into the database, if it is long. Whoever writes or reads goes on meanwhile.
    ///
    /// # Errors
    /// If it cannot be copied now: nothing is lost, and the next time begins where this one ended.
    fn checkpoint(&self) -> Result<(), StoreError> {
        self.read(|connection| {
            // How many pages the log has, and how many of them the database has too; -1 without a log.
            let look = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
            let (pages, copied) = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], look)?;
            if pages - copied >= MANY { copy(connection) } else { Ok(()) }
        })
    }

    /// As [`Self::checkpoint`], however long the log is.
    ///
    /// # Errors
    /// If it cannot be copied now.
    pub fn copy_log(&self) -> Result<(), StoreError> {
        self.read(copy)
    }
}

fn copy(connection: &rusqlite::Connection) -> Result<(), StoreError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}
