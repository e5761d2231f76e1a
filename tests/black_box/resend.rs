//! Asking for another mail.

use std::time::Duration;

use crate::harness::{ADA, Manner, Postern, SECOND, STRANGER};

const WAIT: Duration = Duration::from_secs(60);

async fn another_mail_after_the_wait_signs_in_and_voids_the_first(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_BROWSER", "1 per 60s")]).await;
    let ada = postern.browser(manner);
    ada.call("request_link", &[("email", ADA), ("next", "/reports")]).await.assert_leads_to("/login/sent");
    let first = postern.mail().await;
    postern.wait(WAIT - SECOND);
    ada.call("resend_link", &[]).await.assert_refused("limited", 429);
    postern.wait(SECOND);
    ada.call("resend_link", &[]).await.assert_leads_to("/login/sent?notice=sent_again");
    let second = postern.mail().await;
    assert_eq!(second.to, ADA);
    assert_ne!(first.message_id, second.message_id);
    ada.redeem_link(&first.token()).await.assert_refused("superseded", 410);
    ada.redeem_code(&first.code()).await.assert_refused("wrong_code", 422);
    ada.redeem_link(&second.token()).await.assert_leads_to("/reports");
}

async fn another_mail_without_a_first_one_is_refused(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_BROWSER", "1 per 60s")]).await;
    let visitor = postern.browser(manner);
    let answer = visitor.call("resend_link", &[]).await;
    match manner {
        Manner::Form => answer.assert_leads_to("/login?notice=start_here"),
        Manner::Fetch => answer.assert_refused("other_browser", 409),
    }
    assert_eq!(postern.rows("outbox").await, 0);
}

async fn another_mail_for_a_stranger_is_answered_alike_and_never_sent(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_BROWSER", "1 per 60s")]).await;
    let eve = postern.browser(manner);
    eve.ask(STRANGER).await;
    eve.call("resend_link", &[]).await.assert_refused("limited", 429);
    postern.wait(WAIT);
    eve.call("resend_link", &[]).await.assert_leads_to("/login/sent?notice=sent_again");
    assert!(postern.mails().await.is_empty());
}

in_both_manners!(
    another_mail_after_the_wait_signs_in_and_voids_the_first,
    another_mail_without_a_first_one_is_refused,
    another_mail_for_a_stranger_is_answered_alike_and_never_sent,
);
