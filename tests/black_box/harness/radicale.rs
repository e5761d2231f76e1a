//! The real Radicale, a calendar server that believes `Remote-User`, in a folder of a test's own.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{net::TcpStream, time::sleep};

use super::{
    Child, free_port,
    proxy::{LONGEST_START, program, search_path, tools},
};

/// A Radicale on a port of its own. Ends with the test.
pub struct Radicale {
    pub port: u16,
    _process: Child,
    folder: TempDir,
}

impl Radicale {
    pub async fn start() -> Self {
        let mut words = String::new();
        // Somebody else may be given the port in between.
        for _ in 0..3 {
            match Self::try_to_start().await {
                Ok(radicale) => return radicale,
                Err(last_words) => words = last_words,
            }
        }
        panic!("Radicale does not start. To install it: script/bootstrap. It said: {words}");
    }

    async fn try_to_start() -> Result<Self, String> {
        let (port, folder) = (free_port(), TempDir::new().unwrap());
        let packages = tools().unwrap().join("../radicale");
        let mut command = program("python3");
        // Where several Pythons share a machine, the one on the PATH may be a script that looks for them.
        command.env("PATH", search_path()).env("PYTHONPATH", packages).env("HOME", folder.path());
        command.args(["-m", "radicale", "--config", "", "--auth-type", "http_remote_user"]);
        command.args(["--rights-type", "owner_only", "--server-hosts", &format!("127.0.0.1:{port}")]);
        command.arg("--storage-filesystem-folder").arg(folder.path().join("collections"));
        let mut process = Child::run(folder.path(), command);
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            if let Some(words) = process.last_words() {
                return Err(words);
            }
            assert!(began.elapsed() < LONGEST_START, "Radicale does not answer");
            sleep(Duration::from_millis(10)).await;
        }
        Ok(Self { port, _process: process, folder })
    }

    /// Whether that person has a collection of that name.
    pub fn has(&self, person: &str, collection: &str) -> bool {
        let root = self.folder.path().join("collections/collection-root");
        root.join(person).join(collection).is_dir()
    }
}
