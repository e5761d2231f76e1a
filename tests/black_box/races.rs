//! Many requests at the same time: exactly one of them wins.

use tokio::task::JoinSet;

use crate::harness::{ADA, Answer, Browser, Manner, Postern};

/// A hundred browsers with the same cookie call `function` at the same time.
async fn a_hundred_at_once(
    browser: &Browser,
    function: &'static str,
    field: &str,
    values: Vec<String>,
) -> Vec<(Browser, Answer)> {
    let mut calls = JoinSet::new();
    for n in 0..100 {
        let (copy, field) = (browser.copy(), field.to_owned());
        let value = values[n % values.len()].clone();
        calls.spawn(async move {
            let answer = copy.call(function, &[(&field, &value)]).await;
            (copy, answer)
        });
    }
    calls.join_all().await
}

/// The browsers that are signed in afterwards.
async fn signed_in(browsers: &[(Browser, Answer)]) -> usize {
    let mut count = 0;
    for (browser, _) in browsers {
        count += usize::from(browser.whoami().await.is_some());
    }
    count
}

async fn a_hundred_parallel_uses_of_a_link_give_exactly_one_session(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let token = postern.mail().await.token();
    let calls = a_hundred_at_once(&ada, "redeem_link", "token", vec![token]).await;
    // Until a cookie has come back, each press begins a session and ends the one before.
    assert!(calls.iter().all(|(_, answer)| answer.location() == "/"), "{calls:?}");
    assert_eq!(signed_in(&calls).await, 1);
    assert_eq!(postern.rows("sessions WHERE email IS NOT NULL").await, 1);
}

async fn a_hundred_parallel_uses_of_a_code_give_exactly_one_session(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let code = postern.mail().await.code();
    let calls = a_hundred_at_once(&ada, "redeem_code", "code", vec![code]).await;
    // Until a cookie has come back, each press begins a session and ends the one before.
    assert!(calls.iter().all(|(_, answer)| answer.location() == "/"), "{calls:?}");
    assert_eq!(signed_in(&calls).await, 1);
    assert_eq!(postern.rows("sessions WHERE email IS NOT NULL").await, 1);
}

async fn a_link_and_its_code_used_at_the_same_time_give_exactly_one_session(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let (one, other) = (ada.copy(), ada.copy());
    let (token, code) = (mail.token(), mail.code());
    let (by_link, by_code) = tokio::join!(one.redeem_link(&token), other.redeem_code(&code));
    let calls = [(one, by_link), (other, by_code)];
    assert_eq!(signed_in(&calls).await, 1);
}

async fn parallel_guesses_at_a_code_are_counted_one_by_one(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let guesses = (0..100).map(|n| mail.wrong_code(n)).collect();
    let calls = a_hundred_at_once(&ada, "redeem_code", "code", guesses).await;
    let looked_at = |(_, answer): &&(Browser, Answer)| {
        answer.status == 422 || answer.location().contains("refusal=wrong_code")
    };
    assert_eq!(calls.iter().filter(looked_at).count(), 5);
    ada.redeem_code(&mail.code()).await.assert_refused("code_locked", 429);
}

in_both_manners!(
    a_hundred_parallel_uses_of_a_link_give_exactly_one_session,
    a_hundred_parallel_uses_of_a_code_give_exactly_one_session,
    a_link_and_its_code_used_at_the_same_time_give_exactly_one_session,
    parallel_guesses_at_a_code_are_counted_one_by_one,
);

#[tokio::test]
async fn the_loser_of_a_race_does_not_take_the_cookie_from_the_winner() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    let token = postern.mail().await.token();
    // The second call left the browser before the answer to the first one came.
    let second = ada.post("/api/redeem_link").form(&[("token", &token)]);
    ada.redeem_link(&token).await.assert_leads_to("/");
    let old = ada.copy();
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    assert_eq!(old.send(second).await.status, 410);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

#[tokio::test]
async fn two_workers_never_send_the_same_mail() {
    let postern = Postern::start().await;
    for _ in 0..10 {
        postern.browser(Manner::Fetch).ask(ADA).await;
    }
    // The file backend names a file after its mail, so the development inbox does the counting.
    tokio::join!(postern.deliver(), postern.deliver(), postern.deliver());
    assert_eq!(postern.state.inbox.as_ref().unwrap().mails().len(), 10);
    assert_eq!(postern.rows("outbox").await, 0);
}
