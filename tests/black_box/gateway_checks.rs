//! The gateway without a proxy: what a check answers, and how a browser gets from one host to another. The tests speak as
//! the proxy does; `gateway.rs` has the real ones.

use std::{collections::BTreeMap, ops::Deref, sync::Mutex};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use postern::domain::{
    Allowlist, Gateway, Origin,
    gateway::{App, GroupName, OriginPattern, PublicPath},
};
use reqwest::{Method, Response};

use crate::harness::{ADA, BOB, Browser, Mail, MailServer, Manner, NAVIGATION, Postern, SECOND, query_value};

const LOGIN: &str = "https://login.example.test";
const WIKI: &str = "https://wiki.alpha.test";
const TOOLS: &str = "https://tools.beta.test";

/// Two apps on two root domains; only Ada may open the second one.
fn apps() -> Gateway {
    let app = |origin: &str, allow: Option<&[&str]>| {
        let allow = allow.map(|entries| Allowlist::parse(entries).unwrap());
        let public = vec![PublicPath::parse("/static").unwrap()];
        App::new(OriginPattern::parse(origin).unwrap(), allow, public)
    };
    let groups = [("staff", vec!["@example.com"]), ("admins", vec![ADA]), ("none", vec![BOB])];
    let groups: BTreeMap<_, _> = groups
        .into_iter()
        .map(|(name, entries)| (GroupName::parse(name).unwrap(), Allowlist::parse(entries).unwrap()))
        .collect();
    let apps = vec![app(WIKI, None), app(TOOLS, Some(&[ADA]))];
    Gateway::new(apps, groups, Some(Origin::parse(LOGIN).unwrap())).unwrap()
}

/// A production server and its mail server.
struct Gate {
    postern: Postern,
    mail_server: MailServer,
}

impl Deref for Gate {
    type Target = Postern;

    fn deref(&self) -> &Postern {
        &self.postern
    }
}

impl Gate {
    async fn mails(&self) -> Vec<Mail> {
        self.postern.deliver().await;
        self.mail_server.mails()
    }
}

async fn start() -> Gate {
    let mail_server = MailServer::start(&[]).await;
    let settings = [&[("TRUSTED_PROXIES", "127.0.0.1")], &mail_server.settings()[..]].concat();
    let postern = Postern::in_production(&settings).await;
    postern.state.gateway.replace(apps());
    Gate { postern, mail_server }
}

/// A browser that visits apps as well: its cookies for Postern are in `login`, those for the apps here.
struct Visitor<'p> {
    postern: &'p Gate,
    login: Browser,
    jar: Mutex<BTreeMap<(String, String), String>>,
}

impl<'p> Visitor<'p> {
    fn new(postern: &'p Gate) -> Self {
        Self { postern, login: postern.browser(Manner::Form), jar: Mutex::default() }
    }

