//! The way to PostgreSQL over a network: encrypted, to whom it says it is, with a password.

use tempfile::TempDir;

use crate::harness::{ADA, Child, Cluster, Database, Manner, Postern, shared_cluster};

/// What has a meaning in a URL, and what is not ASCII.
const PASSWORD: &str = "hunter2@/:%?#é";
const ENCODED: &str = "hunter2%40%2F%3A%25%3F%23%C3%A9";

/// A PostgreSQL with TLS, a role with that password, and its database.
async fn over_a_network() -> Cluster {
    let cluster = Cluster::start_with_tls();
    let admin = cluster.connect("postgres").await;
    admin.batch_execute(&format!("CREATE ROLE postern LOGIN PASSWORD '{PASSWORD}'")).await.unwrap();
    admin.batch_execute("CREATE DATABASE postern OWNER postern").await.unwrap();
    cluster
}

/// The DATABASE_URL of that database. `mode`: what follows it, such as `?sslmode=require`.
fn url(cluster: &Cluster, password: &str, host: &str, mode: &str) -> String {
    format!("postgres://postern:{password}@{host}:{}/postern{mode}", cluster.port())
}

#[tokio::test]
async fn what_is_said_to_a_postgresql_that_offers_tls_is_encrypted() {
    let cluster = over_a_network().await;
    let authority = cluster.certificate();
    for mode in ["?sslmode=require", ""] {
        let url = url(&cluster, ENCODED, "localhost", mode);
        let settings = [("DATABASE_URL", &*url), ("DATABASE_CA_FILE", authority.to_str().unwrap())];
        let postern = Postern::start_with(&settings).await;
        let ada = postern.browser(Manner::Fetch);
        ada.sign_in(&postern, ADA).await;
        assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
        let mut admin = Database::open(&cluster.url("postern"), "".as_ref()).await;
        let theirs = "pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE usename = 'postern'";
        assert!(admin.count(theirs).await >= 2, "one writes, others read");
        assert_eq!(admin.count(&format!("{theirs} AND NOT ssl")).await, 0, "{mode}");
    }
}

/// What each Postern with such settings says at its start, and that none comes up.
async fn refusals<const N: usize>(settings: [&[(&str, &str)]; N]) -> [String; N] {
    let starts = settings.map(|settings| {
        let settings: Vec<_> =
            settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        tokio::task::spawn_blocking(move || {
            let mut all = vec![("CREDENTIALS", r#"["ada@example.com"]"#), ("LEPTOS_HASH_FILES", "false")];
            all.extend(settings.iter().map(|(name, value)| (&**name, &**value)));
            let folder = TempDir::new().unwrap();
            let mut child = Child::start(folder.path(), &all);
            assert!(!child.says(|line| line.contains("Postern is ready")), "{all:?}");
            child.end()
        })
    });
    let mut said = Vec::new();
    for start in starts {
        said.push(start.await.unwrap());
    }
    said.try_into().unwrap()
}

#[tokio::test]
async fn a_postgresql_that_cannot_prove_who_it_is_gets_no_password() {
    let cluster = over_a_network().await;
    let authority = cluster.certificate();
    let authority = ("DATABASE_CA_FILE", authority.to_str().unwrap());
    let at = |host: &str, mode: &str| url(&cluster, ENCODED, host, mode);
    let plain = format!("{}?sslmode=require", shared_cluster().url("postgres"));
    let [unknown, unknown_if_offered, other_name, other_name_if_offered, plain] = refusals([
        &[("DATABASE_URL", &at("localhost", "?sslmode=require"))],
        &[("DATABASE_URL", &at("localhost", ""))],
        &[("DATABASE_URL", &at("127.0.0.1", "?sslmode=require")), authority],
        &[("DATABASE_URL", &at("127.0.0.1", "")), authority],
        &[("DATABASE_URL", &plain)],
    ])
    .await;
    for said in [unknown, unknown_if_offered] {
        assert!(said.contains("refuses us") && said.contains("UnknownIssuer"), "{said}");
    }
    for said in [other_name, other_name_if_offered] {
        assert!(said.contains("refuses us") && said.contains("not valid for name"), "{said}");
    }
    assert!(
        plain.contains("refuses us: error performing TLS handshake: server does not support TLS"),
        "{plain}"
    );
}

#[tokio::test]
async fn a_wrong_password_is_told_apart_from_a_server_that_wants_tls() {
    let cluster = over_a_network().await;
    let authority = cluster.certificate();
    let authority = ("DATABASE_CA_FILE", authority.to_str().unwrap());
    let [wrong, in_plain] = refusals([
        &[("DATABASE_URL", &url(&cluster, "hunter3", "localhost", "")), authority],
        &[("DATABASE_URL", &url(&cluster, ENCODED, "localhost", "?sslmode=disable")), authority],
    ])
    .await;
    assert!(wrong.contains("refuses us: password authentication failed"), "{wrong}");
    assert!(in_plain.contains("no encryption"), "{in_plain}");
}
