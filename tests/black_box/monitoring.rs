//! What whoever watches over a server is told: whether somebody could sign in, and what is counted.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use postern::config::{Config, Sources};
use tempfile::TempDir;

use crate::harness::{ADA, BOB, Browser, Child, Manner, Postern, SECRET_KEY, free_port, on_postgres};

/// Longer than any look may take, and the second for which its answer is good.
const LONG: Duration = Duration::from_secs(20);

fn docs(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/monitoring").join(file)).unwrap()
}

/// Asks for /readyz until that is the status: an answer is good for a second.
async fn becomes(browser: &Browser, status: u16) -> String {
    let began = Instant::now();
    loop {
        let answer = browser.fetch("/readyz").await;
        if answer.status == status {
            return answer.text();
        }
        assert!(began.elapsed() < LONG, "{answer:?}");
        tokio::task::yield_now().await;
    }
}

async fn at(port: u16, path: &str) -> (u16, String) {
    let browser = Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch);
    let answer = browser.fetch(path).await;
    (answer.status, answer.text())
}

/// The value of a line of /metrics.
fn value(metrics: &str, line: &str) -> f64 {
    let found = metrics.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("{line} is not in\n{metrics}")).parse().unwrap()
}

async fn a_whole_sign_in_leaves_nothing_of_anybody_in_the_metrics(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_MAILS", "")]).await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    ada.redeem_code(&mail.wrong_code(0)).await.assert_refused("wrong_code", 422);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    let cookie = ada.cookie_value();
    assert_eq!(ada.open("/").await.status, 200);
    assert_eq!(ada.open("/some/path/of/ada").await.status, 404);
    let (status, metrics) = postern.inspect("/metrics").await;
    assert_eq!(status, 200);
    for (line, expected) in [
        ("postern_events_total{event=\"asked\",reason=\"\"}", 1.0),
        ("postern_events_total{event=\"sent\",reason=\"\"}", 1.0),
        ("postern_events_total{event=\"signed_in\",reason=\"\"}", 1.0),
        ("postern_events_total{event=\"refused\",reason=\"wrong_code\"}", 1.0),
        ("postern_refusals_total{kind=\"wrong_code\"}", 1.0),
        ("postern_refusals_total{kind=\"expired\"}", 0.0),
        ("postern_mail_tries_total{outcome=\"sent\"}", 1.0),
        ("postern_mail_tries_total{outcome=\"not_accepted\"}", 0.0),
        ("postern_requests_total{place=\"/\",status=\"2xx\"}", 1.0),
        ("postern_requests_total{place=\"other\",status=\"4xx\"}", 1.0),
        ("postern_request_seconds_count{place=\"/api/redeem_link\"}", 1.0),
        ("postern_sessions", 1.0),
        ("postern_outbox_mails{kind=\"sign_in\"}", 0.0),
        ("postern_ready", 1.0),
        ("postern_allowlist_entries", 2.0),
    ] {
        assert_eq!(value(&metrics, line), expected, "{line}\n{metrics}");
    }
    assert!(value(&metrics, "postern_budget_used_ratio{budget=\"mails\"}") > 0.0);
    assert!(value(&metrics, "postern_database_bytes") > 0.0);
    let (_, ready) = postern.inspect("/readyz").await;
    for secret in [ADA, "ada", "example.com", "127.0.0", &mail.token(), &mail.code(), &cookie, "some/path"] {
        assert!(!metrics.contains(secret), "{secret}\n{metrics}");
        assert!(!ready.contains(secret), "{secret}\n{ready}");
    }
}

in_both_manners!(a_whole_sign_in_leaves_nothing_of_anybody_in_the_metrics);

#[tokio::test]
async fn what_is_refused_before_a_function_is_reached_is_counted_by_its_kind() {
    let postern = Postern::start().await;
    let stranger = postern.browser(Manner::Fetch);
    assert_eq!(stranger.fetch("/logout").await.status, 401);
    let foreign = stranger.post("/api/request_link").header("sec-fetch-site", "cross-site");
    assert_eq!(stranger.send(foreign.form(&[("email", ADA)])).await.status, 403);
    let (_, metrics) = postern.inspect("/metrics").await;
    assert_eq!(value(&metrics, "postern_refusals_total{kind=\"signed_out\"}"), 1.0);
    assert_eq!(value(&metrics, "postern_refusals_total{kind=\"cross_site\"}"), 1.0);
}