    fn cookies(&self, origin: &str) -> String {
        let jar = self.jar.lock().unwrap();
        let mine = jar.iter().filter(|((host, _), _)| host == origin);
        mine.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// A request to `/.postern/…` of an app, which the proxy leads to Postern.
    async fn at(&self, method: Method, url: &str) -> Response {
        let origin = origin_of(url);
        let host = origin.strip_prefix("https://").unwrap();
        let request = self
            .login
            .http
            .request(method, format!("http://127.0.0.1:{}{}", self.postern.port(), &url[origin.len()..]));
        let request = request.header("host", host).header("origin", &origin).header("accept", NAVIGATION);
        let response = request.header("cookie", self.cookies(&origin)).send().await.unwrap();
        for set in response.headers().get_all("set-cookie") {
            let set = set.to_str().unwrap();
            assert!(
                set.starts_with("__Host-postern-") && set.contains("; Secure") && set.contains("; HttpOnly"),
                "{set}"
            );
            assert!(
                set.contains("; Path=/") && set.contains("SameSite=Lax") && !set.contains("Domain"),
                "{set}"
            );
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            let key = (origin.clone(), name.to_owned());
            let mut jar = self.jar.lock().unwrap();
            if set.contains("Max-Age=0") {
                jar.remove(&key)
            } else {
                jar.insert(key, value.to_owned())
            };
        }
        response
    }

    /// What the proxy is told of a GET of `url` by this browser.
    async fn check(&self, url: &str) -> Response {
        self.check_by(url, &[("accept", NAVIGATION)]).await
    }

    async fn check_by(&self, url: &str, headers: &[(&str, &str)]) -> Response {
        let origin = origin_of(url);
        let request = self.login.http.get(format!("http://127.0.0.1:{}/auth/forward", self.postern.port()));
        let request = request
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", origin.strip_prefix("https://").unwrap())
            .header("x-forwarded-uri", &url[origin.len()..])
            .header("x-forwarded-method", "GET")
            .header("cookie", format!("theme=dark; {}", self.cookies(&origin)));
        headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value))
            .send()
            .await
            .unwrap()
    }

    /// Follows redirects from `url`, as a browser does, until an app would be shown; tells where that is.
    async fn goes(&self, url: &str) -> String {
        let mut url = url.to_owned();
        for _ in 0..8 {
            let next = if let Some(path) = url.strip_prefix(LOGIN) {
                let answer = self.login.open(path).await;
                assert_eq!(answer.status, 303, "{url}: {answer:?}");
                answer.location().to_owned()
            } else if url.contains("/.postern/") {
                let response = self.at(Method::GET, &url).await;
                assert_eq!(response.status(), 303, "{url}");
                location(&response)
            } else {
                let checked = self.check(&url).await;
                match checked.status().as_u16() {
                    200 => return url,
                    303 => location(&checked),
                    other => panic!("{url}: {other}"),
                }
            };
            url = if next.starts_with('/') { format!("{}{next}", origin_of(&url)) } else { next };
            if url.starts_with(&format!("{LOGIN}/login")) {
                return url;
            }
        }
        panic!("it goes round in circles: {url}");
    }

    /// Signs Ada in at Postern, on the way to nowhere.
    async fn signs_in_here(&self) {
        self.login.ask(ADA).await;
        self.login.redeem_link(&self.postern.mails().await.remove(0).token()).await.assert_leads_to("/");
    }

    /// Opens `url`, signs in as `email`, and ends where that leads.
    async fn signs_in_from(&self, url: &str, email: &str) -> String {
        let page = self.goes(url).await;
        let next = query_value(&page[LOGIN.len()..], "next").unwrap();
        self.login
            .call("request_link", &[("email", email), ("next", &next)])
            .await
            .assert_leads_to("/login/sent");
        let mail = self.postern.mails().await.remove(0);
        let answer = self.login.redeem_link(&mail.token()).await;
        self.goes(&format!("{LOGIN}{}", answer.location())).await
    }
}

fn origin_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    format!("{scheme}://{}", rest.split(['/', '?']).next().unwrap())
}

fn location(response: &Response) -> String {
    String::from_utf8(response.headers()["location"].as_bytes().to_vec()).unwrap()
}

fn identity(response: &Response) -> [&str; 3] {
    ["remote-user", "remote-email", "remote-groups"].map(|name| response.headers()[name].to_str().unwrap())
}

#[tokio::test]
async fn one_mail_opens_apps_on_two_domains_and_each_deep_address_is_reached() {
    let postern = start().await;
    let ada = Visitor::new(&postern);
    let deep = format!("{WIKI}/Gro%C3%9Fe%20Seite/a//b?q=a%2Fb&next=https://x.test/%25");
    assert_eq!(ada.signs_in_from(&deep, ADA).await, deep);
    assert_eq!(identity(&ada.check(&deep).await), [ADA, ADA, "admins,staff"]);
    // The second app: no mail and no page to click through.
    let long = format!("{TOOLS}/?{}", "%C3%A4".repeat(680));
    assert_eq!(ada.goes(&long).await, long);
    assert!(postern.mails().await.is_empty());
    assert_eq!(postern.rows("audit WHERE event = 'entered' AND app = 'https://tools.beta.test'").await, 1);
    assert_eq!(postern.rows("tickets").await, 0);
    assert!(!ada.cookies(TOOLS).contains("try"), "what an attempt kept is gone: {}", ada.cookies(TOOLS));
}

