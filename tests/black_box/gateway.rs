//! Two apps on two root domains behind Postern and a real proxy, as their visitors meet them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::harness::{ADA, BOB, Gate, GateKind, Gateway, LOGIN, Message, Radicale, TOOLS, Visitor, WIKI};

const APP_COOKIE: &str = "__Host-postern-app";

/// What the echo app was asked for.
fn echoed(page: &Message) -> Value {
    assert_eq!(page.status(), 200, "{page:?}");
    serde_json::from_slice(&page.body).unwrap_or_else(|error| panic!("{error}: {page:?}"))
}

/// All values of a header that the echo app got.
fn got(page: &Message, name: &str) -> Vec<String> {
    let headers = echoed(page)["headers"].clone();
    let headers: Vec<(String, String)> = serde_json::from_value(headers).unwrap();
    let named = headers.into_iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value).collect()
}

/// A visitor who is signed in at the wiki.
async fn at_the_wiki<'a>(gateway: &'a Gateway, email: &str) -> Visitor<'a> {
    let visitor = Visitor::new(&gateway.gate);
    let (_, page) = gateway.sign_in_at(&visitor, &gateway.gate.url(WIKI, "/"), email).await;
    assert_eq!(got(&page, "remote-user"), [email]);
    gateway.gate.wiki.take();
    visitor
}

#[track_caller]
fn assert_signed_out(answer: &Message) {
    assert_eq!((answer.status(), answer.header("location")), (401, ""), "{answer:?}");
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["refusal"], "signed_out", "{answer:?}");
}

async fn a_deep_link_is_where_a_sign_in_ends(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    for target in [
        "/".to_owned(),
        "/a/b?x=1&y=%20+z&x=2&next=/other".to_owned(),
        "/%E4%BD%A0%2F%3F%23%25?q=%26%3D%2f&https://evil.test/".to_owned(),
        "/a%2fb//c;d?e=//evil.test".to_owned(),
        format!("/long?q={}", "a%20".repeat(1000)),
    ] {
        let visitor = Visitor::new(&gateway.gate);
        let url = gateway.gate.url(WIKI, &target);
        let (end, page) = gateway.sign_in_at(&visitor, &url, ADA).await;
        assert_eq!((end, &echoed(&page)["target"]), (url, &json!(target)));
        for name in ["remote-user", "remote-email"] {
            assert_eq!(got(&page, name), [ADA]);
        }
    }
}

async fn the_sign_in_itself_works_beside_the_apps(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = Visitor::new(&gateway.gate);
    let url = gateway.gate.url(LOGIN, "/logout");
    let (end, page) = gateway.sign_in_at(&visitor, &url, ADA).await;
    assert!(end == url && page.status() == 200 && page.text().contains(ADA), "{end}: {page:?}");
}

async fn a_script_is_told_and_not_led_away(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = Visitor::new(&gateway.gate);
    assert_signed_out(&visitor.fetch(WIKI, "/api/pages?x=1").await);
    let ajax = [("Accept", "application/json"), ("X-Requested-With", "XMLHttpRequest")];
    assert_signed_out(&visitor.send("GET", WIKI, "/", &ajax, b"").await);
    let origin = gateway.gate.url(TOOLS, "");
    let preflight =
        [("Origin", origin.as_str()), ("Access-Control-Request-Method", "PUT"), ("Sec-Fetch-Mode", "cors")];
    assert_signed_out(&visitor.send("OPTIONS", WIKI, "/", &preflight, b"").await);
    let head = visitor.send("HEAD", WIKI, "/", &[("Accept", "*/*")], b"").await;
    assert_eq!((head.status(), head.header("location")), (401, ""));
    // Scripts cannot claim to navigate; a HEAD of a navigation is led like its GET.
    let head = visitor.send("HEAD", WIKI, "/", &[("Accept", "text/html")], b"").await;
    assert_eq!(head.status(), 303, "{head:?}");
    assert_eq!(gateway.gate.wiki.take(), []);
}

