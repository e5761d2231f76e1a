//! Under which names the server answers.

use reqwest::{Method, RequestBuilder};

use crate::harness::{ADA, Browser, Log, Manner, Postern, SECOND};

/// A request with another Host; a client sends the one that it is given last, so the browser's own is left out.
fn asked_as(visitor: &Browser, port: u16, host: &str, method: Method, path: &str) -> RequestBuilder {
    visitor.http.request(method, format!("http://127.0.0.1:{port}{path}")).header("host", host)
}

#[tokio::test]
async fn production_answers_only_under_its_own_name() {
    let postern = Postern::in_production(&[]).await;
    let visitor = postern.browser(Manner::Fetch);
    for host in [
        "evil.example",
        "127.0.0.1",
        "login.example.test.evil.example",
        "login.example.test:8080",
        "example.test",
    ] {
        for path in ["/", "/login", "/verify", "/robots.txt", "/pkg/postern.js"] {
            let answer = visitor.send(asked_as(&visitor, postern.port(), host, Method::GET, path)).await;
            assert_eq!(answer.status, 421, "{host} {path}");
        }
        let request = asked_as(&visitor, postern.port(), host, Method::POST, "/api/request_link");
        assert_eq!(visitor.send(request.form(&[("email", ADA)])).await.status, 421, "{host}");
    }
    assert_eq!(postern.rows("outbox").await, 0);
    for host in ["login.example.test", "LOGIN.example.TEST"] {
        let answer = visitor.send(asked_as(&visitor, postern.port(), host, Method::GET, "/login")).await;
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[tokio::test]
async fn the_operator_hears_of_a_wrong_host_once_a_minute_whatever_stands_in_it() {
    let postern = Postern::in_production(&[]).await;
    let visitor = postern.browser(Manner::Form);
    let ask = async |host: &str| {
        let request = asked_as(&visitor, postern.port(), host, Method::GET, "/login");
        visitor.send(request).await.status
    };
    let log = Log::listen();
    assert_eq!(ask("login.example.test").await, 200);
    assert_eq!(log.by_default(), [""; 0], "its own name is no news");
    assert_eq!(ask("login.example.test:8443").await, 421);
    let said = log.by_default();
    assert_eq!(said.len(), 1, "{said:?}");
    for part in [" WARN ", "asked=\"login.example.test:8443\"", "https://login.example.test\"", "Host"] {
        assert!(said[0].contains(part), "{part}: {said:?}");
    }
    for _ in 0..40 {
        assert_eq!(ask("evil.example").await, 421);
    }
    assert_eq!(log.by_default().len(), 1, "nobody fills the log like this");
    postern.wait(60 * SECOND);
    assert_eq!(ask(&format!("evil.example{}", "y".repeat(4_000))).await, 421);
    let said = log.by_default();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[1].contains("left_out=40") && said[1].contains("evil.exampley"), "{said:?}");
    assert!(!said[1].contains(&"y".repeat(100)), "it is cut: {said:?}");
    postern.wait(60 * SECOND);
    assert_eq!(ask("\u{e9}vil").await, 421, "what is no name at all");
    assert_eq!(log.by_default().len(), 3);
}

#[tokio::test]
async fn probes_are_answered_under_any_name() {
    let postern = Postern::in_production(&[]).await;
    let machine = postern.browser(Manner::Fetch);
    for host in ["10.0.0.7:3000", "evil.example", "login.example.test"] {
        for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
            let answer = machine.send(asked_as(&machine, postern.port(), host, Method::GET, path)).await;
            assert_eq!((answer.status, answer.text().as_str()), (200, text), "{host}{path}");
        }
    }
}

#[tokio::test]
async fn development_sends_a_page_to_the_name_that_its_cookies_know() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    let request = asked_as(&visitor, postern.port(), "localhost:1", Method::GET, "/login?next=%2Freports");
    let answer = visitor.send(request.header("accept", "text/html")).await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.location(), format!("{}/login?next=%2Freports", postern.public_url()));
}

#[tokio::test]
async fn a_whole_sign_in_works_in_production() {
    let server = crate::harness::MailServer::start(&[]).await;
    let postern = Postern::in_production(&server.settings()).await;
    for manner in [Manner::Form, Manner::Fetch] {
        let ada = postern.browser(manner);
        ada.ask(ADA).await;
        postern.deliver().await;
        let mail = server.mails().remove(0);
        assert!(mail.link().starts_with("https://login.example.test/verify?token="), "{}", mail.link());
        ada.redeem_link(&mail.token()).await.assert_leads_to("/");
        assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
        let gone = ada.call("sign_out", &[]).await;
        gone.assert_leads_to("/login?notice=signed_out");
        let removal = gone.header("set-cookie");
        assert!(removal.contains("Max-Age=0") && removal.contains("; Secure"), "{removal}");
    }
}
