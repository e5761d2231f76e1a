//! A new SECRET_KEY, while links under the old one are still in somebody's inbox.

use crate::harness::{ADA, Manner, Postern};

const OLD: &str = "the secret key of the black-box tests";
const NEW: (&str, &str) = ("SECRET_KEY", "another secret key of the black-box tests");
const FALLBACK: (&str, &str) = ("SECRET_KEY_FALLBACKS", r#"["the secret key of the black-box tests"]"#);
const NO_FALLBACK: (&str, &str) = ("SECRET_KEY_FALLBACKS", "");

async fn a_link_from_before_the_change_works_while_the_old_key_is_a_fallback(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let postern = postern.restart_with(&[NEW, FALLBACK]).await;
    let ada = ada.at(postern.port());
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

async fn a_code_from_before_the_change_works_while_the_old_key_is_a_fallback(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let postern = postern.restart_with(&[NEW, FALLBACK]).await;
    ada.at(postern.port()).redeem_code(&mail.code()).await.assert_leads_to("/");
}

async fn neither_works_once_the_old_key_is_dropped(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let postern = postern.restart_with(&[NEW, NO_FALLBACK]).await;
    let ada = ada.at(postern.port());
    ada.redeem_link(&mail.token()).await.assert_refused("malformed_link", 422);
    ada.redeem_code(&mail.code()).await.assert_refused("wrong_code", 422);
    assert_eq!(ada.whoami().await, None);
}

async fn a_new_link_is_signed_by_the_new_key_only(manner: Manner) {
    let postern = Postern::start_with(&[NEW, FALLBACK]).await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let with_the_old_key = postern.restart_with(&[("SECRET_KEY", OLD), NO_FALLBACK]).await;
    let ada = ada.at(with_the_old_key.port());
    ada.redeem_link(&mail.token()).await.assert_refused("malformed_link", 422);
    ada.redeem_code(&mail.code()).await.assert_refused("wrong_code", 422);
    let with_the_new_key = with_the_old_key.restart_with(&[NEW]).await;
    ada.at(with_the_new_key.port()).redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn a_change_of_keys_signs_nobody_out(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.sign_in(&postern, ADA).await;
    let postern = postern.restart_with(&[NEW, NO_FALLBACK]).await;
    assert_eq!(ada.at(postern.port()).whoami().await.as_deref(), Some(ADA));
}

in_both_manners!(
    a_link_from_before_the_change_works_while_the_old_key_is_a_fallback,
    a_code_from_before_the_change_works_while_the_old_key_is_a_fallback,
    neither_works_once_the_old_key_is_dropped,
    a_new_link_is_signed_by_the_new_key_only,
    a_change_of_keys_signs_nobody_out,
);
