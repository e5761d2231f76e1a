//! PostgreSQL, as Debian or another maker ships it: a cluster in a folder of its own, on a port of its own.
//!
//! It ends with whoever started it, in whichever way that ends: a shell between the two waits for the end of its input, and
//! then stops the cluster and removes the folder.

use std::{
    fs,
    io::Write,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio_postgres::{Client, NoTls};

use super::{
    free_port,
    proxy::{search_path, tools},
};

/// PostgreSQL does not run for root.
pub const NOBODY: u32 = 65_534;
/// The folder's programs may lie where only root gets; reading there needs these two.
const AS_NOBODY: [&str; 6] = [
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--",
];
/// So that a cluster that does not start fails a test instead of holding it up.
const LONGEST_START: Duration = Duration::from_secs(60);

/// Speed matters here, and nothing has to outlive a power cut.
const CONF: &str = "
listen_addresses = '127.0.0.1'
max_connections = 300
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = 64MB
autovacuum = off
jit = off
max_wal_size = 1GB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
";

/// A running cluster.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    shell: Child,
    /// Its end is that of the cluster.
    input: Option<ChildStdin>,
}

impl Cluster {
    /// Starts one with those lines in its configuration.
    pub fn start(more: &[&str]) -> Self {
        Self::run_in(initialized(), more)
    }

