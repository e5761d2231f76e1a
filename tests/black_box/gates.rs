//! The files of docs/gateway/ do what they promise, in the real proxies. What answers their checks here is no Postern
//! but a stand-in, which can also say what Postern never would; so these claims are about the files alone.

use std::net::Ipv4Addr;

use serde_json::json;

use crate::harness::{Gate, GateKind, LOGIN, Message, Peer, Radicale, TOOLS, WIKI};

/// What the stand-in knows people by: the value of their cookie. It says of each who they are.
const APP_COOKIE: &str = "__Host-postern-app";
const ADA: &str = "ada@example.com";
const GROUPS: &str = "staff,wiki";
const IDENTITY: [&str; 3] = ["Remote-User", "Remote-Email", "Remote-Groups"];
const START: &str = "https://wiki.alpha.test/.postern/start?next=Lw";
const HTML: (&str, &str) = ("Accept", "text/html");

/// A stand-in for Postern: it answers checks by the cookie, and tells as JSON what else it gets.
fn postern(request: &Message) -> Message {
    let target = request.target();
    if !target.starts_with("/auth/") {
        let got = json!({ "method": request.method(), "target": target, "headers": request.headers, "body": request.body.len() });
        let status = if target == "/.postern/denied" { 403 } else { 200 };
        return Message::answer(
            status,
            &[("Set-Cookie", "__Host-postern-try-1=x; Secure; Path=/")],
            &got.to_string(),
        );
    }
    let cookies = request.all("cookie").join("; ");
    let cookie = cookies.split("; ").find_map(|cookie| cookie.strip_prefix(&format!("{APP_COOKIE}=")));
    let person = |user: &str, groups: &str| {
        Message::answer(200, &[("Remote-User", user), ("Remote-Email", user), ("Remote-Groups", groups)], "")
    };
    match cookie {
        Some("ada") => person(ADA, GROUPS),
        Some("nobody") => person("-", "-"),
        Some("groupless") => person(ADA, "-"),
        Some("no-headers") => Message::answer(200, &[], ""),
        Some("empty-headers") => person("", ""),
        Some("denied") => Message::answer(403, &[("Content-Type", "text/html")], "not you"),
        Some("broken") => Message::answer(503, &[], "the database is away"),
        Some("strange") => Message::answer(204, &[], ""),
        Some(other) => panic!("nobody has the cookie {other}"),
        None => {
            let navigation = request.header("accept").contains("text/html");
            let nginx = target == "/auth/nginx";
            // Of a long address the way back is longer.
            let judged = ["x-original-url", "x-forwarded-uri"].map(|name| request.header(name).len());
            let length = judged.into_iter().max().unwrap_or_default().max(target.len());
            let start = format!("{START}{}", if length > 8000 { "x".repeat(11_000) } else { String::new() });
            let location: &[_] = if navigation { &[("Location", start.as_str())] } else { &[] };
            let headers = [location, &[("Content-Type", "application/json")]].concat();
            let status = if navigation && !nginx { 303 } else { 401 };
            Message::answer(status, &headers, r#"{"refusal":"signed_out"}"#)
        }
    }
}

/// A cookie header that makes the stand-in take its bearer for that person.
fn as_(person: &str) -> (&'static str, String) {
    ("Cookie", format!("{APP_COOKIE}={person}"))
}

/// Sends a request without body by that person, for the wiki.
async fn ask(gate: &Gate, person: &str, method: &str, target: &str, headers: &[(&str, &str)]) -> Message {
    let (name, cookie) = as_(person);
    let all = [headers, &[(name, cookie.as_str())]].concat();
    gate.send(WIKI, &gate.request(method, WIKI, target, &all)).await
}

/// The headers in which an app might read who somebody is: whatever is no letter is the same to some.
fn identity(request: &Message) -> Vec<(String, String)> {
    let folded = |name: &str| name.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let named = request.headers.iter().map(|(name, value)| (folded(name), value.clone()));
    let mut found: Vec<_> = named.filter(|(name, _)| name.starts_with("remote")).collect();
    found.sort();
    found
}

fn ada() -> Vec<(String, String)> {
    [("remote-email", ADA), ("remote-groups", GROUPS), ("remote-user", ADA)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// Addresses that are hard to pass on as they are.
fn targets() -> Vec<String> {
    let mut targets: Vec<_> = [
        "/",
        "/a/b?x=1&y=%20+z&x=2",
        "/%E4%BD%A0%2F%3F%23?q=%26%3D%2f",
        "/a%2fb/..%2fsecret/../x//y;z",
        "/public/%2e%2e/secret",
        "/?https://evil.test/?next=//evil.test",
        "/auth/nginx?x",
        "/.posternx",
    ]
    .map(str::to_owned)
    .to_vec();
    targets.push(format!("/long?q={}", "a%20".repeat(1000)));
    targets.push(format!("/{}?longer", "b".repeat(8000)));
    targets
}

async fn the_check_and_the_app_are_told_the_request_as_it_was(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    for method in ["GET", "HEAD", "OPTIONS", "DELETE", "PROPFIND"] {
        for target in targets() {
            let answer = ask(&gate, "ada", method, &target, &[]).await;
            assert_eq!(answer.status(), 200, "{method} {target}: {answer:?}");
            let (check, app) = (checker.one(), gate.wiki.one());
            assert_eq!(app.first, format!("{method} {target} HTTP/1.1"));
            assert_eq!(app.all("host"), [gate.authority(WIKI)]);
            assert_told(&gate, &check, method, &target);
        }
    }
    assert_eq!(gate.tools.take(), []);
}

/// The check was told method, scheme, host and target in its own family of headers, and nothing in another.
#[track_caller]
fn assert_told(gate: &Gate, check: &Message, method: &str, target: &str) {
    let host = gate.authority(WIKI);
    let told = |name: &str| check.all(name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    match gate.kind {
        GateKind::Nginx => {
            assert_eq!(check.first, "GET /auth/nginx HTTP/1.1");
            assert_eq!(told("x-original-url"), [format!("https://{host}{target}")]);
            assert_eq!(told("x-original-method"), [method]);
            for name in ["x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"] {
                assert_eq!(told(name), [] as [&str; 0], "{name}");
            }
        }
        GateKind::Caddy | GateKind::Caddy211 => {
            assert!(check.first.starts_with("GET /auth/forward"), "{}", check.first);
            assert_eq!(told("x-forwarded-uri"), [target]);
            assert_eq!(told("x-forwarded-method"), [method]);
            assert_eq!(told("x-forwarded-proto"), ["https"]);
            assert_eq!(told("x-forwarded-host"), [host.as_str()]);
        }
        GateKind::Envoy => {
            assert_eq!(check.first, format!("{method} /auth/envoy{target} HTTP/1.1"));
            assert_eq!(told("host"), [host.as_str()]);
            assert_eq!(told("x-forwarded-proto"), ["https"]);
            for name in ["x-forwarded-method", "x-forwarded-host", "x-forwarded-uri", "x-original-url"] {
                assert_eq!(told(name), [] as [&str; 0], "{name}");
            }
        }
    }
}

async fn a_client_cannot_tell_the_check_of_another_request(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    let forged = [
        ("X-Original-URL", "https://evil.test/"),
        ("X-Original-Method", "PATCH"),
        ("X-Forwarded-Method", "PATCH"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", "evil.test"),
        ("X-Forwarded-Uri", "/public"),
        ("x_forwarded_uri", "/public"),
        ("X-Forwarded-Port", "1"),
        ("X-Envoy-Original-Path", "/public"),
    ];
    let twice = [&forged[..], &forged[..]].concat();
    assert_eq!(ask(&gate, "ada", "GET", "/x", &twice).await.status(), 200);
    assert_told(&gate, &checker.one(), "GET", "/x");
    // Headers that the client declares to be of the connection only are not taken from the check.
    let names = "close, X-Original-URL, X-Forwarded-Uri, X-Forwarded-Host, X-Forwarded-Proto, Cookie";
    let answer = ask(&gate, "ada", "GET", "/x", &[("Connection", names)]).await;
    if answer.status() != 400 {
        assert_told(&gate, &checker.one(), "GET", "/x");
    }
}

async fn one_host_in_the_line_and_another_in_the_header_open_nothing(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    for (line, header) in [(WIKI, TOOLS), (TOOLS, WIKI), (WIKI, LOGIN), ("evil.test", WIKI)] {
        let (_, cookie) = as_("ada");
        let target = gate.url(line, "/x");
        let answer = gate.send(header, &gate.request("GET", header, &target, &[("Cookie", &cookie)])).await;
        for (app, host) in [(&gate.wiki, WIKI), (&gate.tools, TOOLS)] {
            for got in app.take() {
                // Whoever gets in was judged for that very host.
                let judged = checker.take().remove(0);
                let judged =
                    ["x-original-url", "x-forwarded-host", "host"].map(|name| judged.header(name).to_owned());
                let judged = judged.iter().find(|value| !value.is_empty()).unwrap();
                assert!(
                    judged.contains(host),
                    "{line} and {header} are judged as {judged}, and open {host}: {got:?}"
                );
                assert!(got.header("host").contains(host), "{got:?}");
            }
        }
        assert!(answer.status() < 500, "{answer:?}");
        checker.take();
    }
}

async fn a_host_that_is_no_app_reaches_none(kind: GateKind) {
    let (gate, _checker) = Gate::before(kind, postern).await;
    for host in ["evil.test", "wiki.alpha.test.evil.test", "x.wiki.alpha.test", "127.0.0.1"] {
        let mut request = gate.request("GET", WIKI, "/", &[]);
        request.headers[0].1 = host.to_owned();
        request.headers.push(("Cookie".to_owned(), as_("ada").1));
        gate.send(WIKI, &request).await;
        assert_eq!((gate.wiki.take(), gate.tools.take()), (vec![], vec![]), "{host}");
    }
}

async fn whoever_is_signed_out_gets_the_answer_for_a_page_or_for_a_script(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    let answer = gate.send(WIKI, &gate.request("GET", WIKI, "/a?b", &[HTML])).await;
    assert_eq!((answer.status(), answer.header("location")), (303, START), "{answer:?}");
    let answer =
        gate.send(WIKI, &gate.request("GET", WIKI, &format!("/{}", "a".repeat(8100)), &[HTML])).await;
    let location = answer.header("location");
    assert!(answer.status() == 303 && location.len() > 11_000, "{answer:?}");
    let way = location.strip_prefix("https://wiki.alpha.test").unwrap();
    let answer = gate.send(WIKI, &gate.request("GET", WIKI, way, &[HTML])).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    for (method, headers) in [
        ("GET", &[("Accept", "*/*")][..]),
        ("HEAD", &[("Accept", "*/*")]),
        ("OPTIONS", &[("Origin", "https://x.test"), ("Access-Control-Request-Method", "PUT")]),
        ("DELETE", &[("Accept", "application/json")]),
    ] {
        let answer = gate.send(WIKI, &gate.request(method, WIKI, "/a?b", headers)).await;
        assert_eq!((answer.status(), answer.header("location")), (401, ""), "{method}: {answer:?}");
        if method != "HEAD" {
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(body["refusal"], "signed_out");
        }
    }
    let mut post = gate.request("POST", WIKI, "/a?b", &[("Accept", "*/*"), ("Content-Length", "6")]);
    post.body = b"secret".to_vec();
    let answer = gate.send(WIKI, &post).await;
    assert_eq!((answer.status(), answer.header("location")), (401, ""), "{answer:?}");
    assert_eq!(gate.wiki.take(), []);
    assert!(checker.take().iter().all(|check| check.body.is_empty()), "bodies stay with the proxy");
}

async fn whoever_may_not_come_in_gets_the_page_that_says_so(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    for method in ["GET", "DELETE"] {
        let answer = ask(&gate, "denied", method, "/a?b", &[HTML]).await;
        assert_eq!(answer.status(), 403, "{answer:?}");
        if kind == GateKind::Nginx {
            let page = &checker.take()[1];
            assert_eq!(page.first, "GET /.postern/denied HTTP/1.1");
            assert_eq!(page.all("host"), [gate.authority(WIKI)]);
            assert_eq!(page.header("cookie"), as_("denied").1);
            assert!(answer.text().contains("/.postern/denied"), "{answer:?}");
        } else {
            assert_eq!(answer.text(), "not you");
        }
    }
    let (name, cookie) = as_("denied");
    let mut post = gate.request("POST", WIKI, "/a", &[(name, &cookie), ("Content-Length", "6")]);
    post.body = b"secret".to_vec();
    assert_eq!(gate.send(WIKI, &post).await.status(), 403);
    assert!(checker.take().iter().all(|request| request.body.is_empty()));
    assert_eq!(gate.wiki.take(), []);
}

async fn nothing_is_open_while_the_check_has_no_good_answer(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    for headers in [&[HTML][..], &[("Accept", "*/*")]] {
        let answer = ask(&gate, "broken", "GET", "/", headers).await;
        assert_eq!((answer.status(), answer.header("location")), (503, ""), "{answer:?}");
    }
    assert_eq!(gate.wiki.take(), []);
    // Others take any 2xx for a yes; Postern says 200 and no other.
    if kind == GateKind::Envoy {
        ask(&gate, "strange", "GET", "/", &[]).await;
        assert_eq!(gate.wiki.take(), []);
    }
    checker.stop();
    // Connections that were open are gone with it.
    tokio::task::yield_now().await;
    for headers in [&[HTML][..], &[("Accept", "*/*")]] {
        let answer = ask(&gate, "ada", "GET", "/", headers).await;
        assert!(matches!(answer.status(), 502 | 503), "{answer:?}");
    }
    assert_eq!(gate.wiki.take(), []);
}

/// All spellings of the three headers that some app or gateway interface folds together.
fn spellings() -> Vec<String> {
    let mut spellings = Vec::new();
    for name in IDENTITY {
        for separator in ["-", "_", ".", "-_", "~", "!"] {
            let name = name.replace('-', separator);
            spellings.extend([name.clone(), name.to_lowercase(), name.to_uppercase()]);
        }
    }
    spellings
}

async fn what_names_another_path_method_or_person_reaches_no_app(kind: GateKind) {
    let (gate, _checker) = Gate::before(kind, postern).await;
    let names = [
        "X-Original-URL",
        "X-Original-URI",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-Forwarded-Uri",
        "X-Forwarded-Method",
        "X-Forwarded-Prefix",
        "X-Forwarded-User",
        "X-Forwarded-Host",
    ];
    let all: Vec<_> = names.iter().map(|name| (*name, "/forged.by.eve")).collect();
    ask(&gate, "ada", "GET", "/a", &all).await;
    let got = gate.wiki.take();
    assert_eq!(got.len(), 1, "the request itself goes on");
    assert!(!format!("{got:?}").contains("forged.by.eve"), "{got:?}");
}

async fn no_spelling_of_an_identity_reaches_the_app_from_a_client(kind: GateKind) {
    let (gate, _checker) = Gate::before(kind, postern).await;
    let spellings = spellings();
    let one_by_one = spellings.iter().map(|name| vec![(name.as_str(), "eve@evil.test")]);
    let twice = spellings.iter().map(|name| vec![(name.as_str(), "eve@evil.test"); 2]);
    let all: Vec<_> = spellings.iter().map(|name| (name.as_str(), "eve@evil.test")).collect();
    // Such a spelling is no header name; a proxy may refuse the request or drop the line, and nothing else.
    let broken = [
        "Remote-User ",
        "Remote User",
        " Remote-User",
        "Remote-User\u{b}",
        "Remote\u{2010}User",
        "Remote-User\0",
    ];
    let broken = broken.iter().map(|name| vec![(*name, "eve@evil.test")]);
    // Folded onto the line before (RFC 9112, section 5.2).
    let folded =
        [vec![("X-Other", "1\r\n Remote-User: eve@evil.test")], vec![("Remote-User", "a\r\n eve@evil.test")]];
    for forged in one_by_one.chain(twice).chain([all.clone()]).chain(broken).chain(folded) {
        for (person, genuine) in
            [("ada", ada()), ("nobody", vec![]), ("empty-headers", vec![]), ("no-headers", vec![])]
        {
            ask(&gate, person, "GET", "/", &forged).await;
            for got in gate.wiki.take() {
                let mut identity = identity(&got);
                identity.retain(|(_, value)| !value.is_empty());
                // Caddy 2.6 puts this where the check says nothing at all. Postern never says nothing.
                if person == "no-headers" && kind == GateKind::Caddy {
                    identity.retain(|(_, value)| !value.starts_with("{http.reverse_proxy.header.Remote-"));
                }
                assert_eq!(identity, genuine, "{person} with {forged:?}: {got:?}");
            }
        }
    }
    for forged in [&all[..0], &all[..]] {
        ask(&gate, "ada", "GET", "/", forged).await;
        assert_eq!(identity(&gate.wiki.one()), ada());
        ask(&gate, "nobody", "GET", "/", forged).await;
        assert_eq!(identity(&gate.wiki.one()), []);
        ask(&gate, "groupless", "GET", "/", forged).await;
        let mut without_groups = ada();
        without_groups.retain(|(name, _)| name != "remote-groups");
        assert_eq!(identity(&gate.wiki.one()), without_groups);
    }
}

async fn no_identity_reaches_the_app_from_a_client_over_http2(kind: GateKind) {
    let (gate, _checker) = Gate::before(kind, postern).await;
    let http = reqwest::Client::builder()
        .no_proxy()
        .resolve(WIKI, (Ipv4Addr::LOCALHOST, gate.port).into())
        .tls_backend_preconfigured(gate.tls(&["h2"]))
        .build()
        .unwrap();
    for (person, genuine) in [("ada", ada()), ("nobody", vec![])] {
        let mut request =
            http.get(gate.url(WIKI, "/")).header("cookie", "a=1").header("cookie", as_(person).1);
        for name in spellings() {
            request = request.header(name.as_str(), "eve@evil.test").header(name.as_str(), "eve@evil.test");
        }
        let answer = request.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
        let got = gate.wiki.one();
        assert_eq!(identity(&got), genuine, "{got:?}");
        assert_eq!(got.all("cookie"), ["a=1"]);
    }
}

async fn no_identity_is_lost_to_a_connection_header(kind: GateKind) {
    let (gate, _checker) = Gate::before(kind, postern).await;
    for names in ["close, Remote-User, Remote-Email, Remote-Groups", "Remote-User", "keep-alive, remote-user"]
    {
        let close = ("Connection", "close");
        let answer = ask(&gate, "ada", "GET", "/", &[("Connection", names), close]).await;
        if answer.status() != 400 {
            assert_eq!(identity(&gate.wiki.one()), ada(), "{names}");
        }
    }
}

async fn no_cookie_of_postern_reaches_the_app_and_all_others_do(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    let app = "__Host-postern-app=ada";
    for (sent, kept) in [
        ("__Host-postern-app=ada", ""),
        ("a=1; __Host-postern-app=ada", "a=1"),
        ("__Host-postern-app=ada; a=1", "a=1"),
        ("a=1; __Host-postern-app=ada; b=2", "a=1; b=2"),
        ("__Host-postern-try-1=x; __Host-postern-try-2=y; __Host-postern-app=ada; a=1; b=2", "a=1; b=2"),
        ("a=1; __Host-postern-try-1=x; b=2; __Host-postern-app=ada; c=3; postern-session=z", "a=1; b=2; c=3"),
        (
            "postern-app=z; a=postern; b=__Host-postern-app=q; __Host-postern-app=ada",
            "a=postern; b=__Host-postern-app=q",
        ),
        ("Xpostern=1; __Host-other=2; __Host-postern-app=ada; a=", "Xpostern=1; __Host-other=2; a="),
        ("a=\"x y\"; __Host-postern-app=ada; b=x==", "a=\"x y\"; b=x=="),
    ] {
        let answer = gate.send(WIKI, &gate.request("GET", WIKI, "/", &[("Cookie", sent)])).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert_eq!(gate.wiki.one().all("cookie").join("; "), kept, "of {sent}");
        assert!(checker.one().all("cookie").join("; ").contains(app), "the check sees all of them");
    }
    // However many there are and however they are written, none is let through.
    let mixed: Vec<_> = (0..20).map(|n| format!("c{n}={n}; __Host-postern-try-{n}=x")).collect();
    let mixed = format!("{}; {app}", mixed.join("; "));
    for sent in [
        &*mixed,
        "a=1;__Host-postern-app=ada; __Host-postern-app=ada",
        "a=1 ;  postern=2; __Host-postern-app=ada",
    ] {
        gate.send(WIKI, &gate.request("GET", WIKI, "/", &[("Cookie", sent)])).await;
        for got in gate.wiki.take() {
            assert!(!got.all("cookie").join("; ").replace("a=postern", "").contains("postern"), "{got:?}");
        }
    }
    // No browser writes several lines. Envoy's check reads the first, and refuses.
    let lines = [("Cookie", "a=1; postern=x"), ("Cookie", "__Host-postern-app=ada"), ("Cookie", "b=2")];
    let answer = gate.send(WIKI, &gate.request("GET", WIKI, "/", &lines)).await;
    for got in gate.wiki.take() {
        assert_eq!(got.all("cookie").join("; ").replace("; ;", ";"), "a=1; b=2");
    }
    assert_eq!(answer.status(), if kind == GateKind::Envoy { 401 } else { 200 }, "{answer:?}");
}

async fn a_websocket_opens_for_whoever_is_signed_in(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    let websocket = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Origin", "https://wiki.alpha.test"),
    ];
    let (answer, _) = gate.upgrade(WIKI, &gate.request("GET", WIKI, "/ws", &websocket)).await;
    assert_eq!((answer.status(), gate.wiki.take()), (401, vec![]), "{answer:?}");
    checker.take();
    for connection in ["Upgrade", "keep-alive, Upgrade", "upgrade, Remote-User"] {
        let (name, cookie) = as_("ada");
        let mut headers = [&websocket[..], &[(name, cookie.as_str())]].concat();
        headers[0].1 = connection;
        let (answer, back) = gate.upgrade(WIKI, &gate.request("GET", WIKI, "/ws?x=1", &headers)).await;
        assert_eq!(answer.status(), 101, "{connection}: {answer:?}");
        assert_eq!(back, b"hello");
        let got = gate.wiki.one();
        assert_eq!(identity(&got), ada());
        assert_eq!((got.target(), got.header("upgrade")), ("/ws?x=1", "websocket"));
        assert_eq!(got.header("sec-websocket-key"), "dGhlIHNhbXBsZSBub25jZQ==");
        assert_told(&gate, &checker.one(), "GET", "/ws?x=1");
    }
}

async fn no_other_upgrade_is_a_tunnel_past_the_check(kind: GateKind) {
    let (gate, _checker) = Gate::before(kind, postern).await;
    for (connection, upgrade) in [
        ("Upgrade, HTTP2-Settings", "h2c"),
        ("Upgrade", "h2c"),
        ("Upgrade", "H2C"),
        ("Upgrade", "anything"),
        ("Upgrade", "websocket, h2c"),
        ("Upgrade", "h2c, websocket"),
        ("Upgrade", "websocketx"),
    ] {
        let settings = ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA");
        let (name, cookie) = as_("ada");
        let headers = [("Connection", connection), ("Upgrade", upgrade), settings, (name, &cookie)];
        let (answer, _) = gate.upgrade(WIKI, &gate.request("GET", WIKI, "/", &headers)).await;
        assert_ne!(answer.status(), 101, "{upgrade}");
        assert!(gate.wiki.take().iter().all(|got| got.header("upgrade").is_empty()), "{upgrade}");
    }
}

async fn the_check_and_the_app_learn_the_address_of_the_visitor(kind: GateKind) {
    // Linux answers for all of 127.0.0.0/8, other systems only for one address.
    let visitor = if cfg!(target_os = "linux") { Ipv4Addr::new(127, 0, 0, 5) } else { Ipv4Addr::LOCALHOST };
    let (gate, checker) = Gate::before(kind, postern).await;
    for forged in [
        &[][..],
        &[("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=203.0.113.9")],
        &[("X-Forwarded-For", "203.0.113.9, 127.0.0.1"), ("X-Forwarded-For", "127.0.0.1")],
    ] {
        for target in ["/", "/.postern/start"] {
            let (name, cookie) = as_("ada");
            let request = gate.request("GET", WIKI, target, &[forged, &[(name, cookie.as_str())]].concat());
            assert_eq!(gate.send_from(visitor, WIKI, &request).await.status(), 200);
            for got in checker.take().into_iter().chain(gate.wiki.take()) {
                assert_eq!(got.all("x-forwarded-for"), [visitor.to_string()], "{got:?}");
                assert_eq!(got.all("forwarded"), [] as [&str; 0], "{got:?}");
            }
        }
    }
}

async fn the_paths_of_the_handover_go_to_postern_and_nothing_else_does(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    for target in [
        "/.postern/start?next=L2E_Yg",
        "/.postern/finish?ticket=a&try=b",
        "/.postern/sign-out",
        "/.postern/x%2fy",
    ] {
        let cookie = ("Cookie", "__Host-postern-try-1=x; a=1");
        let mut request = gate.request("POST", WIKI, target, &[cookie, ("Content-Length", "3")]);
        request.body = b"a=b".to_vec();
        let answer = gate.send(WIKI, &request).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert!(answer.header("set-cookie").starts_with("__Host-postern-try-1="), "{answer:?}");
        let got = checker.one();
        assert_eq!(got.first, format!("POST {target} HTTP/1.1"));
        assert_eq!((got.all("host"), got.body.len()), (vec![&*gate.authority(WIKI)], 3));
        assert_eq!(got.header("cookie"), cookie.1);
    }
    // Whatever a proxy makes of these, the app sees none that was not checked.
    for target in [
        "/.postern/../secret",
        "/.postern/..%2fsecret",
        "/.postern/%2e%2e/secret",
        "/.postern//../secret",
        "/x/../.postern/start",
        "//.postern/start",
        "/.POSTERN/start",
        "/%2epostern/start",
        "/.postern\\..\\secret",
        "/.postern",
        "/.postern/check",
        "/.postern/denied/../../secret",
    ] {
        checker.take();
        gate.send(WIKI, &gate.request("GET", WIKI, target, &[("Accept", "*/*")])).await;
        assert_eq!(gate.wiki.take(), [], "{target} by somebody who is signed out");
        ask(&gate, "ada", "GET", target, &[]).await;
        for got in gate.wiki.take() {
            assert_eq!(identity(&got), ada(), "{target}: {got:?}");
        }
    }
}

async fn posterns_own_name_leads_to_postern_unchecked(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    let headers = [
        ("Cookie", "__Host-postern-session=x"),
        ("Origin", "https://login.example.test"),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let answer = gate.send(LOGIN, &gate.request("GET", LOGIN, "/login?next=%2F", &headers)).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    let got = checker.one();
    assert_eq!(got.target(), "/login?next=%2F");
    assert_eq!(got.all("host"), [gate.authority(LOGIN)]);
    for (name, value) in headers {
        assert_eq!(got.all(name), [value]);
    }
}

async fn both_apps_are_checked_and_apart(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    for (host, app, other) in [(WIKI, &gate.wiki, &gate.tools), (TOOLS, &gate.tools, &gate.wiki)] {
        let (name, cookie) = as_("ada");
        assert_eq!(gate.send(host, &gate.request("GET", host, "/x", &[(name, &cookie)])).await.status(), 200);
        assert_eq!((app.one().header("host"), other.take()), (&*gate.authority(host), vec![]));
        assert_eq!(checker.take().len(), 1);
        assert_eq!(gate.send(host, &gate.request("GET", host, "/x", &[])).await.status(), 401);
        assert_eq!((app.take(), checker.take().len()), (vec![], 1));
    }
}

async fn a_large_body_goes_to_the_app_and_not_to_the_check(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    let body = vec![b'x'; 20 << 20];
    let (name, cookie) = as_("ada");
    let length = body.len().to_string();
    let mut request = gate.request("PUT", WIKI, "/big", &[(name, &cookie), ("Content-Length", &length)]);
    request.body = body;
    let answer = gate.send(WIKI, &request).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!((gate.wiki.one().body.len(), checker.one().body.len()), (20 << 20, 0));
    let mut request =
        gate.request("POST", WIKI, "/chunks", &[(name, &cookie), ("Transfer-Encoding", "chunked")]);
    request.body = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".to_vec();
    assert_eq!(gate.send(WIKI, &request).await.status(), 200);
    assert_eq!((gate.wiki.one().body, checker.one().body), (b"abcde".to_vec(), vec![]));
}

async fn what_the_app_answers_comes_back_as_it_is(kind: GateKind) {
    let (gate, _checker) = Gate::before(kind, postern).await;
    let answer = ask(&gate, "ada", "GET", "/x", &[]).await;
    let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.header("set-cookie"), &told["target"]), ("app=1", &json!("/x")));
    gate.wiki.stop();
    tokio::task::yield_now().await;
    let answer = ask(&gate, "ada", "GET", "/x", &[]).await;
    assert!(
        matches!(answer.status(), 502 | 503),
        "an app that is away is no matter of the sign-in: {answer:?}"
    );
    assert!(!answer.text().contains("sign-in"), "{answer:?}");
}

async fn no_query_stands_in_a_log(kind: GateKind) {
    let (gate, checker) = Gate::before(kind, postern).await;
    let referer = ("Referer", "https://wiki.alpha.test/.postern/finish?ticket=SECRET");
    for (host, target) in [
        (WIKI, "/.postern/finish?ticket=SECRET&try=1"),
        (WIKI, "/.postern/start?next=SECRET"),
        (WIKI, "/page?token=SECRET"),
        (LOGIN, "/verify?token=SECRET"),
        (LOGIN, "/enter?x=SECRET"),
    ] {
        gate.send(host, &gate.request("GET", host, target, &[referer, HTML])).await;
        ask(&gate, "denied", "GET", target, &[referer, HTML]).await;
    }
    let (name, cookie) = as_("ada");
    let plain = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, gate.plain_port)).await.unwrap();
    let answer =
        gate.request("GET", WIKI, "/.postern/finish?ticket=SECRET", &[(name, &cookie)]).exchange(plain).await;
    assert_eq!(answer.status(), 308, "{answer:?}");
    assert!(answer.header("location").starts_with("https://wiki.alpha.test"), "{answer:?}");
    assert!(answer.header("location").ends_with("/.postern/finish?ticket=SECRET"), "{answer:?}");
    drop(checker);
    let (access_log, said) = gate.stop().await;
    for path in ["/.postern/finish", "/page", "/verify"] {
        assert!(access_log.contains(path), "{path} was logged: {access_log}");
    }
    assert!(!access_log.contains("SECRET"), "{access_log}");
    assert!(!said.contains("SECRET"), "{said}");
    assert!(!access_log.contains("postern-app"), "{access_log}");
}

async fn radicale_believes_the_check_and_no_client(kind: GateKind) {
    let radicale = Radicale::start().await;
    let (gate, _checker) = Gate::start(kind, Some(radicale.port), async |_| {
        let peer = Peer::start(postern).await;
        let port = peer.port;
        (peer, port)
    })
    .await;
    let forged =
        [("Remote-User", "eve"), ("Remote_User", "eve"), ("REMOTE_USER", "eve"), ("Remote.User", "eve")];
    for headers in [&[][..], &forged] {
        assert_eq!(ask(&gate, "ada", "MKCALENDAR", "/eve/work/", headers).await.status(), 403);
        assert!(ask(&gate, "nobody", "MKCALENDAR", "/eve/work/", headers).await.status() >= 400);
        assert!(!radicale.has("eve", "work"));
    }
    // Radicale makes the folder of a person when it first hears of them.
    let made = ask(&gate, "ada", "MKCALENDAR", &format!("/{ADA}/work/"), &forged).await;
    assert_eq!(made.status(), 201, "{made:?}");
    assert!(radicale.has(ADA, "work"));
}

through_all_gates!(
    the_check_and_the_app_are_told_the_request_as_it_was,
    a_client_cannot_tell_the_check_of_another_request,
    one_host_in_the_line_and_another_in_the_header_open_nothing,
    a_host_that_is_no_app_reaches_none,
    whoever_is_signed_out_gets_the_answer_for_a_page_or_for_a_script,
    whoever_may_not_come_in_gets_the_page_that_says_so,
    nothing_is_open_while_the_check_has_no_good_answer,
    what_names_another_path_method_or_person_reaches_no_app,
    no_spelling_of_an_identity_reaches_the_app_from_a_client,
    no_identity_reaches_the_app_from_a_client_over_http2,
    no_identity_is_lost_to_a_connection_header,
    no_cookie_of_postern_reaches_the_app_and_all_others_do,
    a_websocket_opens_for_whoever_is_signed_in,
    no_other_upgrade_is_a_tunnel_past_the_check,
    the_check_and_the_app_learn_the_address_of_the_visitor,
    the_paths_of_the_handover_go_to_postern_and_nothing_else_does,
    posterns_own_name_leads_to_postern_unchecked,
    both_apps_are_checked_and_apart,
    a_large_body_goes_to_the_app_and_not_to_the_check,
    what_the_app_answers_comes_back_as_it_is,
    no_query_stands_in_a_log,
    radicale_believes_the_check_and_no_client,
);
