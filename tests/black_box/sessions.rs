//! A session from sign-in to its end.

use std::time::Duration;

use reqwest::header::SET_COOKIE;

use crate::harness::{ADA, BOB, Browser, Log, Manner, Postern, SECOND, on_postgres};

const IDLE: Duration = Duration::from_secs(24 * 3_600);
const ABSOLUTE: Duration = Duration::from_secs(7 * 24 * 3_600);

async fn signing_in_renews_the_cookie_and_makes_the_old_one_worthless(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let before = ada.copy();
    let mail = postern.mail().await;
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_ne!(ada.cookie(), before.cookie());
    assert_eq!(before.whoami().await, None, "whoever planted the old cookie is not signed in");
}

async fn a_cookie_that_somebody_made_up_is_not_taken_over(manner: Manner) {
    let postern = Postern::start().await;
    let planted = "AAAAAAAAAAAAAAAAAAAAAA";
    let victim = postern.browser(manner);
    let request = victim.post("/api/request_link").header("cookie", format!("postern={planted}"));
    victim.send(request.form(&[("email", ADA)])).await.assert_leads_to("/login/sent");
    assert_ne!(victim.cookie_value(), planted);
}

/// A cookie whose session has ended, one with an id that somebody made up, and one that cannot be an id.
async fn dead_cookies(postern: &Postern, ada: &Browser) -> [String; 3] {
    ada.sign_in(postern, ADA).await;
    let dead = ada.cookie().unwrap();
    ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    [dead, "postern=AAAAAAAAAAAAAAAAAAAAAA".to_owned(), "postern=nonsense".to_owned()]
}

async fn a_page_takes_a_dead_cookie_away_and_nothing_else_does(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    for cookie in dead_cookies(&postern, &ada).await {
        // Another answer may have set a new one meanwhile.
        for post in ["whoami", "sign_out", "redeem_link", "request_link"] {
            let visitor = postern.browser(manner);
            let request = visitor.post(&format!("/api/{post}")).header("cookie", &cookie);
            let answer = visitor.send(request.form(&[("email", "no address"), ("token", "x")])).await;
            assert!(!answer.header("set-cookie").contains("Max-Age=0"), "{cookie} {post}: {answer:?}");
        }
        let ask = async |path: &str, accept: &str| {
            let visitor = postern.browser(manner);
            let request = visitor.request(reqwest::Method::GET, path).header("accept", accept);
            visitor.send(request.header("cookie", &cookie)).await
        };
        for path in ["/", "/login", "/verify", "/no/such/page"] {
            assert_eq!(ask(path, "*/*").await.headers.get(SET_COOKIE), None, "{cookie} {path}");
            let removal = ask(path, "text/html").await.header("set-cookie").to_owned();
            for part in ["postern=;", "Max-Age=0", "Path=/"] {
                assert!(removal.contains(part), "{cookie} {path}: {removal}");
            }
        }
    }
    ada.sign_in(&postern, BOB).await;
    assert_eq!(ada.open("/").await.headers.get(SET_COOKIE), None, "a live one stays");
    assert_eq!(ada.whoami().await.as_deref(), Some(BOB));
}

async fn dead_and_made_up_cookies_leave_no_line_in_the_log(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    let cookies = dead_cookies(&postern, &ada).await;
    let log = Log::listen();
    for cookie in cookies.iter().cycle().take(60) {
        let page = ada.request(reqwest::Method::GET, "/").header("accept", "text/html");
        assert_eq!(ada.send(page.header("cookie", cookie)).await.status, 303);
        let post = ada.post("/api/whoami").header("cookie", cookie);
        assert!([303, 401].contains(&ada.send(post).await.status));
    }
    assert_eq!(log.by_default(), [""; 0]);
    assert!(log.text().contains("/api/whoami"), "whoever asks for more is told of each request");
}

