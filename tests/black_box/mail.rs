//! What stands in the mail.

use crate::harness::{ADA, Manner, Postern};

#[tokio::test]
async fn the_mail_goes_to_whoever_asked_and_says_who_sent_it() {
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mail = postern.mail().await;
    assert_eq!((mail.to.as_str(), mail.from.as_str()), (ADA, "postern@example.test"));
    let site = postern.public_url().strip_prefix("http://").unwrap();
    assert_eq!(mail.subject, format!("Sign-in code for {site} ({})", mail.word()));
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
        assert!(mail.text.contains(&format!("\nWord on the page: {word}\n")), "{}", mail.text);
        assert!(mail.html.contains(&format!(">{word}</td>")), "{}", mail.html);
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
async fn the_html_has_the_same_link_twice_and_the_code_and_loads_nothing() {
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mail = postern.mail().await;
    assert!(mail.html.contains(&format!(r#"href="{}""#, mail.link())), "{}", mail.html);
    let code = mail.code();
    assert!(mail.html.contains(&format!("{} {}", &code[..4], &code[4..])), "{}", mail.html);
    for foreign in ["src=", "<img", "<script", "@import", "url("] {
        assert!(!mail.html.contains(foreign), "{foreign}");
    }
    // In the clear too: a mail app opens links in a browser of its own, and this one can be copied into the right one.
    assert!(mail.html.contains(&format!(">{}</p>", mail.link())), "{}", mail.html);
    assert_eq!(mail.html.matches("http").count(), 2, "no other address stands there");
}

#[tokio::test]
async fn both_parts_say_the_same_in_the_same_order() {
    let postern = Postern::start_with(&[("SUPPORT_ADDRESS", "help@example.test")]).await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mail = postern.mail().await;
    let (_, body) = mail.html.split_once("<h1").unwrap();
    let seen = format!("<h1{body}");
    let seen = seen.split('<').filter_map(|rest| rest.split_once('>')).map(|(_, text)| text.trim());
    let seen = seen.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    // What only a button needs.
    let seen = seen.replacen("Sign in Or copy the link into that browser: ", "", 1);
    let read = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(read.replace(':', ""), seen.replace(':', ""), "{}", mail.html);
    let order = [&mail.link(), "Word on the page", "Asked for", "With", "Not you?", "Need help?"];
    let places = order.map(|part| mail.text.find(part).unwrap());
    assert!(places.is_sorted(), "{}", mail.text);
}

#[tokio::test]
async fn a_notification_shows_the_code_and_the_subject_does_not() {
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mail = postern.mail().await;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    // The first text of the body is what mail programs show beside the subject.
    let (_, body) = mail.html.split_once("<body").unwrap();
    let (tag, preview) = body.split_once("<div").unwrap().1.split_once('>').unwrap();
    assert!(tag.contains("display:none"), "{tag}");
    assert!(preview.starts_with("Your code is "), "{preview}");
    assert_eq!(digits(&preview[.."Your code is 1234 5678".len()]), mail.code());
    assert!(!digits(&mail.subject).contains(&mail.code()), "{}", mail.subject);
}

#[tokio::test]
async fn the_mail_says_when_and_with_which_browser_it_was_asked_for() {
    let safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                  Version/26.0 Safari/605.1.15";
    for (user_agent, words) in [
        (safari, "Safari on macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64) Tests/1.0", "a browser on Linux"),
        ("Call us <b>soon</b>", "a browser that does not say which"),
    ] {
        let postern = Postern::start().await;
        let visitor = postern.browser(Manner::Form);
        let request =
            visitor.post("/api/request_link").form(&[("email", ADA)]).header("user-agent", user_agent);
        visitor.send(request).await.assert_leads_to("/login/sent");
        // It leaves later than it was asked for.
        postern.wait(std::time::Duration::from_secs(120));
        let mail = postern.mail().await;
        assert!(
            mail.text.contains(&format!("\nAsked for: 2026-09-21 14:13 UTC\nWith: {words}\n")),
            "{}",
            mail.text
        );
        assert!(mail.html.contains(">2026-09-21 14:13 UTC</td>"), "{}", mail.html);
        assert!(mail.html.contains(&format!(">{words}</td>")), "{}", mail.html);
        assert!(!mail.text.contains("soon") && !mail.html.contains("soon"), "nothing of the header itself");
    }
}

#[tokio::test]
async fn a_mail_weighs_less_than_twenty_kilobytes_with_the_longest_of_everything() {
    let host = ["a".repeat(60).as_str(), &"b".repeat(60), &"c".repeat(55), "example.com"].join(".");
    let address = format!("{}@{host}", "d".repeat(64));
    let support = format!("https://help.example.test/{}", "e".repeat(200));
    let postern = Postern::start_with(&[
        ("CREDENTIALS", &format!(r#"["@{host}"]"#)),
        ("SITE_NAME", &"M".repeat(60)),
        ("SUPPORT_ADDRESS", &support),
        ("ACCENT_COLOUR", "#0b5cad"),
    ])
    .await;
    postern.browser(Manner::Form).ask(&address).await;
    let mail = postern.mail().await;
    assert_eq!(mail.to, address);
    assert!((2_000..20_000).contains(&mail.raw.len()), "{}", mail.raw.len());
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