async fn a_post_is_refused_and_never_repeated_elsewhere(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = Visitor::new(&gateway.gate);
    let answer = visitor.submit(WIKI, "/save", &[("text", "all my work")]).await;
    assert_signed_out(&answer);
    for method in ["PUT", "PATCH", "DELETE"] {
        assert_signed_out(&visitor.send(method, WIKI, "/save", &[("Accept", "text/html")], b"x").await);
    }
    assert_eq!(gateway.gate.wiki.take(), []);
    let visitor = at_the_wiki(&gateway, ADA).await;
    let answer = visitor.submit(WIKI, "/save?a=b", &[("text", "all my work")]).await;
    assert_eq!((&echoed(&answer)["method"], &echoed(&answer)["body"]), (&json!("POST"), &json!(16)));
}

async fn what_a_page_loads_by_itself_never_becomes_the_way_back(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = Visitor::new(&gateway.gate);
    for (target, dest, mode) in [
        ("/favicon.ico", "image", "no-cors"),
        ("/manifest.webmanifest", "manifest", "cors"),
        ("/sw.js", "serviceworker", "same-origin"),
        ("/style.css", "style", "no-cors"),
        ("/app.js", "script", "no-cors"),
    ] {
        // Some browsers say text/html of pictures as well.
        let headers = [("Accept", "text/html,*/*"), ("Sec-Fetch-Dest", dest), ("Sec-Fetch-Mode", mode)];
        assert_signed_out(&visitor.send("GET", WIKI, target, &headers, b"").await);
    }
    assert_eq!(visitor.cookies(WIKI), "");
}

async fn a_websocket_opens_and_is_refused_like_a_request(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = at_the_wiki(&gateway, ADA).await;
    let websocket = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-Fetch-Mode", "websocket"),
    ];
    let (answer, _) = gateway.gate.upgrade(WIKI, &gateway.gate.request("GET", WIKI, "/ws", &websocket)).await;
    assert_signed_out(&answer);
    let cookies = visitor.cookies(WIKI);
    let headers = [&websocket[..], &[("Cookie", cookies.as_str())]].concat();
    let (answer, back) =
        gateway.gate.upgrade(WIKI, &gateway.gate.request("GET", WIKI, "/ws", &headers)).await;
    assert_eq!((answer.status(), back.as_slice()), (101, &b"hello"[..]), "{answer:?}");
    assert_eq!(gateway.gate.wiki.one().all("remote-user"), [ADA]);
}

/// GATEWAY_APPS with public paths of the wiki.
fn with_public_paths([mut wiki, tools]: [Value; 2]) -> [Value; 2] {
    wiki["public"] = json!(["/public", "/health"]);
    [wiki, tools]
}

async fn a_forged_identity_reaches_no_app_on_guarded_and_on_public_paths(kind: GateKind) {
    let gateway = Gateway::start_with(kind, None, with_public_paths).await;
    let ada = at_the_wiki(&gateway, ADA).await;
    let nobody = Visitor::new(&gateway.gate);
    let mut forged = Vec::new();
    for name in ["User", "Email", "Groups"] {
        for separator in ["-", "_", "."] {
            let name = format!("Remote{separator}{name}");
            forged.extend([name.clone(), name.to_lowercase(), name.to_uppercase()]);
        }
    }
    let twice: Vec<_> = forged.iter().chain(&forged).map(|name| (name.as_str(), "eve@evil.test")).collect();
    for headers in [&[][..], &twice] {
        for target in ["/", "/public/x", "/health?x=y"] {
            ada.send("GET", WIKI, target, headers, b"").await;
            assert_eq!(
                identity(&gateway.gate.wiki.one()),
                [("remote-email", ADA), ("remote-user", ADA)]
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
                "{target}"
            );
        }
        assert_signed_out(&nobody.send("GET", WIKI, "/", headers, b"").await);
        assert_eq!(gateway.gate.wiki.take(), []);
        for target in ["/public/x", "/public", "/health?x=y"] {
            assert_eq!(nobody.send("GET", WIKI, target, headers, b"").await.status(), 200, "{target}");
            assert_eq!(identity(&gateway.gate.wiki.one()), [], "{target}");
        }
    }
}

