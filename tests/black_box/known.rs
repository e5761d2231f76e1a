//! What /login remembers of whoever comes back.

use crate::harness::{ADA, BOB, Browser, Manner, Postern, STRANGER};

/// The value of the address field, as the page is drawn.
pub fn field(page: &str) -> String {
    let (_, input) = page.split_once("id=\"email\"").unwrap();
    let (input, _) = input.split_once('>').unwrap();
    input.split_once("value=\"").map_or("", |(_, rest)| rest.split('"').next().unwrap()).to_owned()
}

/// The addresses that have a button of their own.
fn offered(page: &str) -> Vec<String> {
    let buttons = page.split("name=\"email\" value=\"").skip(1);
    buttons.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Signs in as each of them, one after the other, and then out.
async fn known(postern: &Postern, manner: Manner, people: &[&str]) -> Browser {
    let browser = postern.browser(manner);
    for person in people {
        browser.sign_in(postern, person).await;
        browser.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    }
    browser
}

async fn whoever_comes_back_finds_the_address_filled_in(manner: Manner) {
    let postern = Postern::start().await;
    let page = postern.browser(manner).open("/login").await.text();
    assert!(field(&page).is_empty() && !page.contains("Welcome back") && !page.contains("as=somebody_else"));
    let ada = known(&postern, manner, &[ADA]).await;
    let page = ada.open("/login").await.text();
    assert_eq!(field(&page), ADA);
    assert!(page.contains("Welcome back") && offered(&page).is_empty(), "{page}");
}

async fn somebody_else_finds_an_empty_field_and_nothing_is_forgotten(manner: Manner) {
    let postern = Postern::start().await;
    let browser = known(&postern, manner, &[ADA]).await;
    let page = browser.open("/login?next=%2Freports%3Fyear%3D1").await.text();
    let way = "/login?as=somebody_else&amp;next=%2Freports%3Fyear%3D1";
    assert!(page.contains(&format!(r#"href="{way}""#)), "{page}");
    let page = browser.open(&way.replace("&amp;", "&")).await.text();
    assert!(field(&page).is_empty() && !page.contains("Welcome back"), "{page}");
    assert!(page.contains(r#"name="next" value="/reports?year=1""#), "{page}");
    assert_eq!(offered(&page), [ADA]);
    assert_eq!(field(&browser.open("/login").await.text()), ADA);
}

async fn of_several_people_the_last_one_is_filled_in_and_the_others_have_a_button(manner: Manner) {
    let postern = Postern::start().await;
    let browser = known(&postern, manner, &[ADA, BOB]).await;
    let page = browser.open("/login?next=%2Freports").await.text();
    assert_eq!((field(&page), offered(&page)), (BOB.to_owned(), vec![ADA.to_owned()]));
    // As the form around the button posts it.
    browser
        .call("request_link", &[("email", ADA), ("next", "/reports")])
        .await
        .assert_leads_to("/login/sent");
    browser.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/reports");
}

async fn what_was_typed_last_comes_before_who_is_known(manner: Manner) {
    let postern = Postern::start().await;
    let browser = known(&postern, manner, &[ADA]).await;
    browser.call("request_link", &[("email", "no address")]).await.assert_refused("malformed_address", 422);
    let page = browser.open("/login?refusal=malformed_address&fault=missing_at").await.text();
    assert_eq!(field(&page), "no address");
    assert!(!page.contains("Welcome back") && offered(&page) == [ADA], "{page}");
    browser.ask(STRANGER).await;
    assert_eq!(field(&browser.open("/login").await.text()), STRANGER);
}

/// The same cookie with another last letter of its signature, all of whose bits count.
pub fn forged(cookie: String) -> String {
    let (rest, last) = cookie.split_at(cookie.len() - 1);
    format!("{rest}{}", if last == "A" { "E" } else { "A" })
}

async fn a_cookie_that_somebody_made_up_fills_in_nothing(manner: Manner) {
    let postern = Postern::start().await;
    let ada = known(&postern, manner, &[ADA]).await;
    let eve = postern.browser(manner);
    eve.take_known(ada.known().map(forged));
    assert!(field(&eve.open("/login").await.text()).is_empty());
    eve.take_known(ada.known());
    assert_eq!(field(&eve.open("/login").await.text()), ADA, "the cookie itself does");
}

async fn whether_the_person_still_may_sign_in_does_not_show(manner: Manner) {
    let postern = Postern::start().await;
    let browser = known(&postern, manner, &[ADA, BOB]).await;
    let drawn = async || {
        let page = browser.open("/login").await.text();
        (field(&page), offered(&page), page.contains("Welcome back"))
    };
    let before = drawn().await;
    postern.allow_only(&["somebody@example.com"]);
    assert_eq!(drawn().await, before);
}

in_both_manners!(
    whoever_comes_back_finds_the_address_filled_in,
    somebody_else_finds_an_empty_field_and_nothing_is_forgotten,
    of_several_people_the_last_one_is_filled_in_and_the_others_have_a_button,
    what_was_typed_last_comes_before_who_is_known,
    a_cookie_that_somebody_made_up_fills_in_nothing,
    whether_the_person_still_may_sign_in_does_not_show,
);
