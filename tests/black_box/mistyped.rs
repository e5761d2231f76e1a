//! A typing mistake in a common domain.

use crate::harness::{Manner, Postern};

const QUESTION: &str = "Did you mean ";

async fn page_for(postern: &Postern, manner: Manner, email: &str) -> String {
    let browser = postern.browser(manner);
    browser.ask(email).await;
    browser.open("/login/sent").await.text()
}

async fn a_slip_in_a_common_domain_is_asked_about_whoever_is_listed(manner: Manner) {
    let list = [("CREDENTIALS", r#"["ada@gmail.com", "bob@gmial.com"]"#)];
    let postern = Postern::start_with(&list).await;
    for name in ["ada", "bob", "eve"] {
        let page = page_for(&postern, manner, &format!("{name}@gmial.com")).await;
        assert!(page.contains(&format!("{QUESTION}<strong>{name}@gmail.com</strong>?")), "{page}");
    }
    for email in ["ada@gmail.com", "ada@example.com", "ada@yahoo.de", "ada@mail.com"] {
        assert!(!page_for(&postern, manner, email).await.contains(QUESTION), "{email}");
    }
    let to: Vec<_> = postern.mails().await.into_iter().map(|mail| mail.to).collect();
    assert_eq!(to.len(), 2, "{to:?}");
    assert!(to.iter().any(|to| to == "bob@gmial.com"), "what was typed is never refused: {to:?}");
}

async fn the_suggestion_is_a_form_that_asks_for_it_and_leads_where_the_first_one_did(manner: Manner) {
    // With the wait between two mails: that one is for another inbox.
    let settings = [("CREDENTIALS", r#"["ada@gmail.com"]"#), ("LIMIT_BROWSER", "1 per 60s")];
    let postern = Postern::start_with(&settings).await;
    let ada = postern.browser(manner);
    let mistyped = [("email", "ada@hotmial.com"), ("next", "/reports")];
    ada.call("request_link", &mistyped).await.assert_leads_to("/login/sent");
    let page = ada.open("/login/sent").await.text();
    assert!(page.contains(r#"name="email" value="ada@hotmail.com""#), "{page}");
    assert!(page.contains(r#"name="next" value="/reports""#), "{page}");
    assert!(page.contains(r#"action="/api/request_link""#), "{page}");
    let mended = [("email", "ada@gmail.com"), ("next", "/reports")];
    ada.call("request_link", &mended).await.assert_leads_to("/login/sent");
    ada.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/reports");
}

in_both_manners!(
    a_slip_in_a_common_domain_is_asked_about_whoever_is_listed,
    the_suggestion_is_a_form_that_asks_for_it_and_leads_where_the_first_one_did,
);
