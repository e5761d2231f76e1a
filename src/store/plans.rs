//! How SQLite carries out each statement of this room: it looks at the rows that the statement is about, and at no others,
//! however many there are.
//!
//! [`sql`](super::sql) notes each statement with the line that it stands in, and every line with one has to be among those
//! noted: a new statement cannot be forgotten here.

use std::{
    collections::BTreeSet,
    fs,
    panic::Location,
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use super::{
    Store,
    ahead::Reads,
    audit::{self, Wanted},
    gateway::{AppSessionRow, TicketRow},
    notices::NoticeRow,
    outbox::Due,
    sessions::{HashedSessionId, SessionRow},
    waiting::Kind,
};
use crate::{
    config::DatabaseUrl,
    domain::{Challenge, Device, EmailAddress, Limit, Priority, SignIn, UnixTime},
    random,
};

/// What was run: file, line, and the statement.
static NOTED: Mutex<BTreeSet<(String, u32, String)>> = Mutex::new(BTreeSet::new());

/// Files whose statements run on PostgreSQL alone.
const NOT_ON_SQLITE: [&str; 3] = ["src/store/instances.rs", "src/store/pipeline.rs", "src/store/postgres.rs"];

/// Columns that name so many rows that an index on one of them leaves all to be looked at.
const SHARED_BY_MANY: [&str; 3] = ["kind", "priority", "event"];

/// What is in a plan and may be: a part of the statement, a part of the line of its plan, and why.
const FINE: [(&str, &str, &str); 35] = [
    ("DELETE FROM sessions WHERE id_hash IN", "(expires_at<?)", "the cleanup stops after fifty"),
    ("DELETE FROM app_sessions WHERE id_hash IN", "(expires_at<?)", "the cleanup stops after fifty"),
    ("DELETE FROM tickets WHERE ticket_hash IN", "(expires_at<?)", "the cleanup stops after fifty"),
    ("DELETE FROM outbox WHERE message_id IN", "(kind=? AND issued_at<?)", "the cleanup stops after fifty"),
    ("DELETE FROM audit", "(at<?)", "the cleanup stops after fifty"),
    ("DELETE FROM tallies", "(hour<?)", "the cleanup stops after fifty"),
    ("WHERE event = $1 AND id < $2", "audit_by_event (event=?", "in the order of the index, up to the limit"),
    ("(created_at, id_hash) < ($1, $2)", "sessions_by_sign_in", "in the order of the index, up to the limit"),
    ("AS people", "", "up to the limit"),
    ("AS mails", "", "up to the limit"),
    ("SELECT MIN(issued_at)", "outbox_by_age (kind=?)", "the first one in the order of the index"),
    ("FROM tallies WHERE hour >=", "(hour>?)", "a few events in each hour of a week"),
    ("SELECT MIN(due_at)", "outbox_by_due (kind=?)", "the first one in the order of the index"),
    (
        "kind = 'new_device' AND due_at",
        "outbox_by_due (kind=? AND due_at<?)",
        "the first one in the order of the index",
    ),
    (
        "in_line = 0 AND tries = 0",
        "outbox_unsorted (kind=? AND due_at<?)",
        "in the order of the index, up to the limit",
    ),
    (
        "issued_at <= $3",
        "outbox_by_age (kind=? AND issued_at<?)",
        "in the order of the index, up to the limit",
    ),
    ("tries > 0", "outbox_again (priority=? AND due_at<?)", "in the order of the index, up to the limit"),
    ("in_line = 1 AND due_at <= $1)", "outbox_fresh (priority=?)", "the first one will do"),
    ("AS due WHERE EXISTS", "outbox_by_age (kind=? AND issued_at<?)", "the first one will do"),
    (") AS firsts", "firsts", "the few lines that are first"),
    (") AS firsts", "outbox_lines_by_turn (priority=?)", "in the order of the index, up to the limit"),
    ("SET due_at = $1, owner = NULL", "outbox_by_due (kind=? AND due_at>?)", "once, when a process starts"),
    ("CASE WHEN id_hash = $3", "USE TEMP B-TREE FOR", "the devices of one person"),
    ("SELECT DISTINCT session, origin", "USE TEMP B-TREE FOR", "the apps of one person"),
    ("DELETE FROM operator_links WHERE secret_hash IN", "(expires_at<?)", "the cleanup stops after fifty"),
    ("DELETE FROM refused_mails WHERE message_id IN", "(expires_at<?)", "the cleanup stops after fifty"),
    (
        "due_at, owner FROM outbox WHERE kind = $1",
        "outbox_by_due (kind=?)",
        "in the order of the index, up to the limit",
    ),
    ("FROM refused_mails ORDER BY", "refused_mails_by_time", "in the order of the index, up to the limit"),
    ("message_id >= $1", "(message_id>? AND message_id<?)", "those with one beginning, two at most"),
    ("id_hash >= $1", "(id_hash>? AND id_hash<?)", "those with one beginning, two at most"),
    (
        "ORDER BY email LIMIT $2",
        "sessions_of_person",
        "in the order of the index, up to the limit: the operator's list",
    ),
    ("counted > $1", "(counted>?)", "a page of a walk along all, up to the limit"),
    ("at >= $1 AND ($2", "audit_by_time (at>?)", "in the order of the index, up to the limit"),
    ("SELECT MAX(id)", "SEARCH audit", "the last one in the order of the table"),
    ("FROM audit WHERE id > $1", "(rowid>?)", "in the order of the index, up to the limit"),
];

/// Notes a statement.
pub fn note(at: &Location<'_>, text: &str) {
    let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    noted.insert((at.file().to_owned(), at.line(), text.to_owned()));
}

/// The lines in which a statement stands.
fn written() -> BTreeSet<(String, u32)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut found) = (vec![root.join("src/store")], BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            for (line, text) in (1..).zip(fs::read_to_string(&path).unwrap().lines()) {
                let is_call = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                let is_code = !text.trim_start().starts_with("//");
                let mut calls =
                    ["sql(", "sql_in(", "sql_row("].into_iter().flat_map(|call| text.match_indices(call));
                if is_code && calls.any(|(at, _)| is_call(at)) {
                    found.insert((name.clone(), line));
                }
            }
        }
    }
    let makes_none = |file: &str| file.ends_with("plans.rs") || file.ends_with("statement.rs");
    found.retain(|(file, _)| !NOT_ON_SQLITE.contains(&file.as_str()) && !makes_none(file));
    found
}