/// The headers by which an app may believe somebody; without groups, of which there are none.
fn identity(request: &Message) -> Vec<(String, String)> {
    let folded = |name: &str| name.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let named = request.headers.iter().map(|(name, value)| (folded(name), value.clone()));
    let mut found: Vec<_> =
        named.filter(|(name, value)| name.starts_with("remote") && !value.is_empty()).collect();
    found.sort();
    found
}

async fn only_a_plain_path_is_public(kind: GateKind) {
    let gateway = Gateway::start_with(kind, None, with_public_paths).await;
    let nobody = Visitor::new(&gateway.gate);
    for target in [
        "/public/../secret",
        "/public/..%2fsecret",
        "/public/%2e%2e/secret",
        "/public/.%2e/secret",
        "/public%2f..%2fsecret",
        "/public//../secret",
        "//public/x",
        "/public/x;/../../secret",
        "/public/..\\secret",
        "/public%5c..%5csecret",
        "/public%00",
        "/publicity",
        "/PUBLIC/x",
        "/x?/public/",
        "/secret?path=/public/x",
        "/secret#/public/x",
    ] {
        let answer = nobody.fetch(WIKI, target).await;
        assert!(answer.status() >= 400, "{target}: {answer:?}");
        assert_eq!(gateway.gate.wiki.take(), [], "{target}");
    }
}

async fn the_query_of_the_request_decides_nothing(kind: GateKind) {
    let gateway = Gateway::start_with(kind, None, with_public_paths).await;
    let nobody = Visitor::new(&gateway.gate);
    let public =
        format!("uri=/public/x&path=/public/x&host={TOOLS}&method=GET&allowed=true&allow=*&next=/public/x");
    assert_signed_out(&nobody.fetch(WIKI, &format!("/?{public}")).await);
    let (login, _) = nobody.follow(&gateway.gate.url(WIKI, "/?x=1&rd=https://evil.test/")).await;
    assert!(login.starts_with(&gateway.gate.url(LOGIN, "/login")), "{login}");
    assert_eq!(gateway.gate.wiki.take(), []);
}

async fn two_tabs_sign_in_at_once(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = Visitor::new(&gateway.gate);
    let (first, second) = (gateway.gate.url(WIKI, "/first"), gateway.gate.url(WIKI, "/second?x=y"));
    let (login, _) = visitor.follow(&first).await;
    let (other_login, _) = visitor.follow(&second).await;
    let (end, page) = gateway.sign_in_from(&visitor, &login, ADA).await;
    assert_eq!((end, &echoed(&page)["target"]), (first, &json!("/first")));
    // The other tab is loaded anew: its visitor is signed in by now, and it ends where it began.
    let next = url::Url::parse(&other_login).unwrap();
    let next = next.query_pairs().find(|(name, _)| name == "next").unwrap().1.into_owned();
    let (end, page) = visitor.follow(&gateway.gate.url(LOGIN, &next)).await;
    assert_eq!((end, &echoed(&page)["target"]), (second, &json!("/second?x=y")));
}

async fn one_mail_opens_the_apps_of_two_domains(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = at_the_wiki(&gateway, ADA).await;
    let url = gateway.gate.url(TOOLS, "/deep?x=y");
    let (end, page) = visitor.follow(&url).await;
    assert_eq!((end, &echoed(&page)["target"]), (url, &json!("/deep?x=y")));
    assert_eq!(got(&page, "remote-user"), [ADA]);
    gateway.postern.deliver().await;
    assert_eq!(gateway.mail_server.mails().len(), 0);
    // Each host has a cookie of its own, and neither opens the other.
    let [wiki, tools] = [WIKI, TOOLS].map(|host| visitor.cookie(host, APP_COOKIE).unwrap());
    assert_ne!(wiki, tools);
    let thief = Visitor::new(&gateway.gate);
    thief.put(TOOLS, APP_COOKIE, &wiki);
    assert_signed_out(&thief.fetch(TOOLS, "/").await);
    assert!(
        visitor.cookie(WIKI, "__Host-postern-session").is_none()
            && visitor.cookie(TOOLS, "__Host-postern-session").is_none()
    );
}

