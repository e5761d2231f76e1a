//! The devices of a person: who sees them, and what it means to end one.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::harness::{ADA, Answer, BOB, Browser, Manner, Postern, Row, SECOND, on_postgres};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/26.0 Mobile/15E148 Safari/604.1";
const MINUTE: Duration = Duration::from_secs(60);

/// Somebody signed in with that browser.
async fn signed_in(postern: &Postern, manner: Manner, user_agent: &'static str, email: &str) -> Browser {
    let browser = postern.browser(manner).called(user_agent);
    browser.sign_in(postern, email).await;
    // The cookie has come back: from here on the mail is used up.
    assert_eq!(browser.whoami().await.as_deref(), Some(email));
    browser
}

/// Ada at her desk, and with her phone.
async fn two_devices(postern: &Postern, manner: Manner) -> (Browser, Browser) {
    let desk = signed_in(postern, manner, FIREFOX, ADA).await;
    postern.wait(SECOND);
    (desk, signed_in(postern, manner, SAFARI, ADA).await)
}

/// The page of a person's devices.
async fn page(browser: &Browser) -> String {
    let answer = browser.open("/sessions").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text()
}

/// What stands in each line of the list, without its markup.
fn lines(page: &str) -> Vec<String> {
    page.split("<li class=\"device")
        .skip(1)
        .map(|line| without_markup(line.split("</form>").next().unwrap()))
        .collect()
}

