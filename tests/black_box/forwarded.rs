//! What the server makes of the headers that proxies write.

use crate::harness::{Log, Manner, Postern, SECOND};

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
