//! The one writer of the database: steps wait in a queue, and those that wait together share one commit.
//!
//! A commit costs a sync of the disk, which is most of what a step costs. While one is under way the next steps gather,
//! so the busier the server, the fewer syncs a step. A savepoint isolates each: one that fails takes nobody along.
//!
//! Rejected (docs/decisions/0010-one-step-one-transaction.md): a pool of writers, which would wait for one another in
//! SQLite's busy handler, which sleeps; and a queue of prepared statements, because steps read before they decide.

use std::{
    fmt,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{AssertSqlSafe, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use super::{AfterCommit, Step, StepFuture, StoreError};
use crate::fail_point;

/// Steps that share one commit.
const LARGEST_GROUP: usize = 64;
/// Steps that may wait; whoever comes beyond waits for a place.
const QUEUE: usize = 1_024;
/// How long a step may wait for its turn before it is taken back.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The queue of the writer; cheap to clone. The writer ends with its last clone.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the writer on `step`'s connection.
    pub fn start(step: Step) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(write(step, jobs));
        Self { queue }
    }

    /// Waits for a turn, runs `work` in a transaction and returns after the commit.
    ///
    /// # Errors
    /// If a statement or the commit fails, or if no turn came in time.
    pub async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, T> + Send + 'static,
    {
        let (reply, mut answer) = oneshot::channel();
        // Whoever sets it first decides: the writer that begins, or the caller that no longer waits.
        let taken = Arc::new(AtomicBool::new(false));
        let job = Waiting::new(work, reply, Arc::clone(&taken));
        let waiting = async {
            self.queue.send(Box::new(job)).await.map_err(|_| StoreError::Panicked)?;
            (&mut answer).await.map_err(|_| StoreError::Panicked)?
        };
        match tokio::time::timeout(LONGEST_WAIT, waiting).await {
            Ok(ended) => ended,
            Err(_) if !taken.swap(true, Ordering::AcqRel) => Err(StoreError::Busy(LONGEST_WAIT.as_secs())),
            // It has begun: only its end can tell whether it was written.
            Err(_) => answer.await.map_err(|_| StoreError::Panicked)?,
        }
    }

    /// Has `work` done after all that waits now, and waits for nothing. Where the queue is full it is not done.
    pub fn push<W>(&self, work: W)
    where
        W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, ()> + Send + 'static,
    {
        let (reply, _) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let job = Waiting::new(work, reply, taken);
        if self.queue.try_send(Box::new(job)).is_err() {
            tracing::warn!("the database is busy: what can wait was not written");
        }
    }
}

/// A step of any kind, as the writer sees it.
trait Job: Send {
    /// The path of the function that asked for the step, for fail points.
    fn name(&self) -> &'static str;
    /// Whether the caller still waits, or no longer may leave.
    fn begin(&self) -> bool;
    /// Runs the step; `true` if its writes may stay.
    fn run<'s>(&'s mut self, step: &'s mut Step)
    -> std::pin::Pin<Box<dyn Future<Output = bool> + Send + 's>>;
    /// Does what was to be done after the commit, and tells the caller how it ended.
    fn finish(self: Box<Self>, committed: Result<(), Arc<sqlx::Error>>);
}

/// A step in the queue: its work, and after [`Job::run`] its result, which is told after the commit.
struct Waiting<T, W> {
    work: Option<W>,
    result: Option<Result<T, StoreError>>,
    after_commit: Vec<AfterCommit>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    taken: Arc<AtomicBool>,
    /// The span of whoever asked: what is logged of the step stands in it.
    span: Span,
}

impl<T, W> Waiting<T, W> {
    fn new(work: W, reply: oneshot::Sender<Result<T, StoreError>>, taken: Arc<AtomicBool>) -> Self {
        Self { work: Some(work), result: None, after_commit: Vec::new(), reply, taken, span: Span::current() }
    }
}

