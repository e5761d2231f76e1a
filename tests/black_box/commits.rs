//! Commits: what a step costs, for each is a sync of the disk. They are counted in SQLite's log, not by Postern.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use postern::{
    domain::UnixTime,
    store::{StepFuture, audit::Entry},
};
use tokio::sync::Notify;

use crate::harness::{ADA, Manner, Postern};

/// How long another thread may take to do what it was asked to.
const LONGEST: Duration = Duration::from_secs(20);

/// How many commits have been written since [`Commits::of`].
struct Commits {
    before: Log,
}

/// The write-ahead log: what tells it from the one that follows once it is full, and the commits in it.
#[derive(PartialEq, Debug)]
struct Log {
    salt: Vec<u8>,
    commits: usize,
}

impl Log {
    /// Reads it (SQLite, "WAL File Format"): a header of 32 bytes, then frames of 24 bytes and a page. The last frame of a
    /// commit gives the size of the database, the others a zero; a frame with another salt is left over.
    fn read(postern: &Postern) -> Self {
        let log = std::fs::read(&postern.database_files()[1]).unwrap_or_default();
        let Some((header, frames)) = log.split_at_checked(32) else {
            return Self { salt: Vec::new(), commits: 0 };
        };
        let page = u32::from_be_bytes(header[8..12].try_into().unwrap()) as usize;
        let of_now = frames.chunks_exact(24 + page).take_while(|frame| frame[8..16] == header[16..24]);
        let commits = of_now.filter(|frame| frame[4..8] != [0; 4]).count();
        Self { salt: header[16..24].to_vec(), commits }
    }
}

impl Commits {
    fn of(postern: &Postern) -> Self {
        Self { before: Log::read(postern) }
    }

    /// The commits since the last call, or since the beginning.
    fn more(&mut self, postern: &Postern) -> usize {
        let now = Log::read(postern);
        // A database that was just made has none yet.
        if self.before.commits > 0 {
            assert_eq!(now.salt, self.before.salt, "the log was begun anew: it wants fewer steps at a time");
        }
        let before = std::mem::replace(&mut self.before, now);
        self.before.commits - before.commits
    }
}

#[tokio::test]
async fn a_sign_in_alone_costs_one_commit_to_ask_two_for_the_mail_and_one_each_to_redeem_and_arrive() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    let mut commits = Commits::of(&postern);
    ada.open("/login").await;
    assert_eq!(commits.more(&postern), 0, "a page is read");
    ada.ask(ADA).await;
    assert_eq!(commits.more(&postern), 1, "asking");
    ada.open("/login/sent").await;
    assert_eq!(commits.more(&postern), 0, "a page is read");
    let mail = postern.mail().await;
    assert_eq!(commits.more(&postern), 2, "a claim, and how it ended");
    ada.open(&mail.path()).await;
    assert_eq!(commits.more(&postern), 0, "a link that is opened is not used");
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(commits.more(&postern), 1, "redeeming");
    for written in [1, 0, 0] {
        assert_eq!(ada.open("/").await.status, 200);
        assert_eq!(commits.more(&postern), written, "the cookie has come back, which is noted once");
    }
}

#[tokio::test]
async fn steps_that_wait_together_share_one_commit() {
    let postern = Postern::start().await;
    let store = &postern.state.store;
    let mut commits = Commits::of(&postern);
    let count = async |step: &mut postern::store::Step, n: u32| {
        let now = UnixTime::from_secs(1_790_000_000);
        step.count(&format!("thing {n}"), "1 per 1h".parse().unwrap(), now).await.map(drop)
    };
    for n in 0..64 {
        store.step(move |step| Box::pin(async move { count(step, n).await })).await.unwrap();
    }
    assert_eq!(commits.more(&postern), 64, "one after the other");

    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, waits) = (Arc::clone(&begun), Arc::clone(&go_on));
    store.later(move |step| -> StepFuture<'_, ()> {
        Box::pin(async move {
            begins.notify_one();
            waits.notified().await;
            count(step, 64).await
        })
    });
    begun.notified().await;
    for n in 65..129 {
        store.later(move |step| Box::pin(async move { count(step, n).await }));
    }
    go_on.notify_one();
    postern.come_to_rest().await;
    assert_eq!(postern.rows("limits").await, 129, "each was carried out");
    assert_eq!(commits.more(&postern), 2, "the first one, and all that waited for it");
}

#[tokio::test]
async fn a_long_log_is_copied_into_the_database_beside_the_writer() {
    let postern = Postern::start().await;
    let mut look = postern.database().await;
    // Some 2,000 pages: twice what is copied, and half of what the writer would copy itself.
    let written = postern.state.store.step(|step| -> StepFuture<'_, ()> {
        Box::pin(async move {
            let text = "x".repeat(3_000);
            for _ in 0..2_000 {
                let entry = Entry { event: "test", detail: Some(&text), ..Entry::default() };
                step.record(UnixTime::from_secs(1_790_000_000), &entry).await?;
            }
            Ok(())
        })
    });
    written.await.unwrap();
    let began = Instant::now();
    loop {
        let row = look.rows("PRAGMA wal_checkpoint(NOOP)").await.remove(0);
        let (pages, copied) = (row.get::<i64>(1), row.get::<i64>(2));
        assert!((1_000..4_000).contains(&pages), "the writer has left it alone: {pages}");
        if copied == pages {
            break;
        }
        assert!(began.elapsed() < LONGEST, "{copied} of {pages} pages");
    }
    assert_eq!(postern.rows("audit WHERE event = 'test'").await, 2_000);
}
