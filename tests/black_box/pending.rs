//! A mail that is on its way is known everywhere in its browser, and its end as well.

use std::time::Duration;

use crate::harness::{ADA, Answer, BOB, LINK_MAX_AGE, Manner, Postern, SECOND, STRANGER};

const ON_ITS_WAY: &str = "may sign in, a mail is on its way. <a href=\"/login/sent\">";
const NEW_MAIL: &str = "Send a new mail";

fn says(page: &Answer, words: &str) -> bool {
    // What the page becomes at the end of its mail is no part of it before.
    let text = page.text();
    text.split("<template").next().unwrap().contains(words)
}

async fn while_a_mail_lives_login_says_so_and_leads_to_the_code(manner: Manner) {
    let postern = Postern::start().await;
    for email in [ADA, STRANGER] {
        let browser = postern.browser(manner);
        assert!(!says(&browser.open("/login").await, ON_ITS_WAY));
        browser.ask(email).await;
        postern.wait(LINK_MAX_AGE);
        let page = browser.open("/login").await;
        assert!(says(&page, ON_ITS_WAY) && says(&page, email), "{page:?}");
        assert!(
            !says(&postern.browser(manner).open("/login").await, ON_ITS_WAY),
            "another browser knows nothing"
        );
        postern.wait(SECOND);
        assert!(!says(&browser.open("/login").await, ON_ITS_WAY), "{email}");
    }
}

async fn once_it_has_signed_in_no_mail_is_on_its_way(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let waiting = ada.copy();
    assert!(says(&waiting.open("/login").await, ON_ITS_WAY));
    ada.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/");
    assert!(!says(&waiting.open("/login").await, ON_ITS_WAY));
    ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    assert!(!says(&ada.open("/login").await, ON_ITS_WAY));
}

async fn after_its_end_the_page_of_a_mail_offers_a_new_one_and_nothing_else(manner: Manner) {
    let postern = Postern::start().await;
    for (email, gets_in) in [(ADA, true), (STRANGER, false)] {
        let browser = postern.browser(manner);
        let fields = [("email", email), ("next", "/reports")];
        browser.call("request_link", &fields).await.assert_leads_to("/login/sent");
        postern.wait(LINK_MAX_AGE);
        let page = browser.open("/login/sent").await;
        assert!(says(&page, r#"name="code""#) && !says(&page, NEW_MAIL), "{page:?}");
        postern.mails().await;
        postern.wait(SECOND);
        let page = browser.open("/login/sent").await;
        assert!(says(&page, NEW_MAIL) && says(&page, email) && !says(&page, r#"name="code""#), "{page:?}");
        assert_eq!(page.text().matches("class=\"button\"").count(), 1, "{page:?}");

        browser.call("resend_link", &[]).await.assert_leads_to("/login/sent?notice=sent_again");
        assert!(says(&browser.open("/login/sent").await, r#"name="code""#));
        let mails = postern.mails().await;
        assert_eq!(mails.len(), usize::from(gets_in));
        for mail in mails {
            browser.redeem_link(&mail.token()).await.assert_leads_to("/reports");
        }
    }
}

async fn a_limit_on_the_new_mail_is_told_where_it_was_asked_for(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_NETWORK", "1 per 1h")]).await;
    let bob = postern.browser(manner);
    bob.ask(BOB).await;
    postern.wait(LINK_MAX_AGE + Duration::from_secs(60));
    bob.call("resend_link", &[]).await.assert_refused("limited", 429);
    let page = bob.open("/login/sent?refusal=limited&n=120").await;
    assert!(says(&page, NEW_MAIL) && says(&page, "That was too often. Wait 2 minutes"), "{page:?}");
}

/// Seconds that the page counts down, as it was drawn.
fn expires_in(page: &Answer) -> u64 {
    let text = page.text();
    let (_, rest) = text.split_once("data-expires-in=\"").unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}

async fn the_page_of_a_mail_knows_its_end_to_the_second(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let whole = expires_in(&ada.open("/login/sent").await);
    assert_eq!(whole, LINK_MAX_AGE.as_secs() + 1, "good for the whole of the last second");
    postern.wait(LINK_MAX_AGE - 90 * SECOND);
    let page = ada.open("/login/sent").await;
    assert_eq!(expires_in(&page), 91);
    assert!(says(&page, ">90 seconds</strong>"), "without scripts it says what is left: {page:?}");
    postern.wait(91 * SECOND);
    let became = ada.open("/login/sent").await.text();
    let (_, template) =
        page.text().split_once("<template").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let card = &template[template.find("<section").unwrap()..template.find("</template>").unwrap()];
    assert!(became.contains(card), "what waits in the template is what the server draws then: {card}");
}

async fn a_look_at_the_page_of_a_mail_prolongs_nothing_and_tells_when_to_go_on(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.call("request_link", &[("email", ADA), ("next", "/reports")]).await.assert_leads_to("/login/sent");
    let ends = "SELECT expires_at + last_seen_at FROM sessions";
    let mut database = postern.database().await;
    let before: i64 = database.one(ends).await;
    postern.wait(Duration::from_secs(120));
    let look = || ada.request(reqwest::Method::HEAD, "/login/sent").header("accept", "*/*");
    let seen = ada.send(look()).await;
    assert_eq!((seen.status, seen.headers.get("set-cookie")), (200, None));
    let after: i64 = database.one(ends).await;
    assert_eq!(before, after);

    ada.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/reports");
    let seen = ada.send(look()).await;
    assert_eq!((seen.status, seen.location()), (303, "/reports"));
}

in_both_manners!(
    the_page_of_a_mail_knows_its_end_to_the_second,
    a_look_at_the_page_of_a_mail_prolongs_nothing_and_tells_when_to_go_on,
    while_a_mail_lives_login_says_so_and_leads_to_the_code,
    once_it_has_signed_in_no_mail_is_on_its_way,
    after_its_end_the_page_of_a_mail_offers_a_new_one_and_nothing_else,
    a_limit_on_the_new_mail_is_told_where_it_was_asked_for,
);