    /// Starts one that speaks TLS as `localhost`. A role that is not `postgres` needs that, and its password.
    pub fn start_with_tls() -> Self {
        const WHO_GETS_IN: &str = "
            local all all trust
            host all postgres 127.0.0.1/32 trust
            hostssl all all 127.0.0.1/32 scram-sha-256
        ";
        let folder = initialized();
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        for (name, text) in [
            ("pg_hba.conf", WHO_GETS_IN),
            ("server.crt", &certified.cert.pem()),
            ("server.key", &certified.signing_key.serialize_pem()),
        ] {
            let file = folder.join("data").join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            if is_root() {
                chown(&file, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        Self::run_in(folder, &["ssl = on"])
    }

    /// The certificate of one [with TLS](Self::start_with_tls), which it has signed itself.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("data/server.crt")
    }

    fn run_in(folder: PathBuf, more: &[&str]) -> Self {
        let port = free_port();
        let sockets = format!("unix_socket_directories = '{}'", folder.display());
        let conf = format!("{CONF}\nport = {port}\n{sockets}\n{}\n", more.join("\n"));
        let mut file = fs::OpenOptions::new().append(true).open(folder.join("data/postgresql.conf")).unwrap();
        file.write_all(conf.as_bytes()).unwrap();
        let (shell, input) = run(&folder);
        let cluster = Self { folder, port, shell, input: Some(input) };
        cluster.is_ready();
        cluster
    }

    /// The DATABASE_URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A connection to one of its databases.
    pub async fn connect(&self, database: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Ends the server at once, as a crash would, and waits until it has ended.
    pub fn crash(&mut self) {
        let main = self.main_process();
        let killed = Command::new("kill").args(["-s", "QUIT", &main]).status().unwrap();
        assert!(killed.success());
        let began = Instant::now();
        // The shell has not asked how it ended: then it is a zombie.
        let ended = |stat: String| stat.contains(") Z ");
        while !fs::read_to_string(format!("/proc/{main}/stat")).map_or(true, ended) {
            assert!(began.elapsed() < LONGEST_START, "PostgreSQL does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts it again after a [`Self::crash`].
    pub fn start_again(&mut self) {
        self.input.as_mut().unwrap().write_all(b"again\n").unwrap();
        self.is_ready();
    }

    fn main_process(&self) -> String {
        let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        file.lines().next().unwrap().to_owned()
    }

    fn is_ready(&self) {
        let began = Instant::now();
        while !program("pg_isready")
            .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .current_dir("/")
            .status()
            .unwrap()
            .success()
        {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(began.elapsed() < LONGEST_START, "PostgreSQL does not start: {}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.shell.wait();
    }
}

/// A folder with a new cluster in it, at `data`.
fn initialized() -> PathBuf {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("postern-pg-{}-{number}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    if is_root() {
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let initdb = program("initdb")
        .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(folder.join("data"))
        .current_dir("/")
        .output()
        .unwrap();
    assert!(initdb.status.success(), "initdb: {}", String::from_utf8_lossy(&initdb.stderr));
    folder
}

/// The shell that starts the server, again after each line, and ends it with its input.
fn run(folder: &Path) -> (Child, ChildStdin) {
    let postgres = program("postgres");
    let words: Vec<_> = std::iter::once(postgres.get_program()).chain(postgres.get_args()).collect();
    let script = r#"
        folder=$1; shift
        while :; do
          "$@" -D "$folder/data" >>"$folder/log" 2>&1 </dev/null &
          server=$!
          read -r again || break
          wait "$server"
        done
        kill -QUIT "$server" 2>/dev/null
        kill -CONT "$server" 2>/dev/null
        wait "$server"
        rm -rf "$folder"
    "#;
    let mut shell = Command::new("/bin/sh")
        .args(["-c", script, "sh"])
        .arg(folder)
        .args(words)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // An interrupt at the keyboard ends the tests, and so the input.
        .process_group(0)
        .spawn()
        .unwrap();
    let input = shell.stdin.take().unwrap();
    (shell, input)
}

pub fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A program of PostgreSQL, as a user that may run it.
pub fn program(name: &str) -> Command {
    as_nobody(&folder_of_programs().join(name))
}

/// What a shell needs to find `psql` and its libraries: PATH, and LD_LIBRARY_PATH where they were unpacked.
pub fn environment() -> Vec<(&'static str, String)> {
    let mut folders = vec![folder_of_programs()];
    folders.extend(std::env::split_paths(&search_path()));
    let path = std::env::join_paths(folders).unwrap().into_string().unwrap();
    let libraries = tool_folder().filter(|folder| folder.exists()).map(|folder| {
        let machine = folder.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH));
        ("LD_LIBRARY_PATH", machine.into_os_string().into_string().unwrap())
    });
    [("PATH", path)].into_iter().chain(libraries).collect()
}

/// A program that script/bootstrap has unpacked with PostgreSQL, or that of the machine. `path`: where Debian has it.
pub fn unpacked(path: &str) -> Command {
    let places = [tool_folder().map(|folder| folder.join(path)), Some(Path::new("/").join(path))];
    let found = places.into_iter().flatten().find(|program| program.exists());
    as_nobody(&found.unwrap_or_else(|| panic!("{path} is missing: run script/bootstrap")))
}

fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new(program);
    if is_root() {
        command = Command::new("setpriv");
        command.args(AS_NOBODY).arg(program);
    }
    // The libraries that came with it; where there are none, the machine's.
    if let Some(folder) = tool_folder().filter(|folder| folder.exists()) {
        let machine = format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        command.env("LD_LIBRARY_PATH", folder.join(machine));
    }
    command
}

/// Where script/bootstrap unpacks PostgreSQL.
fn tool_folder() -> Option<PathBuf> {
    Some(tools()?.parent()?.join("postgresql"))
}

/// `POSTERN_POSTGRES`, the one that script/bootstrap has unpacked, or that of the machine.
fn folder_of_programs() -> PathBuf {
    #[allow(
        clippy::disallowed_methods,
        reason = "which PostgreSQL the tests run on is no setting of Postern"
    )]
    if let Some(folder) = std::env::var_os("POSTERN_POSTGRES").filter(|folder| !folder.is_empty()) {
        return folder.into();
    }
    static FOUND: LazyLock<PathBuf> = LazyLock::new(|| {
        if let Some(bin) = tool_folder().and_then(|unpacked| debian_programs(&unpacked)) {
            return if is_root() { debian_programs(&copied(&tool_folder().unwrap())).unwrap() } else { bin };
        }
        let found = debian_programs(Path::new("/"));
        found.expect(
            "PostgreSQL is missing: run script/bootstrap, or name its programs' folder: POSTERN_POSTGRES=…",
        )
    });
    FOUND.clone()
}

/// Where Debian has the programs of PostgreSQL, below `root`; the version may be another one than Debian 12's.
fn debian_programs(root: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(root.join("usr/lib/postgresql")).ok()?;
    versions.map(|version| version.unwrap().path().join("bin")).find(|bin| bin.join("initdb").exists())
}

/// A copy of what was unpacked, for a user who does not get into root's home. It goes with this process.
fn copied(unpacked: &Path) -> PathBuf {
    let copy = std::env::temp_dir().join(format!("postern-pg-{}-programs", std::process::id()));
    for part in ["usr/lib/postgresql", "usr/share/postgresql"] {
        fs::create_dir_all(copy.join(part).parent().unwrap()).unwrap();
        let copy = Command::new("cp").arg("-a").arg(unpacked.join(part)).arg(copy.join(part)).status();
        assert!(copy.unwrap().success());
    }
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "read -r end; rm -rf \"$1\"", "sh"]).arg(&copy).stdin(Stdio::piped()).process_group(0);
    // Its input ends with this process.
    std::mem::forget(shell.spawn().unwrap().stdin.take());
    copy
}
