//! A copy of the database signs nobody in.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tower_sessions::session::Id;

use crate::harness::{ADA, BOB, Database, Manner, Postern, on_postgres, postgres_program};

/// Everything in the database, as it lies on the disk; of PostgreSQL as a backup has it.
fn bytes(postern: &Postern) -> Vec<u8> {
    if on_postgres() {
        let mut dump = postgres_program("pg_dump");
        return dump.arg("-d").arg(postern.database_url()).current_dir("/").output().unwrap().stdout;
    }
    postern.database_files().iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect()
}

fn occurs(text: &str, bytes: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Every value of every column of every table: numbers as digits, texts and blobs as their bytes.
async fn values(database: &mut Database) -> Vec<Vec<u8>> {
    let mut values = Vec::new();
    for table in database.tables().await {
        for column in database.columns(&table).await {
            let bytes = match database {
                Database::Sqlite(_) => format!(r#"CAST("{column}" AS BLOB)"#),
                // Bytes stay as they are; of all else its text.
                Database::Postgres(_) => format!(
                    r#"CASE pg_typeof("{column}") WHEN 'bytea'::REGTYPE
                       THEN decode(ltrim("{column}"::TEXT, '\x'), CASE WHEN pg_typeof("{column}") = 'bytea'::REGTYPE THEN 'hex' ELSE 'escape' END)
                       ELSE convert_to("{column}"::TEXT, 'UTF8') END"#
                ),
            };
            let all = format!(r#"SELECT {bytes} FROM "{table}" WHERE "{column}" IS NOT NULL"#);
            values.extend(database.column::<Vec<u8>>(&all).await);
        }
    }
    values
}

/// Whether a value is that code, as a text or as a number without its leading zeros, or holds it as a word of its own.
fn holds_code(value: &[u8], code: &str) -> bool {
    let number = code.trim_start_matches('0');
    // A number this small may be a count or an id.
    if number.len() > 3 && value == number.as_bytes() {
        return true;
    }
    let part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let places = value.windows(code.len()).enumerate().filter(|(_, window)| *window == code.as_bytes());
    places.into_iter().any(|(at, _)| {
        !part(at.checked_sub(1).and_then(|before| value.get(before))) && !part(value.get(at + code.len()))
    })
}

#[tokio::test]
async fn neither_cookie_nor_token_nor_code_is_at_rest() {
    let postern = Postern::start().await;
    let (ada, bob) = (postern.browser(Manner::Fetch), postern.browser(Manner::Fetch));
    // What stands in the tables is looked at after each step: a row may be gone after the next one.
    let (mut kept, mut texts, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for (visitor, email) in [(&ada, ADA), (&bob, BOB)] {
        visitor.ask(email).await;
        kept.extend(values(&mut postern.database().await).await);
        texts.push(visitor.cookie_value());
        let mail = postern.mail().await;
        kept.extend(values(&mut postern.database().await).await);
        visitor.redeem_code(&mail.wrong_code(0)).await.assert_refused("wrong_code", 422);
        kept.extend(values(&mut postern.database().await).await);
        match email {
            ADA => visitor.redeem_link(&mail.token()).await.assert_leads_to("/"),
            _ => visitor.redeem_code(&mail.code()).await.assert_leads_to("/"),
        }
        kept.extend(values(&mut postern.database().await).await);
        texts.extend([visitor.cookie_value(), mail.token()]);
        texts.push(mail.token().rsplit_once(':').unwrap().1.to_owned());
        codes.extend([mail.code(), mail.wrong_code(0)]);
    }
    let bytes = bytes(&postern);
    assert!(
        occurs(ADA, &bytes) && kept.iter().any(|value| value == ADA.as_bytes()),
        "what is there is found"
    );
    for text in texts {
        assert!(!occurs(&text, &bytes) && !kept.iter().any(|value| occurs(&text, value)), "{text}");
    }
    for code in codes {
        // In groups, as it stands in the mail, it may be looked for on the disk as well.
        let grouped = format!("{} {}", &code[..4], &code[4..]);
        assert!(!occurs(&grouped, &bytes), "{grouped}");
        let found = kept.iter().find(|value| holds_code(value, &code));
        assert_eq!(found.map(|value| String::from_utf8_lossy(value)), None, "{code}");
    }
}

#[tokio::test]
async fn the_search_finds_a_code_in_a_column_of_any_kind() {
    let postern = Postern::start().await;
    let mut database = postern.database().await;
    let bytes = if on_postgres() { "BYTEA" } else { "BLOB" };
    for (kind, kept) in [
        ("TEXT", "'123456'"),
        ("BIGINT", "123456"),
        ("TEXT", "'{\"code\":\"123456\"}'"),
        ("TEXT", "'{\"code\":123456}'"),
        (bytes, &format!("CAST('123456' AS {bytes})")),
    ] {
        let table = format!(
            "DROP TABLE IF EXISTS t; CREATE TABLE t (other INTEGER, c {kind}); INSERT INTO t VALUES (NULL, {kept})"
        );
        database.run(&table).await;
        let values = values(&mut database).await;
        assert!(values.iter().any(|value| holds_code(value, "123456")), "{kept}");
        assert!(!values.iter().any(|value| holds_code(value, "234567")), "{kept}");
    }
    assert!(holds_code(b"1234", "001234"), "a number has no leading zeros");
    for other in [&b"1790123456"[..], b"x123456", b"1234567", b"1", b""] {
        assert!(!holds_code(other, "123456"), "{}", String::from_utf8_lossy(other));
    }
}

#[tokio::test]
async fn what_is_kept_of_a_session_is_the_hash_of_its_cookie() {
    use sha2::{Digest, Sha256};

    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    let kept: Vec<u8> =
        postern.database().await.one("SELECT id_hash FROM sessions WHERE email IS NOT NULL").await;
    assert_eq!(kept, Sha256::digest(ada.cookie_value()).to_vec());
}

#[tokio::test]
async fn what_is_kept_of_a_session_is_no_cookie() {
    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    let kept: Vec<u8> =
        postern.database().await.one("SELECT id_hash FROM sessions WHERE email IS NOT NULL").await;
    let status = async |cookie: &str| {
        let thief = postern.browser(Manner::Fetch);
        let request = thief.post("/api/whoami").header("cookie", format!("postern={cookie}"));
        thief.send(request).await.status
    };
    assert_eq!(status(&ada.cookie_value()).await, 200, "a cookie that is one lets its bearer in");
    // An id is 16 bytes in base64. All that a thief could make of what is kept is sent, so that none of it is refused
    // for its shape alone.
    for part in kept.windows(16) {
        let cookie = URL_SAFE_NO_PAD.encode(part);
        assert!(cookie.parse::<Id>().is_ok(), "{cookie} has the shape of an id");
        assert_eq!(status(&cookie).await, 401, "{cookie}");
    }
    if let Ok(text) = String::from_utf8(kept) {
        assert_eq!(status(&text).await, 401, "{text}");
    }
}
