//! What the pages of docs/ tell people to type is typed here, as it stands there. In between, a test does what the pages
//! tell them to do in a browser.

use std::{collections::BTreeSet, fs};

use crate::{
    docs::{document, documents},
    harness::{
        ADA, BOB, Browser, Child, Manner, Purpose, Walkthrough, blocks, database_url, new_database,
        postgres_environment,
    },
};

/// The pages that the tests of this file and of `django` follow from their beginning to their end.
const FOLLOWED: [&str; 5] = [
    "docs/coming-from-django.md",
    "docs/gateway/README.md",
    "docs/somebody-leaves.md",
    "docs/to-postgresql.md",
    "docs/tutorial.md",
];

/// Somebody with a browser: curl, which keeps cookies for each host and goes where it is led.
struct Visitor<'a> {
    page: &'a Walkthrough,
    jar: &'static str,
}

impl Visitor<'_> {
    /// Opens an address of the page; gives the address at which that ends, and what is there.
    async fn open(&self, url: &str) -> (String, String) {
        self.curl("", url).await
    }

    /// Sends a form of the site's own page.
    async fn submit(&self, url: &str, field: &str) -> (String, String) {
        let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        self.curl(&format!("-H 'Origin: {origin}' --data-urlencode '{field}'"), url).await
    }

    async fn curl(&self, more: &str, url: &str) -> (String, String) {
        let jar = self.jar;
        let command = format!(
            "curl -sL -b {jar} -c {jar} -H 'Accept: text/html' -H 'Sec-Fetch-Mode: navigate' \
             -w '\\n%{{url_effective}}' {more} '{url}'"
        );
        let said = self.page.run(&command).await;
        let (body, url) = said.rsplit_once('\n').unwrap();
        (url.to_owned(), body.to_owned())
    }

    /// Asks for a mail and presses the button behind its link, which is the newest in the inbox of development.
    async fn sign_in(&self, server: &mut Child, email: &str) -> (String, String) {
        let (url, _) = self.submit("http://localhost:3000/api/request_link", &format!("email={email}")).await;
        assert!(url.ends_with("/login/sent"), "{url}");
        assert!(server.says(|line| line.contains(r#"sent kind="sign_in""#)), "the server ended");
        let (_, inbox) = self.open("http://localhost:3000/dev/inbox").await;
        let token = inbox.split("/verify?token=").nth(1).expect("a link in the inbox");
        let token = token.split(['"', '<', '\n']).next().unwrap();
        let token = percent_encoding::percent_decode_str(token).decode_utf8().unwrap().into_owned();
        self.submit("http://localhost:3000/api/redeem_link", &format!("token={token}")).await
    }
}

/// Starts what `script/server` would, in the folder of the page.
fn script_server(page: &Walkthrough) -> Child {
    let address = format!("127.0.0.1:{}", page.port(3000));
    let settings = [("LEPTOS_SITE_ADDR", &*address), ("LEPTOS_HASH_FILES", "false"), ("NO_COLOR", "1")];
    let mut server = Child::start(page.folder(), &settings);
    assert!(server.says(|line| line.contains("Postern is ready")), "{:?}", server.last_words());
    server
}

#[tokio::test]
async fn the_tutorial_leads_to_a_protected_tool() {
    let mut page = Walkthrough::begin("docs/tutorial.md", &[3000, 8080, 8000]);
    page.check_out(".env.example", ".env");
    page.check_out("docs/gateway/Caddyfile", "docs/gateway/Caddyfile");
    let mut server = script_server(&page);
    page.follow("1. Start Postern").await;
    let you = Visitor { page: &page, jar: "you" };
    let (url, _) = you.open("http://localhost:3000/").await;
    assert!(url.ends_with("/login"), "{url}");
    let (url, home) = you.sign_in(&mut server, "you@example.com").await;
    assert!(url.ends_with(&format!(":{}/", page.port(3000))) && home.contains("you@example.com"), "{url}");
    let eve = Visitor { page: &page, jar: "eve" };
    let (url, _) = eve.submit("http://localhost:3000/api/request_link", "email=eve@elsewhere.example").await;
    assert!(url.ends_with("/login/sent"), "{url}");
    assert!(server.says(|line| line.contains("not_on_the_allowlist")), "the server ended");
    let (_, inbox) = you.open("http://localhost:3000/dev/inbox").await;
    assert!(inbox.contains("you@example.com") && !inbox.contains("eve@elsewhere.example"), "{inbox}");
    page.follow("3. A tool").await;
    page.follow("4. Put Postern in front of it").await;
    server.stop();
    let server = script_server(&page);
    let (you, eve) = (Visitor { page: &page, jar: "you" }, Visitor { page: &page, jar: "eve" });
    let (_, inbox) = you.open("http://localhost:3000/dev/inbox").await;
    assert!(!inbox.contains("you@example.com"), "{inbox}");
    let tool = "http://tool.localhost:8080/";
    assert_eq!(you.open(tool).await, (page.put_instead(tool), "Hello you@example.com\n".to_owned()));
    let (url, _) = eve.open(tool).await;
    assert!(url.starts_with(&page.put_instead("http://localhost:3000/login")), "{url}");
    you.submit("http://tool.localhost:8080/.postern/sign-out", "").await;
    let (url, _) = you.open(tool).await;
    assert!(url.starts_with(&page.put_instead("http://localhost:3000/login")), "{url}");
    page.follow("5. Look at it").await;
    page.end();
    drop(server);
}

#[test]
fn each_command_of_a_page_is_run_or_the_page_says_why_not() {
    let mut with_commands = BTreeSet::new();
    for name in documents() {
        for block in blocks(&document(&name)) {
            match block.purpose {
                Purpose::Run(_) | Purpose::Stay(_) | Purpose::File(_) => {
                    with_commands.insert(name.clone());
                }
                Purpose::ByHand => {
                    let says_why =
                        [&block.before, &block.after].iter().any(|text| text.contains("No test runs"));
                    assert!(says_why, "{name} says of no reason why no test runs:\n{}", block.text);
                }
                Purpose::Show => {}
            }
        }
    }
    assert_eq!(
        with_commands,
        BTreeSet::from(FOLLOWED.map(str::to_owned)),
        "what is followed, and what could be"
    );
}

#[test]
fn the_reading_of_a_page_tells_what_is_run_from_what_is_shown() {
    let page = "# A\n\nOne.\n\n```sh\ntrue\n```\n\n```text\n```\n\n## B\n\nNo test runs it.\n\n```sh by hand\nreboot\n```\n\n\
                After.\n\n```sh stays 80\nserve\n```\n\nSay:\n\n```python a.py\n# no heading\n```\n\n```text\nshown\n```\n";
    let found = blocks(page);
    let purposes: Vec<_> =
        found.iter().map(|block| (block.heading.as_str(), block.purpose.clone())).collect();
    assert_eq!(
        purposes,
        [
            ("A", Purpose::Run(Some(String::new()))),
            ("B", Purpose::ByHand),
            ("B", Purpose::Stay(80)),
            ("B", Purpose::File("a.py".to_owned())),
            ("B", Purpose::Show),
        ]
    );
    assert_eq!((found[1].before.as_str(), found[1].after.as_str()), ("No test runs it. ", "After. "));
    assert_eq!(found[3].text, "# no heading\n");
}

#[tokio::test]
#[should_panic(expected = "says what")]
async fn a_command_that_prints_something_else_than_its_page_says_fails_the_test() {
    // There is a program that says something else.
    let mut page = Walkthrough::begin("docs/to-postgresql.md", &[3000]);
    page.run("printf '#!/bin/sh\\necho no\\n' > postern && chmod +x postern").await;
    page.follow("1. Make the database, and stop").await;
}

#[tokio::test]
async fn whoever_leaves_is_out_at_once_and_nobody_else() {
    let mut page = Walkthrough::begin("docs/somebody-leaves.md", &[]);
    page.install();
    let database = database_url(page.folder(), "data/postern.sqlite3");
    page.set("DATABASE_URL", &database);
    page.set("CREDENTIALS_FILE", "people");
    fs::write(page.folder().join("people"), "@example.com\n").unwrap();
    let settings = [("CREDENTIALS", ""), ("CREDENTIALS_FILE", "people")];
    let (mut server, port) = Child::serve(page.folder(), &settings);
    let origin = format!("http://127.0.0.1:{port}");
    let [ada, bob] = [(); 2].map(|()| Browser::new(port, &origin, Manner::Fetch));
    for (browser, email) in [(&ada, ADA), (&bob, BOB)] {
        browser.ask(email).await;
        browser.redeem_link(&server.mail().token()).await.assert_leads_to("/");
        assert_eq!(browser.whoami().await.as_deref(), Some(email));
    }
    let elsewhere = Browser::new(port, &origin, Manner::Fetch);
    elsewhere.ask(ADA).await;
    let on_its_way = server.mail();
    page.follow("1. Take them off the list").await;
    let said = page.run("postern allow ada@example.com || true").await;
    assert!(said.starts_with("ada@example.com may not sign in: !ada@example.com keeps it out"), "{said}");
    assert!(server.says(|line| line.contains("the allowlist was read again")), "the server ended");
    assert_eq!(ada.whoami().await, None);
    page.follow("2. See that it counts").await;
    assert_eq!(
        page.run("postern sessions list --address ada@example.com").await.trim(),
        "Nobody is signed in."
    );
    assert!(page.run("postern sessions list").await.contains(BOB));
    let revoked = page.run("postern events --address ada@example.com --kind revoked").await;
    assert!(revoked.contains("not_on_the_allowlist"), "{revoked}");
    elsewhere.redeem_link(&on_its_way.token()).await.assert_refused("not_allowed", 403);
    assert_eq!(bob.whoami().await.as_deref(), Some(BOB));
    page.end();
}

#[tokio::test]
async fn a_move_to_postgresql_keeps_the_trail_and_ends_the_sessions() {
    let mut page = Walkthrough::begin("docs/to-postgresql.md", &[3000]);
    let url = new_database(page.folder());
    page.instead_of("postgres://postern:PASSWORD@db.example.com/postern", &url);
    for (name, value) in postgres_environment() {
        page.set(name, &value);
    }
    page.install();
    page.check_out(".env.example", ".env");
    let mut server = script_server(&page);
    let you = Visitor { page: &page, jar: "you" };
    let (_, home) = you.sign_in(&mut server, "you@example.com").await;
    assert!(home.contains("you@example.com"), "{home}");
    // The mail about the new browser.
    assert!(server.says(|line| line.contains("new_device")), "the server ended");
    page.follow("1. Make the database, and stop").await;
    server.stop();
    let there = page.run("sqlite3 data/postern.sqlite3 'SELECT count(*) FROM audit'").await;
    assert!(there.trim().parse::<u32>().unwrap() > 2, "{there}");
    // Up to the start, which the test takes over.
    page.follow_until_by_hand("2. Start on PostgreSQL").await;
    let mut server = script_server(&page);
    page.follow("2. Start on PostgreSQL").await;
    page.follow("3. Take the trail along").await;
    let ask = format!("psql -qtA '{url}' -c");
    let moved = page.run(&format!("{ask} 'SELECT count(*) FROM audit'")).await;
    assert_eq!(moved, there);
    let event = format!("{ask} \"SELECT email, reason FROM audit WHERE event = 'signed_in'\"");
    assert_eq!(page.run(&event).await, "you@example.com|\n");
    let you = Visitor { page: &page, jar: "you" };
    let (url, login) = you.open("http://localhost:3000/").await;
    assert!(url.ends_with("/login"), "the session should have ended: {url}");
    assert!(login.contains("you@example.com"), "the browser should still be known: {login}");
    let (_, home) = you.sign_in(&mut server, "you@example.com").await;
    assert!(home.contains("you@example.com"), "{home}");
    page.follow("4. Tidy up").await;
    assert!(!page.folder().join("data/postern.sqlite3").exists());
    page.end();
}

#[tokio::test]
async fn the_checks_answer_by_hand_as_the_page_about_gateways_says() {
    let mut page = Walkthrough::begin("docs/gateway/README.md", &[3000]);
    let port = page.port(3000);
    let apps = r#"[{"origin": "https://wiki.example.com"}]"#;
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("GATEWAY_APPS", apps)];
    let server = Child::serve_on(port, page.folder(), &settings).expect("the server should start");
    page.follow("When it does not work").await;
    page.end();
    drop(server);
}
