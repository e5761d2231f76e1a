//! A step of a login is one transaction: what it writes commits together or not at all, and pressing twice costs nothing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use postern::{
    domain::{Device, HashedChallenge, Limit, LoginCode, UnixTime},
    store::{
        Step, StepFuture, StoreError,
        ahead::Reads,
        sessions::{HashedSessionId, SessionRow},
    },
};
use tokio::{sync::Notify, task::JoinSet};

use crate::harness::{ADA, Answer, BOB, Browser, Log, Manner, Postern, SECOND};

/// Far less than a step waits for its turn.
const AT_ONCE: Duration = Duration::from_millis(1_500);

/// The value that the form of /login is known by.
async fn form(visitor: &Browser) -> String {
    let page = visitor.open("/login").await.text();
    let field = page.split("name=\"form\"").nth(1).unwrap();
    field.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn two_presses_by_the_old_cookie_sign_in_once_and_end_signed_in(manner: Manner) {
    for by_code in [false, true] {
        let postern = Postern::start().await;
        let ada = postern.browser(manner);
        ada.call("request_link", &[("email", ADA), ("next", "/reports")])
            .await
            .assert_leads_to("/login/sent");
        let mail = postern.mail().await;
        let press = async |browser: &Browser| match by_code {
            true => browser.redeem_code(&mail.code()).await,
            false => browser.redeem_link(&mail.token()).await,
        };
        let again = ada.copy();
        press(&ada).await.assert_leads_to("/reports");
        press(&again).await.assert_leads_to("/reports");
        assert_ne!(ada.cookie(), again.cookie());
        assert_eq!(again.whoami().await.as_deref(), Some(ADA));
        assert_eq!(ada.whoami().await, None, "the session that was never seen has ended");
        assert_eq!(postern.rows("sessions WHERE email IS NOT NULL").await, 1);
    }
}

async fn once_its_cookie_has_come_back_a_mail_is_used_up(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let old = ada.copy();
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    old.redeem_link(&mail.token()).await.assert_refused("used", 410);
    old.redeem_code(&mail.code()).await.assert_refused("used", 410);
    assert_eq!(old.whoami().await, None, "the old cookie alone is worth nothing");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA), "and costs nobody anything");
    ada.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    old.redeem_link(&mail.token()).await.assert_refused("used", 410);
}

async fn whoever_is_signed_in_already_is_led_on(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.call("request_link", &[("email", ADA), ("next", "/reports")]).await.assert_leads_to("/login/sent");
    let mail = postern.mail().await;
    ada.redeem_link(&mail.token()).await.assert_leads_to("/reports");
    ada.redeem_link(&mail.token()).await.assert_leads_to("/reports");
    ada.redeem_code(&mail.code()).await.assert_leads_to("/reports");
    ada.call("resend_link", &[]).await.assert_leads_to("/reports");
    assert_eq!(ada.open("/login/sent").await.location(), "/reports");
    assert!(postern.mails().await.is_empty(), "nothing was mailed");
    let bob = postern.browser(manner);
    bob.sign_in(&postern, BOB).await;
    bob.redeem_link(&mail.token()).await.assert_refused("other_browser", 409);
}