#[tokio::test]
async fn a_cookie_beside_it_that_is_no_text_locks_nobody_out() {
    let gate = start().await;
    let ada = Visitor::new(&gate);
    ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
    for beside in [&b"lang=\xe4; "[..], b"=; ;;\xff=\xff; "] {
        let cookies = [beside, ada.cookies(WIKI).as_bytes()].concat();
        let request = ada.login.http.get(format!("http://127.0.0.1:{}/auth/nginx", gate.port()));
        let request = request.header("x-original-url", format!("{WIKI}/")).header("x-original-method", "GET");
        let request = request.header("cookie", reqwest::header::HeaderValue::from_bytes(&cookies).unwrap());
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn no_cookie_opens_more_than_one_app() {
    let postern = start().await;
    let ada = Visitor::new(&postern);
    ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
    let thief = Visitor::new(&postern);
    let cookie = ada.cookies(WIKI).split_once('=').unwrap().1.to_owned();
    for host in [WIKI, TOOLS] {
        thief.jar.lock().unwrap().insert((host.to_owned(), "__Host-postern-app".to_owned()), cookie.clone());
    }
    assert_eq!(thief.check(&format!("{WIKI}/")).await.status(), 200, "it is a key to the wiki");
    assert_eq!(thief.check(&format!("{TOOLS}/")).await.status(), 303);
    thief
        .jar
        .lock()
        .unwrap()
        .insert((WIKI.to_owned(), "__Host-postern-app".to_owned()), ada.login.cookie_value());
    assert_eq!(thief.check(&format!("{WIKI}/")).await.status(), 303, "nor does that of Postern");
}

#[tokio::test]
async fn a_ticket_that_is_used_late_stolen_forged_or_for_another_app_lets_nobody_in() {
    let postern = start().await;
    let ada = Visitor::new(&postern);
    ada.signs_in_here().await;
    // As far as the ticket, which is not gone in with.
    let ticket = async |visitor: &Visitor<'_>| {
        let start = visitor
            .at(Method::GET, &format!("{WIKI}/.postern/start?next={}", URL_SAFE_NO_PAD.encode("/a")))
            .await;
        let enter = location(&start);
        let answer = ada.login.open(enter.strip_prefix(LOGIN).unwrap()).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        answer.location().to_owned()
    };
    let used = ticket(&ada).await;
    let finished = ada.at(Method::GET, &used).await;
    assert_eq!(
        (finished.status().as_u16(), location(&finished).as_str()),
        (303, "/a"),
        "a good one leads in"
    );
    let stranger = Visitor::new(&postern);
    let refused = stranger.at(Method::GET, &used).await;
    assert_eq!(refused.status(), 410, "used");
    assert!(refused.text().await.unwrap().contains("Please try again"));
    // Its own browser, which reloads, is in already.
    let again = ada.at(Method::GET, &used).await;
    assert_eq!((again.status().as_u16(), location(&again).as_str()), (303, "/"));

    let other = Visitor::new(&postern);
    let stolen = ticket(&other).await;
    let thief = Visitor::new(&postern);
    ticket(&thief).await;
    assert_eq!(
        thief.at(Method::GET, &stolen).await.status(),
        409,
        "stolen: the thief set out with another nonce"
    );
    assert_eq!(other.at(Method::GET, &stolen).await.status(), 410, "and nobody goes in with it any more");

    let elsewhere = ticket(&other).await.replace(WIKI, TOOLS);
    assert_eq!(other.at(Method::GET, &elsewhere).await.status(), 410, "for another app");
    let late = ticket(&other).await;
    postern.wait(60 * SECOND);
    assert_eq!(other.at(Method::GET, &late).await.status(), 410, "late");
    let forged = late.replace("ticket=", "ticket=x");
    assert_eq!(other.at(Method::GET, &forged).await.status(), 410, "forged");
    assert_eq!(other.at(Method::GET, &format!("{WIKI}/.postern/finish")).await.status(), 410, "none");
    for visitor in [&stranger, &thief, &other] {
        assert_eq!(visitor.check(&format!("{WIKI}/")).await.status(), 303);
    }
    assert_eq!(postern.rows("app_sessions").await, 1);
}

#[tokio::test]
async fn two_tabs_that_set_out_at_once_both_arrive() {
    let postern = start().await;
    let ada = Visitor::new(&postern);
    ada.signs_in_here().await;
    let mut ways = Vec::new();
    for next in ["/one", "/two"] {
        let start = ada
            .at(Method::GET, &format!("{WIKI}/.postern/start?next={}", URL_SAFE_NO_PAD.encode(next)))
            .await;
        ways.push((location(&start), next));
    }
    for (way, next) in ways {
        let ticket = ada.login.open(way.strip_prefix(LOGIN).unwrap()).await.location().to_owned();
        assert_eq!(location(&ada.at(Method::GET, &ticket).await), next);
    }
}

#[tokio::test]
async fn signing_out_anywhere_closes_all_apps_at_the_next_check() {
    let postern = start().await;
    for from_the_app in [true, false] {
        let ada = Visitor::new(&postern);
        ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
        ada.goes(&format!("{TOOLS}/")).await;
        let page = ada.at(Method::GET, &format!("{WIKI}/.postern/sign-out")).await;
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains(ADA));
        assert_eq!(
            ada.check(&format!("{TOOLS}/")).await.status(),
            200,
            "looking at the button changes nothing"
        );
        if from_the_app {
            let answer = ada.at(Method::POST, &format!("{WIKI}/.postern/sign-out")).await;
            assert_eq!(
                (answer.status().as_u16(), location(&answer)),
                (303, format!("{LOGIN}/login?notice=signed_out"))
            );
            assert_eq!(ada.cookies(WIKI), "");
        } else {
            ada.login.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
        }
        for app in [WIKI, TOOLS] {
            assert_eq!(ada.check(&format!("{app}/")).await.status(), 303);
        }
        assert_eq!(ada.login.whoami().await, None);
    }
    assert_eq!(postern.rows("audit WHERE event = 'signed_out'").await, 2);
    assert_eq!(postern.rows("app_sessions").await, 0, "nothing is left of them");
}

