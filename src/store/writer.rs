//! The one writer of this process: steps wait in a queue, and those that wait together share one commit.
//!
//! A commit costs a sync of the disk, and on PostgreSQL the turn of this instance, which is most of what a step costs. While
//! one is under way the next steps gather, so the busier the server, the fewer syncs a step. Hardly any fails. If one does, the
//! group is run again with a savepoint around each, so that it takes nobody along.
//!
//! PostgreSQL may undo a group, or go away in the middle. Then the group is run again from the beginning, or none of it has
//! happened. Whether a commit took place whose answer was lost is read, not guessed: each leaves its number in the database.
//!
//! Rejected (docs/decisions/0010-one-step-one-transaction.md): a pool of writers, which would wait for one another in
//! SQLite's busy handler, which sleeps; and a queue of prepared statements, because steps read before they decide.

mod job;

use std::{
    fmt,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{Opener, Step, StepFuture, StoreError, ahead::Reads, connection::Connection};
use crate::fail_point;
use job::{Job, Waiting};

/// Steps that share one commit.
const LARGEST_GROUP: usize = 64;
/// Steps that may wait; whoever comes beyond waits for a place.
const QUEUE: usize = 1_024;
/// How long a step may wait for its turn before it is taken back.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How long after its beginning a group may begin anew.
const LONGEST_TRY: Duration = Duration::from_secs(3);
/// How long the database may stay away until it is not known how a commit ended.
const LONGEST_DOUBT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);
/// How long until the disk is told to take what no commit has waited for.
const LONGEST_UNSYNCED: Duration = Duration::from_secs(1);

/// The queue of the writer; cheap to clone. The writer ends with its last clone, or when it is closed.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    end: End,
}

/// The end of a writer, in two parts.
#[derive(Clone, Default)]
struct End {
    /// It takes no new step.
    asked: CancellationToken,
    /// What it had taken is written, and its connection is closed.
    reached: CancellationToken,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the writer on `step`'s connection.
    pub fn start(step: Step) -> Self {
        let blocks = matches!(step.opener, Opener::Sqlite { .. });
        let (queue, jobs) = mpsc::channel(QUEUE);
        let end = End::default();
        let writing = write(step, jobs, end.clone());
        // SQLite blocks the thread that it runs in, while the disk syncs above all.
        if blocks {
            let runtime = Handle::current();
            thread::spawn(move || runtime.block_on(writing));
        } else {
            tokio::spawn(writing);
        }
        Self { queue, end }
    }

    /// Has all written that waits, and closes the database. Steps that come later fail.
    pub async fn close(&self) {
        self.end.asked.cancel();
        self.end.reached.cancelled().await;
    }

    /// Waits for a turn, runs `work` in a transaction and returns after the commit. `reads`: what it will read; `synced`: when the
    /// disk has it.
    ///
    /// # Errors
    /// If a statement or the commit fails, or if no turn came in time.
    pub async fn run<T, W>(&self, work: W, reads: Reads, synced: bool) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, T> + Clone + Send + 'static,
    {
        let (reply, mut answer) = oneshot::channel();
        // Whoever sets it first decides: the writer that begins, or the caller that no longer waits.
        let taken = Arc::new(AtomicBool::new(false));
        let job = Waiting::new(work, reads, synced, reply, Arc::clone(&taken));
        let waiting = async {
            self.queue.send(Box::new(job)).await.map_err(|_| StoreError::Closed)?;
            (&mut answer).await.map_err(|_| StoreError::Panicked)?
        };
        match tokio::time::timeout(LONGEST_WAIT, waiting).await {
            Ok(ended) => ended,
            Err(_) if !taken.swap(true, Ordering::AcqRel) => Err(StoreError::Busy(LONGEST_WAIT.as_secs())),
            // It has begun: only its end can tell whether it was written.
            Err(_) => answer.await.map_err(|_| StoreError::Panicked)?,
        }
    }

    /// Steps that wait for their turn.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Has `work` done after all that waits now, and waits for nothing. Where the queue is full it is not done.
    pub fn push<W>(&self, work: W)
    where
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, ()> + Clone + Send + 'static,
    {
        let (reply, _) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let job = Waiting::new(work, Reads::default(), false, reply, taken);
        if self.queue.try_send(Box::new(job)).is_err() {
            tracing::warn!("the database is busy: what can wait was not written");
        }
    }
}

/// The task of the writer: groups of steps until the last [`Writer`] is gone, or it is closed.
async fn write(mut step: Step, mut jobs: mpsc::Receiver<Box<dyn Job>>, end: End) {
    let _reached = end.reached.drop_guard();
    let mut group = Vec::new();
    let mut commits = 0;
    let mut unsynced_since = None;
    loop {
        let gathered = tokio::select! {
            gathered = jobs.recv_many(&mut group, LARGEST_GROUP) => gathered,
            () = sleep_until(unsynced_since.unwrap_or_else(Instant::now) + LONGEST_UNSYNCED), if unsynced_since.is_some() => {
                unsynced_since = None;
                step.sync();
                continue;
            }
            () = end.asked.cancelled(), if !jobs.is_closed() => {
                // What waits in it is still given.
                jobs.close();
                continue;
            }
        };
        if gathered == 0 {
            break;
        }
        group.retain(|job| job.begin());
        let before = step.connection.changes();
        let synced = group.iter().any(|job| job.synced());
        let began = Instant::now();
        let committed = match write_group(&mut step, &mut group, synced, &mut commits).await {
            Err(error) if error.is_busy() => Err(Arc::new(StoreError::Busy(LONGEST_WAIT.as_secs()))),
            committed => committed.map_err(Arc::new),
        };
        tracing::debug!(
            steps = group.len(),
            micros = began.elapsed().as_micros(),
            "a group of steps has held the writer"
        );
        if committed.is_ok() {
            pass(&group, "after COMMIT");
        }
        // What has failed proves nothing any more, whatever was written a moment before.
        if committed.is_err() || step.connection.changes() != before {
            let written = committed.is_ok().then(std::time::Instant::now);
            *step.proof.lock().unwrap_or_else(PoisonError::into_inner) = written;
            step.written();
            if !synced {
                unsynced_since.get_or_insert_with(Instant::now);
            }
        }
        for job in group.drain(..) {
            job.finish(committed.clone());
        }
    }
    if end.asked.is_cancelled() {
        if unsynced_since.is_some() {
            step.sync();
        }
        step.close();
    }
}

