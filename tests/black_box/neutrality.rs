//! Nobody learns from an answer who is on the allowlist.

use std::time::Duration;

use reqwest::header::{DATE, SET_COOKIE};

use crate::harness::{ADA, Answer, Browser, Database, Manner, Postern, STRANGER, shipped_limits};

/// Covered by the list, and denied by it.
const DENIED: &str = "mallory@example.com";
const LIST: (&str, &str) = ("CREDENTIALS", r#"["@example.com", "!mallory@example.com"]"#);

/// All that an onlooker could compare: status, headers and body, without what differs from request to request.
fn visible(mut answer: Answer) -> String {
    for name in [DATE.as_str(), "x-request-id"] {
        assert!(answer.headers.remove(name).is_some(), "{name} is missing");
    }
    if let Some(cookie) = answer.headers.remove(SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        let (pair, attributes) = cookie.split_once(';').unwrap();
        let attributes = format!("{} bytes;{attributes}", pair.len()).parse().unwrap();
        answer.headers.insert(SET_COOKIE, attributes);
    }
    let mut headers: Vec<_> = answer.headers.iter().map(|pair| format!("{pair:?}")).collect();
    headers.sort();
    format!("{}\n{headers:#?}\n{}", answer.status, answer.text())
}

async fn a_known_and_an_unknown_address_get_the_same_answer(manner: Manner) {
    let postern = Postern::start_with(&[LIST]).await;
    let ask = async |email| visible(postern.browser(manner).call("request_link", &[("email", email)]).await);
    let known = ask(ADA).await;
    assert_eq!(known, ask(STRANGER).await);
    assert_eq!(known, ask(DENIED).await);
}

async fn a_known_and_an_unknown_address_get_the_same_answer_in_production(manner: Manner) {
    let postern = Postern::in_production(&[LIST]).await;
    let ask = async |email| visible(postern.browser(manner).call("request_link", &[("email", email)]).await);
    let known = ask(ADA).await;
    assert_eq!(known, ask(STRANGER).await);
    assert_eq!(known, ask(DENIED).await);
}

async fn what_follows_is_the_same_too(manner: Manner) {
    let postern = Postern::start().await;
    let (known, unknown) = (postern.browser(manner), postern.browser(manner));
    // Of the same length, so that content-length may be compared.
    let (member, outsider) = ("ada@example.com", "eve@example.net");
    known.ask(member).await;
    unknown.ask(outsider).await;
    postern.mails().await;
    for (function, fields) in [
        ("resend_link", vec![]),
        ("redeem_code", vec![("code", "no code")]),
        ("redeem_link", vec![("token", "no link")]),
        ("request_link", vec![("email", "no address")]),
    ] {
        let answers = (known.call(function, &fields).await, unknown.call(function, &fields).await);
        assert_eq!(visible(answers.0), visible(answers.1), "{function}");
    }
    let nonce =
        |page: &str| page.split_once("nonce-").map(|(_, rest)| rest[..rest.find('\'').unwrap()].to_owned());
    let seen = |answer: Answer, email: &str| {
        let text = visible(answer);
        let nonce = nonce(&text).unwrap();
        // Each request has a word of its own, whoever asks.
        let word = text.split_once("has the word ").unwrap().1.split_once("</strong>").unwrap().0;
        let word = word.rsplit_once('>').unwrap().1.to_owned();
        assert_eq!(word.len(), 4, "{word}");
        text.replace(&nonce, "NONCE").replace(email, "ADDRESS").replace(&format!(">{word}<"), ">WORD<")
    };
    let pages = (known.open("/login/sent").await, unknown.open("/login/sent").await);
    assert_eq!(seen(pages.0, member), seen(pages.1, outsider));
}

/// What stands in each table, as far as an address could make a difference: for each row the kind of every value and its
/// length, with the address itself replaced. Keys and challenges are random; their lengths are not.
async fn shapes(postern: &Postern, email: &str) -> Vec<String> {
    let database = &mut postern.database().await;
    let mut shapes = Vec::new();
    let tables = database.tables().await;
    for table in tables.iter().filter(|table| !table.starts_with('_')) {
        let columns = database.columns(table).await;
        let (kind, blob) = match database {
            Database::Sqlite(_) => ("typeof", "blob"),
            Database::Postgres(_) => ("pg_typeof", "bytea"),
        };
        let shape = |column: &String| {
            // PostgreSQL has no length of a number, not even in a branch that is not taken; of bytes it shows two digits each.
            let blob_length = match blob {
                "blob" => format!("length({column})"),
                _ => format!("length(CAST({column} AS TEXT))"),
            };
            format!(
                "'{column} ' || CAST({kind}({column}) AS TEXT) || ' ' || CASE CAST({kind}({column}) AS TEXT) \
                 WHEN '{blob}' THEN {blob_length} ELSE length(replace(CAST({column} AS TEXT), '{email}', '')) END"
            )
        };
        let shape = columns.iter().map(shape).map(|shape| format!("coalesce({shape}, '-')"));
        let shape = shape.collect::<Vec<_>>().join(" || ', ' || ");
        shapes
            .extend(database.column::<String>(&format!("SELECT '{table}: ' || {shape} FROM {table}")).await);
    }
    shapes.sort();
    shapes
}

async fn the_same_rows_are_written_for_all(manner: Manner) {
    let mut seen = Vec::new();
    for email in [ADA, STRANGER, DENIED] {
        let postern = Postern::start_with(&[&shipped_limits()[..], &[LIST]].concat()).await;
        let visitor = postern.browser(manner);
        let mut steps = Vec::new();
        for (seconds, function, status) in [
            (0, "request_link", 200),
            (20, "request_link", 200),
            (20, "resend_link", 429),
            (60, "resend_link", 200),
        ] {
            postern.wait(Duration::from_secs(seconds));
            let fields = [("email", email)];
            let answer = visitor.call(function, if function == "request_link" { &fields } else { &[] }).await;
            match status {
                200 => assert!(answer.location().starts_with("/login/sent"), "{email}: {answer:?}"),
                _ => answer.assert_refused("limited", status),
            }
            steps.push(shapes(&postern, email).await);
        }
        seen.push(steps);
    }
    let tables = ["sessions", "outbox", "limits", "audit"];
    for table in tables {
        assert!(seen[0][3].iter().any(|row| row.starts_with(&format!("{table}:"))), "{table}: {seen:#?}");
    }
    assert_eq!(seen[0], seen[1], "a known and an unknown address");
    assert_eq!(seen[0], seen[2], "a known and a denied address");
}

async fn an_operator_may_choose_to_reveal_who_is_not_known(manner: Manner) {
    let postern = Postern::start_with(&[("REVEAL_UNKNOWN_EMAILS", "true")]).await;
    let eve = postern.browser(manner);
    eve.call("request_link", &[("email", STRANGER)]).await.assert_refused("not_recognized", 422);
    assert_eq!(postern.rows("outbox").await, 0);
    let page = eve.open("/login?refusal=not_recognized").await.text();
    assert!(page.contains("Email not recognized") && page.contains(STRANGER), "{page}");
    postern.browser(manner).ask(ADA).await;
}

async fn at_and_after_a_limit_nothing_tells_them_apart(manner: Manner) {
    let postern = Postern::start_with(&[("LIMIT_BROWSER", "1 per 60s")]).await;
    assert_alike_at_limits(&postern, manner).await;
    let counted = async |email| postern.rows(&format!("limits WHERE counted LIKE '%{email}%'")).await;
    assert!(counted(ADA).await > 0);
    assert_eq!(counted(ADA).await, counted("eve@example.net").await);
    // And where mails wait for what others can spend too.
    let limits =
        [("LIMIT_BROWSER", "1 per 60s"), ("LIMIT_ADDRESS", "1 per 15m"), ("LIMIT_MAILS", "1 per 1h")];
    assert_alike_at_limits(&Postern::start_with(&limits).await, manner).await;
}

/// Somebody who is listed and somebody who is not do the same, before, at and after what limits there are.
async fn assert_alike_at_limits(postern: &Postern, manner: Manner) {
    let (known, unknown) = (postern.browser(manner), postern.browser(manner));
    let mut limited = 0;
    // Of the same length, so that content-length may be compared.
    for (seconds, function) in [
        (0, "request_link"),
        (0, "request_link"),
        (20, "resend_link"),
        (40, "resend_link"),
        (0, "request_link"),
        (60, "request_link"),
        (0, "resend_link"),
        (330, "resend_link"),
        (0, "request_link"),
    ] {
        postern.wait(Duration::from_secs(seconds));
        postern.mails().await;
        let answer = async |visitor: &Browser, email| match function {
            "request_link" => visible(visitor.call(function, &[("email", email)]).await),
            _ => visible(visitor.call(function, &[]).await),
        };
        let answers = (answer(&known, ADA).await, answer(&unknown, "eve@example.net").await);
        assert_eq!(answers.0, answers.1, "{function} after {seconds} seconds");
        limited += usize::from(answers.0.contains("limited"));
    }
    assert_eq!(limited, 2, "the limit was met");
}

in_both_manners!(
    at_and_after_a_limit_nothing_tells_them_apart,
    a_known_and_an_unknown_address_get_the_same_answer,
    a_known_and_an_unknown_address_get_the_same_answer_in_production,
    what_follows_is_the_same_too,
    the_same_rows_are_written_for_all,
    an_operator_may_choose_to_reveal_who_is_not_known,
);