impl<T, W> Job for Waiting<T, W>
where
    T: Send + 'static,
    W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, T> + Send + 'static,
{
    fn name(&self) -> &'static str {
        std::any::type_name::<W>()
    }

    fn begin(&self) -> bool {
        !self.taken.swap(true, Ordering::AcqRel)
    }

    fn run<'s>(
        &'s mut self,
        step: &'s mut Step,
    ) -> std::pin::Pin<Box<dyn Future<Output = bool> + Send + 's>> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            // The call itself is a part of what may panic.
            let work: StepFuture<'_, T> = Box::pin(async { work(step).await });
            let result = unpanicked(work).await;
            let stays = result.is_ok();
            self.result = Some(result);
            let after_commit = std::mem::take(&mut step.after_commit);
            if stays {
                self.after_commit = after_commit;
            }
            stays
        })
    }

    fn finish(self: Box<Self>, committed: Result<(), Arc<sqlx::Error>>) {
        let Self { result, after_commit, reply, span, .. } = *self;
        let result = match (committed, result) {
            (Ok(()), Some(result)) | (Err(_), Some(result @ Err(_))) => result,
            (Err(error), _) => Err(StoreError::Commit(error)),
            (Ok(()), None) => Err(StoreError::Panicked),
        };
        span.in_scope(|| {
            if result.is_ok() {
                // Here and not where the answer is awaited: whoever asked may have gone away.
                let acts = AssertUnwindSafe(|| after_commit.into_iter().for_each(|act| act()));
                let _ = catch_unwind(acts);
            }
            if let Err(Err(error)) = reply.send(result) {
                tracing::warn!(%error, "a step failed that nobody waits for");
            }
        });
    }
}

/// A panic in one step must not end the writer for all.
async fn unpanicked<T>(mut work: StepFuture<'_, T>) -> Result<T, StoreError> {
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .unwrap_or(std::task::Poll::Ready(Err(StoreError::Panicked)))
    })
    .await
}

/// The task of the writer: groups of steps until the last [`Writer`] is gone.
async fn write(mut step: Step, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    let mut group = Vec::new();
    while jobs.recv_many(&mut group, LARGEST_GROUP).await > 0 {
        group.retain(|job| job.begin());
        let committed = commit_together(&mut step, &mut group).await.map_err(Arc::new);
        if let Err(error) = &committed {
            // Fails where the database has rolled back by itself, as it does on a full disk.
            let _ = execute(&mut step.connection, "ROLLBACK").await;
            if !is_busy(error) {
                step.reopen().await;
            }
        }
        if committed.is_ok() {
            pass(&group, "after COMMIT");
        }
        for job in group.drain(..) {
            job.finish(committed.clone());
        }
    }
    let _ = sqlx::Connection::close(step.connection).await;
}

/// Runs a group in one transaction, each step in a savepoint of its own.
///
/// # Errors
/// If the transaction fails, for all of the group. A step that fails by itself has its error in its job.
async fn commit_together(step: &mut Step, group: &mut [Box<dyn Job>]) -> Result<(), sqlx::Error> {
    if group.is_empty() {
        return Ok(());
    }
    pass(group, "before BEGIN");
    // Not DEFERRED: a transaction that has read cannot write any more once another process has written.
    execute(&mut step.connection, "BEGIN IMMEDIATE").await?;
    for job in group.iter_mut() {
        fail_point::enter(job.name());
        execute(&mut step.connection, "SAVEPOINT step").await?;
        if !job.run(step).await {
            execute(&mut step.connection, "ROLLBACK TO step").await?;
        }
        execute(&mut step.connection, "RELEASE step").await?;
    }
    pass(group, "before COMMIT");
    execute(&mut step.connection, "COMMIT").await
}

/// Passes a fail point of each step in a group.
fn pass(group: &[Box<dyn Job>], place: &str) {
    group.iter().for_each(|job| fail_point::pass(job.name(), place));
}

/// Whether another process holds the lock of the database (SQLITE_BUSY): the connection is as good as before.
fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "5")
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.map(drop)
}