#[tokio::test]
async fn a_device_that_is_ended_elsewhere_opens_no_app_from_the_answer_on() {
    let postern = start().await;
    for all_others in [false, true] {
        let (desk, phone) = (Visitor::new(&postern), Visitor::new(&postern));
        desk.signs_in_from(&format!("{WIKI}/"), ADA).await;
        phone.signs_in_from(&format!("{WIKI}/"), ADA).await;
        phone.goes(&format!("{TOOLS}/")).await;
        let page = desk.login.open("/sessions").await.text();
        // This device has opened one of them, the other one both.
        let hosts = [WIKI, TOOLS].map(|app| app.strip_prefix("https://").unwrap());
        let [this, other] =
            page.split("name=\"id\"").next().unwrap().split("<li class=\"device").skip(1).collect::<Vec<_>>()
                [..]
        else {
            panic!("{page}")
        };
        assert_eq!(hosts.map(|host| this.contains(host)), [true, false], "{page}");
        assert_eq!(hosts.map(|host| other.contains(host)), [true, true], "{page}");
        // It is in mind for the rest of this second, and time stands still here.
        assert_eq!(phone.check(&format!("{WIKI}/")).await.status(), 200);
        assert_eq!(phone.check(&format!("{TOOLS}/")).await.status(), 200);
        if all_others {
            desk.login.call("revoke_other_sessions", &[]).await
        } else {
            let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
            desk.login.call("revoke_session", &[("id", id)]).await
        };
        for app in [WIKI, TOOLS] {
            assert_eq!(phone.check(&format!("{app}/")).await.status(), 303, "{app}");
        }
        assert_eq!((phone.login.whoami().await, desk.login.whoami().await.as_deref()), (None, Some(ADA)));
        assert_eq!(desk.check(&format!("{WIKI}/")).await.status(), 200);
        assert_eq!(postern.rows("app_sessions").await, 1, "nothing is left of the other's");
        desk.login.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    }
}

#[tokio::test]
async fn the_sign_in_names_the_app_that_one_is_going_to_and_no_other_host() {
    let postern = start().await;
    let visitor = Visitor::new(&postern);
    let page = visitor.goes(&format!("{TOOLS}/deep?x=1")).await;
    let page = visitor.login.open(&page[LOGIN.len()..]).await.text();
    assert!(page.contains("To continue to ") && page.contains("tools.beta.test"), "{page}");
    for written_by_somebody in ["/enter?app=https%3A%2F%2Fevil.test", "/enter?app=evil.test", "/enter"] {
        let path = format!("/login?next={}", written_by_somebody.replace('?', "%3F").replace('=', "%3D"));
        let page = visitor.login.open(&path).await.text();
        assert!(!page.contains("To continue to "), "{written_by_somebody}: {page}");
    }
}

