//! The real binary, dying at every write of a whole login.
//!
//! One login is played to read the places at which a process may die: before, between and after the writes of each step,
//! and between the mail server's "250" and the step that settles (`src/fail_point.rs`). Then one login for each place, with
//! a process that dies there and another one that comes up on the same database.

use std::{collections::HashSet, sync::Arc};

use reqwest::RequestBuilder;
use tempfile::TempDir;
use tokio::{
    sync::Semaphore,
    task::{JoinSet, block_in_place},
};

use crate::harness::{ADA, Answer, Browser, Child, Mail, MailServer, Manner, SECRET_KEY, free_port};

/// Logins that are played at the same time.
const AT_ONCE: usize = 6;
/// Comes back on another port after a death, as behind a proxy: the port of before may have been given away.
const PUBLIC_URL: &str = "http://127.0.0.1:3000";
/// No place has this name.
const NOWHERE: &str = "nowhere";

/// What the visitor does with the mail.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Opens its link, in a browser without JavaScript.
    Link,
    /// Types its code, in a browser with it.
    Code,
}

/// A login under way: the visitor, the server and whether that has died already.
struct Login {
    way: Way,
    ada: Browser,
    /// Where the server is to die; `None` once it has.
    fatal: Option<String>,
    child: Child,
    folder: TempDir,
    mail_server: MailServer,
    /// The mail that came, once it did.
    mail: Option<Mail>,
    /// Whether the server has written that the mail has left.
    is_settled: bool,
    /// The same of the mail that tells of the new browser.
    is_told: bool,
}

