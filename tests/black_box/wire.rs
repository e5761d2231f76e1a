//! What stands on the wire, over raw sockets, and what lies on the disk: nothing for others to misread or to read.

use std::os::unix::fs::PermissionsExt;

use reqwest::header::REFERRER_POLICY;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{ADA, Browser, Child, Manner, Postern, on_postgres};

async fn connect(postern: &Postern) -> TcpStream {
    TcpStream::connect(("127.0.0.1", postern.port())).await.unwrap()
}

/// The head of the next answer on a connection that stays open; its body is read and dropped.
async fn next_answer(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap() == 0 {
            panic!("closed after {:?}", String::from_utf8_lossy(&read));
        }
        read.push(byte[0]);
        if read.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8(read).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.unwrap();
    head
}

#[tokio::test]
async fn an_answer_that_refuses_leaves_the_connection_fit_for_the_next_request() {
    let postern = Postern::start().await;
    let host = format!("127.0.0.1:{}", postern.port());
    let refused = [
        ("/api/whoami", format!("host: {host}\r\n"), " 401 "),
        ("/api/request_link", format!("host: {host}\r\norigin: https://evil.example\r\n"), " 403 "),
        ("/api/request_link", "host: elsewhere.example\r\n".to_owned(), " 421 "),
        ("/login", format!("host: {host}\r\n"), " 405 "),
        ("/login/../logout", format!("host: {host}\r\n"), " 400 "),
    ];
    for (path, headers, status) in refused {
        let mut stream = connect(&postern).await;
        for _ in 0..3 {
            let head = format!("POST {path} HTTP/1.1\r\n{headers}content-length: 5\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            // A proxy sends the body in a packet of its own.
            tokio::task::yield_now().await;
            stream.write_all(b"a=bcd").await.unwrap();
            let answer = next_answer(&mut stream).await;
            assert!(answer.contains(status), "{path}: {answer}");
            assert!(!answer.contains("connection: close"), "{path}: {answer}");
        }
        stream.write_all(format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes()).await.unwrap();
        assert!(next_answer(&mut stream).await.contains(" 200 "), "{path}: the innocent are served");
    }
}

#[tokio::test]
async fn an_answer_to_a_body_that_is_too_large_says_that_the_connection_closes() {
    let postern = Postern::start().await;
    let mut stream = connect(&postern).await;
    let head = format!(
        "POST /api/request_link HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-length: 16385\r\n\r\n",
        postern.port()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = next_answer(&mut stream).await;
    assert!(answer.contains(" 413 ") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_request_that_names_two_hosts_is_refused() {
    let postern = Postern::start().await;
    let ours = format!("host: 127.0.0.1:{}\r\n", postern.port());
    for (hosts, status) in [
        (ours.clone(), " 200 "),
        (format!("{ours}{ours}"), " 400 "),
        (format!("{ours}host: evil.example\r\n"), " 400 "),
        (format!("host: evil.example\r\n{ours}"), " 400 "),
    ] {
        let mut stream = connect(&postern).await;
        stream.write_all(format!("GET /robots.txt HTTP/1.1\r\n{hosts}\r\n").as_bytes()).await.unwrap();
        let answer = next_answer(&mut stream).await;
        assert!(answer.contains(status), "{hosts}: {answer}");
    }
}

#[tokio::test]
async fn http_2_in_the_clear_is_not_spoken() {
    let postern = Postern::start().await;
    let mut stream = connect(&postern).await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00").await.unwrap();
    let mut answer = Vec::new();
    // Closed or refused; a server that spoke HTTP/2 would send its settings first.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{answer:?}");
}

#[tokio::test]
async fn the_page_of_a_link_sends_no_more_than_its_origin_as_referer() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.ask(ADA).await;
    let link = postern.mail().await.path();
    for (path, policy) in
        [(link.as_str(), "strict-origin"), ("/verify?token=none", "strict-origin"), ("/login", "same-origin")]
    {
        assert_eq!(ada.open(path).await.header(REFERRER_POLICY.as_str()), policy, "{path}");
    }
}

#[tokio::test]
async fn what_the_server_writes_is_its_owners_alone() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[]);
    let ada = Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Fetch);
    ada.ask(ADA).await;
    assert!(child.says(|line| line.contains(r#"sent kind="sign_in""#)));
    child.stop();
    let mut looked_at = 0;
    let mut folders = vec![folder.path().join("mail")];
    if !on_postgres() {
        folders.push(folder.path().join("data"));
    }
    let kinds = folders.len();
    while let Some(within) = folders.pop() {
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&within), 0o700, "{}", within.display());
        for entry in std::fs::read_dir(&within).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                looked_at += 1;
            }
        }
    }
    assert!(looked_at >= kinds, "a mail, and the database where it is a file");
}
