//! Another site cannot make a visitor's browser do anything here.

use reqwest::{Method, RequestBuilder};

use crate::harness::{ADA, Browser, Log, Manner, Postern, SECOND};

/// A POST by a browser that another site has told to.
fn from(browser: &Browser, function: &str, headers: &[(&str, &str)]) -> RequestBuilder {
    let accept = if browser.manner == Manner::Form { "text/html" } else { "*/*" };
    let request = browser.request(Method::POST, &format!("/api/{function}")).header("accept", accept);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

const FOREIGN: [&[(&str, &str)]; 6] = [
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site"), ("origin", "https://other.example.test")],
    &[("sec-fetch-site", "cross-site"), ("origin", "null")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
];

async fn a_cross_site_post_is_refused_before_any_work(manner: Manner) {
    let postern = Postern::start().await;
    let visitor = postern.browser(manner);
    for headers in FOREIGN {
        let request = from(&visitor, "request_link", headers).form(&[("email", ADA)]);
        let answer = visitor.send(request).await;
        assert_eq!(answer.status, 403, "{headers:?}");
        assert_eq!(answer.json()["refusal"], "cross_site", "{headers:?}");
        assert!(answer.headers.get("set-cookie").is_none(), "{headers:?}");
    }
    assert_eq!((postern.rows("sessions").await, postern.rows("outbox").await), (0, 0));
}

async fn another_site_cannot_sign_somebody_in_or_out(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    for headers in FOREIGN {
        let redeem = from(&ada, "redeem_link", headers).form(&[("token", mail.token())]);
        assert_eq!(ada.send(redeem).await.status, 403);
        let redeem = from(&ada, "redeem_code", headers).form(&[("code", mail.code())]);
        assert_eq!(ada.send(redeem).await.status, 403);
    }
    assert_eq!(ada.whoami().await, None);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    for headers in FOREIGN {
        assert_eq!(ada.send(from(&ada, "sign_out", headers)).await.status, 403);
    }
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

async fn a_post_of_our_own_page_or_of_a_machine_is_carried_out(manner: Manner) {
    let postern = Postern::start().await;
    let own = postern.public_url().to_owned();
    let ours: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "same-origin"), ("origin", &own)],
        &[("sec-fetch-site", "none")],
        &[("origin", &own)],
        &[],
    ];
    for headers in ours {
        let visitor = postern.browser(manner);
        let request = from(&visitor, "request_link", headers).form(&[("email", ADA)]);
        visitor.send(request).await.assert_leads_to("/login/sent");
    }
}

in_both_manners!(
    a_cross_site_post_is_refused_before_any_work,
    another_site_cannot_sign_somebody_in_or_out,
    a_post_of_our_own_page_or_of_a_machine_is_carried_out,
);

#[tokio::test]
async fn a_link_in_a_web_mail_may_come_from_another_site() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.ask(ADA).await;
    let path = postern.mail().await.path();
    let click =
        ada.request(Method::GET, &path).header("accept", "text/html").header("sec-fetch-site", "cross-site");
    assert_eq!(ada.send(click).await.status, 200);
}

#[tokio::test]
async fn a_get_changes_nothing_anywhere() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    let queries = [
        format!("request_link?email={ADA}"),
        "resend_link".to_owned(),
        format!("redeem_link?{}", mail.path().split_once('?').unwrap().1),
        format!("redeem_code?code={}", mail.code()),
    ];
    for query in &queries {
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(ada.send(ada.request(method, &format!("/api/{query}"))).await.status, 405, "{query}");
        }
    }
    assert_eq!((ada.whoami().await, postern.rows("outbox").await), (None, 0));
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    for path in ["/api/sign_out", "/logout"] {
        ada.open(path).await;
    }
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

#[tokio::test]
async fn behind_a_proxy_that_ends_tls_the_origin_of_our_own_pages_is_ours() {
    let postern = Postern::in_production(&[]).await;
    let visitor = postern.browser(Manner::Form);
    visitor.ask(ADA).await;
    let insecure = [("origin", "http://login.example.test.evil.example")];
    let request = from(&visitor, "request_link", &insecure).form(&[("email", ADA)]);
    assert_eq!(visitor.send(request).await.status, 403);
}

#[tokio::test]
async fn the_operator_hears_of_another_site_once_a_minute() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Fetch);
    let log = Log::listen();
    for said in [1, 2] {
        for _ in 0..20 {
            let request = from(&visitor, "request_link", FOREIGN[0]).form(&[("email", ADA)]);
            assert_eq!(visitor.send(request).await.status, 403);
        }
        let lines = log.by_default();
        assert_eq!(lines.len(), said, "{lines:?}");
        assert!(lines[said - 1].contains("cross-site request refused"), "{lines:?}");
        postern.wait(60 * SECOND);
    }
}
