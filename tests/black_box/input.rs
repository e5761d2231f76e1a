//! Input that no page of ours would send: a clear 4xx, never a 5xx, and nothing done.

use std::time::Duration;

use reqwest::{Method, header::CONTENT_TYPE};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{ADA, Manner, Postern};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_as_malformed() {
    let postern = Postern::start().await;
    let machine = postern.browser(Manner::Fetch);
    for (what, content_type, body) in [
        ("nothing", FORM, &b""[..]),
        ("a missing field", FORM, b"next=/"),
        ("a field twice", FORM, b"email=ada@example.com&email=bob@example.com"),
        ("bad UTF-8", FORM, b"email=\xff\xfe@example.com"),
        ("encoded bad UTF-8", FORM, b"email=%ff%fe@example.com"),
        ("a list", FORM, b"email[]=ada@example.com"),
        ("a map", FORM, b"email[a]=ada@example.com"),
        ("deep nesting", FORM, b"email[a][b][c][d][e][f][g][h][i][j]=ada@example.com"),
        ("no pairs", FORM, b"&&&===&&&"),
        ("half an escape", FORM, b"email=%e"),
        ("JSON", "application/json", br#"{"email":"ada@example.com"}"#),
        (
            "multipart",
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nada@example.com\r\n--x--",
        ),
        ("plain text", "text/plain", b"ada@example.com"),
    ] {
        let request =
            machine.post("/api/request_link").header(CONTENT_TYPE, content_type).body(body.to_vec());
        let answer = machine.send(request).await;
        assert_eq!(answer.status, 422, "{what}: {answer:?}");
        assert!(answer.json()["refusal"].as_str().unwrap().starts_with("malformed"), "{what}: {answer:?}");
    }
    assert_eq!(postern.rows("outbox").await, 0);
}

#[tokio::test]
async fn every_open_function_refuses_a_body_that_cannot_be_read() {
    let postern = Postern::start().await;
    for manner in [Manner::Fetch, Manner::Form] {
        let machine = postern.browser(manner);
        for function in ["request_link", "redeem_link", "redeem_code"] {
            for body in [&b""[..], b"\xff\xff", b"\0\0", b"email=a&email=b&token=a&token=b&code=1&code=2"] {
                let request = machine.post(&format!("/api/{function}")).header(CONTENT_TYPE, FORM);
                machine.send(request.body(body.to_vec())).await.assert_refused("malformed_request", 422);
            }
        }
    }
}

#[tokio::test]
async fn a_person_whose_form_could_not_be_read_is_told_so_in_words() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    for function in ["request_link", "redeem_link"] {
        let refused = visitor.call(function, &[]).await;
        let page = visitor.open(refused.location()).await;
        assert!(page.text().contains("The request could not be read"), "{function}: {page:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_with_advice() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Fetch);
    let long = format!("{}@example.com", "a".repeat(8_000));
    for (typed, fault, advice) in [
        ("", "empty", "Type your address"),
        ("ada", "missing_at", "There is no @ in it"),
        ("ada@example", "missing_dot", "It needs a dot"),
        ("ada\0@example.com", "control_character", "invisible character"),
        ("Ada <ada@example.com>", "display_name", "Type only the address"),
        ("ada@example.com, bob@example.com", "several_addresses", "Type one address only"),
        (&long, "too_long", "longer than an address can be"),
    ] {
        let answer = visitor.call("request_link", &[("email", typed)]).await;
        answer.assert_refused("malformed_address", 422);
        assert_eq!(answer.json()["fault"], fault, "{typed:?}");
        let said = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(said.contains(advice), "{typed:?}: {said}");
    }
    assert_eq!(postern.rows("outbox").await, 0);
}

#[tokio::test]
async fn a_person_whose_address_was_refused_finds_it_in_the_form_with_the_same_advice() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    let refused = visitor.call("request_link", &[("email", "ada@example"), ("next", "/reports")]).await;
    let page = visitor.open(refused.location()).await.text();
    assert!(page.contains("It needs a dot"), "{page}");
    assert!(page.contains(r#"value="ada@example""#), "what was typed: {page}");
    assert!(page.contains(r#"name="next" value="/reports""#), "and where it was to lead: {page}");
}

#[tokio::test]
async fn a_body_over_16_kib_is_refused_before_it_is_read() {
    let postern = Postern::start().await;
    let head = |path: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\naccept: application/json\r\ncontent-type: {FORM}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\nemail=",
            postern.port()
        )
    };
    for path in ["/api/request_link", "/api/redeem_link", "/login", "/reports"] {
        // The rest of the body is never sent: a server that waited for it would not answer before half a minute.
        let answer = first_line(&postern, &head(path, 16 * 1024 + 1)).await;
        assert_eq!(answer, "HTTP/1.1 413 Payload Too Large", "{path}");
    }
    let largest = head("/api/request_link", 16 * 1024) + &"a".repeat(16 * 1024 - "email=".len());
    assert_eq!(first_line(&postern, &largest).await, "HTTP/1.1 422 Unprocessable Entity", "16 KiB are read");
}

/// Sends `request`, keeps the connection open, and gives the first line of the answer.
async fn first_line(postern: &Postern, request: &str) -> String {
    let stream = TcpStream::connect(("127.0.0.1", postern.port())).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    writer.write_all(request.as_bytes()).await.unwrap();
    let mut line = String::new();
    let mut reader = BufReader::new(reader);
    timeout(Duration::from_secs(20), reader.read_line(&mut line)).await.expect("an answer").unwrap();
    line.trim_end().to_owned()
}

#[tokio::test]
async fn a_body_that_hides_its_length_is_cut_off_all_the_same() {
    let postern = Postern::start().await;
    let mut stream = TcpStream::connect(("127.0.0.1", postern.port())).await.unwrap();
    let head = format!(
        "POST /api/request_link HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: {FORM}\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        postern.port()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000));
    for _ in 0..8 {
        // The server may hang up at any moment from here on.
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let _ = stream.write_all(b"0\r\n\r\n").await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(postern.rows("outbox").await, 0);
}

#[tokio::test]
async fn no_query_and_no_cookie_brings_a_page_down() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    for path in ["/login", "/login/sent", "/verify", "/nothing"] {
        for query in [
            "%ff=%fe",
            "next=%00",
            "token=%ff",
            "token=a&token=b",
            "refusal=wrong_code&n=99999999999999999999",
            "n=-1",
            "&&&",
            "=",
            "%",
        ] {
            let answer = visitor.open(&format!("{path}?{query}")).await;
            assert!(answer.status < 500, "{path}?{query}: {answer:?}");
        }
    }
    for cookie in [
        "postern=",
        "postern",
        "postern=x",
        "postern=%00",
        "postern=\"AAAA\"",
        "=",
        ";;;",
        "postern=AAAAAAAAAAAAAAAAAAAAAA; postern=BBBBBBBBBBBBBBBBBBBBBB",
    ] {
        let request =
            visitor.request(Method::GET, "/login").header("accept", "text/html").header("cookie", cookie);
        assert_eq!(visitor.send(request).await.status, 200, "{cookie}");
    }
    let long = format!("postern={}", "A".repeat(6_000));
    let request = visitor.request(Method::GET, "/login").header("cookie", long);
    assert!(visitor.send(request).await.status < 500);
}

#[tokio::test]
async fn unusual_methods_are_refused() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Fetch);
    visitor.sign_in(&postern, ADA).await;
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for path in ["/", "/login", "/api/sign_out", "/healthz", "/pkg/postern.js", "/nothing"] {
            let answer = visitor.send(visitor.request(method.clone(), path)).await;
            assert!((400..500).contains(&answer.status), "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(visitor.whoami().await.as_deref(), Some(ADA));
}

#[tokio::test]
async fn nobody_climbs_out_of_the_folder_with_the_files() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Fetch);
    for path in [
        "/pkg/..%2fpostern.sqlite3",
        "/pkg/%2e%2e%2f%2e%2e%2fpostern.sqlite3",
        "/pkg/..%5cpostern.sqlite3",
        "/pkg//etc/passwd",
        "/pkg/%00",
    ] {
        let answer = visitor.fetch(path).await;
        assert!(matches!(answer.status, 400..=404), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn an_address_that_names_a_route_is_refused_and_gets_no_mail() {
    let postern = Postern::start_with(&[("CREDENTIALS", r#"["@example.test"]"#)]).await;
    for manner in [Manner::Fetch, Manner::Form] {
        let visitor = postern.browser(manner);
        for typed in [
            "stranger%evil.test@example.test",
            "evil.test!stranger@example.test",
            "a%b%evil.test@example.test",
            "|id@example.test",
            "/tmp/mail@example.test",
            "-oQ@example.test",
        ] {
            visitor.call("request_link", &[("email", typed)]).await.assert_refused("malformed_address", 422);
        }
    }
    assert_eq!(postern.rows("outbox").await, 0);
}