fn without_markup(html: &str) -> String {
    let text = html.split('<').map(|part| part.rsplit_once('>').map_or("", |(_, text)| text));
    text.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The names by which the other devices are ended.
fn ids(page: &str) -> Vec<String> {
    let values = page.split("name=\"id\" value=\"").skip(1);
    values.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// The one name on the page of that browser.
async fn only_id(browser: &Browser) -> String {
    let page = page(browser).await;
    let mut ids = ids(&page);
    assert_eq!(ids.len(), 1, "{page}");
    ids.remove(0)
}

async fn end(browser: &Browser, id: &str) -> Answer {
    browser.call("revoke_session", &[("id", id)]).await
}

#[tokio::test]
async fn every_device_is_listed_by_browser_and_system_and_when_it_was_seen() {
    let postern = Postern::start().await;
    let phone = signed_in(&postern, Manner::Form, SAFARI, ADA).await;
    postern.wait(MINUTE * 60);
    let desk = signed_in(&postern, Manner::Form, FIREFOX, ADA).await;
    postern.wait(MINUTE * 5);
    let page = page(&desk).await;
    assert_eq!(
        lines(&page),
        [
            "Firefox on Linux This device Signed in 5 minutes ago Sign out",
            "Safari on iPhone Last seen 1 hour ago Signed in 1 hour ago Sign out"
        ]
    );
    // 2026-09-21, 14:13:20 UTC is when every test begins.
    assert!(page.contains(r#"<time datetime="2026-09-21T14:13:20Z">1 hour ago</time>"#), "{page}");
    assert!(page.contains(r#"<time datetime="2026-09-21T15:13:20Z">5 minutes ago</time>"#), "{page}");
    phone.open("/").await;
    postern.come_to_rest().await;
    postern.wait(MINUTE * 3);
    assert_eq!(
        lines(&self::page(&desk).await)[1],
        "Safari on iPhone Last seen 3 minutes ago Signed in 1 hour ago Sign out"
    );
}

#[tokio::test]
async fn nothing_is_listed_but_ones_own_sessions_that_live() {
    let postern = Postern::start().await;
    let desk = signed_in(&postern, Manner::Form, FIREFOX, ADA).await;
    signed_in(&postern, Manner::Form, SAFARI, BOB).await;
    // Asked for and not signed in, and signed in and out again.
    postern.browser(Manner::Form).ask(ADA).await;
    postern.mails().await;
    let gone = signed_in(&postern, Manner::Form, SAFARI, ADA).await;
    assert_eq!(lines(&page(&desk).await).len(), 2);
    gone.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    let page = page(&desk).await;
    assert_eq!(lines(&page).len(), 1, "{page}");
    assert!(!page.contains(BOB) && !page.contains("Safari") && !page.contains("all other devices"), "{page}");
}

#[tokio::test]
async fn what_a_browser_says_it_is_never_reaches_the_page_or_a_row() {
    let postern = Postern::start().await;
    let odd = signed_in(&postern, Manner::Form, "<b>Your bank</b> call 555 0100", ADA).await;
    let page = page(&odd).await;
    assert!(lines(&page)[0].starts_with("a browser that does not say which"), "{page}");
    assert!(!page.contains("555"), "{page}");
    assert_eq!(postern.rows("sessions WHERE browser IS NOT NULL OR system IS NOT NULL").await, 0);
}

#[tokio::test]
async fn a_stranger_is_sent_to_sign_in_and_then_finds_the_list() {
    let postern = Postern::start().await;
    let stranger = postern.browser(Manner::Form);
    assert_eq!(stranger.open("/sessions").await.location(), "/login?next=%2Fsessions");
    stranger
        .call("request_link", &[("email", ADA), ("next", "/sessions")])
        .await
        .assert_leads_to("/login/sent");
    stranger.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/sessions");
    assert_eq!(lines(&page(&stranger).await).len(), 1);
}

async fn a_device_that_is_ended_is_out_at_once_and_no_other_is(manner: Manner) {
    let postern = Postern::start().await;
    let (desk, phone) = two_devices(&postern, manner).await;
    postern.wait(SECOND);
    let tablet = signed_in(&postern, manner, SAFARI, ADA).await;
    // The one that was signed in last stands first among the others.
    let [newest, _] = ids(&page(&desk).await).try_into().unwrap();
    end(&desk, &newest).await.assert_leads_to("/sessions?notice=device_signed_out");
    assert_eq!(tablet.whoami().await, None);
    assert_eq!(desk.whoami().await.as_deref(), Some(ADA));
    assert_eq!(phone.whoami().await.as_deref(), Some(ADA));
    let page = desk.open("/sessions?notice=device_signed_out").await.text();
    assert!(page.contains("That device is signed out.") && lines(&page).len() == 2, "{page}");
}

async fn ending_all_others_leaves_this_one_and_everybody_else(manner: Manner) {
    let postern = Postern::start().await;
    let (desk, phone) = two_devices(&postern, manner).await;
    let tablet = signed_in(&postern, manner, SAFARI, ADA).await;
    let bob = signed_in(&postern, manner, FIREFOX, BOB).await;
    desk.call("revoke_other_sessions", &[]).await.assert_leads_to("/sessions?notice=others_signed_out");
    assert_eq!((phone.whoami().await, tablet.whoami().await), (None, None));
    assert_eq!((desk.whoami().await.as_deref(), bob.whoami().await.as_deref()), (Some(ADA), Some(BOB)));
    // Pressed twice, nothing is wrong.
    desk.call("revoke_other_sessions", &[]).await.assert_leads_to("/sessions?notice=others_signed_out");
    let page = desk.open("/sessions?notice=others_signed_out").await.text();
    assert!(page.contains("All other devices are signed out.") && lines(&page).len() == 1, "{page}");
}

async fn ending_this_device_is_signing_out(manner: Manner) {
    let postern = Postern::start().await;
    let (desk, phone) = two_devices(&postern, manner).await;
    let own = only_id(&phone).await;
    end(&desk, &own).await.assert_leads_to("/login?notice=signed_out");
    assert_eq!((desk.cookie(), desk.whoami().await), (None, None));
    assert_eq!(phone.whoami().await.as_deref(), Some(ADA));
    assert_eq!(trail(&postern).await.pop().unwrap(), ["signed_out", "", FIREFOX, ""].map(str::to_owned));
}

async fn nobody_ends_the_session_of_somebody_else_or_learns_whether_there_is_one(manner: Manner) {
    let postern = Postern::start().await;
    let (desk, phone) = two_devices(&postern, manner).await;
    let (mallory, other) =
        (signed_in(&postern, manner, FIREFOX, BOB).await, signed_in(&postern, manner, SAFARI, BOB).await);
    let before = trail(&postern).await;
    let (live, ended) = (only_id(&desk).await, only_id(&phone).await);
    desk.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    let mut answers = Vec::new();
    for id in [live.as_str(), &ended, "AAAAAAAAAAAAAAAAAAAAAA", "", "%00", "' OR 1=1 --"] {
        let answer = end(&mallory, id).await;
        answer.assert_refused("no_such_session", 404);
        answers.push((answer.status, answer.location().to_owned(), answer.body));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    mallory.call("revoke_other_sessions", &[]).await.assert_leads_to("/sessions?notice=others_signed_out");
    assert_eq!(other.whoami().await, None, "that is what it is for");
    assert_eq!(phone.whoami().await.as_deref(), Some(ADA));
    // A sign-out, and the end of the other device: of what was refused the trail has nothing.
    assert_eq!(trail(&postern).await.len(), before.len() + 2);
    let page = mallory.open("/sessions?refusal=no_such_session").await.text();
    assert!(page.contains("That device is not signed in any more."), "{page}");
}

async fn a_device_in_full_use_gets_nothing_once_its_end_was_answered(manner: Manner) {
    let postern = Postern::start().await;
    let (desk, phone) = two_devices(&postern, manner).await;
    let id = only_id(&desk).await;
    let mut using = JoinSet::new();
    for n in 0..40 {
        let (phone, postern_clock) = (phone.copy(), postern.state.clock.clone());
        using.spawn(async move {
            for _ in 0..5 {
                // What notes that a session is in use must not bring one back that was ended.
                postern_clock.turn(SECOND * 7);
                match n % 3 {
                    0 => drop(phone.whoami().await),
                    1 => drop(phone.open("/").await),
                    _ => drop(phone.call("request_link", &[("email", BOB)]).await),
                }
            }
        });
    }
    end(&desk, &id).await.assert_leads_to("/sessions?notice=device_signed_out");
    assert_eq!(phone.copy().whoami().await, None, "from the answer on");
    using.join_all().await;
    postern.come_to_rest().await;
    assert_eq!(phone.whoami().await, None);
    assert_eq!(postern.rows("sessions WHERE email = 'ada@example.com'").await, 1);
    assert_eq!(desk.whoami().await.as_deref(), Some(ADA));
}

async fn of_two_devices_that_end_each_other_exactly_one_is_left(manner: Manner) {
    let postern = Postern::start().await;
    for round in 0..10 {
        let (desk, phone) = two_devices(&postern, manner).await;
        let (phones, desks) = (only_id(&desk).await, only_id(&phone).await);
        let others = round % 2 == 1;
        let ends = async |who: &Browser, id: &str| {
            if others { who.call("revoke_other_sessions", &[]).await } else { end(who, id).await }
        };
        let answers = tokio::join!(ends(&desk, &phones), ends(&phone, &desks));
        let left = [desk.whoami().await, phone.whoami().await].into_iter().flatten().count();
        assert_eq!(left, 1, "{answers:?}");
        for who in [desk, phone] {
            who.call("sign_out", &[]).await;
        }
    }
}

/// Event, reason, user agent and device of each entry of Ada's.
async fn trail(postern: &Postern) -> Vec<[String; 4]> {
    let rows = "SELECT event, reason, user_agent, device FROM audit ORDER BY id";
    let rows = postern.database().await.rows(rows).await;
    let text = |row: &Row, column: usize| row.get::<Option<String>>(column).unwrap_or_default();
    rows.iter().map(|row| [0, 1, 2, 3].map(|column| text(row, column))).collect()
}

async fn the_trail_says_who_ended_what(manner: Manner) {
    let postern = Postern::start().await;
    let (desk, _) = two_devices(&postern, manner).await;
    end(&desk, &only_id(&desk).await).await.assert_leads_to("/sessions?notice=device_signed_out");
    let ended = |reason: &str| {
        ["revoked", reason, FIREFOX, "Safari, iPhone, since 2026-09-21 14:13 UTC"].map(str::to_owned)
    };
    assert_eq!(trail(&postern).await.pop().unwrap(), ended("ended_from_another_device"));
    signed_in(&postern, manner, SAFARI, ADA).await;
    desk.call("revoke_other_sessions", &[]).await.assert_leads_to("/sessions?notice=others_signed_out");
    assert_eq!(trail(&postern).await.pop().unwrap(), ended("all_others_ended"));
    let who = format!("audit WHERE event = 'revoked' AND email = '{ADA}' AND network = '127.0.0.1'");
    assert_eq!(postern.database().await.count(&who).await, 2);
}

async fn a_mail_whose_session_was_ended_signs_nobody_in_again(manner: Manner) {
    let postern = Postern::start().await;
    let desk = signed_in(&postern, manner, FIREFOX, ADA).await;
    let phone = postern.browser(manner).called(SAFARI);
    phone.ask(ADA).await;
    let (asked, mail) = (phone.copy(), postern.mail().await);
    phone.redeem_link(&mail.token()).await.assert_leads_to("/");
    // Its cookie has not come back yet: without the end, the same mail would do once more.
    end(&desk, &only_id(&desk).await).await.assert_leads_to("/sessions?notice=device_signed_out");
    asked.redeem_link(&mail.token()).await.assert_refused("used", 410);
    assert_eq!((asked.whoami().await, phone.whoami().await), (None, None));
}

in_both_manners!(
    a_device_that_is_ended_is_out_at_once_and_no_other_is,
    ending_all_others_leaves_this_one_and_everybody_else,
    ending_this_device_is_signing_out,
    nobody_ends_the_session_of_somebody_else_or_learns_whether_there_is_one,
    a_device_in_full_use_gets_nothing_once_its_end_was_answered,
    of_two_devices_that_end_each_other_exactly_one_is_left,
    the_trail_says_who_ended_what,
    a_mail_whose_session_was_ended_signs_nobody_in_again,
);

#[tokio::test]
async fn a_page_of_devices_that_has_been_ended_meanwhile_leads_to_the_sign_in() {
    let postern = Postern::start().await;
    let (desk, phone) = two_devices(&postern, Manner::Form).await;
    let desks = only_id(&phone).await;
    desk.call("revoke_other_sessions", &[]).await.assert_leads_to("/sessions?notice=others_signed_out");
    let answer = end(&phone, &desks).await;
    assert_eq!((answer.status, answer.location()), (303, "/login"));
    assert_eq!(desk.whoami().await.as_deref(), Some(ADA));
}

#[tokio::test]
async fn what_is_on_the_page_is_neither_the_cookie_nor_its_hash() {
    use base64::{
        Engine,
        engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
    };
    use sha2::{Digest, Sha256};

    let postern = Postern::start().await;
    let (desk, phone) = two_devices(&postern, Manner::Form).await;
    let page = page(&desk).await;
    for browser in [&desk, &phone] {
        let hash = Sha256::digest(browser.cookie_value());
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        for secret in [
            browser.cookie_value(),
            hex[..16].to_owned(),
            STANDARD_NO_PAD.encode(hash),
            URL_SAFE_NO_PAD.encode(hash),
        ] {
            assert!(!page.contains(&secret) && !page.contains(&secret[..11]), "{secret}");
        }
    }
}

#[tokio::test]
async fn of_very_many_devices_the_newest_are_listed_and_all_are_ended() {
    let postern = Postern::start().await;
    let desk = signed_in(&postern, Manner::Form, FIREFOX, ADA).await;
    let id = if on_postgres() { "sha256(n::TEXT::BYTEA)" } else { "randomblob(32)" };
    let many = format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000) \
         INSERT INTO sessions (id_hash, email, data, created_at, last_seen_at, expires_at, seen) \
         SELECT {id}, '{ADA}', '{{}}', 1780000000 + n, 1789990000 + n, 1890000000, 1 FROM n"
    );
    postern.database().await.run(&many).await;
    let page = page(&desk).await;
    assert_eq!(lines(&page).len(), 50);
    assert!(lines(&page)[0].contains("This device"), "{page}");
    assert!(page.contains("951 more devices are signed in"), "{page}");
    assert!(desk.open("/").await.text().contains("Signed in on 1001 devices."));
    desk.call("revoke_other_sessions", &[]).await.assert_leads_to("/sessions?notice=others_signed_out");
    assert_eq!(postern.rows("sessions WHERE email IS NOT NULL").await, 1);
    assert_eq!(desk.whoami().await.as_deref(), Some(ADA));
}

#[tokio::test]
async fn home_says_who_is_in_and_on_how_many_devices_and_needs_no_script() {
    let postern = Postern::start().await;
    let desk = signed_in(&postern, Manner::Form, FIREFOX, ADA).await;
    let home = desk.open("/").await.text();
    assert!(home.contains(ADA) && home.contains("Signed in on this device only."), "{home}");
    assert!(!home.contains("Your apps"), "there are none: {home}");
    signed_in(&postern, Manner::Form, SAFARI, ADA).await;
    let home = desk.open("/").await.text();
    assert!(home.contains("Signed in on 2 devices.") && home.contains(r#"href="/sessions""#), "{home}");
    assert!(home.contains(r#"action="/api/sign_out""#), "{home}");
    for page in [home, page(&desk).await] {
        assert!(
            !page.contains("leptos-island") && !page.contains("postern.js") && !page.contains(".wasm"),
            "{page}"
        );
    }
    assert!(
        postern.browser(Manner::Form).open("/login").await.text().contains("leptos-island"),
        "the control"
    );
}
