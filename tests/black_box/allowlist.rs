//! Whom the operator lets in, and out.

use crate::harness::{ADA, BOB, Manner, Postern, STRANGER};

async fn nobody_outside_the_allowlist_gets_a_mail(manner: Manner) {
    let list = r#"["@example.com", "!mallory@example.com", "@*.example.org"]"#;
    let postern = Postern::start_with(&[("CREDENTIALS", list)]).await;
    for outsider in
        [STRANGER, "mallory@example.com", "x@sub.example.com", "x@example.org", "x@notexample.com"]
    {
        postern.browser(manner).ask(outsider).await;
    }
    assert!(postern.mails().await.is_empty());
    assert_eq!(postern.rows("outbox").await, 0, "what is not sent is not kept either");
    for member in [ADA, "x@sub.example.org"] {
        postern.browser(manner).ask(member).await;
        assert_eq!(postern.mail().await.to, member);
    }
}

async fn somebody_removed_between_mail_and_click_stays_outside(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    postern.allow_only(&[BOB]);
    ada.redeem_link(&mail.token()).await.assert_refused("not_allowed", 403);
    ada.redeem_code(&mail.code()).await.assert_refused("not_allowed", 403);
    assert_eq!(ada.whoami().await, None);
}

async fn a_refusal_for_the_allowlist_uses_nothing_up(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    postern.allow_only(&[BOB]);
    ada.redeem_link(&mail.token()).await.assert_refused("not_allowed", 403);
    postern.allow_only(&[ADA]);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn somebody_removed_while_signed_in_is_signed_out_by_the_next_request_and_for_good(manner: Manner) {
    let postern = Postern::start().await;
    let (ada, bob) = (postern.browser(manner), postern.browser(manner));
    ada.sign_in(&postern, ADA).await;
    bob.sign_in(&postern, BOB).await;
    let replay = ada.copy();
    postern.allow_only(&[BOB]);
    assert_eq!(ada.fetch("/").await.status, 401);
    assert_eq!(ada.cookie(), None, "the browser forgets the cookie");
    assert_eq!(bob.whoami().await.as_deref(), Some(BOB), "nobody else is touched");
    postern.allow_only(&[ADA, BOB]);
    assert_eq!(replay.whoami().await, None, "being put back does not revive an ended session");
}

async fn somebody_removed_before_the_mail_leaves_gets_none(manner: Manner) {
    let postern = Postern::start().await;
    postern.browser(manner).ask(ADA).await;
    postern.allow_only(&[BOB]);
    assert!(postern.mails().await.is_empty());
}

in_both_manners!(
    nobody_outside_the_allowlist_gets_a_mail,
    somebody_removed_between_mail_and_click_stays_outside,
    a_refusal_for_the_allowlist_uses_nothing_up,
    somebody_removed_while_signed_in_is_signed_out_by_the_next_request_and_for_good,
    somebody_removed_before_the_mail_leaves_gets_none,
);

#[tokio::test]
async fn removal_ends_a_session_even_if_the_next_request_is_for_an_open_page() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.sign_in(&postern, ADA).await;
    postern.allow_only(&[BOB]);
    let page = ada.open("/login").await;
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("You are in"));
    postern.allow_only(&[ADA]);
    assert_eq!(ada.whoami().await, None);
}
