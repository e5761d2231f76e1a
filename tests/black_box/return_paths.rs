//! Where a sign-in leads: never to another site.

use crate::harness::{ADA, Manner, Postern};

pub const FOREIGN: [&str; 23] = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/%255cevil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/\r\nLocation: https://evil.example",
    "/%0d%0aSet-Cookie:x=1",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    " //evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/a/../..//evil.example",
    "http:evil.example",
    "/#@evil.example",
    "/reports\0",
    "/login",
];

async fn a_foreign_return_path_leads_home(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    for next in FOREIGN {
        ada.call("request_link", &[("email", ADA), ("next", next)]).await.assert_leads_to("/login/sent");
        ada.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/");
    }
}

async fn an_odd_but_local_return_path_is_kept(manner: Manner) {
    let postern = Postern::start().await;
    let ada = postern.browser(manner);
    for next in [
        "/reports?to=https://evil.example/",
        "/a//b",
        "/caf%C3%A9",
        "/@evil.example",
        "/x?next=//evil.example",
    ] {
        ada.call("request_link", &[("email", ADA), ("next", next)]).await.assert_leads_to("/login/sent");
        ada.redeem_link(&postern.mail().await.token()).await.assert_leads_to(next);
    }
}

in_both_manners!(a_foreign_return_path_leads_home, an_odd_but_local_return_path_is_kept);

#[tokio::test]
async fn the_form_carries_a_local_path_on_and_drops_a_foreign_one() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    let next = async |query: &str| {
        let page = visitor.open(&format!("/login?next={query}")).await.text();
        let (_, rest) = page.split_once(r#"name="next" value=""#).unwrap();
        rest[..rest.find('"').unwrap()].to_owned()
    };
    assert_eq!(next("%2Freports%3Fby%3Dmonth").await, "/reports?by=month");
    for foreign in
        ["https:%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "%2F%252F%2Fevil.example"]
    {
        assert_eq!(next(foreign).await, "/", "{foreign}");
    }
}

#[tokio::test]
async fn somebody_who_is_signed_in_already_is_not_redirected_off_the_site() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Form);
    ada.sign_in(&postern, ADA).await;
    let leads = async |query: &str| {
        let answer = ada.open(&format!("/login?next={query}")).await;
        assert_eq!(answer.status, 303, "{query}");
        answer.location().to_owned()
    };
    assert_eq!(leads("%2Freports").await, "/reports");
    for foreign in ["https:%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "%0d%0aX:y"] {
        assert_eq!(leads(foreign).await, "/", "{foreign}");
    }
}

#[tokio::test]
async fn a_guarded_path_that_looks_like_another_site_is_no_way_back() {
    let postern = Postern::start().await;
    let stranger = postern.browser(Manner::Form);
    assert_eq!(stranger.open("//evil.example/x").await.status, 400, "it is not even looked at");
    for path in ["/%2f/evil.example", "/%5cevil.example"] {
        let answer = stranger.open(path).await;
        assert_eq!((answer.status, answer.location()), (303, "/login"), "{path}");
    }
}

#[tokio::test]
async fn html_in_what_was_typed_is_shown_as_text() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    let script = r#""><script>alert(1)</script>"#;
    let typed = format!("{script}@example.com");
    let fields = [("email", typed.as_str()), ("next", &format!("/reports?x={}", r#""><b>"#))];
    let refused = visitor.call("request_link", &fields).await;
    refused.assert_refused("malformed_address", 422);
    let page = visitor.open(refused.location()).await.text();
    assert!(!page.contains("<script>alert") && !page.contains(r#""><b>"#), "{page}");
    assert!(page.contains("&lt;script&gt;"), "what was typed is still there: {page}");

    for query in
        ["next=%2F%22%3E%3Cscript%3Ealert(1)", "refusal=%3Cscript%3Ealert(1)", "notice=%3Cscript%3Ealert(1)"]
    {
        let page = visitor.open(&format!("/login?{query}")).await.text();
        assert!(!page.contains("<script>alert"), "{query}");
    }
    let page = visitor.open("/verify?token=%22%3E%3Cscript%3Ealert(1)").await.text();
    assert!(!page.contains("<script>alert"), "{page}");
}

#[tokio::test]
async fn what_somebody_writes_into_the_query_of_a_page_is_not_repeated_there() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    let phish = "Call+0800-EVIL";
    for path in ["/login", "/verify"] {
        for name in ["refusal", "notice", "n", "advice", "email", "message"] {
            let page = visitor.open(&format!("{path}?{name}={phish}")).await.text();
            assert!(!page.contains("0800-EVIL"), "{path} {name}");
        }
    }
}