/// Runs each statement that there is.
async fn run_all(store: &Store) {
    let now = UnixTime::from_secs(1_790_000_000);
    let email = EmailAddress::parse("ada@example.com").unwrap();
    let challenge = || Challenge::new(1_790_000_000_000, &mut random::rng());
    let sign_in = SignIn { email: email.clone(), issued_at: now, challenge: challenge() };
    let known = SignIn { email: email.clone(), issued_at: now, challenge: challenge() };
    let id = HashedSessionId::of("a session");
    let row = SessionRow {
        id,
        email: Some(email.as_str().to_owned()),
        device: Device::default(),
        data: "{}".to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(Duration::from_secs(60)),
        seen: false,
        challenge: Some(sign_in.challenge.hashed()),
        mail_left: false,
        code_tries: 0,
        successor: None,
    };
    let ticket = TicketRow {
        session: id,
        origin: "https://wiki.example.com".to_owned(),
        nonce_hash: [0; 32],
        next: b"/".to_vec(),
        expires_at: now,
    };
    let app = AppSessionRow { id, session: id, origin: ticket.origin.clone(), expires_at: now };
    let notice = NoticeRow {
        message_id: "notice".to_owned(),
        email: email.clone(),
        at: now,
        user_agent: String::new(),
        language: "en".to_owned(),
        tries: 0,
    };
    let (whose, operator) = (email.clone(), challenge());
    let all = store.step(move |step| {
        Box::pin(async move {
            let (limit, span) = (Limit::rate(5, Duration::from_secs(60)), Duration::from_secs(30));
            step.record(now, &audit::Entry { event: "asked", ..Default::default() }).await?;
            step.recipient_of_sent("id", "sent", "bounced").await?;
            step.leave_out("left_out", now).await?;
            step.put_session(&row).await?;
            step.session(id, now).await?;
            step.read_ahead(vec![Reads { sessions: vec![id], counted: vec!["codes".to_owned()] }]).await?;
            step.see_session(id, now, now.plus(span)).await?;
            step.waited_for(&[sign_in.challenge.hashed()]).await?;
            step.let_codes_count(&[sign_in.challenge.hashed()]).await?;
            step.devices(&whose, id, now).await?;
            step.put_ticket([0; 32], &ticket).await?;
            step.take_ticket([0; 32]).await?;
            step.put_app_session(&app).await?;
            step.look_up(["one", "two"].map(str::to_owned).into_iter()).await?;
            step.wait_for("three", limit, 100, now).await?;
            step.count("three", limit, now).await?;
            step.enqueue(&sign_in, now.plus(span), "192.0.2.7", "", None, "en").await?;
            step.enqueue(&known, now.plus(span), "192.0.2.7", "", Some(Priority::KnownBrowser), "en").await?;
            for due in [
                Due::Old(now),
                Due::Unsorted,
                Due::Again(Priority::Named),
                Due::Fresh(Priority::KnownBrowser),
            ] {
                step.due(due, now, 8).await?;
            }
            step.kinds_due(now, now).await?;
            step.line_up(&sign_in, Priority::Named, "192.0.2.7").await?;
            step.claim(vec![sign_in.message_id()], Priority::Named, now, span).await?;
            step.end_turn("192.0.2.7", Priority::Named, now).await?;
            step.postpone(&sign_in.message_id(), now, None).await?;
            step.keep_refused(&sign_in.message_id(), "550", now).await?;
            step.mails_that_begin("0123").await?;
            step.try_again(&sign_in.message_id(), now).await?;
            step.release_claims(now).await?;
            step.keep(vec![sign_in.message_id()], now).await?;
            step.settle(vec![sign_in.message_id()]).await?;
            step.try_again(&sign_in.message_id(), now).await?;
            step.enqueue_notice(&notice, now).await?;
            step.claim_notices(now, span, 8).await?;
            step.people_that_begin(&[1, 2], now).await?;
            step.some_people(None, now, 50).await?;
            step.some_people(Some(&whose), now, 50).await?;
            step.tally("asked", now);
            step.write_counted().await?;
            step.keep_refused("notice", "550", now).await?;
            step.try_again("notice", now).await?;
            step.end_session(id).await?;
            step.put_operator_link(&operator.hashed(), &whose, now).await?;
            step.take_operator_link(&operator.hashed(), &whose, now).await?;
            step.forget_counted("three").await?;
            step.forget_the_past().await?;
            step.forget_past(vec!["mails".to_owned()], now).await?;
            step.remove_expired(now, span).await
        })
    });
    all.await.unwrap();
    store.session(id, now).await.unwrap();
    store.devices(&email, id, now, 5).await.unwrap();
    store.count_devices(&email, now).await.unwrap();
    store.apps_of_devices(&email, now, 5).await.unwrap();
    store.app_session(id, now).await.unwrap();
    store.waiting(5).await.unwrap();
    store.people(None, now, 5).await.unwrap();
    store.counted("", 5).await.unwrap();
    for email in [None, Some(email.clone())] {
        store.newest_events(&Wanted { email, ..Default::default() }, 5).await.unwrap();
    }
    store.events_after(0, 5).await.unwrap();
    store.last_event().await.unwrap();
    store.next_due().await.unwrap();
    store.next_notice_due().await.unwrap();
    store.events_of("asked", None, 5).await.unwrap();
    store.latest_people(now, None, 5).await.unwrap();
    store.count_people(5).await.unwrap();
    store.count_waiting(Kind::SignIn, 5).await.unwrap();
    store.count_refused(5).await.unwrap();
    store.oldest_waiting(Kind::SignIn).await.unwrap();
    store.arrivals(&["mails".to_owned()]).await.unwrap();
    store.tallies(now).await.unwrap();
}