async fn signing_out_ends_the_session_on_the_server_and_in_the_browser(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.sign_in(&postern, ADA).await;
    let replay = ada.copy();
    ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    assert_eq!(ada.cookie(), None);
    assert_eq!(replay.whoami().await, None, "the old cookie is worth nothing");
    assert_eq!(postern.rows("sessions WHERE email IS NOT NULL").await, 0);
}

async fn signing_out_in_one_browser_leaves_the_other_signed_in(manner: Manner) {
    let postern = Postern::start().await;
    let (desk, phone) = (postern.browser(manner), postern.browser(manner));
    desk.sign_in(&postern, ADA).await;
    phone.sign_in(&postern, ADA).await;
    desk.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    assert_eq!(phone.whoami().await.as_deref(), Some(ADA));
}

async fn signing_in_as_somebody_else_ends_the_first_session(manner: Manner) {
    let postern = Postern::start().await;
    let browser = postern.browser(manner);
    browser.sign_in(&postern, ADA).await;
    let first = browser.copy();
    browser.sign_in(&postern, BOB).await;
    assert_eq!(browser.whoami().await.as_deref(), Some(BOB));
    assert_eq!(first.whoami().await, None);
}

in_both_manners!(
    signing_in_renews_the_cookie_and_makes_the_old_one_worthless,
    a_cookie_that_somebody_made_up_is_not_taken_over,
    a_page_takes_a_dead_cookie_away_and_nothing_else_does,
    dead_and_made_up_cookies_leave_no_line_in_the_log,
    signing_out_ends_the_session_on_the_server_and_in_the_browser,
    signing_out_in_one_browser_leaves_the_other_signed_in,
    signing_in_as_somebody_else_ends_the_first_session,
);

#[tokio::test]
async fn a_session_ends_after_a_day_without_a_request() {
    let postern = Postern::start().await;
    let (early, late) = (postern.browser(Manner::Fetch), postern.browser(Manner::Fetch));
    early.sign_in(&postern, ADA).await;
    late.sign_in(&postern, ADA).await;
    postern.wait(IDLE - SECOND);
    assert_eq!(early.whoami().await.as_deref(), Some(ADA));
    postern.wait(SECOND);
    assert_eq!(late.whoami().await, None);
}

#[tokio::test]
async fn requests_keep_a_session_alive_but_not_beyond_a_week() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    let step = IDLE / 2;
    for _ in 0..13 {
        postern.wait(step);
        assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
        postern.come_to_rest().await;
    }
    postern.wait(ABSOLUTE - step * 13 - SECOND);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    postern.wait(SECOND);
    assert_eq!(ada.whoami().await, None);
}

#[tokio::test]
async fn the_limits_of_a_session_are_the_operators_to_set() {
    let settings = [("SESSION_IDLE", "2m"), ("SESSION_ABSOLUTE", "3m")];
    let postern = Postern::start_with(&settings).await;
    let (ada, bob) = (postern.browser(Manner::Fetch), postern.browser(Manner::Fetch));
    ada.sign_in(&postern, ADA).await;
    bob.sign_in(&postern, BOB).await;
    postern.wait(Duration::from_secs(119));
    assert!(ada.whoami().await.is_some());
    postern.wait(SECOND);
    assert!(bob.whoami().await.is_none(), "idle for two minutes");
    postern.wait(Duration::from_secs(60));
    assert!(ada.whoami().await.is_none(), "three minutes old");
}

#[tokio::test]
async fn asking_for_a_mail_while_signed_in_does_not_stretch_the_session() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    for _ in 0..14 {
        postern.wait(IDLE / 2);
        let _ = ada.call("request_link", &[("email", ADA)]).await;
    }
    assert_eq!(ada.whoami().await, None);
}

#[tokio::test]
async fn cleaning_up_removes_what_has_expired_and_nothing_else() {
    let postern = Postern::start().await;
    let (ada, bob) = (postern.browser(Manner::Fetch), postern.browser(Manner::Fetch));
    ada.sign_in(&postern, ADA).await;
    postern.wait(IDLE - SECOND);
    bob.sign_in(&postern, BOB).await;
    postern.wait(SECOND);
    postern::server::workers::remove_expired(&postern.state).await.unwrap();
    assert_eq!(postern.rows("sessions WHERE email IS NOT NULL").await, 1);
    assert_eq!(
        postern.rows("sessions").await,
        2,
        "and the one that asked, until its link would have expired"
    );
    assert_eq!(bob.whoami().await.as_deref(), Some(BOB));
}

