//! Many connections, and connections that nobody reads from.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use postern::state::stop::Stop;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time,
};

use crate::harness::{ADA, Browser, Child, Manner};

/// More than the buffers between two sockets hold.
const LARGE: usize = 64 << 20;
const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// How much comes of a large answer to somebody who reads nothing of it for that time. The clock jumps where nothing moves.
async fn read_after(pause: Duration) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", get(|| async { vec![0_u8; LARGE] }));
    let server = tokio::spawn(postern::server::listen(listener, router, Arc::new(Stop::default())));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(ASK).await.unwrap();
    stream.readable().await.unwrap();
    time::pause();
    time::sleep(pause).await;
    time::resume();
    let mut read = Vec::new();
    // Whoever was cut off reads what has come, or a reset.
    let _ = stream.read_to_end(&mut read).await;
    server.abort();
    read.len()
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_dropped_after_half_a_minute() {
    assert!(read_after(Duration::from_secs(25)).await > LARGE, "who reads on in time gets it whole");
    assert!(read_after(Duration::from_secs(40)).await < LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_all_connections_keeps_nobody_from_going_on_and_no_mail_from_leaving() {
    const DESCRIPTORS: usize = 300;
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve_after(&format!("ulimit -n {DESCRIPTORS}"), folder.path(), &[]);
    let ada = Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Form);
    ada.open("/login").await;
    let mut held = Vec::new();
    for _ in 0..DESCRIPTORS {
        held.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    assert!(child.says(|line| line.contains("no more connections are taken")));
    ada.ask(ADA).await;
    ada.redeem_link(&child.mail().token()).await.assert_leads_to("/");
    drop(held);
    let later = Browser::new(port, &format!("http://127.0.0.1:{port}"), Manner::Form);
    assert_eq!(later.open("/login").await.status, 200, "their end makes room");
    let said = child.stop();
    assert!(!said.contains("no connection can be taken"), "{said}");
}
