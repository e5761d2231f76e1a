//! `postern limits`.

use postern::flow::operator::{
    Operator,
    limits::{Whose, clear, show},
};
use tempfile::TempDir;

use super::{
    backup::{PEOPLE, browser},
    objects, told, tool,
};
use crate::harness::{ADA, BOB, Child, Manner, Postern};

fn whose(text: &str) -> Whose {
    Whose::parse(text).unwrap()
}

#[tokio::test]
async fn a_locked_out_person_gets_in_once_their_budget_is_cleared() {
    let postern = Postern::start_with(&[("LIMIT_ADDRESS", "1 per 1h")]).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    postern.mail().await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    assert!(postern.mails().await.is_empty(), "somebody else has spent it");
    let operator = Operator::of(&postern.state);
    let spent = show(&operator, &whose("ada+tag@example.com"), 0.0).await.unwrap();
    assert_eq!(spent.iter().map(|spent| spent.budget.name()).collect::<Vec<_>>(), ["address"]);
    assert_eq!((spent[0].used, spent[0].who.as_str()), (1.0, ADA));
    assert!(spent[0].wait.is_some_and(|wait| wait > 3_000), "{spent:?}");

    let bobs = clear(&operator, &whose(BOB)).await.unwrap();
    assert_eq!((bobs.budgets, bobs.mails), (0, 0));
    assert!(postern.mails().await.is_empty(), "that of somebody else changes nothing");
    let cleared = clear(&operator, &whose(ADA)).await.unwrap();
    assert_eq!((cleared.budgets, cleared.mails), (1, 1));
    ada.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/");
    assert!(show(&operator, &whose(BOB), 0.0).await.unwrap().is_empty());
}

#[tokio::test]
async fn wrong_codes_of_an_address_are_forgiven() {
    let postern = Postern::start_with(&[("LIMIT_ADDRESS_CODES", "2 per 1h")]).await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    let mail = postern.mail().await;
    for n in 0..2 {
        ada.redeem_code(&mail.wrong_code(n)).await.assert_refused("wrong_code", 422);
    }
    ada.redeem_code(&mail.code()).await.assert_refused("limited", 429);
    clear(&Operator::of(&postern.state), &whose(ADA)).await.unwrap();
    ada.redeem_code(&mail.code()).await.assert_leads_to("/");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_shows_who_is_near_a_limit_and_clears_a_network() {
    let folder = TempDir::new().unwrap();
    let limits = [("LIMIT_NETWORK", "2 per 1h"), ("LIMIT_CODES", "off")];
    let (child, port) = Child::serve(folder.path(), &[&[PEOPLE], &limits[..]].concat());
    let run = |arguments: &[&str]| tool(folder.path(), &[&["limits"], arguments].concat(), &limits);
    for _ in 0..2 {
        browser(port).ask(ADA).await;
    }
    let refused = browser(port).call("request_link", &[("email", ADA)]).await;
    refused.assert_refused("limited", 429);

    let table = told(&run(&["show"])).0;
    let near = table.split_once("Near their end:").unwrap();
    assert!(near.0.contains("network") && near.0.contains("2 per 1h") && near.0.contains("off"), "{table}");
    assert!(near.1.contains("127.0.0.1") && near.1.contains("100 %"), "{table}");
    let shown = objects(&run(&["show", "127.0.0.1", "--json"]));
    let network = shown.iter().find(|line| line["budget"] == "network").unwrap();
    assert_eq!((&network["used_percent"], &network["limit"]), (&100.into(), &"2 per 1h".into()));
    assert!(network["wait_seconds"].as_u64() > Some(1_000), "{network}");
    assert_eq!(told(&run(&["show", "192.0.2.9"])).0, "Nothing is spent.\n");

    let (said, status) = told(&run(&["clear", "127.0.0.1"]));
    assert_eq!(status, Some(0), "{said}");
    browser(port).ask(ADA).await;
    assert_eq!(told(&run(&["clear", "--all"])).1, Some(0));
    for wrong in [&["clear"][..], &["clear", "ada"], &["clear", "--all", ADA], &["show", "192.0.2"]] {
        assert_eq!(told(&run(wrong)).1, Some(2), "{wrong:?}");
    }
    let commands = "SELECT reason FROM audit WHERE event = 'command' ORDER BY id";
    assert_eq!(
        child.database().await.column::<String>(commands).await,
        ["limits_show", "limits_show", "limits_show", "limits_clear", "limits_clear"]
    );
}