#[tokio::test]
async fn home_leads_to_the_apps_that_one_may_open_and_names_no_other() {
    let postern = start().await;
    let star = |apps: Vec<App>| {
        let star = App::new(OriginPattern::parse("https://*.apps.test").unwrap(), None, vec![]);
        let apps = apps.into_iter().chain([star]).collect();
        Gateway::new(apps, BTreeMap::new(), Some(Origin::parse(LOGIN).unwrap())).unwrap()
    };
    let app = |origin: &str, allow: Option<&str>| {
        let allow = allow.map(|entry| Allowlist::parse([entry]).unwrap());
        App::new(OriginPattern::parse(origin).unwrap(), allow, vec![])
    };
    postern.state.gateway.replace(star(vec![app(WIKI, None), app(TOOLS, Some(ADA))]));
    for (email, links) in [(ADA, [true, true]), (BOB, [true, false])] {
        let visitor = Visitor::new(&postern);
        visitor.signs_in_from(&format!("{WIKI}/"), email).await;
        let home = visitor.login.open("/").await.text();
        let link = |app: &str| home.contains(&format!(r#"href="{app}/""#));
        assert_eq!([link(WIKI), link(TOOLS)], links, "{email}: {home}");
        assert!(home.contains("Your apps") && !home.contains("apps.test"), "a star leads nowhere: {home}");
        assert_eq!(home.contains("tools.beta.test"), links[1], "{home}");
    }
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_out_of_an_app() {
    let postern = start().await;
    let ada = Visitor::new(&postern);
    ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
    let host = WIKI.strip_prefix("https://").unwrap();
    let post = || {
        let request = ada.login.http.post(format!("http://127.0.0.1:{}/.postern/sign-out", postern.port()));
        request.header("host", host).header("cookie", ada.cookies(WIKI))
    };
    for origin in [TOOLS, "https://evil.test", "null"] {
        assert_eq!(post().header("origin", origin).send().await.unwrap().status(), 403, "{origin}");
    }
    assert_eq!(post().header("sec-fetch-site", "cross-site").send().await.unwrap().status(), 403);
    assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 200);
    assert_eq!(post().header("origin", WIKI).send().await.unwrap().status(), 303, "its own page can");
}

#[tokio::test]
async fn whoever_leaves_the_allowlist_or_stays_away_too_long_is_out_of_all_apps() {
    let postern = start().await;
    let ada = Visitor::new(&postern);
    ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
    postern.allow_only(&[BOB]);
    assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 303);
    postern.allow_only(&[ADA, BOB]);
    assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 303, "for good");
    assert_eq!(postern.rows("audit WHERE event = 'revoked'").await, 1);

    ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
    // Opening an app keeps the session alive, for a week at most.
    for _ in 0..13 {
        postern.wait(12 * 3_600 * SECOND);
        assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 200);
        postern.come_to_rest().await;
    }
    postern.wait(12 * 3_600 * SECOND);
    assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 303);
}

#[tokio::test]
async fn of_a_thousand_checks_in_one_second_one_is_noted() {
    let gate = start().await;
    let ada = Visitor::new(&gate);
    ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
    let seen = async || {
        gate.come_to_rest().await;
        let newest = "SELECT MAX(last_seen_at) FROM sessions WHERE email IS NOT NULL";
        gate.database().await.one::<i64>(newest).await
    };
    let before = seen().await;
    gate.wait(120 * SECOND);
    assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 200);
    assert_eq!(seen().await, before + 120, "the first check of that second");
    gate.database().await.run("UPDATE sessions SET last_seen_at = last_seen_at - 120").await;
    for _ in 0..20 {
        assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 200);
    }
    assert_eq!(seen().await, before, "and none of the others");
}

#[tokio::test]
async fn somebody_who_may_not_open_an_app_is_told_who_they_are_and_can_be_somebody_else() {
    let postern = start().await;
    let bob = Visitor::new(&postern);
    bob.signs_in_from(&format!("{WIKI}/"), BOB).await;
    let start = bob.at(Method::GET, &format!("{TOOLS}/.postern/start?next=Lw")).await;
    let page = bob.login.open(location(&start).strip_prefix(LOGIN).unwrap()).await;
    assert_eq!(page.status, 403);
    assert!(page.text().contains(BOB) && page.text().contains("Sign in as somebody else"), "{page:?}");
    // Open once, and closed to him since.
    let closed = Gateway::new(
        vec![App::new(OriginPattern::parse(WIKI).unwrap(), Some(Allowlist::parse([ADA]).unwrap()), vec![])],
        BTreeMap::new(),
        None,
    );
    postern.state.gateway.replace(closed.unwrap());
    let refused = bob.check(&format!("{WIKI}/a?b")).await;
    assert_eq!(refused.status(), 403);
    let text = refused.text().await.unwrap();
    assert!(text.contains(BOB) && text.contains("/.postern/sign-out?next="), "{text}");
    let fetch = bob.check_by(&format!("{WIKI}/a"), &[("accept", "application/json")]).await;
    assert_eq!(
        (fetch.status().as_u16(), fetch.json::<serde_json::Value>().await.unwrap()["refusal"].clone()),
        (403, "not_allowed".into())
    );
    assert_eq!(bob.at(Method::GET, &format!("{WIKI}/.postern/denied")).await.status(), 403);
    let next = URL_SAFE_NO_PAD.encode("/a?b");
    let out = bob.at(Method::POST, &format!("{WIKI}/.postern/sign-out?next={next}")).await;
    assert_eq!(location(&out), format!("/.postern/start?next={next}"));
    assert_eq!(bob.signs_in_from(&format!("{WIKI}/a?b"), ADA).await, format!("{WIKI}/a?b"));
}