/// Whether a line of a plan looks at more rows than it names: at all of a table, at all on one side of a value, or at what
/// it has to sort first.
fn looks_at_too_many(line: &str) -> bool {
    let named = line.rsplit_once('(').map_or("", |(_, named)| named);
    let named = named.split(')').next().unwrap_or_default();
    let names_few = named.split(" AND ").any(|term| {
        term.split_once("=?")
            .is_some_and(|(column, rest)| rest.is_empty() && !SHARED_BY_MANY.contains(&column))
    });
    line.starts_with("SCAN ") && line != "SCAN CONSTANT ROW"
        || line.starts_with("SEARCH ") && !names_few
        || line.starts_with("USE TEMP B-TREE")
}

#[tokio::test]
async fn no_statement_looks_at_more_rows_than_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("postern.sqlite3").display());
    let store = Store::open(&DatabaseUrl::Sqlite(url.clone())).await.unwrap();
    run_all(&store).await;
    let noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let lines: BTreeSet<_> = noted.iter().map(|(file, line, _)| (file.clone(), *line)).collect();
    let forgotten: Vec<_> = written().into_iter().filter(|at| !lines.contains(at)).collect();
    assert!(forgotten.is_empty(), "statements that `run_all` does not run: {forgotten:?}");

    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let (mut used, mut wrong) = ([false; FINE.len()], Vec::new());
    for (file, at, text) in &noted {
        let plan = format!("EXPLAIN QUERY PLAN {text}");
        // Without values: the plan does not depend on them.
        let rows = sqlx::raw_sql(AssertSqlSafe(plan)).fetch_all(&mut connection).await;
        for row in rows.unwrap_or_else(|error| panic!("{file}:{at}: {error}")) {
            let line: String = row.get("detail");
            if looks_at_too_many(&line) {
                let is_it = |(part, of, _): &(&str, &str, &str)| text.contains(part) && line.contains(of);
                match FINE.iter().position(is_it) {
                    Some(fine) => used[fine] = true,
                    None => wrong.push(format!("{file}:{at}: {line}\n  {text}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these look at more rows than they are about:\n{}", wrong.join("\n"));
    let of_no_use: Vec<_> = FINE.iter().zip(used).filter(|(_, used)| !used).collect();
    assert!(of_no_use.is_empty(), "nothing needs these exceptions any more: {of_no_use:?}");
}

#[test]
fn a_plan_that_looks_at_too_many_rows_is_found() {
    for line in [
        "SCAN audit",
        "SCAN sessions USING COVERING INDEX sessions_by_expiry",
        "SEARCH outbox USING INDEX outbox_by_due",
        "SEARCH outbox USING INDEX outbox_by_due (due_at<?)",
        "SEARCH outbox USING INDEX outbox_by_due (kind=? AND due_at<?)",
        "USE TEMP B-TREE FOR ORDER BY",
    ] {
        assert!(looks_at_too_many(line), "{line}");
    }
    for line in ["SEARCH sessions USING INDEX sessions_of_person (email=?)", "SCAN CONSTANT ROW"] {
        assert!(!looks_at_too_many(line), "{line}");
    }
}
