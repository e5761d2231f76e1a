//! The end of a process, in parts. One that has begun is never taken back.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// Which parts of the end have begun.
#[derive(Debug, Default)]
pub struct Stop {
    /// How long the process goes on answering once it was asked to stop, for balancers to move elsewhere.
    pub drain_time: Duration,
    /// It was asked to stop: it is not ready any more, ends each connection with the next answer, and claims no mail.
    pub asked: CancellationToken,
    /// It takes no new connection.
    pub closed: CancellationToken,
    /// No request is under way, and none can come: what is in the outbox now was asked for here last.
    pub answered: CancellationToken,
}