#[tokio::test]
async fn a_fetch_a_form_a_preflight_and_an_icon_are_refused_and_never_redirected() {
    let postern = start().await;
    let stranger = Visitor::new(&postern);
    type Headers = &'static [(&'static str, &'static str)];
    let cases: [(&str, Headers, u16); 9] = [
        ("GET", &[("accept", NAVIGATION)], 303),
        ("HEAD", &[("accept", NAVIGATION)], 303),
        ("GET", &[("accept", NAVIGATION), ("upgrade", "websocket"), ("sec-fetch-mode", "websocket")], 401),
        ("GET", &[("accept", "*/*"), ("sec-fetch-mode", "navigate")], 303),
        ("GET", &[("accept", "application/json")], 401),
        ("GET", &[("accept", NAVIGATION), ("sec-fetch-mode", "cors")], 401),
        (
            "GET",
            &[("accept", "image/avif,*/*"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
            401,
        ),
        ("POST", &[("accept", NAVIGATION), ("sec-fetch-mode", "navigate")], 401),
        ("OPTIONS", &[("accept", "*/*"), ("access-control-request-method", "PUT")], 401),
    ];
    for (method, headers, status) in cases {
        let request = stranger.login.http.get(format!("http://127.0.0.1:{}/auth/nginx", postern.port()));
        let request =
            request.header("x-original-url", format!("{WIKI}/a?b")).header("x-original-method", method);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        // nginx can only be told 401; with a place to go to, or without one.
        assert_eq!(response.status(), 401, "{method} {headers:?}");
        assert_eq!(response.headers().contains_key("location"), status == 303, "{method} {headers:?}");
        let request = stranger
            .login
            .http
            .request(method.parse().unwrap(), format!("http://127.0.0.1:{}/auth/envoy/a?b", postern.port()));
        let request = request.header("host", "wiki.alpha.test").header("x-forwarded-proto", "https");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{method} {headers:?}");
        if status == 303 {
            let next = URL_SAFE_NO_PAD.encode("/a?b");
            assert_eq!(location(&response), format!("{WIKI}/.postern/start?next={next}"));
        } else if method != "HEAD" {
            assert_eq!(response.json::<serde_json::Value>().await.unwrap()["refusal"], "signed_out");
        }
    }
}

#[tokio::test]
async fn what_is_missing_doubled_or_contradictory_passes_nobody() {
    let postern = start().await;
    let ada = Visitor::new(&postern);
    ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
    let good = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "wiki.alpha.test"),
        ("x-forwarded-uri", "/"),
        ("x-forwarded-method", "GET"),
    ];
    let ask = async |path: &str, headers: &[(&str, &str)]| {
        let request = ada.login.http.get(format!("http://127.0.0.1:{}{path}", postern.port()));
        let request = request.header("cookie", ada.cookies(WIKI)).header("host", "anything.test");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask("/auth/forward", &good).await, 200, "the positive control, under any host");
    assert_eq!(
        ask("/auth/forward?x-forwarded-host=other", &good).await,
        200,
        "its own query decides nothing"
    );
    for left_out in 0..good.len() {
        let some: Vec<_> =
            good.iter().enumerate().filter(|(n, _)| *n != left_out).map(|(_, header)| *header).collect();
        assert_eq!(ask("/auth/forward", &some).await, 400, "without {}", good[left_out].0);
        assert_eq!(
            ask("/auth/forward", &[&good[..], &[good[left_out]]].concat()).await,
            400,
            "twice {}",
            good[left_out].0
        );
    }
    for (name, value) in [
        ("x-forwarded-host", "wiki.alpha.test, tools.beta.test"),
        ("x-forwarded-host", "wiki.alpha.test@evil.test"),
        ("x-forwarded-host", ""),
        ("x-forwarded-proto", "https, http"),
        ("x-forwarded-proto", "gopher"),
        ("x-forwarded-uri", "wiki"),
        ("x-forwarded-uri", ""),
        ("x-forwarded-method", "G ET"),
    ] {
        let changed: Vec<_> =
            good.iter().map(|pair| if pair.0 == name { (name, value) } else { *pair }).collect();
        assert_eq!(ask("/auth/forward", &changed).await, 400, "{name}: {value}");
    }
    let changed = |value| {
        good.map(|pair| if pair.0 == "x-forwarded-host" { ("x-forwarded-host", value) } else { pair })
    };
    assert_eq!(ask("/auth/forward", &changed("other.alpha.test")).await, 403, "no app");
    for same in ["WIKI.alpha.test", "wiki.alpha.test.", "wiki.alpha.test:443"] {
        assert_eq!(ask("/auth/forward", &changed(same)).await, 200, "{same}");
    }
    // One family each: another one is not read.
    let nginx = [("x-original-url", "https://wiki.alpha.test/"), ("x-original-method", "GET")];
    assert_eq!(ask("/auth/nginx", &nginx).await, 200);
    assert_eq!(ask("/auth/nginx", &good).await, 403);
    assert_eq!(ask("/auth/forward", &nginx).await, 400);
    assert_eq!(ask("/auth/envoy/", &[&good[..], &nginx].concat()).await, 403, "its own Host is no app");
    for odd in [
        "wiki.alpha.test/",
        "https:/wiki.alpha.test/",
        "https://wiki.alpha.test",
        "https://wiki.alpha.test#/",
        "https://a@wiki.alpha.test/",
        "https://evil.test\\@wiki.alpha.test/",
    ] {
        assert_eq!(ask("/auth/nginx", &[("x-original-url", odd), nginx[1]]).await, 403, "{odd}");
    }
}

