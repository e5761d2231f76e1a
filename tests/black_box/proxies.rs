//! Postern behind the proxies of docs/proxy/: the real nginx and the real Caddy, Debian's and newer ones, with the files as
//! they stand there.

use axum::{body::Bytes, http::Request};
use h2::client::SendRequest;
use reqwest::Method;

use crate::{
    harness::{ADA, Browser, Manner, Proxied, ProxyKind},
    paths::{GUARDED, exchange, open_paths, spellings},
};

/// Two visitors who are not the proxy. Linux answers for all of 127.0.0.0/8, other systems only for one address.
const VISITORS: [[u8; 4]; 2] =
    if cfg!(target_os = "linux") { [[127, 0, 0, 5], [127, 0, 0, 6]] } else { [[127, 0, 0, 1]; 2] };

/// Makes a test of each claim for each proxy.
macro_rules! through_all_proxies {
    ($($claim:ident),+ $(,)?) => {
        through_all_proxies!(@ through_nginx, Nginx, $($claim),+);
        through_all_proxies!(@ through_nginx_1_31, Nginx131, $($claim),+);
        through_all_proxies!(@ through_caddy, Caddy, $($claim),+);
        through_all_proxies!(@ through_caddy_2_11, Caddy211, $($claim),+);
    };
    (@ $module:ident, $kind:ident, $($claim:ident),+) => {
        mod $module {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(crate::harness::ProxyKind::$kind).await;
            })+
        }
    };
}

async fn a_whole_sign_in_by_link_works(kind: ProxyKind) {
    let proxied = Proxied::start(kind).await;
    let origin = proxied.postern.public_url().to_owned();
    for manner in [Manner::Form, Manner::Fetch] {
        let ada = proxied.browser(manner);
        assert_eq!(ada.open("/logout").await.location(), "/login?next=%2Flogout");
        assert_eq!(ada.open("/login").await.status, 200);
        ada.ask(ADA).await;
        let mail = proxied.mail().await;
        assert!(mail.link().starts_with(&format!("{origin}/verify?token=")), "{}", mail.link());
        assert_eq!(ada.open(&mail.path()).await.status, 200);
        let answer = ada.redeem_link(&mail.token()).await;
        answer.assert_leads_to("/");
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
        let home = ada.open("/").await;
        assert!(home.status == 200 && home.text().contains("You are in"), "{home:?}");
        assert!(home.header("strict-transport-security").starts_with("max-age="), "{home:?}");
        assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
        ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
        assert_eq!(ada.whoami().await, None);
    }
}

async fn plain_http_is_sent_to_https(kind: ProxyKind) {
    let proxied = Proxied::start(kind).await;
    let plain = Browser::new(proxied.plain_port, "http://login.example.test", Manner::Form);
    for path in ["/", "/verify?token=a%3Ab", "//evil.example/x"] {
        let answer = plain.open(path).await;
        assert_eq!(answer.status, 308, "{path}: {answer:?}");
        assert_eq!(answer.location(), format!("https://login.example.test{path}"));
    }
}

async fn no_spelling_of_a_guarded_page_opens_it_to_a_stranger(kind: ProxyKind) {
    let proxied = Proxied::start(kind).await;
    let ada = proxied.browser(Manner::Form);
    proxied.sign_in(&ada, ADA).await;
    for (guarded, words) in GUARDED {
        for open in open_paths() {
            for target in spellings(&open, guarded) {
                let stream = proxied.connect("http/1.1").await.unwrap();
                let answer = exchange(stream, &proxied.host(), "GET", &target, None).await;
                assert_refused(kind, &target, words, answer);
            }
        }
        let (stream, cookie) = (proxied.connect("http/1.1").await.unwrap(), ada.cookie());
        let (status, text) = exchange(stream, &proxied.host(), "GET", guarded, cookie.as_deref()).await;
        assert!(status == 200 && text.contains(words), "{guarded} is there for whoever is signed in: {text}");
    }
}