/// A process that serves in `folder` and dies at `fatal`; the port, unless it died before it was ready.
fn start(folder: &TempDir, mail_server: &MailServer, fatal: Option<&str>) -> (Child, Option<u16>) {
    loop {
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let mut settings = vec![
            ("LEPTOS_HASH_FILES", "false"),
            ("LEPTOS_SITE_ADDR", &address),
            ("PUBLIC_URL", PUBLIC_URL),
            ("SECRET_KEY", SECRET_KEY),
            ("CREDENTIALS", r#"["ada@example.com"]"#),
            ("NO_COLOR", "1"),
        ];
        settings.extend(mail_server.settings());
        settings.extend(fatal.map(|fatal| ("FAIL_AT", fatal)));
        let mut child = Child::start(folder.path(), &settings);
        let mut lost_its_port = false;
        let ready = block_in_place(|| {
            child.says(|line| {
                lost_its_port |= line.contains("cannot be opened");
                line.contains("Postern is ready")
            })
        });
        if !lost_its_port {
            return (child, ready.then_some(port));
        }
    }
}

impl Login {
    async fn begin(way: Way, fatal: &str) -> Self {
        let (folder, mail_server) = (TempDir::new().unwrap(), MailServer::start(&[]).await);
        let manner = match way {
            Way::Link => Manner::Form,
            Way::Code => Manner::Fetch,
        };
        let (child, port) = start(&folder, &mail_server, Some(fatal));
        let ada = Browser::new(port.unwrap_or_default(), PUBLIC_URL, manner);
        let fatal = Some(fatal.to_owned());
        let mut login = Self {
            way,
            ada,
            fatal,
            child,
            folder,
            mail_server,
            mail: None,
            is_settled: false,
            is_told: false,
        };
        if port.is_none() {
            login.come_up_again().await;
        }
        login
    }

    /// Starts the server that has died; a thief of the mail is quicker than its reader.
    async fn come_up_again(&mut self) {
        let fatal = self.fatal.take().expect("the server died twice");
        let said = block_in_place(|| self.child.end());
        let passed = places(&said);
        assert_eq!(
            passed.last().copied(),
            Some(fatal.as_str()),
            "it died elsewhere, or of something else: {said}"
        );
        let (child, port) = start(&self.folder, &self.mail_server, None);
        self.child = child;
        self.ada = self.ada.at(port.expect("the server should come up again"));
        self.is_settled = self.count("audit WHERE event = 'sent' AND reason IS NULL").await == 1;
        self.is_told = self.count("audit WHERE event = 'sent' AND reason = 'new_device'").await == 1;
        self.link_is_worth_nothing_elsewhere().await;
    }

    /// Sends a request, and once more if the connection breaks.
    async fn send(&mut self, request: impl Fn(&Browser) -> RequestBuilder) -> Answer {
        loop {
            match self.ada.try_send(request(&self.ada)).await {
                Ok(answer) => return answer,
                Err(_) => self.come_up_again().await,
            }
        }
    }

    /// Opens a page, and reloads it if the connection breaks.
    async fn open(&mut self, path: &str) -> String {
        let answer = self.send(|ada| ada.navigation(path)).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.text()
    }

    /// Presses a button, and once more if the connection breaks; it leads to that page.
    async fn press(&mut self, function: &str, fields: &[(&str, &str)], leads_to: &str) {
        let answer = self.send(|ada| ada.post(&format!("/api/{function}")).form(fields)).await;
        answer.assert_leads_to(leads_to);
    }

    /// Waits until the mail has left and the server knows it. It may come twice, as one mail.
    async fn wait_for_the_mail(&mut self) -> Mail {
        let sent = |line: &str| line.contains(r#"sent kind="sign_in""#);
        while !self.is_settled && !block_in_place(|| self.child.says(sent)) {
            self.come_up_again().await;
        }
        let mail = self.the_mail_that_came();
        self.mail.insert(mail).clone()
    }

    /// Waits until the mail about the new browser has left and the server knows it.
    async fn wait_for_the_notice(&mut self) {
        let sent = |line: &str| line.contains(r#"sent kind="new_device""#);
        while !self.is_told && !block_in_place(|| self.child.says(sent)) {
            self.come_up_again().await;
        }
        assert!(self.the_mail_that_came().subject.starts_with("New sign-in"));
    }

    /// The one mail that came since the last look; after a death it may have come twice.
    fn the_mail_that_came(&self) -> Mail {
        let mails = self.mail_server.mails();
        let most = if self.fatal.is_some() { 1 } else { 2 };
        assert!((1..=most).contains(&mails.len()), "{} mails", mails.len());
        for mail in &mails {
            assert_eq!(
                (&mail.message_id, &mail.text),
                (&mails[0].message_id, &mails[0].text),
                "one mail, twice"
            );
        }
        mails[0].clone()
    }

    /// Nobody else gets in with the mail.
    async fn link_is_worth_nothing_elsewhere(&mut self) {
        if let Some(mail) = &self.mail {
            let thief = Browser::new(self.ada.port, PUBLIC_URL, Manner::Fetch);
            thief.redeem_link(&mail.token()).await.assert_refused("other_browser", 409);
            assert_eq!(thief.whoami().await, None);
        }
    }

    /// From the empty form to the first page behind it. Gives the browser as it was before it redeemed the mail.
    async fn play(&mut self) -> Browser {
        let page = self.open("/login").await;
        let form = page.split("name=\"form\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let fields = [("email", ADA), ("form", form.expect("the form has a value to be known by"))];
        self.press("request_link", &fields, "/login/sent").await;
        self.open("/login/sent").await;
        let mail = self.wait_for_the_mail().await;
        let before = self.ada.copy();
        match self.way {
            Way::Link => {
                self.open(&mail.path()).await;
                self.press("redeem_link", &[("token", &mail.token())], "/").await;
            }
            Way::Code => self.press("redeem_code", &[("code", &mail.code())], "/").await,
        }
        assert!(self.open("/").await.contains(ADA), "she is in");
        self.wait_for_the_notice().await;
        before
    }

    /// Plays the login, and looks at what is left of it after the death of the server.
    async fn play_and_look(mut self) {
        let before = self.play().await;
        // The last places are passed when nobody waits any more.
        if self.fatal.is_some() {
            self.come_up_again().await;
        }
        self.link_is_worth_nothing_elsewhere().await;
        let (before, mail) = (before.at(self.ada.port), self.mail.clone().unwrap());
        before.redeem_link(&mail.token()).await.assert_refused("used", 410);
        before.redeem_code(&mail.code()).await.assert_refused("used", 410);
        assert_eq!(self.ada.whoami().await.as_deref(), Some(ADA));
        assert_eq!(self.count("sessions WHERE email IS NOT NULL").await, 1, "one mail, one session");
        assert_eq!(self.count("outbox").await, 0);
        // Whoever presses again because the answer was lost is signed in twice, and the first session ends.
        for (event, most) in [("asked", 1), ("sent", 2), ("signed_in", 2)] {
            let noted = self.count(&format!("audit WHERE event = '{event}'")).await;
            assert!((1..=most).contains(&noted), "{event} is noted {noted} times");
        }
    }

    async fn count(&mut self, rows: &str) -> i64 {
        self.child.database().await.count(rows).await
    }
}

/// The places that a process has passed.
fn places(said: &str) -> Vec<&str> {
    said.lines().filter_map(|line| line.strip_prefix("fail point: ")).collect()
}

/// The places that the server passes in a login where nobody dies.
async fn places_of(way: Way) -> Vec<String> {
    let mut login = Login::begin(way, NOWHERE).await;
    login.play().await;
    let said = block_in_place(|| login.child.stop());
    places(&said).into_iter().map(str::to_owned).collect()
}

#[cfg_attr(not(debug_assertions), ignore = "a release build has no fail points")]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_meets_a_server_that_dies_at_any_write_gets_in_by_pressing_again() {
    let (by_link, by_code) = tokio::join!(places_of(Way::Link), places_of(Way::Code));
    for write in [
        "INSERT outbox",
        "UPDATE outbox",
        "DELETE outbox",
        "INSERT sessions",
        "UPDATE sessions",
        "INSERT audit",
        "before BEGIN",
        "before COMMIT",
        "after COMMIT",
        "after the mail server's 250",
    ] {
        assert!(by_link.iter().any(|place| place.contains(write)), "no place {write}: {by_link:#?}");
    }
    // Up to the mail, and after it is redeemed, the two are one.
    let known: HashSet<&String> = by_link.iter().collect();
    let by_code = by_code.iter().filter(|place| !known.contains(place)).map(|place| (Way::Code, place));
    let all: Vec<_> = by_link.iter().map(|place| (Way::Link, place)).chain(by_code).collect();
    assert!(all.iter().any(|(_, place)| place.contains("redeem_code")), "{all:#?}");

    let (turns, mut logins) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for (way, place) in all {
        let (turns, place) = (Arc::clone(&turns), place.clone());
        logins.spawn(async move {
            let _turn = turns.acquire_owned().await.unwrap();
            let fatal = place.clone();
            let login = tokio::spawn(async move { Login::begin(way, &fatal).await.play_and_look().await });
            login.await.map_err(|failure| (place, panic_message(failure)))
        });
    }
    let failures: Vec<_> = logins.join_all().await.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "killed at, and what became of it: {failures:#?}");
}

#[cfg_attr(not(debug_assertions), ignore = "a release build has no fail points")]
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_stands_in_line_only_where_somebody_has_to_wait() {
    let places = places_of(Way::Link).await;
    assert!(places.iter().any(|place| place.contains("UPDATE outbox #")), "no mail was claimed: {places:#?}");
    assert!(!places.iter().any(|place| place.contains("outbox_lines")), "{places:#?}");
}

fn panic_message(failure: tokio::task::JoinError) -> String {
    let panic = failure.into_panic();
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