#[tokio::test]
async fn a_public_path_is_open_to_nobody_in_particular_and_only_in_its_normal_form() {
    let postern = start().await;
    let (stranger, ada) = (Visitor::new(&postern), Visitor::new(&postern));
    ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
    let public = stranger.check_by(&format!("{WIKI}/static/a.css?v=1"), &[("remote-user", BOB)]).await;
    assert_eq!((public.status().as_u16(), identity(&public)), (200, ["-", "-", "-"]));
    assert_eq!(identity(&ada.check(&format!("{WIKI}/static/a.css")).await), [ADA, ADA, "admins,staff"]);
    for odd in [
        "/static/../secret",
        "/static/%2e%2e/secret",
        "/static/..%2fsecret",
        "/static//x",
        "/static/x;y",
        "/static/%5c",
        "/staticx",
        "/Static",
        "/static/#/../x",
        "/x/../static",
    ] {
        assert_eq!(stranger.check(&format!("{WIKI}{odd}")).await.status(), 303, "{odd}");
    }
}

#[tokio::test]
async fn only_a_proxy_that_is_trusted_may_ask() {
    let postern = Postern::in_production(&[("TRUSTED_PROXIES", "192.0.2.1")]).await;
    postern.state.gateway.replace(apps());
    for path in ["/auth/nginx", "/auth/forward", "/auth/envoy/static/x"] {
        let request =
            postern.browser(Manner::Fetch).http.get(format!("http://127.0.0.1:{}{path}", postern.port()));
        let request = request
            .header("x-original-url", format!("{WIKI}/static/x"))
            .header("x-original-method", "GET")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "wiki.alpha.test")
            .header("x-forwarded-uri", "/static/x")
            .header("x-forwarded-method", "GET")
            .header("host", "wiki.alpha.test");
        assert_eq!(request.send().await.unwrap().status(), 403, "{path}");
    }
}

