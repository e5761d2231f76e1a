//! The whole flow with every limit as it is shipped. Elsewhere the limits are off, and each claim sets its own.

use std::time::Duration;

use crate::harness::{Answer, Browser, Manner, Postern, query_value, shipped_limits};

/// Anybody at the domain may sign in, as in the README.
const TEAM: (&str, &str) = ("CREDENTIALS", r#"["@example.com"]"#);
const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";
/// Two networks, as a proxy tells of them.
const OFFICE: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.20";
const MINUTE: Duration = Duration::from_secs(60);

async fn shipped(more: &[(&str, &str)]) -> Postern {
    let behind_us = ("TRUSTED_PROXIES", "127.0.0.1");
    Postern::start_with(&[&shipped_limits()[..], &[TEAM, behind_us], more].concat()).await
}

/// Somebody with a browser, in some network.
struct Person {
    browser: Browser,
    network: &'static str,
}

impl Person {
    fn at(network: &'static str, postern: &Postern, manner: Manner) -> Self {
        Self { browser: postern.browser(manner), network }
    }

    async fn call(&self, function: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.browser.post(&format!("/api/{function}")).header("x-forwarded-for", self.network);
        self.browser.send(request.form(fields)).await
    }

    async fn ask(&self, email: &str) -> Answer {
        self.call("request_link", &[("email", email)]).await
    }

    /// Asks for a mail and waits as long as the server says; tells how long that was.
    async fn asks_until_it_is_granted(&self, postern: &Postern, email: &str) -> u64 {
        let mut waited = 0;
        loop {
            let answer = self.ask(email).await;
            if !answer.location().starts_with("/login/sent") {
                answer.assert_refused("limited", 429);
                assert!(waited < 3_600, "{answer:?}");
                postern.wait(Duration::from_secs(answer.number()));
                waited += answer.number();
                continue;
            }
            return waited;
        }
    }

    async fn signs_in_by_link(&self, postern: &Postern, email: &str) {
        self.ask(email).await.assert_leads_to("/login/sent");
        self.call("redeem_link", &[("token", &postern.mail().await.token())]).await.assert_leads_to("/");
        assert_eq!(self.browser.whoami().await.as_deref(), Some(email));
    }
}

async fn a_person_signs_in_by_link_and_out_and_in_again_by_code(manner: Manner) {
    let postern = shipped(&[]).await;
    let ada = Person::at(OFFICE, &postern, manner);
    ada.signs_in_by_link(&postern, ADA).await;
    ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    postern.wait(MINUTE);
    ada.ask(ADA).await.assert_leads_to("/login/sent");
    let mail = postern.mail().await;
    ada.call("redeem_code", &[("code", &mail.code())]).await.assert_leads_to("/");
    assert_eq!(ada.browser.whoami().await.as_deref(), Some(ADA));
}

async fn a_mail_that_does_not_come_may_be_asked_for_again_after_a_minute(manner: Manner) {
    let postern = shipped(&[]).await;
    let ada = Person::at(OFFICE, &postern, manner);
    ada.ask(ADA).await.assert_leads_to("/login/sent");
    let lost = postern.mail().await;
    postern.wait(MINUTE / 3);
    let early = ada.call("resend_link", &[]).await;
    early.assert_refused("limited", 429);
    assert_eq!(early.number(), 40);
    postern.wait(Duration::from_secs(40));
    ada.call("resend_link", &[]).await.assert_leads_to("/login/sent?notice=sent_again");
    let mail = postern.mail().await;
    ada.call("redeem_link", &[("token", &lost.token())]).await.assert_refused("superseded", 410);
    ada.call("redeem_link", &[("token", &mail.token())]).await.assert_leads_to("/");
}

async fn a_second_person_of_the_same_network_is_not_held_up(manner: Manner) {
    let postern = shipped(&[]).await;
    let (ada, bob) = (Person::at(OFFICE, &postern, manner), Person::at(OFFICE, &postern, manner));
    ada.signs_in_by_link(&postern, ADA).await;
    bob.signs_in_by_link(&postern, BOB).await;
}

async fn five_wrong_codes_lock_the_code_and_leave_the_link(manner: Manner) {
    let postern = shipped(&[]).await;
    let ada = Person::at(OFFICE, &postern, manner);
    ada.ask(ADA).await.assert_leads_to("/login/sent");
    let mail = postern.mail().await;
    for n in 0..5 {
        let wrong = ada.call("redeem_code", &[("code", &mail.wrong_code(n))]).await;
        wrong.assert_refused("wrong_code", 422);
        assert_eq!(wrong.number(), u64::from(4 - n));
    }
    ada.call("redeem_code", &[("code", &mail.code())]).await.assert_refused("code_locked", 429);
    ada.call("redeem_link", &[("token", &mail.token())]).await.assert_leads_to("/");
    ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    postern.wait(MINUTE);
    ada.ask(ADA).await.assert_leads_to("/login/sent");
    let mail = postern.mail().await;
    ada.call("redeem_code", &[("code", &mail.code())]).await.assert_leads_to("/");
}

async fn an_office_of_25_behind_one_address_meets_no_limit_in_one_morning(manner: Manner) {
    let postern = shipped(&[]).await;
    let email = |n: usize| format!("person{n:02}@example.com");
    let office: Vec<_> = (0..25).map(|_| Person::at(OFFICE, &postern, manner)).collect();
    // All of them sit down within the same minute.
    for (n, person) in office.iter().enumerate() {
        person.ask(&email(n)).await.assert_leads_to("/login/sent");
    }
    let mails = postern.mails().await;
    assert_eq!(mails.len(), 25);
    // Five delete the mail by mistake and ask again; five type a code wrong first; one has left for coffee.
    postern.wait(MINUTE);
    for person in &office[20..] {
        person.call("resend_link", &[]).await.assert_leads_to("/login/sent?notice=sent_again");
    }
    let again = postern.mails().await;
    for (n, person) in office.iter().enumerate().skip(1) {
        let mail = again.iter().chain(&mails).find(|mail| mail.to == email(n)).unwrap();
        if n < 6 {
            let wrong = person.call("redeem_code", &[("code", &mail.wrong_code(0))]).await;
            wrong.assert_refused("wrong_code", 422);
        }
        match n % 2 {
            0 => person.call("redeem_link", &[("token", &mail.token())]).await.assert_leads_to("/"),
            _ => person.call("redeem_code", &[("code", &mail.code())]).await.assert_leads_to("/"),
        }
    }
    postern.wait(MINUTE * 10);
    let late = &office[0];
    late.call("redeem_link", &[("token", &mails[0].token())]).await.assert_refused("expired", 410);
    late.signs_in_by_link(&postern, &email(0)).await;
    // After lunch everybody signs in anew.
    postern.wait(MINUTE * 180);
    for (n, person) in office.iter().enumerate() {
        person.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
        person.signs_in_by_link(&postern, &email(n)).await;
    }
}

async fn a_strangers_flood_leaves_a_person_in_another_network_their_mail_at_once(manner: Manner) {
    let postern = shipped(&[]).await;
    let mut limited = 0;
    for n in 0..700 {
        let stranger = Person::at(ELSEWHERE, &postern, manner);
        let answer = stranger.ask(&format!("invented{n}@example.com")).await;
        limited += usize::from(answer.status == 429 || query_value(answer.location(), "refusal").is_some());
    }
    assert_eq!(limited, 100, "a flood from one network is held back");
    let ada = Person::at(OFFICE, &postern, manner);
    ada.ask(ADA).await.assert_leads_to("/login/sent");
    let mails = postern.mails().await;
    let mail = mails.iter().find(|mail| mail.to == ADA).expect("Ada's mail leaves with the others");
    ada.call("redeem_link", &[("token", &mail.token())]).await.assert_leads_to("/");
}

async fn whoever_asks_for_somebody_elses_address_makes_them_wait_a_minute_at_most(manner: Manner) {
    let postern = shipped(&[]).await;
    let (ada, stranger) = (Person::at(OFFICE, &postern, manner), Person::at(ELSEWHERE, &postern, manner));
    stranger.ask(ADA).await.assert_leads_to("/login/sent");
    for _ in 0..20 {
        stranger.ask(ADA).await;
    }
    let waited = ada.asks_until_it_is_granted(&postern, ADA).await;
    assert!(waited <= 60, "{waited}");
    let mail = postern.mails().await.pop().unwrap();
    // The stranger's newer request is another browser's: it voids nothing of hers.
    postern.wait(MINUTE);
    stranger.ask(ADA).await;
    ada.call("redeem_link", &[("token", &mail.token())]).await.assert_leads_to("/");
    for _ in 0..10 {
        postern.wait(MINUTE);
        stranger.ask(ADA).await;
    }
    assert_eq!(ada.browser.whoami().await.as_deref(), Some(ADA), "and her session stays as it is");
}

in_both_manners!(
    a_person_signs_in_by_link_and_out_and_in_again_by_code,
    a_mail_that_does_not_come_may_be_asked_for_again_after_a_minute,
    a_second_person_of_the_same_network_is_not_held_up,
    five_wrong_codes_lock_the_code_and_leave_the_link,
    an_office_of_25_behind_one_address_meets_no_limit_in_one_morning,
    a_strangers_flood_leaves_a_person_in_another_network_their_mail_at_once,
    whoever_asks_for_somebody_elses_address_makes_them_wait_a_minute_at_most,
);

#[tokio::test]
async fn an_hours_flood_for_addresses_that_are_not_listed_uses_up_no_mail() {
    let listed = r#"["ada@example.com", "bob@example.com"]"#;
    let postern = shipped(&[("CREDENTIALS", listed)]).await;
    for minute in 0..60 {
        for n in 0..10 {
            let stranger = Person::at(ELSEWHERE, &postern, Manner::Fetch);
            stranger.ask(&format!("nobody{minute}x{n}@example.com")).await;
        }
        postern.wait(MINUTE);
        assert!(postern.mails().await.is_empty());
    }
    let ada = Person::at(OFFICE, &postern, Manner::Fetch);
    ada.signs_in_by_link(&postern, ADA).await;
}

#[tokio::test]
async fn the_limits_of_leptos_toml_are_those_of_a_server_without_any_setting() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Leptos.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let limits = table["limits"].as_table().unwrap();
    let limits = limits
        .iter()
        .map(|(name, limit)| (format!("LIMIT_{}", name.to_uppercase()), limit.as_str().unwrap()));
    let limits: Vec<_> = limits.collect();
    assert_eq!(limits.len(), shipped_limits().len());
    let limits: Vec<_> = limits.iter().map(|(name, limit)| (name.as_str(), *limit)).collect();
    let (shipped, deployed) = (shipped(&[]).await, Postern::start_with(&limits).await);
    assert_eq!(format!("{:?}", shipped.state.config.limits), format!("{:?}", deployed.state.config.limits));
    assert!(
        !format!("{:?}", shipped.state.config.limits).contains("Off"),
        "no limit is shipped switched off"
    );
}