async fn a_sign_out_closes_every_app(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    for at in [WIKI, LOGIN] {
        let visitor = at_the_wiki(&gateway, ADA).await;
        visitor.follow(&gateway.gate.url(TOOLS, "/")).await;
        for host in [WIKI, TOOLS] {
            assert_eq!(visitor.fetch(host, "/").await.status(), 200);
        }
        let stolen = visitor.cookie(WIKI, APP_COOKIE).unwrap();
        if at == WIKI {
            let page = visitor.navigate(WIKI, "/.postern/sign-out").await;
            assert!(page.status() == 200 && page.text().contains("<form"), "{page:?}");
            assert_eq!(visitor.fetch(TOOLS, "/").await.status(), 200, "a GET ends nothing");
            let answer = visitor.submit(WIKI, "/.postern/sign-out", &[]).await;
            assert_eq!(answer.status(), 303, "{answer:?}");
        } else {
            assert_eq!(visitor.submit(LOGIN, "/api/sign_out", &[]).await.status(), 303);
        }
        let thief = Visitor::new(&gateway.gate);
        thief.put(WIKI, APP_COOKIE, &stolen);
        gateway.gate.wiki.take();
        gateway.gate.tools.take();
        for (who, host) in [(&visitor, WIKI), (&visitor, TOOLS), (&thief, WIKI)] {
            assert_signed_out(&who.fetch(host, "/").await);
        }
        assert_eq!((gateway.gate.wiki.take(), gateway.gate.tools.take()), (vec![], vec![]));
        let (login, _) = visitor.follow(&gateway.gate.url(WIKI, "/")).await;
        assert!(login.starts_with(&gateway.gate.url(LOGIN, "/login")), "{login}");
    }
}

async fn whoever_is_taken_off_the_allowlist_is_out_of_the_apps(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = at_the_wiki(&gateway, ADA).await;
    gateway.postern.allow_only(&[BOB]);
    assert!(visitor.fetch(WIKI, "/").await.status() >= 400);
    assert_eq!(gateway.gate.wiki.take(), []);
}

async fn an_app_that_is_not_for_everybody_says_so_and_does_not_loop(kind: GateKind) {
    let gateway = Gateway::start_with(kind, None, |[wiki, mut tools]| {
        tools["allow"] = json!([BOB]);
        [wiki, tools]
    })
    .await;
    let ada = at_the_wiki(&gateway, ADA).await;
    let (_, page) = ada.follow(&gateway.gate.url(TOOLS, "/deep")).await;
    assert_eq!(page.status(), 403, "{page:?}");
    assert!(page.text().contains(ADA), "it names the account: {}", page.text());
    let again = ada.navigate(TOOLS, "/deep").await;
    assert!(matches!(again.status(), 303 | 403), "{again:?}");
    assert!(matches!(ada.fetch(TOOLS, "/").await.status(), 401 | 403));
    assert_eq!(ada.fetch(WIKI, "/").await.status(), 200, "where she may be, she still is");
    assert_eq!(gateway.gate.tools.take(), []);
    let bob = Visitor::new(&gateway.gate);
    let (_, page) = gateway.sign_in_at(&bob, &gateway.gate.url(TOOLS, "/deep"), BOB).await;
    assert_eq!(got(&page, "remote-user"), [BOB]);
}

async fn one_who_may_no_longer_come_in_gets_the_page_on_the_app(kind: GateKind) {
    let settings = |[mut wiki, tools]: [Value; 2]| {
        wiki["allow"] = json!([BOB]);
        [wiki, tools]
    };
    let gateway = Gateway::start_with(kind, None, settings).await;
    let bob = at_the_wiki(&gateway, BOB).await;
    let denied = bob.navigate(WIKI, "/.postern/denied").await;
    assert!(denied.status() == 403 && denied.text().contains(BOB), "{denied:?}");
    assert!(denied.header("location").is_empty());
}

