//! A step in the queue, from its asking to its answer.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::oneshot;
use tracing::{
    Dispatch, Span,
    dispatcher::{get_default, with_default},
};

use crate::store::{AfterCommit, Step, StepFuture, StoreError, ahead::Reads};

/// A step of any kind, as the writer sees it.
pub trait Job: Send {
    /// The path of the function that asked for the step, for fail points.
    fn name(&self) -> &'static str;
    /// Whether the caller still waits, or no longer may leave.
    fn begin(&self) -> bool;
    /// What it will read.
    fn reads(&self) -> Reads;
    /// Whether its commit waits until the disk has it.
    fn synced(&self) -> bool;
    /// Runs the step. `apart`: in a savepoint, whose writes then stay or not, and an error is one of the whole group. Otherwise
    /// any error is: nobody knows what of it is written.
    fn run<'s>(&'s mut self, step: &'s mut Step, apart: bool) -> StepFuture<'s, ()>;
    /// Does what was to be done after the commit, and tells the caller how it ended.
    fn finish(self: Box<Self>, committed: Result<(), Arc<StoreError>>);
}

/// A step in the queue: its work, and after [`Job::run`] its result, which is told after the commit.
pub struct Waiting<T, W> {
    work: W,
    reads: Reads,
    synced: bool,
    result: Option<Result<T, StoreError>>,
    after_commit: Vec<AfterCommit>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    taken: Arc<AtomicBool>,
    /// The span of whoever asked, and where they log: what is said of the step stands there.
    span: Span,
    log: Dispatch,
}

impl<T, W> Waiting<T, W> {
    pub fn new(
        work: W,
        reads: Reads,
        synced: bool,
        reply: oneshot::Sender<Result<T, StoreError>>,
        taken: Arc<AtomicBool>,
    ) -> Self {
        let (span, log) = (Span::current(), get_default(Clone::clone));
        Self { work, reads, synced, result: None, after_commit: Vec::new(), reply, taken, span, log }
    }
}

impl<T, W> Job for Waiting<T, W>
where
    T: Send + 'static,
    W: for<'s> FnOnce(&'s mut Step) -> StepFuture<'s, T> + Clone + Send + 'static,
{
    fn name(&self) -> &'static str {
        std::any::type_name::<W>()
    }

    fn begin(&self) -> bool {
        !self.taken.swap(true, Ordering::AcqRel)
    }

    fn reads(&self) -> Reads {
        self.reads.clone()
    }

    fn synced(&self) -> bool {
        self.synced
    }

    fn run<'s>(&'s mut self, step: &'s mut Step, apart: bool) -> StepFuture<'s, ()> {
        Box::pin(async move {
            step.after_commit.clear();
            // A try before this one may have left them.
            (self.result, self.after_commit) = (None, Vec::new());
            let work = self.work.clone();
            // The call itself is a part of what may panic.
            let work: StepFuture<'_, T> = Box::pin(async { work(step).await });
            let mut result = unpanicked(work).await;
            // What it has written and not waited for may fail now.
            if apart
                && result.is_ok()
                && let Err(error) = release(step).await
            {
                result = Err(error);
            }
            match result {
                Err(error) if !apart || error.is_passing() => return Err(error),
                result => {
                    let stays = result.is_ok();
                    self.result = Some(result);
                    if !stays {
                        step.counted.clear();
                        return step.connection.undo().await;
                    }
                }
            }
            self.after_commit = std::mem::take(&mut step.after_commit);
            Ok(())
        })
    }

    fn finish(self: Box<Self>, committed: Result<(), Arc<StoreError>>) {
        let Self { result, after_commit, reply, span, log, .. } = *self;
        let result = match (committed, result) {
            (Ok(()), Some(result)) | (Err(_), Some(result @ Err(_))) => result,
            (Err(error), _) => Err(StoreError::Commit(error)),
            (Ok(()), None) => Err(StoreError::Panicked),
        };
        let tell = || {
            if result.is_ok() {
                // Here and not where the answer is awaited: whoever asked may have gone away.
                let acts = AssertUnwindSafe(|| after_commit.into_iter().for_each(|act| act()));
                let _ = catch_unwind(acts);
            }
            if let Err(Err(error)) = reply.send(result) {
                tracing::warn!(%error, "a step failed that nobody waits for");
            }
        };
        with_default(&log, || span.in_scope(tell));
    }
}

/// Lets the writes of a step stay, and what it has counted with them.
///
/// # Errors
/// If one of them fails, or has failed.
async fn release(step: &mut Step) -> Result<(), StoreError> {
    step.write_counted().await?;
    step.connection.release().await
}

/// A panic in one step must not end the writer for all.
async fn unpanicked<T>(mut work: StepFuture<'_, T>) -> Result<T, StoreError> {
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .unwrap_or(std::task::Poll::Ready(Err(StoreError::Panicked)))
    })
    .await
}
