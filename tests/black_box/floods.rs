//! An attacker with thousands of networks and an afternoon, against the limits as they are shipped.

use std::time::Duration;

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::JoinSet,
};

use crate::harness::{Answer, Browser, Manner, Postern, SECOND, shipped_limits};

/// Bob has an entry of his own; a rule covers everybody at his domain, and nobody else is anybody.
const TEAM: (&str, &str) = ("CREDENTIALS", r#"["bob@example.com", "@example.com"]"#);
const BOB: &str = "bob@example.com";
const ADA: &str = "ada@example.com";
const BEHIND_US: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

async fn shipped() -> Postern {
    Postern::start_with(&[&shipped_limits()[..], &[TEAM, BEHIND_US]].concat()).await
}

/// Requests that are under way at the same time. The machine of the tests plays the attackers as well: with hundreds at once
/// it would be their own noise that holds up a step for too long.
const AT_ONCE: usize = 16;

/// A place among those that are under way.
async fn a_place() -> SemaphorePermit<'static> {
    static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
    PLACES.acquire().await.unwrap()
}

/// The address of one of the attacker's networks.
fn network(n: u32) -> String {
    format!("100.{}.{}.{}", 64 + (n >> 16), n >> 8 & 255, n & 255)
}

async fn call(browser: &Browser, from: &str, function: &str, fields: &[(&str, &str)]) -> Answer {
    let request = browser.post(&format!("/api/{function}")).header("x-forwarded-for", from);
    browser.send(request.form(fields)).await
}

/// Somebody new asks for a mail to `email`, from somewhere.
fn asks(postern: &Postern, asking: &mut JoinSet<()>, from: String, email: String) {
    let browser = postern.browser(Manner::Fetch);
    asking.spawn(async move {
        let _place = a_place().await;
        let answer = call(&browser, &from, "request_link", &[("email", &email)]).await;
        assert!(matches!(answer.status, 200 | 429), "{answer:?}");
    });
}

#[tokio::test]
async fn a_botnet_that_guesses_for_a_day_gets_in_with_a_chance_of_one_in_ten_thousand_at_most() {
    let postern = shipped().await;
    let (mut looked_at, mut networks) = (0_u32, 0);
    for hour in 0..=24 {
        // Each network asks for an address that it made up, and guesses once: no limit of a network or an address is met.
        let mut guessing = JoinSet::new();
        for n in 0..130 {
            networks += 1;
            let (browser, from) = (postern.browser(Manner::Fetch), network(networks));
            let email = format!("invented{hour}x{n}@example.com");
            guessing.spawn(async move {
                let _place = a_place().await;
                call(&browser, &from, "request_link", &[("email", &email)])
                    .await
                    .assert_leads_to("/login/sent");
                call(&browser, &from, "redeem_code", &[("code", "31415926")]).await.status
            });
        }
        let guesses = guessing.join_all().await;
        assert!(guesses.iter().all(|status| matches!(status, 422 | 429)), "{guesses:?}");
        looked_at += guesses.iter().filter(|status| **status == 422).count() as u32;
        if hour < 24 {
            postern.wait(Duration::from_secs(3_600));
        }
    }
    assert!(
        networks > 3_000 && looked_at > 2_000,
        "the guesses were made: {looked_at} by {networks} networks"
    );
    // The likeliest of eight digits come 22 times in 2^31 (`login_code`); each key in SECRET_KEY_FALLBACKS adds a code.
    let chance = f64::from(looked_at) * 22.0 / f64::from(1_u32 << 31);
    assert!(
        chance < 1.0 / 10_000.0 / 3.0,
        "{looked_at} guesses are a chance of {chance}, and keys may be three"
    );
}

#[tokio::test]
async fn through_a_flood_a_known_browser_gets_its_mail_in_seconds_and_a_named_person_within_a_third_of_the_link()
 {
    let postern = shipped().await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    ada.lose_session();
    let bob = postern.browser(Manner::Fetch);
    let (mut flood, mut waits) = (0, [None, None]);
    for second in 0..400 {
        // Sixteen thousand requests from as many networks, for made-up addresses and for Bob's.
        let mut asking = JoinSet::new();
        for n in 0..40 {
            flood += 1;
            asks(&postern, &mut asking, network(flood), format!("invented{second}x{n}@example.com"));
        }
        if second % 60 == 0 {
            asks(&postern, &mut asking, "100.127.0.1".to_owned(), BOB.to_owned());
            asks(&postern, &mut asking, "100.127.0.2".to_owned(), BOB.to_owned());
        }
        asking.join_all().await;
        // Five minutes in, when nothing is left that strangers may use.
        if second == 300 {
            call(&ada, "203.0.113.7", "request_link", &[("email", ADA)]).await.assert_leads_to("/login/sent");
            call(&bob, "198.51.100.9", "request_link", &[("email", BOB)])
                .await
                .assert_leads_to("/login/sent");
        }
        let mails = postern.mails().await;
        if second >= 300 {
            for (person, to, wait) in [(&ada, ADA, 0), (&bob, BOB, 1)] {
                for mail in mails.iter().filter(|mail| mail.to == to) {
                    if waits[wait].is_none() && person.copy().redeem_code(&mail.code()).await.status == 200 {
                        waits[wait] = Some(second - 300);
                    }
                }
            }
        }
        if waits.iter().all(Option::is_some) {
            break;
        }
        postern.wait(SECOND);
    }
    println!("through {flood} requests: Ada waited {:?} s, Bob {:?} s", waits[0], waits[1]);
    assert!(flood >= 12_000 && postern.rows("outbox").await > 1_000, "mails of strangers do wait");
    assert!(waits[0].is_some_and(|wait| wait <= 3), "a known browser: {waits:?}");
    assert!(waits[1].is_some_and(|wait| wait <= 100), "a named person: {waits:?}");
}

#[tokio::test]
async fn five_hundred_people_behind_one_office_address_sign_in_on_their_first_morning() {
    let postern = shipped().await;
    let office = "203.0.113.7";
    let mut people = Vec::new();
    // Half an hour, new browsers all of them; every twentieth types a code wrong first, and as many ask again.
    for n in 0..500 {
        let (browser, email) = (postern.browser(Manner::Fetch), format!("person{n}@example.com"));
        call(&browser, office, "request_link", &[("email", &email)]).await.assert_leads_to("/login/sent");
        people.push((browser, email));
        if n % 17 == 0 {
            postern.wait(SECOND * 60);
        }
        if n % 20 == 19 {
            let mails = postern.mails().await;
            assert_eq!(mails.len(), 20, "all mails leave at once");
            for (at, (browser, email)) in people.drain(..).enumerate() {
                let mail = mails.iter().find(|mail| mail.to == email).unwrap();
                if at % 20 == 0 {
                    postern.wait(SECOND * 60);
                    call(&browser, office, "resend_link", &[])
                        .await
                        .assert_leads_to("/login/sent?notice=sent_again");
                    let mail = postern.mail().await;
                    call(&browser, office, "redeem_link", &[("token", &mail.token())])
                        .await
                        .assert_leads_to("/");
                } else if at % 20 == 1 {
                    let code = mail.wrong_code(0);
                    call(&browser, office, "redeem_code", &[("code", &code)])
                        .await
                        .assert_refused("wrong_code", 422);
                    call(&browser, office, "redeem_code", &[("code", &mail.code())])
                        .await
                        .assert_leads_to("/");
                } else {
                    call(&browser, office, "redeem_link", &[("token", &mail.token())])
                        .await
                        .assert_leads_to("/");
                }
            }
        }
    }
}
