//! What the server makes of the headers that proxies write.

use tokio::net::TcpStream;

use crate::{
    harness::{ADA, Bare, Log, Manner, Postern, ProxyKind, SECOND},
    paths::exchange,
};

/// A trace of each kind that a proxy leaves.
const TRACES: [(&str, &str); 6] = [
    ("via", "1.1 proxy"),
    ("forwarded", "for=127.0.0.1"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-forwarded-host", "localhost"),
    ("x-forwarded-proto", "https"),
    ("x-real-ip", "127.0.0.1"),
];

/// Opens /login with that header; tells the status.
async fn open(postern: &Postern, name: &str, value: &str) -> u16 {
    let visitor = postern.browser(Manner::Form);
    let request = visitor.request(reqwest::Method::GET, "/login").header("accept", "text/html");
    visitor.send(request.header(name, value)).await.status
}

#[tokio::test]
async fn the_operator_hears_of_a_proxy_that_is_not_trusted_once_a_minute() {
    let postern = Postern::in_production(&[("TRUSTED_PROXIES", "10.0.0.1")]).await;
    let log = Log::listen();
    assert_eq!(open(&postern, "x-real-ip", "203.0.113.9").await, 200);
    assert_eq!(log.by_default(), [""; 0], "no header that would count");
    for (said, name, value) in
        [(1, "x-forwarded-for", "203.0.113.9"), (2, "forwarded", "for=203.0.113.9;proto=https")]
    {
        for _ in 0..20 {
            assert_eq!(open(&postern, name, value).await, 200);
        }
        let lines = log.by_default();
        assert_eq!(lines.len(), said, "{lines:?}");
        for part in [" WARN ", "peer=127.0.0.1", "TRUSTED_PROXIES"] {
            assert!(lines[said - 1].contains(part), "{part}: {lines:?}");
        }
        postern.wait(60 * SECOND);
    }
}

#[tokio::test]
async fn a_proxy_that_is_trusted_is_no_news() {
    let postern = Postern::in_production(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let log = Log::listen();
    for name in ["x-forwarded-for", "forwarded"] {
        assert_eq!(open(&postern, name, "for=203.0.113.9").await, 200);
    }
    assert_eq!(log.by_default(), [""; 0]);
}

#[tokio::test]
async fn a_development_server_answers_no_proxy_that_it_does_not_know() {
    for proxies in ["", "10.0.0.1"] {
        let postern = Postern::start_with(&[("TRUSTED_PROXIES", proxies)]).await;
        let visitor = postern.browser(Manner::Fetch);
        visitor.ask(ADA).await;
        let _ = postern.mail().await;
        for (name, value) in TRACES {
            for path in ["/dev/inbox", "/dev/inbox/1", "/login", "/robots.txt"] {
                let request = visitor.request(reqwest::Method::GET, path).header("accept", "*/*");
                let answer = visitor.send(request.header(name, value)).await;
                assert_eq!(answer.status, 403, "{name} {path}");
                assert!(
                    !answer.text().contains(ADA) && answer.text().contains("TRUSTED_PROXIES"),
                    "{answer:?}"
                );
            }
            let request = visitor.post("/api/request_link").header(name, value);
            assert_eq!(visitor.send(request.form(&[("email", ADA)])).await.status, 403, "{name}");
        }
        assert_eq!(visitor.open("/login").await.status, 200, "without a proxy it answers");
        assert_eq!(visitor.open("/dev/inbox").await.text().contains(ADA), proxies.is_empty());
        assert_eq!(postern.rows("outbox").await, 0);
    }
}

#[tokio::test]
async fn a_development_server_behind_a_proxy_shows_no_inbox() {
    let postern = Postern::start_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let visitor = postern.browser(Manner::Form);
    visitor.ask(ADA).await;
    let mail = postern.mail().await;
    for path in ["/dev/inbox", "/dev/inbox/1"] {
        assert_eq!(visitor.fetch(path).await.status, 401, "{path}");
        for (name, value) in TRACES {
            let request = visitor.request(reqwest::Method::GET, path).header("accept", "*/*");
            assert_eq!(visitor.send(request.header(name, value)).await.status, 401, "{name} {path}");
        }
    }
    for (name, value) in TRACES {
        assert_ne!(open(&postern, name, value).await, 403, "whom it knows it answers: {name}");
    }
    visitor.redeem_link(&mail.token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn production_takes_the_headers_of_any_proxy_for_what_they_are_worth() {
    let postern = Postern::in_production(&[]).await;
    for (name, value) in TRACES {
        assert_eq!(open(&postern, name, value).await, 200, "{name}");
    }
}

#[tokio::test]
async fn a_development_server_shows_nothing_through_a_proxy_without_settings() {
    for kind in [ProxyKind::Nginx, ProxyKind::Caddy] {
        let postern = Postern::start().await;
        let visitor = postern.browser(Manner::Form);
        visitor.ask(ADA).await;
        let _ = postern.mail().await;
        let ask = async |port: u16| {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let host = postern.public_url().split_once("://").unwrap().1;
            exchange(stream, host, "GET", "/dev/inbox", None).await
        };
        let proxy = Bare::start(kind, postern.port()).await;
        let (status, answer) = ask(proxy.port).await;
        assert!(status == 403 && answer.contains("TRUSTED_PROXIES"), "{kind:?}: {answer}");
        let (status, answer) = ask(postern.port()).await;
        assert!(status == 200 && answer.contains(ADA), "without the proxy: {answer}");
    }
}
