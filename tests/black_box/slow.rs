//! Clients that dawdle, or send more than anybody needs.
//!
//! No test waits: the clock of the runtime is stopped, and jumps to the next timer whenever nothing else moves.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{self, Instant},
};

use crate::harness::{Manner, Postern};

async fn connect(postern: &Postern) -> TcpStream {
    TcpStream::connect(("127.0.0.1", postern.port())).await.unwrap()
}

/// Sends `beginning`, then `drop` once a second. Tells after how long the server ended it, and with which answer.
async fn dribble(postern: &Postern, beginning: &str, drop: &str) -> (Duration, String) {
    let (mut reader, mut writer) = connect(postern).await.into_split();
    time::pause();
    let begin = Instant::now();
    writer.write_all(beginning.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let dribbling = async {
        loop {
            time::sleep(Duration::from_secs(1)).await;
            if writer.write_all(drop.as_bytes()).await.is_err() {
                // The other half tells what happened.
                std::future::pending::<()>().await;
            }
            assert!(begin.elapsed() < Duration::from_secs(120), "the server puts up with it");
        }
    };
    tokio::select! {
        () = dribbling => {}
        // A reset ends it as well as an end does.
        _ = reader.read_to_end(&mut answer) => {}
    }
    let elapsed = begin.elapsed();
    time::resume();
    (elapsed, String::from_utf8(answer).unwrap())
}

/// Sends `request` and reads until the server closes.
async fn answer_to(postern: &Postern, request: &str) -> String {
    let mut stream = connect(postern).await;
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn seconds(span: Duration, expected: std::ops::RangeInclusive<u64>) {
    assert!(expected.contains(&span.as_secs()), "{span:?}");
}

#[tokio::test]
async fn headers_that_trickle_in_are_cut_off_after_ten_seconds() {
    let postern = Postern::start().await;
    let (elapsed, answer) = dribble(&postern, "GET /login HTTP/1.1\r\nhost: x\r\n", "x-a: b\r\n").await;
    seconds(elapsed, 9..=12);
    assert!(!answer.contains("200 OK"), "{answer}");
    assert_eq!(postern.browser(Manner::Form).open("/login").await.status, 200, "others are served");
}

#[tokio::test]
async fn a_request_line_that_trickles_in_is_cut_off_too() {
    let postern = Postern::start().await;
    let (elapsed, _) = dribble(&postern, "GET /lo", "o").await;
    seconds(elapsed, 9..=12);
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let postern = Postern::start().await;
    let (elapsed, _) = dribble(&postern, "", "").await;
    seconds(elapsed, 9..=12);
}

#[tokio::test]
async fn a_second_request_that_never_comes_does_not_hold_the_connection() {
    let postern = Postern::start().await;
    let (elapsed, answer) = dribble(&postern, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /he", "").await;
    seconds(elapsed, 9..=22);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_body_that_trickles_in_is_cut_off_after_half_a_minute() {
    let postern = Postern::start().await;
    let host = postern.public_url().split_once("://").unwrap().1.to_owned();
    let beginning = format!(
        "POST /api/request_link HTTP/1.1\r\nhost: {host}\r\naccept: application/json\r\n\
         sec-fetch-site: same-origin\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\nemail="
    );
    let (elapsed, answer) = dribble(&postern, &beginning, "a").await;
    seconds(elapsed, 29..=32);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(postern.rows("outbox").await, 0);
}

#[tokio::test]
async fn headers_over_32_kilobytes_are_refused_and_those_of_a_browser_are_not() {
    let postern = Postern::start().await;
    let with_cookie = |length: usize| {
        let cookie = "c".repeat(length);
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\ncookie: a={cookie}\r\nconnection: close\r\n\r\n")
    };
    let answer = answer_to(&postern, &with_cookie(8 * 1024)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for length in [33 * 1024, 60 * 1024] {
        let answer = answer_to(&postern, &with_cookie(length)).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{length}: {answer}");
    }
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let answer = answer_to(&postern, &format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn an_address_over_8_kilobytes_is_refused() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    for prefix in ["/login?next=/", "/verify?token=", "/", "/pkg/"] {
        let path = |length: usize| format!("{prefix}{}", "a".repeat(length - prefix.len()));
        assert_eq!(visitor.open(&path(8 * 1024 + 1)).await.status, 414, "{prefix}");
        assert_ne!(visitor.open(&path(8 * 1024)).await.status, 414, "{prefix}");
    }
}