#[tokio::test]
async fn a_mail_that_waits_is_seen_with_its_age_and_what_its_server_has_against_us() {
    use crate::harness::{MailServer, Reception};
    let server = MailServer::start(&[Reception::HangUp]).await;
    let postern = Postern::start_with(&server.settings()).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    postern.deliver().await;
    postern.wait(Duration::from_secs(90));
    let (_, metrics) = postern.inspect("/metrics").await;
    assert_eq!(value(&metrics, "postern_outbox_mails{kind=\"sign_in\"}"), 1.0);
    assert_eq!(value(&metrics, "postern_outbox_oldest_seconds{kind=\"sign_in\"}"), 90.0);
    assert_eq!(value(&metrics, "postern_mail_failing_seconds"), 90.0);
    let (status, ready) = postern.inspect("/readyz").await;
    assert_eq!(status, 200, "a mail server that is away takes no instance away: {ready}");
    for words in ["no mail has left, since 90 s ago", "temporary, 90 s ago", "for 90 s, which is long"] {
        assert!(ready.contains(words), "{words}\n{ready}");
    }
    postern.deliver().await;
    assert_eq!(server.mails().len(), 1);
    let (_, ready) = postern.inspect("/readyz").await;
    assert!(ready.contains("it took a mail 0 s ago") && ready.contains("no mail waits"), "{ready}");
}

/// The names of metrics in a text, without what OpenMetrics puts behind them.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let metrics = words.filter(|word| word.starts_with("postern_") || word.starts_with("process_"));
    let ends = ["_bucket", "_count", "_sum", "_total", "_info"];
    let bare = |word: &str| {
        let end = ends.iter().find(|end| word.ends_with(**end)).unwrap_or(&"");
        word.strip_suffix(end).unwrap_or(word).to_owned()
    };
    metrics.map(bare).collect()
}

#[tokio::test]
async fn every_metric_that_dashboard_rules_and_docs_name_is_served_and_the_docs_name_all() {
    let postern = Postern::start().await;
    postern.browser(Manner::Fetch).sign_in(&postern, ADA).await;
    let (_, metrics) = postern.inspect("/metrics").await;
    let served: BTreeSet<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .map(|name| name.strip_suffix("_info").map(str::to_owned).unwrap_or(name))
        .collect();
    for file in ["alerts.yml", "alerts-test.yml", "grafana.json", "README.md"] {
        let named = names(&docs(file));
        assert!(named.len() > 5, "{file}: {named:?}");
        let unknown: Vec<_> = named.difference(&served).collect();
        assert!(unknown.is_empty(), "{file} names what /metrics does not serve: {unknown:?}\n{served:?}");
    }
    let documented = names(&docs("README.md"));
    let forgotten: Vec<_> = served.difference(&documented).collect();
    assert!(forgotten.is_empty(), "docs/monitoring/README.md does not name {forgotten:?}");
}

#[test]
fn the_alert_rules_hold_what_their_tests_say() {
    let tools = Path::new(&home()).join(".cache/postern/tools/bin/promtool");
    let promtool = if tools.exists() { tools } else { "promtool".into() };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/monitoring");
    for task in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts-test.yml"]] {
        let ran = Command::new(&promtool).args(task).current_dir(&folder).output();
        let ran = ran.unwrap_or_else(|error| {
            panic!("promtool: {error}. script/bootstrap unpacks it; or: apt-get install prometheus")
        });
        assert!(ran.status.success(), "{task:?}: {ran:?}");
    }
}

#[allow(clippy::disallowed_methods, reason = "where tools are is no setting of Postern")]
fn home() -> String {
    std::env::var("HOME").unwrap_or_default()
}

