//! A copy of the database signs nobody in.

use crate::harness::{ADA, BOB, Manner, Postern};

/// Everything in the database, as it lies on the disk.
fn bytes(postern: &Postern) -> Vec<u8> {
    postern.database_files().iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect()
}

fn occurs(text: &str, bytes: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn neither_cookie_nor_token_nor_code_is_at_rest() {
    let postern = Postern::start().await;
    let (ada, bob) = (postern.browser(Manner::Fetch), postern.browser(Manner::Fetch));
    let mut secrets = Vec::new();
    ada.ask(ADA).await;
    secrets.push(ada.cookie_value());
    let to_ada = postern.mail().await;
    ada.redeem_link(&to_ada.token()).await.assert_leads_to("/");
    secrets.push(ada.cookie_value());
    bob.ask(BOB).await;
    let to_bob = postern.mail().await;
    bob.redeem_code(&to_bob.wrong_code(0)).await;
    bob.redeem_code(&to_bob.code()).await.assert_leads_to("/");
    secrets.push(bob.cookie_value());
    for mail in [to_ada, to_bob] {
        let token = mail.token();
        secrets.push(token.rsplit_once(':').unwrap().1.to_owned());
        secrets.push(token);
        secrets.push(mail.code());
    }
    let bytes = bytes(&postern);
    assert!(occurs(ADA, &bytes), "the search finds what is there");
    for secret in secrets {
        // Six digits may stand in a number by chance: a code is looked for as text of its own.
        let needle = if secret.len() == 6 { format!("\"{secret}\"") } else { secret };
        assert!(!occurs(&needle, &bytes), "{needle}");
    }
}

#[tokio::test]
async fn what_is_kept_of_a_session_is_the_hash_of_its_cookie() {
    use sha2::{Digest, Sha256};

    let postern = Postern::start().await;
    let ada = postern.browser(Manner::Fetch);
    ada.sign_in(&postern, ADA).await;
    let kept: Vec<u8> = sqlx::query_scalar("SELECT id_hash FROM sessions")
        .fetch_one(&mut postern.database().await)
        .await
        .unwrap();
    assert_eq!(kept, Sha256::digest(ada.cookie_value()).to_vec());
}

#[tokio::test]
async fn what_is_kept_of_a_session_is_no_cookie() {
    let postern = Postern::start().await;
    postern.browser(Manner::Fetch).sign_in(&postern, ADA).await;
    let kept: String = sqlx::query_scalar("SELECT lower(hex(id_hash)) FROM sessions")
        .fetch_one(&mut postern.database().await)
        .await
        .unwrap();
    let thief = postern.browser(Manner::Fetch);
    let request = thief.post("/api/whoami").header("cookie", format!("postern={kept}"));
    assert_eq!(thief.send(request).await.status, 401);
}