#[tokio::test]
async fn a_database_that_is_away_opens_nothing_and_within_a_second_nobody_notices() {
    let postern = start().await;
    let ada = Visitor::new(&postern);
    ada.signs_in_from(&format!("{WIKI}/"), ADA).await;
    assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 200);
    postern.database().await.run("ALTER TABLE app_sessions RENAME TO gone").await;
    assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 200, "it was read within this second");
    postern.wait(SECOND);
    assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 503);
    assert_eq!(
        ada.check(&format!("{WIKI}/static/x")).await.status(),
        503,
        "who may be somebody is not let in as nobody"
    );
    assert_eq!(
        Visitor::new(&postern).check(&format!("{WIKI}/")).await.status(),
        303,
        "a stranger is led to the sign-in"
    );
    postern.database().await.run("ALTER TABLE gone RENAME TO app_sessions").await;
    assert_eq!(ada.check(&format!("{WIKI}/")).await.status(), 200);
}

#[tokio::test]
async fn on_the_host_of_an_app_postern_has_nothing_but_its_own_folder() {
    let postern = start().await;
    let stranger = Visitor::new(&postern);
    for path in [
        "/",
        "/login",
        "/api/whoami",
        "/healthz",
        "/.postern",
        "/.postern/",
        "/.postern/other",
        "/pkg/postern.js",
    ] {
        assert_eq!(stranger.at(Method::GET, &format!("{WIKI}{path}")).await.status(), 404, "{path}");
    }
    assert_eq!(stranger.at(Method::GET, &format!("{WIKI}/.postern/style.css")).await.status(), 200);
    assert_eq!(stranger.at(Method::GET, &format!("{WIKI}/.postern/denied")).await.status(), 403);
    let other = stranger.at(Method::GET, "https://other.alpha.test/.postern/start").await;
    assert_eq!(other.status(), 421, "it is no app's");
}

#[tokio::test]
async fn an_app_on_postern_s_own_host_is_opened_by_the_session_that_is_there_already() {
    let gate = start().await;
    let app = App::new(OriginPattern::parse(LOGIN).unwrap(), Some(Allowlist::parse([ADA]).unwrap()), vec![]);
    let apps = Gateway::new(vec![app], BTreeMap::new(), Some(Origin::parse(LOGIN).unwrap()));
    gate.state.gateway.replace(apps.unwrap());
    let ada = Visitor::new(&gate);
    let ask = async |cookie: Option<String>| {
        let request = ada.login.http.get(format!("http://127.0.0.1:{}/auth/nginx", gate.port()));
        let request = request
            .header("x-original-url", format!("{LOGIN}/wiki/a?b=c"))
            .header("x-original-method", "GET");
        let request = request.header("accept", NAVIGATION).header("cookie", cookie.unwrap_or_default());
        request.send().await.unwrap()
    };
    let refused = ask(None).await;
    assert_eq!(
        (refused.status().as_u16(), location(&refused)),
        (401, format!("{LOGIN}/login?next=%2Fwiki%2Fa%3Fb%3Dc"))
    );
    ada.signs_in_here().await;
    assert_eq!(identity(&ask(ada.login.cookie()).await), [ADA, ADA, "-"]);
    assert_eq!(ada.login.open("/.postern/start").await.status, 404, "there is nothing to hand over");
    ada.login.call("sign_out", &[]).await;
    assert_eq!(ask(ada.login.cookie()).await.status(), 401);
}

#[tokio::test]
async fn the_pages_of_the_gateway_speak_the_visitors_language() {
    let postern = start().await;
    let bob = Visitor::new(&postern);
    bob.login.call("choose_language", &[("language", "de")]).await;
    bob.signs_in_from(&format!("{WIKI}/"), BOB).await;
    // At Postern as chosen there.
    let begun =
        bob.at(Method::GET, &format!("{TOOLS}/.postern/start?next={}", URL_SAFE_NO_PAD.encode("/"))).await;
    let refused = bob.login.open(location(&begun).strip_prefix(LOGIN).unwrap()).await;
    assert_eq!((refused.status, refused.header("content-language")), (403, "de"));
    assert!(refused.text().contains(r#"<html lang="de" dir="ltr">"#), "{}", refused.text());
    assert!(refused.text().contains("Kein Zugang mit dieser Adresse"), "{}", refused.text());
    // On the host of an app, which sees no cookie of Postern, as the browser asks.
    let lost = bob.login.http.get(format!("http://127.0.0.1:{}/.postern/sign-out", postern.port()));
    let lost = lost.header("host", WIKI.strip_prefix("https://").unwrap()).header("accept", NAVIGATION);
    let lost = lost.header("cookie", bob.cookies(WIKI)).header("accept-language", "fr").send().await.unwrap();
    assert_eq!(lost.headers()["content-language"], "fr");
    assert!(lost.text().await.unwrap().contains("Se déconnecter"));
}