#[test]
fn the_dashboard_is_one_that_grafana_can_read() {
    let dashboard: serde_json::Value = serde_json::from_str(&docs("grafana.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 10);
    for panel in panels {
        assert!(panel["title"].is_string() && panel["gridPos"]["w"].is_u64(), "{panel}");
        assert!(!panel["targets"].as_array().unwrap().is_empty(), "{panel}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_file_that_is_gone_or_another_one_is_seen() {
    if on_postgres() {
        return;
    }
    let postern = Postern::start().await;
    let browser = postern.browser(Manner::Fetch);
    assert_eq!(becomes(&browser, 200).await, "ready\n");
    let file = postern.database_files().remove(0);
    let aside = file.with_extension("aside");
    fs::rename(&file, &aside).unwrap();
    assert_eq!(becomes(&browser, 503).await, "not ready: the database cannot be written\n");
    let (status, ready) = postern.inspect("/readyz").await;
    assert!(
        status == 503 && ready.contains("its file is gone, or another one has taken its place"),
        "{ready}"
    );
    fs::copy(&aside, &file).unwrap();
    assert_eq!(becomes(&browser, 503).await, "not ready: the database cannot be written\n", "a copy");
    let (_, metrics) = postern.inspect("/metrics").await;
    assert_eq!(value(&metrics, "postern_ready"), 0.0);
    fs::rename(&aside, &file).unwrap();
    assert_eq!(becomes(&browser, 200).await, "ready\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_not_ready_and_says_so_in_words_where_nobody_else_looks() {
    let (folder, inspected) = (TempDir::new().unwrap(), free_port());
    let address = format!("127.0.0.1:{inspected}");
    let (child, port) = Child::serve(folder.path(), &[("METRICS_ADDR", &address)]);
    let browser = Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch);
    becomes(&browser, 200).await;
    child.full_disk(true);
    if !on_postgres() {
        assert_eq!(becomes(&browser, 503).await, "not ready: the database cannot be written\n");
        let (status, ready) = at(inspected, "/readyz").await;
        assert!(status == 503 && ready.contains("database: it cannot be written: "), "{ready}");
    }
    child.full_disk(false);
    becomes(&browser, 200).await;
    // It is told at its own address alone.
    let (status, metrics) = at(inspected, "/metrics").await;
    assert_eq!((status, value(&metrics, "postern_ready")), (200, 1.0));
    assert!(value(&metrics, "process_resident_memory_bytes") > 1_000_000.0);
    assert_eq!(browser.fetch("/metrics").await.status, 401);
    assert_eq!(at(inspected, "/login").await.0, 404);
}

#[tokio::test]
async fn a_look_at_the_database_leaves_nothing_behind() {
    let postern = Postern::start().await;
    let browser = postern.browser(Manner::Fetch);
    for _ in 0..3 {
        postern.state.store.probe().await.unwrap();
    }
    becomes(&browser, 200).await;
    assert_eq!(postern.rows("limits").await, 0);
    // And holds nobody up.
    browser.sign_in(&postern, BOB).await;
    postern.state.store.probe().await.unwrap();
    assert_eq!(postern.rows("limits WHERE counted = 'probe'").await, 0);
}

#[test]
fn the_metrics_are_never_told_at_the_address_of_the_site() {
    let folder = TempDir::new().unwrap();
    let read = |metrics: &str, site: &str| {
        let environment = [("SECRET_KEY", SECRET_KEY), ("METRICS_ADDR", metrics), ("LEPTOS_SITE_ADDR", site)];
        let environment = environment.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let sources = Sources::read(folder.path(), environment).unwrap();
        Config::from_sources(&sources).map(|config| config.metrics_addr).map_err(|error| error.to_string())
    };
    assert_eq!(read("127.0.0.1:9464", "127.0.0.1:3000").unwrap().unwrap().port(), 9464);
    assert_eq!(read("", "127.0.0.1:3000"), Ok(None));
    for (metrics, site) in [("127.0.0.1:3000", "127.0.0.1:3000"), ("0.0.0.0:3000", "127.0.0.1:3000")] {
        let refused = read(metrics, site).unwrap_err();
        assert!(refused.contains("METRICS_ADDR") && refused.contains("address of the site"), "{refused}");
    }
    assert!(read("9464", "127.0.0.1:3000").unwrap_err().contains("METRICS_ADDR"));
}