/// Commits a group, if need be in more than one try.
///
/// # Errors
/// If the transaction fails, for all of the group; nothing of it was written then, except where the error is `Unknown`.
async fn write_group(
    step: &mut Step,
    group: &mut [Box<dyn Job>],
    synced: bool,
    commits: &mut i64,
) -> Result<(), StoreError> {
    if group.is_empty() {
        return Ok(());
    }
    let began = Instant::now();
    let mut apart = false;
    loop {
        if step.connection.is_closed() {
            step.reopen().await?;
        }
        *commits += 1;
        let (error, in_commit) = match run_together(step, group, apart, synced).await {
            Err(error) => (error, false),
            Ok(()) => match step.connection.commit(&step.instance, *commits).await {
                Ok(()) => return Ok(()),
                Err(error) => (error, true),
            },
        };
        if error.is_lost() {
            if !in_commit {
                step.give_up_connection(&error);
            } else if was_committed(step, *commits).await? {
                return Ok(());
            }
        } else {
            step.connection.roll_back().await;
            if !error.is_busy() && !error.is_passing() {
                if !apart && (!in_commit || step.connection.fails_for_sure()) {
                    apart = true;
                    continue;
                }
                // Nobody knows what state it is in.
                step.reopen().await.unwrap_or_else(|error| {
                    tracing::error!(%error, "the database cannot be opened again; trying the old connection");
                });
            }
        }
        // The turn may have taken that long by itself, and names are refused once.
        let is_late = began.elapsed() > LONGEST_TRY && !matches!(error, StoreError::Unprepared);
        if !error.is_passing() || is_late {
            return Err(error);
        }
        tracing::warn!(%error, "PostgreSQL has undone a transaction, which is tried again");
    }
}

/// Runs a group in one transaction. `apart`: each step in a savepoint of its own.
///
/// # Errors
/// If the transaction fails, for all of the group. A step that fails by itself has its error in its job where they run
/// apart, and otherwise the transaction fails with it.
async fn run_together(
    step: &mut Step,
    group: &mut [Box<dyn Job>],
    apart: bool,
    synced: bool,
) -> Result<(), StoreError> {
    pass(group, "before BEGIN");
    step.counted.clear();
    step.connection.begin(apart, synced).await?;
    // Apart, what cannot be read for one of them is no error of the others: each reads for itself.
    let reads = if apart { Vec::new() } else { group.iter().map(|job| job.reads()).collect() };
    step.read_ahead(reads).await?;
    for job in group.iter_mut() {
        fail_point::enter(job.name());
        job.run(step, apart).await?;
    }
    step.write_counted().await?;
    pass(group, "before COMMIT");
    Ok(())
}

/// Whether the commit of that number took place, whose answer was lost. The connection is a new one then.
///
/// # Errors
/// `Unknown` if the database stays away.
async fn was_committed(step: &mut Step, number: i64) -> Result<bool, StoreError> {
    let began = Instant::now();
    loop {
        let last = match step.reopen().await {
            Ok(()) => step.connection.last_commit(&step.instance).await,
            Err(error) => Err(error),
        };
        match last {
            Ok(last) => return Ok(last >= number),
            Err(error) if began.elapsed() > LONGEST_DOUBT => {
                tracing::error!(%error, "how a commit ended could not be found out");
                // It may be in the middle of a transaction that has failed.
                step.connection.abandon();
                return Err(StoreError::Unknown);
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

impl Step {
    /// Lets a connection go that is lost. A server that has fallen silent is asked nothing more for a moment, so that nobody
    /// else waits for it in vain.
    fn give_up_connection(&mut self, error: &StoreError) {
        self.connection.abandon();
        if let (Opener::Postgres(server), StoreError::Away(_)) = (&self.opener, error) {
            server.is_away();
        }
    }

    /// Closes the connection, and on SQLite those that read too.
    fn close(self) {
        if let (Opener::Sqlite { file, .. }, Connection::Sqlite(writer)) = (self.opener, self.connection) {
            file.close(writer);
        }
    }

    /// Has the disk take what was committed without waiting for it; on PostgreSQL nothing was.
    fn sync(&self) {
        if let Opener::Sqlite { file, .. } = &self.opener
            && let Err(error) = file.sync_log()
        {
            tracing::warn!(%error, "a power cut now would undo what was written last");
        }
    }

    /// On SQLite, has the log beside the database looked at now and then.
    fn written(&mut self) {
        if let Opener::Sqlite { bell, .. } = &mut self.opener {
            bell.written(self.connection.changes());
        }
    }

    /// Opens the connection anew: after a failure nobody knows what state the old one is in.
    ///
    /// # Errors
    /// If that cannot be done now; the old one stays.
    async fn reopen(&mut self) -> Result<(), StoreError> {
        self.connection = self.opener.open().await?;
        Ok(())
    }
}

/// Passes a fail point of each step in a group.
fn pass(group: &[Box<dyn Job>], place: &str) {
    group.iter().for_each(|job| fail_point::pass(job.name(), place));
}