#[tokio::test]
async fn cleaning_up_forgets_what_is_counted_once_its_time_is_over_and_nothing_before() {
    let postern = Postern::start().await;
    let now = postern.state.clock.now().secs() * 1_000;
    // More than are looked at together, over and not over in turns.
    let rows: Vec<_> = (0..1_000).map(|n| format!("('network:{n}', {})", now - 1 + n % 2)).collect();
    let put = format!("INSERT INTO limits (counted, arrival_ms) VALUES {}", rows.join(", "));
    postern.database().await.run(&put).await;
    postern::server::workers::remove_expired(&postern.state).await.unwrap();
    assert_eq!(postern.rows(&format!("limits WHERE arrival_ms < {now}")).await, 0);
    assert_eq!(postern.rows("limits").await, 500);
    postern.wait(SECOND);
    postern::server::workers::remove_expired(&postern.state).await.unwrap();
    assert_eq!(postern.rows("limits").await, 0);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    let answer = ada.call("request_link", &[("email", ADA)]).await;
    let cookies: Vec<_> = answer.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies.len(), 1);
    let cookie = cookies[0].to_str().unwrap();
    assert!(cookie.starts_with("postern="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn in_production_the_cookie_is_bound_to_its_host_and_to_https() {
    let postern = Postern::in_production(&[]).await;
    let ada = postern.browser(Manner::Fetch);
    let answer = ada.call("request_link", &[("email", ADA)]).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-postern="), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn in_production_a_dead_cookie_goes_as_it_came() {
    let postern = Postern::in_production(&[]).await;
    let visitor = postern.browser(Manner::Form);
    let request = visitor.request(reqwest::Method::GET, "/login").header("accept", "text/html");
    let answer = visitor.send(request.header("cookie", "__Host-postern=AAAAAAAAAAAAAAAAAAAAAA")).await;
    let removal = answer.header("set-cookie");
    for part in ["__Host-postern=;", "Max-Age=0", "Path=/", "Secure"] {
        assert!(removal.contains(part), "{removal}");
    }
}

#[tokio::test]
async fn a_cookie_by_an_encoded_name_is_not_ours() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    let status = async |name: &str| {
        let visitor = postern.browser(Manner::Fetch);
        let cookie = format!("{name}={}", ada.cookie_value());
        visitor.send(visitor.post("/api/whoami").header("cookie", cookie)).await.status
    };
    assert_eq!(status("postern").await, 200);
    // To a browser this is another name, without the rules of `__Host-`: another host of the domain could set it.
    for name in ["%70ostern", "poster%6e", "__Host-postern", "%5F_Host-postern"] {
        assert_eq!(status(name).await, 401, "{name}");
    }
}

#[tokio::test]
async fn looking_around_starts_no_session() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    for path in ["/", "/login", "/verify", "/login/sent", "/no/such/page"] {
        visitor.open(path).await;
    }
    assert_eq!(visitor.cookie(), None);
    assert_eq!(postern.rows("sessions").await, 0);
}

#[tokio::test]
async fn thousands_of_expired_rows_are_removed_a_few_at_a_time() {
    let postern = Postern::start().await;
    let bytes = if on_postgres() { "CAST(CAST(n AS TEXT) AS BYTEA)" } else { "CAST(n AS BLOB)" };
    let many = format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2500) \
         INSERT INTO sessions (id_hash, data, created_at, last_seen_at, expires_at) \
         SELECT {bytes}, '{{}}', 0, 0, 1 FROM n"
    );
    postern.database().await.run(&many).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    postern::server::workers::remove_expired(&postern.state).await.unwrap();
    assert_eq!(postern.rows("sessions").await, 1, "and hers is there");
}
