//! The real binary, or another real program, as a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use super::{Database, Mail, database_url, on_postgres, put_site};

/// So that a server that hangs fails a test instead of holding it up.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// The database where no setting names another.
const SQLITE_FILE: &str = "data/postern.sqlite3";

/// Signs the links of every server process.
pub const SECRET_KEY: &str = "this-key-must-never-stand-in-a-log-0123456789";

fn postern(folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    command.current_dir(folder).env_clear().envs(settings.iter().copied()).stdin(Stdio::null());
    command
}

/// A port that is free now, and that nobody here is given but the caller: it lies below those that the system hands out to
/// whoever asks for any port, and each is given once.
// A program that is started with a port opens it some moments later. One from the system may be another test's by then,
// which takes the connections and never answers them.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    loop {
        let next = std::process::id().wrapping_mul(97).wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + (next % 12_000) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Runs the binary in `folder` until it ends by itself, with those settings and no others.
pub fn run_in(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    postern(folder, settings).args(arguments).output().unwrap()
}

/// A process and everything that it has said so far. Killed when dropped.
pub struct Child {
    process: std::process::Child,
    lines: Receiver<String>,
    said: String,
    /// Where it runs, with its database and the folder of its mails.
    folder: PathBuf,
}

impl Child {
    /// Starts the server in `folder`, beside a built site, with those settings and no others. A write beyond [`Self::full_disk`] is an error to
    /// it, as on a real disk, and not its end.
    pub fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_after(":", folder, settings)
    }

    /// As [`Self::start`], after what a shell has been told.
    fn start_after(shell: &str, folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_with(Stdio::null(), shell, folder, settings)
    }

    fn start_with(stdin: Stdio, shell: &str, folder: &Path, settings: &[(&str, &str)]) -> Self {
        put_site(&folder.join("target/site"));
        let mut command = Command::new("/bin/sh");
        let script = format!("trap '' XFSZ; {shell}; exec \"$0\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_postern")]);
        command.current_dir(folder).env_clear().stdin(stdin);
        if on_postgres() {
            command.env("DATABASE_URL", database_url(folder, SQLITE_FILE));
        }
        command.envs(settings.iter().copied());
        Self::run(folder, command)
    }

    /// Fills the disk, as far as this process can see: no file may grow; or gives it room again.
    pub fn full_disk(&self, full: bool) {
        let most = if full { "--fsize=0:" } else { "--fsize=unlimited:" };
        let set = Command::new("prlimit").args(["--pid", &self.process.id().to_string(), most]).status();
        assert!(set.expect("prlimit is missing; it is in Debian's util-linux").success());
    }

    /// Starts any program that works in `folder`.
    pub fn run(folder: &Path, mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        listen(process.stdout.take().unwrap(), sender.clone());
        listen(process.stderr.take().unwrap(), sender);
        Self { process, lines, said: String::new(), folder: folder.to_owned() }
    }

    /// Starts a server that is ready, in `folder`, on a port that was free a moment ago. Mails go to the folder `mail`.
    pub fn serve(folder: &Path, more: &[(&str, &str)]) -> (Self, u16) {
        Self::serve_after(":", folder, more)
    }

    /// As [`Self::serve`], after what a shell has been told, such as `ulimit -n 300`.
    pub fn serve_after(shell: &str, folder: &Path, more: &[(&str, &str)]) -> (Self, u16) {
        // Somebody else may be given the port in between.
        let tries = (0..10).find_map(|_| Self::serve_there(shell, free_port(), folder, more));
        tries.expect("the server should start")
    }

    /// As [`Self::serve`], on that port; `None` if the process ended before it was ready.
    pub fn serve_on(port: u16, folder: &Path, more: &[(&str, &str)]) -> Option<(Self, u16)> {
        Self::serve_there(":", port, folder, more)
    }

    /// Starts a server that may not be ready for some time.
    pub fn start_on_port(port: u16, folder: &Path, more: &[(&str, &str)]) -> Self {
        Self::start_there(Stdio::null(), ":", port, folder, more)
    }

    /// Starts the server as systemd does that has opened `count` sockets for it, each of them this one.
    pub fn start_on_socket(
        socket: impl Into<OwnedFd>,
        count: usize,
        port: u16,
        folder: &Path,
        more: &[(&str, &str)],
    ) -> Self {
        let hand_over = (3..3 + count).map(|number| format!("exec {number}<&0; ")).collect::<String>();
        let shell = format!("{hand_over}exec 0</dev/null; export LISTEN_FDS={count} LISTEN_PID=$$");
        Self::start_there(Stdio::from(socket.into()), &shell, port, folder, more)
    }

    fn serve_there(shell: &str, port: u16, folder: &Path, more: &[(&str, &str)]) -> Option<(Self, u16)> {
        let mut child = Self::start_there(Stdio::null(), shell, port, folder, more);
        child.is_ready().then_some((child, port))
    }

    /// Waits until the server is ready; `false` if it has ended instead.
    pub fn is_ready(&mut self) -> bool {
        self.says(|line| line.contains("Postern is ready"))
    }

    fn start_there(stdin: Stdio, shell: &str, port: u16, folder: &Path, more: &[(&str, &str)]) -> Self {
        let (address, public_url) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
        let settings = [
            ("LEPTOS_HASH_FILES", "false"),
            ("LEPTOS_SITE_ADDR", &address),
            ("PUBLIC_URL", &public_url),
            ("SECRET_KEY", SECRET_KEY),
            ("CREDENTIALS", r#"["ada@example.com", "bob@example.com"]"#),
            ("EMAIL_BACKEND", "file"),
            ("EMAIL_FILE_PATH", "mail"),
            ("NO_COLOR", "1"),
            // Claims about mails are about those that sign in, here as in `Postern`.
            ("NEW_DEVICE_MAILS", "off"),
        ];
        Self::start_with(stdin, shell, folder, &[&settings, more].concat())
    }

    /// Waits until a line has been said that is `such`; `false` if the process ended first.
    pub fn says(&mut self, mut such: impl FnMut(&str) -> bool) -> bool {
        loop {
            match self.lines.recv_timeout(LONGEST_SILENCE) {
                Ok(line) => {
                    self.said += &line;
                    if such(&line) {
                        return true;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => panic!("the process has fallen silent"),
            }
        }
    }

    /// Everything that a process has said which has ended by itself; `None` while it runs.
    pub fn last_words(&mut self) -> Option<String> {
        self.process.try_wait().unwrap()?;
        Some(self.rest())
    }

    /// Waits until a mail has been sent, and takes it out of the folder.
    pub fn mail(&mut self) -> Mail {
        let sent =
            |line: &str| line.contains(r#"sent kind="sign_in""#) || line.contains(r#""message":"sent""#);
        assert!(self.says(sent), "the server ended");
        let file = fs::read_dir(self.folder.join("mail")).unwrap().next().unwrap().unwrap().path();
        let mail = Mail::read(&fs::read(&file).unwrap());
        fs::remove_file(file).unwrap();
        mail
    }

    /// A connection of our own to its database, whether or not it still runs.
    pub fn database(&self) -> impl Future<Output = Database> + use<> {
        let folder = self.folder.clone();
        async move { Database::open(&database_url(&folder, SQLITE_FILE), &folder).await }
    }

    /// Sends the signal of that name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until the process has ended by itself, and gives everything that it said.
    pub fn end(&mut self) -> String {
        self.end_with_status().1
    }

    /// As [`Self::end`], with its status; `None` if a signal ended it.
    pub fn end_with_status(&mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        assert!(!self.says(|_| began.elapsed() > LONGEST_SILENCE), "it lives on: {}", self.said);
        (self.process.wait().unwrap().code(), std::mem::take(&mut self.said))
    }

    /// Ends the process as a power cut would (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Ends the process as an operator would (SIGTERM) and gives everything that it said.
    pub fn stop(&mut self) -> String {
        self.signal("TERM");
        let said = self.rest();
        assert!(self.process.wait().unwrap().success(), "it should stop in peace: {said}");
        said
    }

    fn rest(&mut self) -> String {
        while let Ok(line) = self.lines.recv() {
            self.said += &line;
        }
        std::mem::take(&mut self.said)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn listen(stream: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send(line + "\n");
        }
    });
}