async fn two_presses_of_one_form_without_a_cookie_are_one_request(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_BROWSER", "1 per 60s")]).await;
    let (first, second) = (postern.browser(manner), postern.browser(manner));
    let form = form(&first).await;
    let fields = [("email", ADA), ("form", &form)];
    let (one, two) = tokio::join!(first.call("request_link", &fields), second.call("request_link", &fields));
    for answer in [one, two] {
        answer.assert_leads_to("/login/sent");
    }
    assert_eq!(
        first.cookie(),
        second.cookie(),
        "whichever answer comes last, the browser waits for the same mail"
    );
    let mail = postern.mail().await;
    second.redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn asking_again_within_the_gap_is_no_error_and_sends_no_second_mail(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_BROWSER", "1 per 60s")]).await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    ada.ask(ADA).await;
    assert!(postern.mails().await.is_empty());
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

async fn a_refused_request_never_loses_what_was_pending(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let mut calls = JoinSet::new();
    for n in 0..40 {
        let (copy, typed) = (ada.copy(), if n % 2 == 0 { "no address" } else { "ada@" });
        calls.spawn(async move { copy.call("request_link", &[("email", typed)]).await });
    }
    for answer in calls.join_all().await {
        answer.assert_refused("malformed_address", 422);
        assert!(answer.headers.get("set-cookie").is_none(), "{answer:?}");
    }
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn a_code_counts_only_after_its_mail_has_left(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let data: String = postern.database().await.one("SELECT data FROM sessions").await;
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let challenge = serde_json::from_value(data["pending"]["challenge"].clone()).unwrap();
    let email = postern::domain::EmailAddress::parse(ADA).unwrap();
    let code = LoginCode::derive(&postern.state.config.keys.primary, &challenge, &email).reveal();
    ada.redeem_code(&code).await.assert_refused("wrong_code", 422);
    assert_eq!(postern.mail().await.code(), code, "it is the right one");
    ada.redeem_code(&code).await.assert_leads_to("/");
}

async fn two_tabs_that_ask_at_once_without_a_cookie_end_with_one_mail_that_works(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_BROWSER", "1 per 60s")]).await;
    let (first, second) = (postern.browser(manner), postern.browser(manner));
    let (one, two) = (form(&first).await, form(&second).await);
    first.call("request_link", &[("email", ADA), ("form", &one)]).await.assert_leads_to("/login/sent");
    second.call("request_link", &[("email", ADA), ("form", &two)]).await.assert_leads_to("/login/sent");
    // It is one browser: the cookie that came last is the one it has. Nobody tells the second tab that another has asked.
    let codes: Vec<String> = postern.mails().await.iter().map(|mail| mail.code()).collect();
    let mut refused = 0;
    for code in &codes {
        refused += usize::from(second.copy().redeem_code(code).await.status == 422);
    }
    assert!(codes.len() == 2 && refused <= 1, "{refused} of {codes:?}");
    assert_eq!(second.whoami().await.as_deref(), None, "a copy of its cookie signed in");
}

async fn a_stranger_who_is_held_back_leaves_no_rows(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_NETWORK", "3 per 1h")]).await;
    for n in 0..20 {
        let typed = if n % 2 == 0 { ADA.to_owned() } else { format!("{n} is no address") };
        let answer = postern.browser(manner).call("request_link", &[("email", &typed)]).await;
        assert!(n < 3 || answer.headers.get("set-cookie").is_none(), "{answer:?}");
    }
    assert_eq!(postern.rows("sessions").await, 3);
}

async fn the_value_of_a_form_is_no_key_to_the_session_that_it_began(manner: Manner) {
    let postern = Postern::start().await;
    let (ada, thief) = (postern.browser(manner), postern.browser(manner));
    let form = form(&ada).await;
    ada.call("request_link", &[("email", ADA), ("form", &form)]).await.assert_leads_to("/login/sent");
    let mail = postern.mail().await;
    postern.wait(SECOND * 60);
    thief.call("request_link", &[("email", BOB), ("form", &form)]).await.assert_leads_to("/login/sent");
    assert_ne!(thief.cookie(), ada.cookie(), "not a minute later");
    thief.redeem_link(&mail.token()).await.assert_refused("other_browser", 409);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");

    let late = postern.browser(manner);
    late.call("request_link", &[("email", BOB), ("form", &form)]).await.assert_leads_to("/login/sent");
    assert_eq!(late.whoami().await, None);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

async fn a_sign_in_is_kept_and_noted_or_neither(manner: Manner) {
    for (table, such) in [("sessions", "NEW.email IS NOT NULL"), ("audit", "NEW.event = 'signed_in'")] {
        let postern = Postern::start().await;
        let ada = postern.browser(manner);
        ada.ask(ADA).await;
        let mail = postern.mail().await;
        postern.database().await.break_writing(table, such).await;
        for answer in [ada.redeem_link(&mail.token()).await, ada.redeem_code(&mail.code()).await] {
            answer.assert_refused("not_ready", 503);
            assert!(answer.headers.get("set-cookie").is_none(), "{answer:?}");
        }
        let (kept, noted) = ("sessions WHERE email IS NOT NULL", "audit WHERE event = 'signed_in'");
        assert_eq!((postern.rows(kept).await, postern.rows(noted).await), (0, 0), "{table}");
        postern.database().await.mend_writing(table).await;
        ada.redeem_link(&mail.token()).await.assert_leads_to("/");
        assert_eq!((postern.rows(kept).await, postern.rows(noted).await), (1, 1), "{table}");
    }
}

async fn a_session_that_cannot_be_read_is_refused_as_it_was_asked_for(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.sign_in(&postern, ADA).await;
    postern.database().await.run("ALTER TABLE sessions RENAME TO gone").await;
    let log = Log::listen();
    for function in ["whoami", "request_link", "redeem_code", "sign_out"] {
        let answer = ada.call(function, &[("email", ADA), ("code", "123456")]).await;
        assert_eq!(answer.status, 503, "{function}");
        assert!(answer.headers.get("set-cookie").is_none(), "the browser stays who it is: {answer:?}");
        match manner {
            Manner::Fetch => assert_eq!(answer.json()["refusal"], "not_ready", "{function}"),
            Manner::Form => assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}"),
        }
        // Such a line comes once a minute.
        postern.wait(60 * SECOND);
    }
    assert_eq!(log.errors().len(), 4, "each once: {:?}", log.errors());
    postern.database().await.run("ALTER TABLE gone RENAME TO sessions").await;
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

in_both_manners!(
    a_sign_in_is_kept_and_noted_or_neither,
    a_session_that_cannot_be_read_is_refused_as_it_was_asked_for,
    two_tabs_that_ask_at_once_without_a_cookie_end_with_one_mail_that_works,
    a_stranger_who_is_held_back_leaves_no_rows,
    the_value_of_a_form_is_no_key_to_the_session_that_it_began,
    two_presses_by_the_old_cookie_sign_in_once_and_end_signed_in,
    once_its_cookie_has_come_back_a_mail_is_used_up,
    whoever_is_signed_in_already_is_led_on,
    two_presses_of_one_form_without_a_cookie_are_one_request,
    asking_again_within_the_gap_is_no_error_and_sends_no_second_mail,
    a_refused_request_never_loses_what_was_pending,
    a_code_counts_only_after_its_mail_has_left,
);

/// How an answer came, and that it came at once.
async fn at_once(answer: impl Future<Output = Answer>) -> Answer {
    let began = Instant::now();
    let answer = answer.await;
    assert!(began.elapsed() < AT_ONCE, "{:?}: {answer:?}", began.elapsed());
    answer
}

#[tokio::test]
async fn a_frozen_writer_holds_up_no_reader() {
    let postern = Postern::start().await;
    let (ada, bob) = (postern.browser(Manner::Form), postern.browser(Manner::Fetch));
    let new = postern.browser(Manner::Form);
    ada.sign_in(&postern, ADA).await;
    new.sign_in(&postern, ADA).await;
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    let mut other = postern.database().await;
    other.hold_the_turn().await;
    assert_eq!(at_once(ada.open("/")).await.status, 200);
    assert_eq!(at_once(bob.open("/login")).await.status, 200);
    let first = new.open("/").await;
    assert_eq!(
        first.status, 503,
        "nobody is let in before it is written that the mail is used up: {first:?}"
    );
    // Nobody could sign in.
    assert_eq!(bob.fetch("/readyz").await.status, 503);
    let refused = bob.call("request_link", &[("email", BOB)]).await;
    refused.assert_refused("not_ready", 503);
    other.let_write().await;
    assert_eq!(postern.rows("outbox").await, 0, "what was answered with 503 did not happen");
    bob.ask(BOB).await;
    bob.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn steps_that_share_a_commit_do_not_share_a_failure() {
    let postern = Postern::start().await;
    let mut steps = JoinSet::new();
    for n in 0..60_i64 {
        let store = postern.state.store.clone();
        steps.spawn(async move {
            store
                .step(move |step| {
                    Box::pin(async move {
                        let limit = "60 per 1h".parse().unwrap();
                        let now = UnixTime::from_secs(1_790_000_000);
                        step.count(&format!("thing {n}"), limit, now).await?;
                        step.count("all", limit, now).await?;
                        step.tally("asked", now);
                        match n % 3 {
                            0 => Ok(true),
                            1 => Err(StoreError::Busy(0)),
                            _ => panic!("a step may break off"),
                        }
                    })
                })
                .await
                .is_ok()
        });
    }
    let kept = steps.join_all().await.into_iter().filter(|kept| *kept).count();
    let things = postern.rows("limits WHERE counted LIKE 'thing %'").await;
    assert_eq!((kept, things), (20, 20));
    // Sixty seconds for each.
    let all = postern.rows("limits WHERE counted = 'all' AND arrival_ms = 1790001200000").await;
    assert_eq!((all, postern.rows("tallies WHERE times = 20").await), (1, 1));
}

#[tokio::test]
async fn a_step_reads_what_those_before_it_in_its_commit_have_changed() {
    let postern = Postern::start().await;
    let store = &postern.state.store;
    let (id, challenge) = (HashedSessionId::of("a session"), HashedChallenge::from_bytes([7; 32]));
    let now = UnixTime::from_secs(1_790_000_000);
    let limit = Limit::rate(60, SECOND * 3_600);
    let new = SessionRow {
        id,
        email: None,
        device: Device::default(),
        data: "{}".to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(SECOND * 60),
        seen: false,
        challenge: Some(challenge),
        mail_left: false,
        code_tries: 0,
        successor: None,
    };
    // What each of them finds of the session and of the budget, before it acts.
    let step = |act: fn(&mut Step, SessionRow) -> StepFuture<'_, ()>| {
        let (new, reads) = (new.clone(), Reads { sessions: vec![id], counted: vec!["thing".to_owned()] });
        store.step_reading(reads, move |step| {
            Box::pin(async move {
                let found = step.session(id, now).await?.map(|session| (session.mail_left, session.seen));
                let used = step.count("thing", limit, now).await?;
                act(step, new).await?;
                Ok((found, (used * 60.0).round()))
            })
        })
    };
    let may_go = Arc::new(Notify::new());
    let gate = Arc::clone(&may_go);
    // All that come meanwhile share one commit.
    let first = store.step(move |_| {
        Box::pin(async move {
            gate.notified().await;
            Ok(())
        })
    });
    let put = step(|step, new| Box::pin(async move { step.put_session(&new).await }));
    let leave = step(|step, new| {
        Box::pin(async move { step.let_codes_count(&new.challenge.into_iter().collect::<Vec<_>>()).await })
    });
    let see = step(|step, new| {
        Box::pin(async move { step.see_session(new.id, new.created_at, new.expires_at).await.map(drop) })
    });
    let end = step(|step, new| Box::pin(async move { step.end_session(new.id).await.map(drop) }));
    let last = step(|_, _| Box::pin(async { Ok(()) }));
    let (first, put, leave, see, end, last, ()) =
        tokio::join!(first, put, leave, see, end, last, async { may_go.notify_one() });
    first.unwrap();
    let found = [put, leave, see, end, last].map(Result::unwrap);
    let sessions = [None, Some((false, false)), Some((true, false)), Some((true, true)), None];
    assert_eq!(found.map(|(session, _)| session), sessions);
    assert_eq!(found.map(|(_, used)| used), [1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[tokio::test]
async fn a_mail_that_is_redeemed_without_end_is_noted_once_a_minute() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    for _ in 0..20 {
        ada.copy().redeem_link(&mail.token()).await.assert_leads_to("/");
    }
    assert_eq!(postern.rows("audit WHERE event = 'signed_in'").await, 2, "the first, and one for the others");
    assert_eq!(postern.rows("sessions WHERE email IS NOT NULL").await, 1);
    postern.wait(SECOND * 60);
    ada.copy().redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(postern.rows("audit WHERE event = 'signed_in'").await, 3);
}

#[tokio::test]
async fn a_step_is_carried_out_though_nobody_waits_for_its_answer() {
    let postern = Postern::start().await;
    let mut other = postern.database().await;
    other.hold_the_turn().await;
    let ada = postern.browser(Manner::Fetch);
    let asking =
        tokio::time::timeout(Duration::from_millis(300), ada.call("request_link", &[("email", ADA)]));
    assert!(asking.await.is_err(), "the visitor hung up");
    other.let_write().await;
    postern.come_to_rest().await;
    assert_eq!((postern.rows("outbox").await, postern.rows("sessions").await), (1, 1));
}

#[tokio::test]
async fn a_clock_that_was_ahead_freezes_no_budget() {
    let limits =
        [("LIMIT_MAILS", "10 per 1h"), ("LIMIT_ADDRESS", "5 per 5m"), ("LIMIT_NETWORK", "30 per 30m")];
    let postern = Postern::start_with(&limits).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    assert_eq!(postern.mails().await.len(), 1);
    let ahead = "UPDATE limits SET arrival_ms = arrival_ms + 31536000000";
    postern.database().await.run(ahead).await;
    // A budget that lies a year ahead is one that is used up: it recovers like any other.
    let mut waited = 0;
    loop {
        let answer = postern.browser(Manner::Fetch).call("request_link", &[("email", ADA)]).await;
        if answer.status == 200 {
            break;
        }
        answer.assert_refused("limited", 429);
        waited += answer.number();
        assert!(answer.number() <= 60 && waited <= 120, "{waited}: {answer:?}");
        postern.wait(SECOND * answer.number() as u32);
    }
    assert!(postern.mails().await.is_empty());
    postern.wait(Duration::from_secs(3_600));
    postern.browser(Manner::Fetch).ask(ADA).await;
    assert_eq!(postern.mails().await.len(), 0, "the budget of her inbox is looked at only now");
    postern.wait(SECOND * 60);
    assert_eq!(postern.mails().await.len(), 1, "and mails leave again");
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_holds_up_no_other() {
    let postern = Postern::start().await;
    let broken = "INSERT INTO outbox (message_id, email, challenge, issued_at, expires_at, due_at) \
                  VALUES ('broken', 'ada%example.com@example.org', 'none', 0, 4000000000, 0)";
    postern.database().await.run(broken).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    assert_eq!(postern.mail().await.to, ADA);
    assert_eq!(postern.rows("outbox").await, 0);
}
