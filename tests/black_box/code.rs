//! Signing in by the eight digits in the mail.

use crate::harness::{ADA, LINK_MAX_AGE, Manner, Postern, SECOND};

/// Guesses before a code is locked.
const TRIES: u32 = 5;

async fn a_code_signs_in_and_leads_to_the_page_that_was_wanted(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.call("request_link", &[("email", ADA), ("next", "/reports")]).await.assert_leads_to("/login/sent");
    let mail = postern.mail().await;
    ada.redeem_code(&mail.code()).await.assert_leads_to("/reports");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

async fn a_code_may_be_typed_with_space_hyphens_and_other_digits_or_pasted_with_its_line(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    let spellings: [fn(&str) -> String; 6] = [
        |code| format!("Your code is {} {}.", &code[..4], &code[4..]),
        |code| code.chars().map(|c| char::from_u32(c as u32 - '0' as u32 + '٠' as u32).unwrap()).collect(),
        |code| format!(" {} {} ", &code[..4], &code[4..]),
        |code| format!("{}-{}", &code[..4], &code[4..]),
        |code| code.chars().map(|digit| format!("{digit} ")).collect(),
        |code| code.chars().map(|c| char::from_u32(c as u32 - '0' as u32 + '０' as u32).unwrap()).collect(),
    ];
    for spelling in spellings {
        ada.ask(ADA).await;
        let code = spelling(&postern.mail().await.code());
        ada.redeem_code(&code).await.assert_leads_to("/");
    }
}

async fn a_code_does_not_work_in_another_browser(manner: Manner) {
    let postern = Postern::start().await;
    let (ada, thief, other) = (postern.browser(manner), postern.browser(manner), postern.browser(manner));
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    other.ask(ADA).await;
    postern.mails().await;
    thief.redeem_code(&mail.code()).await.assert_refused("other_browser", 409);
    other.redeem_code(&mail.code()).await.assert_refused("wrong_code", 422);
    assert_eq!((thief.whoami().await, other.whoami().await), (None, None));
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

async fn a_second_use_of_a_code_is_refused_and_says_so(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let old = ada.copy();
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    old.redeem_code(&mail.code()).await.assert_refused("used", 410);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA), "a used code signs nobody out");
}

async fn a_link_after_its_code_is_refused(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let old = ada.copy();
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    old.redeem_link(&mail.token()).await.assert_refused("used", 410);
}

async fn a_code_works_for_exactly_the_age_of_its_link(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    postern.wait(LINK_MAX_AGE + SECOND);
    ada.redeem_code(&mail.code()).await.assert_refused("expired", 410);
    assert_eq!(ada.whoami().await, None);

    ada.ask(ADA).await;
    let mail = postern.mail().await;
    postern.wait(LINK_MAX_AGE);
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

async fn a_newer_request_makes_the_older_code_void(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let older = postern.mail().await;
    postern.wait(SECOND);
    ada.ask(ADA).await;
    let newer = postern.mail().await;
    assert_ne!(older.code(), newer.code());
    ada.redeem_code(&older.code()).await.assert_refused("wrong_code", 422);
    ada.redeem_code(&newer.code()).await.assert_leads_to("/");
}

async fn wrong_codes_count_down_and_the_sixth_try_is_refused_even_if_right(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    for tries in 1..=TRIES {
        let answer = ada.redeem_code(&mail.wrong_code(tries)).await;
        answer.assert_refused("wrong_code", 422);
        assert_eq!(answer.number(), u64::from(TRIES - tries));
    }
    ada.redeem_code(&mail.code()).await.assert_refused("code_locked", 429);
    assert_eq!(ada.whoami().await, None);
}

async fn the_fifth_try_may_still_be_right(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    for tries in 1..TRIES {
        ada.redeem_code(&mail.wrong_code(tries)).await.assert_refused("wrong_code", 422);
    }
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

async fn the_link_still_works_after_its_code_is_locked(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    for tries in 0..=TRIES {
        ada.redeem_code(&mail.wrong_code(tries)).await;
    }
    ada.redeem_code(&mail.code()).await.assert_refused("code_locked", 429);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn what_cannot_be_a_code_costs_no_try(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    for typed in ["", "12345", "1234567", "12345x", "١٢٣٤٥٦", "1 2 3", "0x1234", "+12345", &"0".repeat(500)]
    {
        ada.redeem_code(typed).await.assert_refused("malformed_code", 422);
    }
    let first = ada.redeem_code(&mail.wrong_code(0)).await;
    assert_eq!(first.number(), u64::from(TRIES - 1));
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

async fn a_new_mail_comes_with_new_tries(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    for tries in 0..=TRIES {
        ada.redeem_code(&mail.wrong_code(tries)).await;
    }
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

async fn a_stranger_cannot_lock_somebody_elses_code(manner: Manner) {
    let postern = Postern::start().await;
    let (ada, thief) = (postern.browser(manner), postern.browser(manner));
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    thief.ask(ADA).await;
    postern.mails().await;
    for tries in 0..=TRIES {
        thief.redeem_code(&mail.wrong_code(tries)).await;
    }
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

in_both_manners!(
    a_code_signs_in_and_leads_to_the_page_that_was_wanted,
    a_code_may_be_typed_with_space_hyphens_and_other_digits_or_pasted_with_its_line,
    a_code_does_not_work_in_another_browser,
    a_second_use_of_a_code_is_refused_and_says_so,
    a_link_after_its_code_is_refused,
    a_code_works_for_exactly_the_age_of_its_link,
    a_newer_request_makes_the_older_code_void,
    wrong_codes_count_down_and_the_sixth_try_is_refused_even_if_right,
    the_fifth_try_may_still_be_right,
    the_link_still_works_after_its_code_is_locked,
    what_cannot_be_a_code_costs_no_try,
    a_new_mail_comes_with_new_tries,
    a_stranger_cannot_lock_somebody_elses_code,
);

#[tokio::test]
async fn a_wrong_code_leads_to_a_page_that_says_how_many_tries_are_left() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let page = ada.open(ada.redeem_code(&mail.wrong_code(0)).await.location()).await.text();
    assert!(page.contains("That is not the code from the newest mail. You have 4 more tries."), "{page}");
    for tries in 1..=TRIES {
        ada.redeem_code(&mail.wrong_code(tries)).await;
    }
    let page = ada.open(ada.redeem_code(&mail.code()).await.location()).await.text();
    assert!(page.contains("The code was mistyped too often and no longer works."), "{page}");
}
