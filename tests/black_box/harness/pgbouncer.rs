//! The real pgbouncer in transaction mode: a connection belongs to a client for one transaction.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::{
    Child,
    cluster::{NOBODY, is_root, unpacked},
    free_port,
};

const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A pgbouncer on a port of its own. Ends with the test.
pub struct PgBouncer {
    port: u16,
    process: Child,
    _folder: TempDir,
}

impl PgBouncer {
    /// Starts one in front of the PostgreSQL at that port, with three connections for everybody.
    pub async fn start(postgres: u16) -> Self {
        Self::start_with(postgres, 3).await
    }

    /// As [`Self::start`], with so many connections.
    pub async fn start_with(postgres: u16, connections: u8) -> Self {
        let (folder, port) = (TempDir::new().unwrap(), free_port());
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().display();
        let conf = format!(
            "[databases]\n* = host=127.0.0.1 port={postgres} user=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 200\n\
             logfile = {path}/log\n"
        );
        fs::write(folder.path().join("conf"), conf).unwrap();
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut command = unpacked("usr/sbin/pgbouncer");
        command.arg(folder.path().join("conf")).current_dir("/");
        let process = Child::run(folder.path(), command);
        Self { port, process, _folder: folder }.ready().await
    }

    async fn ready(mut self) -> Self {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            if let Some(said) = self.process.last_words() {
                panic!("pgbouncer does not start: {said}");
            }
            assert!(began.elapsed() < LONGEST_WAIT, "pgbouncer does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The same database through the pooler.
    pub fn url(&self, url: &str) -> String {
        let database = url.rsplit_once('/').unwrap().1;
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}
