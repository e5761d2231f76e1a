//! The real binary, asked to stop (SIGTERM), and what the service manager hears of it.

use std::{
    io::ErrorKind,
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::block_in_place,
};

use crate::harness::{ADA, Browser, Child, MailServer, Manner, Reception};

/// The longest a stop may take with the default DRAIN_TIME of a deployed server.
const LONGEST_STOP: Duration = Duration::from_secs(20);
/// How long the service manager of these tests waits for news.
const PATIENCE: Duration = Duration::from_secs(60);

fn stopping(line: &str) -> bool {
    line.contains("stopping: open requests and mails may finish")
}

fn browser(port: u16) -> Browser {
    Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch)
}

/// A request for a mail whose body stops in the middle; the server has begun to read it.
struct HalfSent(TcpStream);

impl HalfSent {
    const BODY: &str = "email=ada%40example.com";

    async fn send(port: u16) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let head = format!(
            "POST /api/request_link HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept: application/json\r\n\
             sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\nexpect: 100-continue\r\n\r\n",
            Self::BODY.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(&Self::BODY.as_bytes()[..5]).await.unwrap();
        Self(stream)
    }

    /// Sends the rest, and reads until the server closes the connection.
    async fn finish(mut self) -> String {
        self.0.write_all(&Self::BODY.as_bytes()[5..]).await.unwrap();
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

/// The only row of the outbox: whether its mail is claimed, or waits, at this second.
async fn is_claimed(child: &Child) -> bool {
    let mut database = child.database().await;
    assert_eq!(database.count("outbox").await, 1);
    let now = database.now();
    database.count(&format!("outbox WHERE due_at > {now}")).await == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_is_not_ready_first_and_answers_all_the_same() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[("DRAIN_TIME", "5m")]);
    let ready = browser(port).fetch("/readyz").await;
    assert_eq!((ready.status, ready.header("connection")), (200, ""));

    child.signal("TERM");
    assert!(block_in_place(|| child.says(stopping)));
    let answer = browser(port).fetch("/readyz").await;
    assert_eq!((answer.status, answer.text().as_str()), (503, "not ready: the server is stopping\n"));
    let ada = browser(port);
    for path in ["/healthz", "/login", "/pkg/postern.js", "/auth/nginx"] {
        let answer = ada.fetch(path).await;
        assert_ne!(answer.status, 503, "{path}: {answer:?}");
        assert_eq!(answer.header("connection"), "close", "{path}: {answer:?}");
    }
    ada.ask(ADA).await;

    // Nobody waits for five minutes: the second signal ends it, and the mail waits for the next start.
    child.signal("TERM");
    let (status, said) = block_in_place(|| child.end_with_status());
    assert_eq!(status, Some(143), "{said}");
    let (mut child, port) = Child::serve_on(port, folder.path(), &[]).unwrap();
    let mail = block_in_place(|| child.mail());
    ada.at(port).redeem_link(&mail.token()).await.assert_leads_to("/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_answered_after_the_port_is_closed_and_its_mail_leaves() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[]);
    let request = HalfSent::send(port).await;
    child.signal("TERM");
    assert!(block_in_place(|| child.says(stopping)));
    while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {}
    let answer = request.finish().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    let mail = block_in_place(|| child.mail());
    assert_eq!(mail.to, ADA);
    let (status, said) = block_in_place(|| child.end_with_status());
    assert_eq!(status, Some(0), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_mail_ended_is_written_while_a_stopping_server_still_answers() {
    let (folder, server) = (TempDir::new().unwrap(), MailServer::start(&[Reception::PauseAfterData]).await);
    let (mut child, port) = Child::serve(folder.path(), &server.settings());
    browser(port).ask(ADA).await;
    server.is_silent().await;
    let request = HalfSent::send(port).await;
    child.signal("TERM");
    assert!(block_in_place(|| child.says(stopping)));
    server.go_on();
    assert!(block_in_place(|| child.says(|line| line.contains(r#"sent kind="sign_in""#))));
    assert_eq!(child.database().await.count("outbox").await, 0, "or another instance would send it again");
    assert!(request.finish().await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(block_in_place(|| child.end_with_status()).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_in_time_and_gives_mails_back_whatever_hangs() {
    let (folder, server) = (TempDir::new().unwrap(), MailServer::start(&[Reception::Silence]).await);
    let (mut child, port) =
        Child::serve(folder.path(), &[&server.settings()[..], &[("DRAIN_TIME", "5s")]].concat());
    let ada = browser(port);
    ada.ask(ADA).await;
    server.is_silent().await;
    assert!(is_claimed(&child).await);
    let _for_ever = HalfSent::send(port).await;

    let began = Instant::now();
    child.signal("TERM");
    let (status, said) = block_in_place(|| child.end_with_status());
    assert!(began.elapsed() < LONGEST_STOP, "it took {:?}: {said}", began.elapsed());
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("mails were given back"), "{said}");
    assert!(!is_claimed(&child).await);

    let (mut child, port) = Child::serve_on(port, folder.path(), &server.settings()).unwrap();
    let mail = server.mail().await;
    ada.at(port).redeem_link(&mail.token()).await.assert_leads_to("/");
    child.stop();
}

/// A service manager that hears of one process.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Manager {
    fn listen(folder: &Path) -> Self {
        let path = folder.join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, path }
    }

    /// The settings of a process that is killed when it says nothing for a second.
    fn settings(&self) -> [(&str, &str); 2] {
        [("NOTIFY_SOCKET", self.path.to_str().unwrap()), ("WATCHDOG_USEC", "1000000")]
    }

    /// The next news.
    fn hears(&self) -> String {
        self.read().expect("news should have come")
    }

    /// Whether the news that have come by now, all taken here, are that the process works.
    fn has_heard_that_it_works(&self) -> bool {
        self.socket.set_nonblocking(true).unwrap();
        let mut heard = false;
        while let Some(news) = self.read() {
            heard |= news == "WATCHDOG=1\n";
        }
        self.socket.set_nonblocking(false).unwrap();
        heard
    }

    fn read(&self) -> Option<String> {
        let mut news = [0; 4096];
        match self.socket.recv(&mut news) {
            Ok(length) => Some(String::from_utf8(news[..length].to_vec()).unwrap()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits for that news, and lets pass that the process works.
    fn waits_for(&self, expected: &str) {
        loop {
            let news = self.hears();
            if news == expected {
                return;
            }
            assert_eq!(news, "WATCHDOG=1\n");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_hears_when_the_server_is_ready_works_and_stops() {
    let folder = TempDir::new().unwrap();
    let manager = Manager::listen(folder.path());
    let (mut child, port) = Child::serve(folder.path(), &manager.settings());
    block_in_place(|| manager.waits_for("READY=1\n"));
    assert_eq!(browser(port).fetch("/readyz").await.status, 200);
    block_in_place(|| manager.waits_for("WATCHDOG=1\n"));
    block_in_place(|| manager.waits_for("WATCHDOG=1\n"));
    block_in_place(|| child.stop());
    block_in_place(|| manager.waits_for("STOPPING=1\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_writer_does_not_answer_does_not_say_that_it_works() {
    let folder = TempDir::new().unwrap();
    let manager = Manager::listen(folder.path());
    let (mut child, port) = Child::serve(folder.path(), &manager.settings());
    block_in_place(|| manager.waits_for("READY=1\n"));
    block_in_place(|| manager.waits_for("WATCHDOG=1\n"));

    let mut database = child.database().await;
    database.hold_the_turn().await;
    let silent = |line: &str| line.contains("the service manager's watchdog is not told");
    assert!(block_in_place(|| child.says(silent)));
    manager.has_heard_that_it_works();
    assert!(block_in_place(|| child.says(silent)));
    assert!(!manager.has_heard_that_it_works(), "nothing was written between the two lines");
    assert_eq!(browser(port).fetch("/healthz").await.status, 200, "it lives, and is of no use");

    database.let_write().await;
    block_in_place(|| manager.waits_for("WATCHDOG=1\n"));
}