async fn no_spelling_over_http2_opens_a_guarded_page_to_a_stranger(kind: ProxyKind) {
    let proxied = Proxied::start(kind).await;
    let ada = proxied.browser(Manner::Form);
    proxied.sign_in(&ada, ADA).await;
    for (guarded, words) in GUARDED {
        for open in open_paths() {
            let (mut client, connection) =
                h2::client::handshake(proxied.connect("h2").await.unwrap()).await.unwrap();
            tokio::spawn(connection);
            // What does not begin with a slash is no path in HTTP/2.
            for target in spellings(&open, guarded).iter().filter(|target| target.starts_with('/')) {
                let answer = ask_over_http2(&mut client, &proxied.host(), target, "").await;
                assert_refused(kind, target, words, answer);
            }
            let cookie = ada.cookie().unwrap();
            let (status, text) = ask_over_http2(&mut client, &proxied.host(), guarded, &cookie).await;
            assert!(
                status == 200 && text.contains(words),
                "{guarded} is there for whoever is signed in: {text}"
            );
        }
    }
}

/// A path with two readings is refused. Caddy alone changes one: it writes a backslash as %5C, and what it passes on
/// then has a single reading, that of a page which does not exist.
#[track_caller]
fn assert_refused(kind: ProxyKind, target: &str, words: &str, (status, text): (u16, String)) {
    assert!(!text.contains(words), "{target}: {text}");
    let encoded = kind.is_caddy() && target.contains('\\') && matches!(status, 303 | 404);
    assert!(status == 400 || encoded, "{target}: {status} {text}");
}

/// Sends a path as it stands, and gives the status and the body of the answer.
async fn ask_over_http2(
    client: &mut SendRequest<Bytes>,
    host: &str,
    path: &str,
    cookie: &str,
) -> (u16, String) {
    let request = Request::get(format!("https://{host}{path}")).header("accept", "text/html");
    let request = request.header("cookie", cookie).body(()).unwrap();
    std::future::poll_fn(|context| client.poll_ready(context)).await.unwrap();
    let (answer, _) = client.send_request(request, true).unwrap();
    let answer = answer.await.unwrap();
    let (status, mut body, mut text) = (answer.status().as_u16(), answer.into_body(), Vec::new());
    while let Some(part) = body.data().await {
        let part = part.unwrap();
        body.flow_control().release_capacity(part.len()).unwrap();
        text.extend_from_slice(&part);
    }
    (status, String::from_utf8_lossy(&text).into_owned())
}

async fn an_address_that_a_visitor_made_up_buys_nothing(kind: ProxyKind) {
    let forgeries: [&[(&str, &str)]; 5] = [
        &[("x-forwarded-for", "203.0.113.9")],
        &[("forwarded", "for=203.0.113.9")],
        &[("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")],
        &[("x-forwarded-for", "203.0.113.9, 127.0.0.1"), ("x-forwarded-for", "127.0.0.1")],
        &[("x-real-ip", "203.0.113.9"), ("forwarded", "for=203.0.113.9;by=127.0.0.1, for=127.0.0.1")],
    ];
    let limit = format!("{} per 1h", forgeries.len());
    let proxied = Proxied::start_with(kind, &[("LIMIT_NETWORK", &limit)]).await;
    let [visitor, other] = VISITORS.map(|address| Browser::through(&proxied, address.into(), Manner::Fetch));
    let ask = async |forgery: &[(&str, &str)]| {
        let request = visitor.post("/api/request_link").form(&[("email", ADA)]);
        let request = forgery.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        visitor.send(request).await
    };
    for forgery in forgeries {
        ask(forgery).await.assert_leads_to("/login/sent");
    }
    for forgery in forgeries {
        ask(forgery).await.assert_refused("limited", 429);
    }
    let networks = "SELECT DISTINCT network FROM audit";
    let networks: Vec<String> = proxied.postern.database().await.column(networks).await;
    assert_eq!(networks, [VISITORS[0].map(|byte| byte.to_string()).join(".")]);
    if VISITORS[0] != VISITORS[1] {
        other.ask(ADA).await;
    }
}