async fn nothing_is_open_to_a_stranger_without_the_database(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = at_the_wiki(&gateway, ADA).await;
    take_the_tables_away(&gateway).await;
    // A check may be answered from memory for a moment; a cookie that was never seen cannot be.
    let stranger = Visitor::new(&gateway.gate);
    stranger.put(WIKI, APP_COOKIE, &"x".repeat(visitor.cookie(WIKI, APP_COOKIE).unwrap().len()));
    for answer in [stranger.fetch(WIKI, "/").await, stranger.navigate(WIKI, "/").await] {
        assert!(matches!(answer.status(), 401 | 403 | 503), "{answer:?}");
        assert_eq!(answer.header("location"), "", "no way to a sign-in that does not work");
    }
    assert_eq!(gateway.gate.wiki.take(), []);
}

/// Makes every statement fail, as a broken disk would.
async fn take_the_tables_away(gateway: &Gateway) {
    let mut database = gateway.postern.database().await;
    let tables = database.tables().await;
    assert!(tables.len() > 3, "{tables:?}");
    for table in tables {
        database.run(&format!("ALTER TABLE {table} RENAME TO gone_{table}")).await;
    }
}

async fn no_cookie_of_postern_reaches_the_apps(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = at_the_wiki(&gateway, ADA).await;
    // Its own cookies stay: the echo app has set one by now.
    let (_, _) = visitor.follow(&gateway.gate.url(TOOLS, "/")).await;
    visitor.put(WIKI, "theme", "dark");
    for host in [WIKI, TOOLS] {
        visitor.fetch(host, "/").await;
        assert!(visitor.cookies(host).contains("postern"), "{}", visitor.cookies(host));
    }
    assert_eq!(gateway.gate.wiki.one().all("cookie").join("; "), "app=1; theme=dark");
    for got in gateway.gate.tools.take() {
        assert!(!got.all("cookie").join("; ").contains("postern"), "{got:?}");
    }
}

async fn a_ticket_opens_nothing_but_its_app_for_its_browser_once(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = at_the_wiki(&gateway, ADA).await;
    // The way through the login host, step by step, up to the ticket.
    let started =
        visitor.navigate(TOOLS, &format!("/.postern/start?next={}", URL_SAFE_NO_PAD.encode("/deep"))).await;
    let enter = started.header("location").strip_prefix(&gateway.gate.url(LOGIN, "")).unwrap().to_owned();
    let finish = visitor.navigate(LOGIN, &enter).await.header("location").to_owned();
    let finish = finish.strip_prefix(&gateway.gate.url(TOOLS, "")).unwrap_or_else(|| panic!("{finish}"));
    assert!(finish.starts_with("/.postern/finish?"), "{finish}");
    let thief = Visitor::new(&gateway.gate);
    for host in [TOOLS, WIKI] {
        thief.navigate(host, finish).await;
        assert_eq!(thief.cookie(host, APP_COOKIE), None, "{host}");
    }
    let wiki_cookie = visitor.cookie(WIKI, APP_COOKIE);
    visitor.navigate(WIKI, finish).await;
    assert_eq!(visitor.cookie(WIKI, APP_COOKIE), wiki_cookie);
    let fresh =
        visitor.navigate(TOOLS, &format!("/.postern/start?next={}", URL_SAFE_NO_PAD.encode("/deep"))).await;
    let enter = fresh.header("location").strip_prefix(&gateway.gate.url(LOGIN, "")).unwrap().to_owned();
    let (end, page) = visitor.follow(&gateway.gate.url(LOGIN, &enter)).await;
    assert_eq!((end, page.status()), (gateway.gate.url(TOOLS, "/deep"), 200));
}

async fn a_start_leads_only_to_the_app_itself(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = at_the_wiki(&gateway, ADA).await;
    for next in [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "/.postern/sign-out",
        "javascript:alert(1)",
        "/\r\nx: y",
        "/\t/evil.test",
    ] {
        let start = format!("/.postern/start?next={}", URL_SAFE_NO_PAD.encode(next));
        // Leaving this proxy fails the claim by itself.
        let (end, _) = visitor.follow(&gateway.gate.url(WIKI, &start)).await;
        assert!(
            !end.contains("evil.test/") || end.starts_with(&gateway.gate.url(WIKI, "/")),
            "{next:?} ends at {end}"
        );
    }
}

