//! Every path that is not open needs a session.

use leptos::server_fn::axum::server_fn_paths;
use reqwest::Method;

use crate::harness::{ADA, Manner, Postern};

const PRIVATE: [&str; 6] = ["/", "/logout", "/sessions", "/reports/2026", "/api", "/no/such/page"];
const OPEN: [&str; 8] = [
    "/login",
    "/verify",
    "/favicon.ico",
    "/favicon.svg",
    "/robots.txt",
    "/healthz",
    "/readyz",
    "/pkg/postern.js",
];

#[tokio::test]
async fn a_stranger_who_opens_a_page_is_sent_to_sign_in_and_back_afterwards() {
    let postern = Postern::start().await;
    let stranger = postern.browser(Manner::Form);
    for (path, login) in [
        ("/", "/login"),
        ("/logout", "/login?next=%2Flogout"),
        ("/reports", "/login?next=%2Freports"),
        ("/reports/2026?by=month&x=a%20b", "/login?next=%2Freports%2F2026%3Fby%3Dmonth%26x%3Da%2520b"),
    ] {
        let answer = stranger.open(path).await;
        assert_eq!((answer.status, answer.location()), (303, login), "{path}");
    }
}

#[tokio::test]
async fn a_stranger_who_fetches_is_told_401() {
    let postern = Postern::start().await;
    let stranger = postern.browser(Manner::Fetch);
    for path in PRIVATE {
        let answer = stranger.fetch(path).await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.json()["refusal"], "signed_out", "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn a_request_that_accepts_nothing_in_particular_is_no_navigation() {
    let postern = Postern::start().await;
    let machine = postern.browser(Manner::Fetch);
    assert_eq!(machine.send(machine.request(Method::GET, "/")).await.status, 401);
}

#[tokio::test]
async fn every_registered_server_function_but_six_is_closed_to_strangers() {
    let postern = Postern::start().await;
    let registered: Vec<_> = server_fn_paths().map(|(path, _)| path).collect();
    assert!(registered.len() >= 6 && registered.contains(&"/api/whoami"), "{registered:?}");
    let mut open = Vec::new();
    for path in registered {
        let stranger = postern.browser(Manner::Fetch);
        let answer = stranger.send(stranger.post(path).form(&[("none", "")])).await;
        match answer.status {
            401 => assert_eq!(answer.json()["refusal"], "signed_out", "{path}"),
            _ => open.push(path),
        }
        // The positive control: whoever is signed in is let through to the function itself.
        let ada = postern.browser(Manner::Fetch);
        ada.sign_in(&postern, ADA).await;
        assert_ne!(ada.send(ada.post(path).form(&[("none", "")])).await.status, 401, "{path}");
        // One of them has asked for another mail.
        postern.mails().await;
    }
    open.sort_unstable();
    assert_eq!(
        open,
        [
            "/api/choose_language",
            "/api/redeem_code",
            "/api/redeem_link",
            "/api/redeem_operator_link",
            "/api/request_link",
            "/api/resend_link"
        ]
    );
}

#[tokio::test]
async fn an_exempt_server_function_exempts_nothing_below_it() {
    let postern = Postern::start().await;
    let stranger = postern.browser(Manner::Fetch);
    for path in ["/api/request_link/", "/api/request_link/x", "/api/redeem_links", "/api/Request_link"] {
        assert_eq!(stranger.send(stranger.post(path)).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_form_posted_by_a_stranger_is_sent_to_sign_in_without_a_way_back() {
    let postern = Postern::start().await;
    let stranger = postern.browser(Manner::Form);
    for path in ["/reports", "/api/sign_out"] {
        let answer = stranger.send(stranger.post(path)).await;
        assert_eq!((answer.status, answer.location()), (303, "/login"), "{path}");
    }
}

#[tokio::test]
async fn what_a_stranger_needs_is_open() {
    let postern = Postern::start().await;
    let stranger = postern.browser(Manner::Form);
    for path in OPEN {
        // 422 is /verify without a token: open, and said to be incomplete.
        for status in [stranger.open(path).await.status, stranger.fetch(path).await.status] {
            assert!(status == 200 || (path, status) == ("/verify", 422), "{path}: {status}");
        }
    }
}

#[tokio::test]
async fn exempt_paths_cover_whole_segments_only() {
    let postern = Postern::start_with(&[("EXEMPT_PATHS", "/public, /status/health")]).await;
    let stranger = postern.browser(Manner::Fetch);
    for path in ["/public", "/public/", "/public/a/b", "/status/health"] {
        assert_eq!(stranger.fetch(path).await.status, 404, "{path} is open, and nothing is there");
    }
    for path in [
        "/publicity",
        "/public-notes",
        "/PUBLIC",
        "/a/public",
        "/status/healthy",
        "/status",
        "/login-admin",
        "/login/nothing",
        "/loginx",
        "/Login",
    ] {
        assert_eq!(stranger.fetch(path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_person_who_is_signed_in_gets_a_clear_404_for_what_is_not_there() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.sign_in(&postern, ADA).await;
    for path in ["/no/such/page", "/api/no_such_function"] {
        let answer = ada.open(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("Page not found"), "{path}");
    }
    let posted = ada.send(ada.post("/api/no_such_function")).await;
    assert!((400..500).contains(&posted.status), "{posted:?}");
}

#[tokio::test]
async fn the_development_inbox_is_open_in_development_and_absent_in_production() {
    let development = Postern::start().await;
    let visitor = development.browser(Manner::Form);
    visitor.ask(ADA).await;
    let link = development.mail().await.link();
    assert!(visitor.open("/dev/inbox").await.text().contains(ADA));
    assert!(visitor.open("/dev/inbox/1").await.text().contains(&link));

    let production = Postern::in_production(&[]).await;
    let stranger = production.browser(Manner::Fetch);
    for path in ["/dev/inbox", "/dev/inbox/1"] {
        assert_eq!(stranger.fetch(path).await.status, 401, "{path} is not exempt");
    }
}

#[tokio::test]
async fn probes_answer_what_is_alive_and_ready() {
    let postern = Postern::start().await;
    let machine = postern.browser(Manner::Fetch);
    for path in ["/healthz", "/readyz"] {
        let answer = machine.fetch(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.headers.get("set-cookie").is_none(), "{path} starts no session");
    }
}