async fn a_sign_in_leaves_no_token_in_the_log(kind: ProxyKind) {
    let proxied = Proxied::start(kind).await;
    let plain = Browser::new(proxied.plain_port, "http://login.example.test", Manner::Form);
    let ada = proxied.browser(Manner::Form);
    ada.ask(ADA).await;
    let mail = proxied.mail().await;
    // Such a redirect repeats the whole link in its Location.
    assert!(plain.open(&mail.path()).await.location().ends_with(&mail.path()));
    assert_eq!(ada.open(&mail.path()).await.status, 200);
    // A browser may tell each file and form of the page's own site the whole address of the page.
    let file = ada.request(Method::GET, "/pkg/postern.js").header("referer", mail.link());
    assert_eq!(ada.send(file).await.status, 200);
    let form = ada.post("/api/redeem_link").header("referer", mail.link()).form(&[("token", mail.token())]);
    ada.send(form).await.assert_leads_to("/");
    let cookie = ada.cookie_value();
    drop((plain, ada));
    let (access_log, said) = proxied.stop().await;
    for path in ["/verify", "/pkg/postern.js", "/api/redeem_link"] {
        assert!(access_log.contains(path), "{path} was logged: {access_log}");
    }
    for secret in [mail.token().rsplit(':').next().unwrap(), &cookie] {
        assert!(!access_log.contains(secret), "{secret}: {access_log}");
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}

async fn a_link_that_nobody_answers_leaves_no_token_in_the_log(kind: ProxyKind) {
    let proxied = Proxied::start(kind).await;
    // Past the proxy: it would keep a connection, and Postern serves those that it has until their end.
    proxied.postern.browser(Manner::Form).ask(ADA).await;
    let mail = proxied.mail().await;
    let _nobody = proxied.stop_postern().await;
    let answer = proxied.browser(Manner::Form).open(&mail.path()).await;
    assert_eq!(answer.status, 502, "{answer:?}");
    // What nginx says itself, its error log, is another matter: the document warns of it.
    let (access_log, _) = proxied.stop().await;
    assert!(access_log.contains("/verify"), "{access_log}");
    assert!(!access_log.contains(mail.token().rsplit(':').next().unwrap()), "{access_log}");
}

async fn while_postern_restarts_a_page_asks_again_by_itself(kind: ProxyKind) {
    let proxied = Proxied::start(kind).await;
    let _nobody = proxied.stop_postern().await;
    let visitor = proxied.browser(Manner::Form);
    let page = visitor.open("/login?next=%2Fsessions").await;
    assert_eq!(page.status, 502, "{page:?}");
    assert_eq!((page.header("refresh"), page.header("retry-after")), ("5", "5"), "the same address again");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
    assert!(page.text().contains("<h1>Back in a moment</h1>"), "{page:?}");
    // A form is not sent again, and its address is no page.
    let form = visitor.post("/api/request_link").form(&[("email", ADA)]);
    let page = visitor.send(form).await;
    assert_eq!((page.status, page.header("refresh")), (502, "5; url=/"), "{page:?}");
    assert!(page.text().contains("<h1>Back in a moment</h1>"), "{page:?}");
}

async fn what_postern_says_itself_is_not_covered_up(kind: ProxyKind) {
    let proxied = Proxied::start(kind).await;
    proxied.postern.state.stop.asked.cancel();
    let visitor = proxied.browser(Manner::Form);
    let answer = visitor.open("/readyz").await;
    assert_eq!((answer.status, answer.header("refresh")), (503, ""));
    assert!(answer.text().contains("the server is stopping"), "{answer:?}");
}

through_all_proxies!(
    a_whole_sign_in_by_link_works,
    plain_http_is_sent_to_https,
    no_spelling_of_a_guarded_page_opens_it_to_a_stranger,
    no_spelling_over_http2_opens_a_guarded_page_to_a_stranger,
    an_address_that_a_visitor_made_up_buys_nothing,
    a_sign_in_leaves_no_token_in_the_log,
    a_link_that_nobody_answers_leaves_no_token_in_the_log,
    while_postern_restarts_a_page_asks_again_by_itself,
    what_postern_says_itself_is_not_covered_up,
);
