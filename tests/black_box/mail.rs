//! What stands in the mail.

use crate::harness::{ADA, Manner, Postern};

#[tokio::test]
async fn the_mail_goes_to_whoever_asked_and_says_who_sent_it() {
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mail = postern.mail().await;
    assert_eq!((mail.to.as_str(), mail.from.as_str()), (ADA, "postern@example.test"));
    let site = postern.public_url().strip_prefix("http://").unwrap();
    assert_eq!(mail.subject, format!("Sign in to {site} ({})", mail.word()));
}

#[tokio::test]
async fn page_subject_text_and_html_have_the_same_word_and_the_next_mail_another() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    let mut words = std::collections::HashSet::new();
    // Of 256 words; that five in a row are the same is one chance in four thousand million.
    for _ in 0..5 {
        visitor.ask(ADA).await;
        let page = visitor.open("/login/sent").await.text();
        let mail = postern.mail().await;
        let word = mail.word().to_owned();
        assert!(word.len() == 4 && word.chars().all(|c| c.is_ascii_lowercase()), "{word}");
        assert!(page.contains(&format!(">{word}</strong>")), "{word}: {page}");
        assert!(mail.text.contains(&format!("this mail: {word}\n")), "{}", mail.text);
        assert!(mail.html.contains(&format!("<b>{word}</b>")), "{}", mail.html);
        words.insert(word);
    }
    assert!(words.len() > 1, "{words:?}");
}

#[tokio::test]
async fn a_change_of_the_key_between_page_and_mail_changes_no_word() {
    let postern = Postern::start().await;
    let visitor = postern.browser(Manner::Form);
    visitor.ask(ADA).await;
    let postern = postern.restart_with(&[("SECRET_KEY", "another secret key of the black-box tests")]).await;
    let page = visitor.at(postern.port()).open("/login/sent").await.text();
    assert!(page.contains(&format!(">{}</strong>", postern.mail().await.word())), "{page}");
}

#[tokio::test]
async fn the_plain_text_has_the_link_and_the_code_on_lines_of_their_own() {
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mail = postern.mail().await;
    assert!(mail.link().starts_with(&format!("{}/verify?token=", postern.public_url())), "{}", mail.text);
    assert!(mail.link().chars().all(|c| c.is_ascii_graphic()), "{}", mail.text);
    assert_eq!(mail.code().len(), 8);
    assert!(mail.text.contains("for 5 minutes"), "{}", mail.text);
}

#[tokio::test]
async fn the_html_has_the_same_link_and_code_and_loads_nothing() {
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mail = postern.mail().await;
    assert!(mail.html.contains(&format!(r#"href="{}""#, mail.link())), "{}", mail.html);
    let code = mail.code();
    assert!(mail.html.contains(&format!("{} {}", &code[..4], &code[4..])), "{}", mail.html);
    for foreign in ["src=", "<img", "<script", "@import", "url("] {
        assert!(!mail.html.contains(foreign), "{foreign}");
    }
    assert_eq!(mail.html.matches("http").count(), 1, "one address, and that is the link");
}

#[tokio::test]
async fn the_headers_say_when_it_was_asked_for_and_that_nobody_need_answer() {
    let postern = Postern::start().await;
    let asked_at = postern.state.clock.now().secs();
    postern.browser(Manner::Form).ask(ADA).await;
    postern.wait(std::time::Duration::from_secs(30));
    let mail = postern.mail().await;
    assert_eq!(mail.date, asked_at);
    assert_eq!(mail.auto_submitted, "auto-generated");
    assert!(mail.message_id.ends_with("@example.test"), "{}", mail.message_id);
    assert!(mail.raw.contains("multipart/alternative"));
}

#[tokio::test]
async fn each_request_has_a_message_id_of_its_own_that_tells_nothing() {
    let postern = Postern::start().await;
    for _ in 0..3 {
        postern.browser(Manner::Form).ask(ADA).await;
    }
    let mails = postern.mails().await;
    let mut ids: Vec<_> = mails.iter().map(|mail| mail.message_id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    // A hash, in hexadecimal digits: no address, no time, no count.
    let hash = |id: &str| id.len() == 64 && id.chars().all(|c| c.is_ascii_hexdigit());
    assert!(ids.iter().all(|id| hash(id.strip_suffix("@example.test").unwrap())), "{ids:?}");
}

#[tokio::test]
async fn an_address_with_signs_of_html_and_mail_in_it_breaks_neither() {
    let address = "o'hara&co=50{x}|`$#*@example.com";
    let postern = Postern::start_with(&[("CREDENTIALS", r#"["@example.com"]"#)]).await;
    let visitor = postern.browser(Manner::Form);
    visitor.ask(address).await;
    let page = visitor.open("/login/sent").await.text();
    assert!(page.contains("o'hara&amp;co=50{x}|`$#*@example.com"), "{page}");
    let mail = postern.mail().await;
    assert_eq!(mail.to, address);
    visitor.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(visitor.whoami().await.as_deref(), Some(address));
}

#[tokio::test]
async fn a_line_break_in_an_address_adds_no_header_and_no_recipient() {
    let postern = Postern::start_with(&[("CREDENTIALS", r#"["@example.com"]"#)]).await;
    let visitor = postern.browser(Manner::Fetch);
    for typed in [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nSubject: hello",
        "ada@example.com%0d%0aBcc:eve@example.com",
        "ada@example.com,eve@example.com",
        "ada@example.com>\r\nRCPT TO:<eve@example.com",
        "\"ada\r\nBcc: x\"@example.com",
    ] {
        visitor.call("request_link", &[("email", typed)]).await.assert_refused("malformed_address", 422);
    }
    assert!(postern.mails().await.is_empty());
}

#[tokio::test]
async fn links_are_built_from_public_url_and_never_from_a_header() {
    // Not even from that of a trusted proxy.
    let postern = Postern::start_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let visitor = postern.browser(Manner::Fetch);
    let request = postern.browser(Manner::Fetch).post("/api/request_link").form(&[("email", ADA)]);
    let request = request
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "https")
        .header("forwarded", "host=evil.example;proto=https");
    visitor.send(request).await.assert_leads_to("/login/sent");
    let mail = postern.mail().await;
    assert!(!mail.raw.contains("evil.example") && mail.link().starts_with(postern.public_url()));
}
