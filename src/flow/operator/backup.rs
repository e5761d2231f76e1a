//! Copies of the database, and coming back to one.

use std::path::{Path, PathBuf};

use super::Operator;
use crate::{
    audit::{Audit, Event, Note},
    config::Config,
    domain::{Budget, UnixTime},
    store::backup::{BackupError, Contents, Replacement, back_up as copy},
    words::utc,
};

/// Copies the SQLite file at `database`, which `operator` has open, to `to`, beside whatever else works on it.
///
/// # Errors
/// If that cannot be done; nothing is left of the copy then.
pub async fn back_up(
    operator: &Operator,
    database: PathBuf,
    to: PathBuf,
    replace: bool,
) -> Result<Contents, BackupError> {
    operator.note("backup", None).await?;
    let copying = tokio::task::spawn_blocking(move || copy(&database, &to, replace));
    copying.await.unwrap_or_else(|_| Err(BackupError::Store(crate::store::StoreError::Panicked)))
}

/// What was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What was in the backup.
    pub contents: Contents,
    /// Where the database is now that was there before, if there was one.
    pub kept: Option<PathBuf>,
}

/// Puts a copy of the backup at `from` into the place of the SQLite file at `database`, on which nobody works: whoever calls
/// this holds its lock.
///
/// Nobody is signed in afterwards, no mail of then is sent, and no link of then is good. Known browsers are known still: their
/// cookies are signed, not kept.
///
/// # Errors
/// `Unfit` if it is no backup. The database is as it was then, and after every other error.
pub async fn restore(
    config: &Config,
    from: &Path,
    database: &Path,
    now: UnixTime,
) -> Result<Restored, BackupError> {
    let (from, place) = (from.to_owned(), database.to_owned());
    let reading = tokio::task::spawn_blocking(move || Replacement::of(&from, &place));
    let replacement =
        reading.await.unwrap_or_else(|_| Err(BackupError::Store(crate::store::StoreError::Panicked)))?;
    let store = replacement.open().await?;
    let audit = Audit { limit: config.limits.of(Budget::Trail) };
    let forgetting = store.step(move |step| {
        Box::pin(async move {
            step.forget_the_past().await?;
            audit.note(step, now, Note::of(Event::Command).reason("restore")).await
        })
    });
    let forgotten = forgetting.await;
    store.close().await;
    forgotten?;
    let contents = replacement.contents.clone();
    let kept = replacement.put_into_place(database, &ending(now))?;
    Ok(Restored { contents, kept })
}

/// What the name of the database ends in that was there before: `.until-20260921-141320`, in UTC.
fn ending(now: UnixTime) -> String {
    let at = utc(now);
    let date = at.date();
    format!(
        ".until-{:04}{:02}{:02}-{:02}{:02}{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}
