//! `postern sessions`.

use postern::{
    domain::Origin,
    flow::{
        gateway::{Verdict, check},
        operator::{Operator, sessions::end_all},
    },
    session::AppCookie,
    state::AppState,
};
use tempfile::TempDir;

use super::{
    backup::{PEOPLE, sign_in},
    objects, told, tool,
};
use crate::harness::{ADA, BOB, Child, Manner, Postern, SECOND};

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_one_by_one_by_address_and_all() {
    let folder = TempDir::new().unwrap();
    let (mut child, port) = Child::serve(folder.path(), &[PEOPLE]);
    let run = |arguments: &[&str]| tool(folder.path(), &[&["sessions"], arguments].concat(), &[]);
    assert_eq!(told(&run(&["list"])).0, "Nobody is signed in.\n");
    let one = sign_in(&mut child, port, ADA).await;
    let other = sign_in(&mut child, port, ADA).await;
    let bob = sign_in(&mut child, port, BOB).await;
    let listed = objects(&run(&["list", "--json"]));
    let addresses: Vec<_> = listed.iter().map(|session| session["address"].as_str().unwrap()).collect();
    assert_eq!(addresses, [ADA, ADA, BOB]);
    assert_eq!(listed[0]["system"], "Linux");
    let table = told(&run(&["list", "--address", BOB])).0;
    assert!(table.starts_with("ID ") && table.lines().count() == 2 && table.contains(BOB), "{table}");
    assert_eq!(objects(&run(&["list", "--json", "--limit", "2"])).len(), 2);

    let id = listed[0]["id"].as_str().unwrap();
    let (said, status) = told(&run(&["end", id]));
    assert!(status == Some(0) && said.contains(ADA), "{said}");
    let mut left = [one.whoami().await, other.whoami().await];
    left.sort();
    assert_eq!(left, [None, Some(ADA.to_owned())], "one of the two, with its next request");
    let (said, status) = told(&run(&["end", id]));
    assert!(status == Some(1) && said.contains("No session"), "{said}");
    assert_eq!(objects(&run(&["end", "--address", ADA, "--json"]))[0]["ended"], 1);
    assert_eq!((one.whoami().await, other.whoami().await), (None, None));
    assert_eq!(bob.whoami().await.as_deref(), Some(BOB));
    assert_eq!(objects(&run(&["end", "--all", "--json"]))[0]["ended"], 1);
    assert_eq!(bob.whoami().await, None);

    let trail = "SELECT event || ' ' || reason || ' ' || COALESCE(email, '-') FROM audit \
                 WHERE event IN ('command', 'revoked') AND reason <> 'sessions_list' ORDER BY id";
    let trail: Vec<String> = child.database().await.column(trail).await;
    let revoked = |email: &str| format!("revoked ended_by_the_operator {email}");
    assert_eq!(
        trail,
        [
            "command sessions_end -".to_owned(),
            revoked(ADA),
            "command sessions_end -".to_owned(),
            format!("command sessions_end {ADA}"),
            revoked(ADA),
            "command sessions_end -".to_owned(),
            revoked(BOB),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_sessions_than_one_step_ends_are_all_ended() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    let bytes = if crate::harness::on_postgres() {
        "decode(lpad(to_hex(n), 64, '0'), 'hex')"
    } else {
        "randomblob(32)"
    };
    let many = format!(
        "INSERT INTO sessions (id_hash, email, data, created_at, last_seen_at, expires_at) \
         WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 170) \
         SELECT {bytes}, 'bob@example.com', '{{}}', 0, 0, 4000000000 FROM many"
    );
    postern.database().await.run(&many).await;
    assert_eq!(end_all(&Operator::of(&postern.state), None).await.unwrap(), 171);
    assert_eq!(ada.whoami().await, None);
    assert_eq!(postern.rows("sessions WHERE email IS NOT NULL").await, 0);
}

#[tokio::test]
async fn an_app_closes_within_a_second_of_the_end_by_another_process() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    let value = ada.cookie_value();
    // An app on the same host, which the browser brings Postern's own cookie to.
    let origin = Origin::parse("https://wiki.example.test").unwrap();
    let app = postern::domain::gateway::App::new(
        postern::domain::gateway::OriginPattern::parse("https://wiki.example.test").unwrap(),
        None,
        Vec::new(),
    );
    let gateway = postern::domain::Gateway::new(vec![app], Default::default(), None).unwrap();
    postern.state.gateway.replace(gateway);
    let passes = async || {
        let verdict = check(&postern.state, &origin, b"/", Some(AppCookie::Own(&value))).await.unwrap();
        matches!(verdict, Verdict::Pass { .. })
    };
    assert!(passes().await);
    // Another process on the same database.
    let other =
        AppState::open_with_clock(postern.state.config.clone(), postern.state.clock.clone()).await.unwrap();
    assert_eq!(end_all(&Operator::of(&other), None).await.unwrap(), 1);
    assert_eq!(ada.whoami().await, None, "here it is over at once");
    assert!(passes().await, "the check has read it in this second");
    postern.wait(SECOND);
    assert!(!passes().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_session_is_wrong_usage() {
    let folder = TempDir::new().unwrap();
    let (_child, _) = Child::serve(folder.path(), &[PEOPLE]);
    for wrong in [
        &["end"][..],
        &["end", "abc"],
        &["end", "ada@example.com"],
        &["end", "--all", "--address", ADA],
        &["list", "--address", "ada"],
        &[],
    ] {
        let (said, status) = told(&tool(folder.path(), &[&["sessions"], wrong].concat(), &[]));
        assert_eq!(status, Some(2), "{wrong:?}: {said}");
    }
}
