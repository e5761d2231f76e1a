//! A running server of a test's own.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use postern::{
    clock::Clock,
    config::{Config, Sources, settings},
    domain::{Allowlist, Budget, UnixTime},
    flow::{login::deliver::deliver_due, new_device},
    state::AppState,
    web::{inspection, router},
};
use strum::IntoEnumIterator;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tower::ServiceExt;

use super::{Browser, Database, Mail, Manner, database_url, limit_setting};

/// The moment at which every test begins: 2026-09-21, 14:13:20 UTC.
const START: UnixTime = UnixTime::from_secs(1_790_000_000);

/// The real router behind a real port, with its own database, mail folder and clock. Ends with the test.
pub struct Postern {
    pub state: AppState,
    port: u16,
    /// Its files, and all that it knows of this machine.
    folder: Arc<TempDir>,
    environment: BTreeMap<String, String>,
    server: JoinHandle<()>,
}

impl Postern {
    /// A development server that puts its mails into a folder.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// As [`Self::start`], with other settings on top.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_in(settings).await
    }

    /// A production server at https://login.example.test behind a proxy that ends TLS. Its mail server does not exist.
    pub async fn in_production(settings: &[(&str, &str)]) -> Self {
        let production = [
            ("LEPTOS_ENV", "PROD"),
            ("PUBLIC_URL", "https://login.example.test"),
            ("EMAIL_BACKEND", "smtp"),
            ("EMAIL_HOST", "127.0.0.1"),
            ("EMAIL_PORT", "9"),
            ("DEFAULT_FROM_EMAIL", "Postern <postern@example.test>"),
        ];
        Self::start_in(&[&production, settings].concat()).await
    }

    async fn start_in(settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let public_url = format!("http://127.0.0.1:{port}");
        let mut environment: BTreeMap<String, String> = [
            ("LEPTOS_SITE_ROOT", "site"),
            ("LEPTOS_HASH_FILES", "false"),
            ("PUBLIC_URL", &public_url),
            ("SECRET_KEY", "the secret key of the black-box tests"),
            ("CREDENTIALS", r#"["ada@example.com", "bob@example.com"]"#),
            ("DATABASE_URL", &database_url(folder.path(), "postern.sqlite3")),
            ("EMAIL_BACKEND", "file"),
            ("EMAIL_FILE_PATH", "mail"),
            ("DEFAULT_FROM_EMAIL", "Postern <postern@example.test>"),
            // Claims about these mails turn them on.
            ("NEW_DEVICE_MAILS", "off"),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
        // Claims about limits set their own.
        for budget in Budget::iter() {
            environment.insert(limit_setting(budget).to_owned(), "off".to_owned());
        }
        set(&mut environment, settings);
        put_site(&folder.path().join("site"));
        Self::open(listener, Arc::new(folder), environment, Clock::manual(START)).await
    }

    async fn open(
        listener: TcpListener,
        folder: Arc<TempDir>,
        environment: BTreeMap<String, String>,
        clock: Clock,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let sources = Sources::read(folder.path(), environment.clone()).unwrap();
        let config = Config::from_sources(&sources).unwrap();
        let state = AppState::open_with_clock(config, clock).await.unwrap();
        let serving = postern::server::listen(listener, router::build(state.clone()), state.stop.clone());
        let server = tokio::spawn(async move { serving.await.unwrap() });
        Self { state, port, folder, environment, server }
    }

    /// Ends this server and starts another one on the same database, at the same hour, with some settings changed.
    ///
    /// It listens on another port; [`Browser::at`] takes a browser there.
    pub async fn restart_with(self, settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (folder, clock) = (Arc::clone(&self.folder), self.state.clock.clone());
        let mut environment = self.environment.clone();
        drop(self);
        set(&mut environment, settings);
        Self::open(listener, folder, environment, clock).await
    }

    /// Somebody with an empty cookie jar who calls server functions in that manner.
    pub fn browser(&self, manner: Manner) -> Browser {
        Browser::new(self.port, self.state.config.public_url.origin(), manner)
    }

    /// What stands at METRICS_ADDR under that path: status and text.
    pub async fn inspect(&self, path: &str) -> (u16, String) {
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = inspection::routes(self.state.clone()).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Lets time pass.
    pub fn wait(&self, span: Duration) {
        self.state.clock.turn(span);
    }

    /// Waits until everything has been written that was to be written by now: steps run one after the other.
    pub async fn come_to_rest(&self) {
        self.state.store.step(|_| Box::pin(async { Ok(()) })).await.unwrap();
    }

    /// Hands over every mail that is due.
    pub async fn deliver(&self) {
        deliver_due(&self.state).await.unwrap();
        new_device::deliver_due(&self.state).await.unwrap();
    }

    /// Delivers what is due and takes all mails out of the folder.
    pub async fn mails(&self) -> Vec<Mail> {
        self.deliver().await;
        let files = std::fs::read_dir(self.folder.path().join("mail")).unwrap();
        let mut mails: Vec<Mail> = files
            .map(|file| {
                let path = file.unwrap().path();
                let raw = std::fs::read(&path).unwrap();
                std::fs::remove_file(path).unwrap();
                Mail::read(&raw)
            })
            .collect();
        mails.sort_by_key(|mail| mail.date);
        mails
    }

    /// The one mail that is due now.
    pub async fn mail(&self) -> Mail {
        let mut mails = self.mails().await;
        assert_eq!(mails.len(), 1, "one mail was expected");
        mails.remove(0)
    }

    /// Replaces the allowlist, as an operator does by editing it.
    pub fn allow_only(&self, entries: &[&str]) {
        self.state.allowlist.replace(Allowlist::parse(entries).unwrap());
    }

    /// A connection of our own to the database, to look at what is in it.
    pub async fn database(&self) -> Database {
        Database::open(self.database_url(), self.folder.path()).await
    }

    /// The number of rows in a table.
    pub async fn rows(&self, table: &str) -> i64 {
        self.database().await.count(table).await
    }

    /// Its DATABASE_URL.
    pub fn database_url(&self) -> &str {
        &self.environment["DATABASE_URL"]
    }

    /// Its folder, where a Leptos.toml or an .env may be put.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// SQLite's file, and the one that it keeps beside it; not there on PostgreSQL.
    pub fn database_files(&self) -> Vec<PathBuf> {
        let names = ["postern.sqlite3", "postern.sqlite3-wal"];
        names.iter().map(|name| self.folder.path().join(name)).collect()
    }

    /// Ends the server; what it kept stays there to be looked at.
    pub fn stop(&self) {
        self.server.abort();
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn public_url(&self) -> &str {
        self.state.config.public_url.origin()
    }
}

impl Drop for Postern {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Puts settings on top. One that does not exist would change nothing, and the claim would hold for another reason.
#[track_caller]
fn set(environment: &mut BTreeMap<String, String>, wanted: &[(&str, &str)]) {
    for (name, text) in wanted {
        assert!(settings::ALL.iter().any(|setting| setting.name == *name), "{name} is no setting");
        environment.insert((*name).to_owned(), (*text).to_owned());
    }
}

/// A few files, as a build would leave them in `site`.
pub fn put_site(site: &Path) {
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    for (name, text) in [
        ("pkg/postern.css", ":root {}"),
        ("pkg/postern.wasm", "\0asm"),
        ("pkg/postern.Ab3dEf.js", "export default 1"),
        ("pkg/postern.C5s.css", ":root {}"),
        ("pkg/postern.Wa5m.wasm", "\0asm"),
        ("pkg/postern.js", "export default 1"),
        ("favicon.svg", "<svg/>"),
        ("favicon.ico", "icon"),
        ("robots.txt", "User-agent: *\nDisallow: /\n"),
    ] {
        std::fs::write(site.join(name), text).unwrap();
    }
}