async fn a_whole_visit_leaves_no_secret_in_a_log(kind: GateKind) {
    let gateway = Gateway::start(kind).await;
    let visitor = at_the_wiki(&gateway, ADA).await;
    visitor.follow(&gateway.gate.url(TOOLS, "/deep?token=SECRET")).await;
    let cookies = [WIKI, TOOLS].map(|host| visitor.cookie(host, APP_COOKIE).unwrap());
    drop(visitor);
    let Gateway { gate, postern, .. } = gateway;
    drop(postern);
    let (access_log, said) = gate.stop().await;
    assert!(access_log.contains("/.postern/finish"), "{access_log}");
    for log in [access_log, said] {
        for secret in cookies.iter().map(String::as_str).chain(["ticket=", "token=", "SECRET", "next="]) {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
}

/// Asks Radicale who its visitor is (RFC 5397).
async fn principal(gate: &Gate, visitor: &Visitor<'_>, headers: &[(&str, &str)]) -> Message {
    let ask = br#"<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>"#;
    let headers = [headers, &[("Depth", "0"), ("Content-Type", "application/xml")]].concat();
    assert!(gate.port > 0);
    visitor.send("PROPFIND", WIKI, "/", &headers, ask).await
}

async fn radicale_is_open_to_the_person_who_signed_in(kind: GateKind) {
    let radicale = Radicale::start().await;
    let gateway = Gateway::start_with(kind, Some(radicale.port), |apps| apps).await;
    let gate = &gateway.gate;
    let ada = Visitor::new(gate);
    assert_signed_out(&principal(gate, &ada, &[]).await);
    // Its web page needs scripts; that it comes is enough.
    let (end, page) = gateway.sign_in_at(&ada, &gate.url(WIKI, "/.web/"), ADA).await;
    assert_eq!((end, page.status()), (gate.url(WIKI, "/.web/"), 200));
    let forged = [("Remote-User", BOB), ("Remote_User", BOB), ("remote-user", BOB)];
    for headers in [&[][..], &forged] {
        let answer = principal(gate, &ada, headers).await;
        assert_eq!(answer.status(), 207, "{answer:?}");
        assert!(answer.text().replace("%40", "@").contains(&format!("/{ADA}/")), "{}", answer.text());
    }
    let made = ada.send("MKCALENDAR", WIKI, &format!("/{ADA}/work/"), &forged, b"").await;
    assert_eq!(made.status(), 201, "{made:?}");
    assert!(radicale.has(ADA, "work"));
    let refused = ada.send("MKCALENDAR", WIKI, &format!("/{BOB}/work/"), &forged, b"").await;
    assert!(refused.status() >= 400 && !radicale.has(BOB, "work"), "{refused:?}");
}

through_all_gates!(
    a_deep_link_is_where_a_sign_in_ends,
    the_sign_in_itself_works_beside_the_apps,
    a_script_is_told_and_not_led_away,
    a_post_is_refused_and_never_repeated_elsewhere,
    what_a_page_loads_by_itself_never_becomes_the_way_back,
    a_websocket_opens_and_is_refused_like_a_request,
    a_forged_identity_reaches_no_app_on_guarded_and_on_public_paths,
    only_a_plain_path_is_public,
    the_query_of_the_request_decides_nothing,
    two_tabs_sign_in_at_once,
    one_mail_opens_the_apps_of_two_domains,
    a_sign_out_closes_every_app,
    whoever_is_taken_off_the_allowlist_is_out_of_the_apps,
    an_app_that_is_not_for_everybody_says_so_and_does_not_loop,
    one_who_may_no_longer_come_in_gets_the_page_on_the_app,
    nothing_is_open_to_a_stranger_without_the_database,
    no_cookie_of_postern_reaches_the_apps,
    a_ticket_opens_nothing_but_its_app_for_its_browser_once,
    a_start_leads_only_to_the_app_itself,
    a_whole_visit_leaves_no_secret_in_a_log,
    radicale_is_open_to_the_person_who_signed_in,
);
