//! What PostgreSQL is told: each statement once, unless somebody in between gives its connections away.

use tempfile::TempDir;

use super::{PUBLIC_URL, Shared};
use crate::harness::{
    ADA, BOB, Browser, Cable, Child, Database, MailServer, Manner, PgBouncer, Postern, shared_cluster,
};

/// What puts a mail into the outbox.
const ASKING: &str = "INSERT INTO outbox ";

/// Asks from a new browser, and the mail leaves.
async fn asks(postern: &Postern, email: &str) {
    postern.browser(Manner::Fetch).ask(email).await;
    assert_eq!(postern.mail().await.to, email);
}

/// Ends the connections of a pooler to a database, none of which is in use.
async fn renew_those_of_the_pooler(shared: &Shared) {
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut database = shared.database().await;
    assert!(!database.rows(ended).await.is_empty());
    while database.count("pg_stat_activity WHERE datname = current_database()").await > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_statement_that_writes_is_sent_once_and_then_by_its_name() {
    let shared = Shared::new();
    let cable = Cable::to(shared_cluster().port()).await;
    let postern = Postern::start_with(&[("DATABASE_URL", &cable.url(&shared.url)), PUBLIC_URL]).await;
    for email in [ADA, BOB, ADA] {
        asks(&postern, email).await;
        assert_eq!(cable.carried(ASKING), 1, "{email}");
    }
}

#[tokio::test]
async fn where_a_transaction_runs_in_another_connection_no_name_is_used_any_more() {
    let shared = Shared::new();
    let pooler = PgBouncer::start_with(shared_cluster().port(), 1).await;
    // Through the cable comes what the pooler is told.
    let cable = Cable::to(pooler.port()).await;
    let through = cable.url(&pooler.url(&shared.url));
    let postern = Postern::start_with(&[("DATABASE_URL", &through), PUBLIC_URL]).await;
    asks(&postern, ADA).await;
    // The one connection of the pool is also that of whoever comes through it.
    let mut there = Database::open(&pooler.url(&shared.url), "".as_ref()).await;
    let names: Vec<String> = there.column("SELECT name FROM pg_prepared_statements").await;
    assert!(names.len() > 10, "{names:?}");
    renew_those_of_the_pooler(&shared).await;
    // There somebody else has called something else so.
    let theirs = |name: &String| format!("PREPARE {name} AS SELECT 'theirs'");
    there.run(&names.iter().map(theirs).collect::<Vec<_>>().join("; ")).await;
    for times in 2..5 {
        asks(&postern, BOB).await;
        assert_eq!(cable.carried(ASKING), times, "and nothing is lost on the way there");
    }
}

#[tokio::test]
async fn a_name_that_another_instance_has_given_in_the_pool_is_never_taken_for_ours() {
    let (shared, folders) = (Shared::new(), [TempDir::new().unwrap(), TempDir::new().unwrap()]);
    let pooler = PgBouncer::start_with(shared_cluster().port(), 1).await;
    let (through, server) = (pooler.url(&shared.url), MailServer::start(&[]).await);
    let settings = [&server.settings()[..], &[("DATABASE_URL", &*through), ("LIMITS", "off")]].concat();
    // Processes of their own: each counts its names from the beginning.
    let servers = folders.each_ref().map(|folder| Child::serve(folder.path(), &settings));
    for _ in 0..3 {
        for (_, port) in &servers {
            let ada = Browser::new(*port, &format!("http://127.0.0.1:{port}"), Manner::Fetch);
            ada.ask(ADA).await;
            ada.redeem_link(&server.mail().await.token()).await.assert_leads_to("/");
            ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
        }
    }
    let said = servers.map(|(mut child, _)| child.stop()).concat();
    assert!(
        said.contains("a pooler gives its connections to others"),
        "one of them has met the other's: {said}"
    );
}

#[tokio::test]
async fn a_table_that_a_newer_version_has_changed_meanwhile_costs_no_step() {
    let shared = Shared::new();
    let postern = shared.instance(&[]).await;
    asks(&postern, ADA).await;
    // What a statement by name gives must not change: PostgreSQL refuses to run it.
    let change = "ALTER TABLE outbox ALTER COLUMN language TYPE VARCHAR(64)";
    Database::open(&shared.url, "".as_ref()).await.run(change).await;
    asks(&postern, BOB).await;
}
