//! Their language: answers and mails say in which one they are, and the build holds the languages together.

#[path = "../../build/languages.rs"]
mod compiler;

use compiler::{compile, read};

use postern::config::{Config, Sources};

use crate::{
    harness::{ADA, Answer, Manner, Postern},
    return_paths::FOREIGN,
};

const ENGLISH: &str =
    "hello = Hello, { $name }.\ntries = { $left ->\n    [one] One try.\n   *[other] { $left } tries.\n}\n";

/// The mistakes that the build finds in English with this text, and German with that one.
fn mistakes(english: &str, german: &str) -> Vec<String> {
    let files = [("de", german), ("en", english)].map(|(code, text)| (code.to_owned(), text.to_owned()));
    compile(&files).err().unwrap_or_default()
}

#[test]
fn the_build_makes_a_method_with_typed_arguments_of_each_message() {
    let english = format!("{ENGLISH}bye = Bye.\n");
    let code = compile(&[("en".to_owned(), english)]).unwrap();
    for method in [
        "fn bye(self) -> &'static str",
        "fn hello(self, name: &str) -> String",
        "fn tries(self, left: u64) -> String",
    ] {
        assert!(code.contains(method), "{method}: {code}");
    }
    // An unused method is an unused key.
    assert!(code.contains("#[deny(dead_code)]\nimpl Words"), "{code}");
}

#[test]
fn the_build_names_file_and_key_of_whatever_two_languages_do_not_share() {
    let german = "hello = Hallo, { $name }.\ntries = { $left ->\n   *[other] { $left } Versuche.\n}\n";
    assert_eq!(mistakes(ENGLISH, german), [""; 0]);
    let cases = [
        ("hello = Hallo, { $name }.\n".to_owned(), "languages/de.ftl: tries is missing; en.ftl has it"),
        (format!("{german}bye = Tschüss.\n"), "languages/de.ftl: bye is unknown; en.ftl does not have it"),
        (german.replace(", { $name }", ""), "languages/de.ftl: hello does not say $name, as en.ftl does"),
        (german.replace("$name", "$nam"), "languages/de.ftl: hello says $nam, which en.ftl does not"),
        (
            german.replace("{ $name }", "{ $name ->\n   *[other] Du\n}"),
            "languages/de.ftl: hello chooses by $name, which is no number in en.ftl",
        ),
        (
            german.replace("[other]", "[viele]"),
            "languages/de.ftl: tries has the variant [viele], which is no plural",
        ),
        (format!("{german}hello = Hallo.\n"), "languages/de.ftl: hello stands there twice"),
        (
            german.replace("{ $name }", "{ -name }"),
            "languages/de.ftl: hello has something else in braces than a $variable",
        ),
    ];
    for (german, mistake) in cases {
        let found = mistakes(ENGLISH, &german);
        assert!(found.iter().any(|found| found == mistake), "{mistake}: {found:?}");
    }
    let torn = mistakes(ENGLISH, &german.replace("{ $name }", "{ $name"));
    assert!(torn[0].starts_with("languages/de.ftl, line 1: "), "{torn:?}");
}

#[test]
fn the_languages_that_are_there_hold_together() {
    let files = read(concat!(env!("CARGO_MANIFEST_DIR"), "/languages").as_ref()).unwrap();
    assert!(files.iter().any(|(code, _)| code == "en"));
    assert_eq!(compile(&files).err().unwrap_or_default(), [""; 0]);
}

#[tokio::test]
async fn each_answer_that_a_person_reads_names_its_language_and_what_it_was_chosen_by() {
    let postern = Postern::start().await;
    let browser = postern.browser(Manner::Form);
    let long = format!("/login?next=/{}", "a".repeat(9_000));
    for (path, status) in [("/login", 200), ("/verify?token=torn", 422), ("/verify//", 400), (&long, 414)] {
        let answer =
            browser.send(browser.navigation(path).header("accept-language", "xx, en-GB;q=0.8")).await;
        assert_eq!((answer.status, answer.header("content-language")), (status, "en"), "{path}");
        assert_eq!(answer.header("vary"), "accept-language, cookie", "{path}");
    }
    let login = browser.open("/login").await;
    assert_eq!(login.header("content-language"), "en", "where nothing was said");
    assert!(login.text().contains(r#"<html lang="en" dir="ltr">"#), "{}", login.text());
    let refused = postern.browser(Manner::Fetch).call("request_link", &[("email", "ada")]).await;
    refused.assert_refused("malformed_address", 422);
    assert_eq!(refused.header("content-language"), "en");
    // What has no words has no language.
    let led = browser.open("/").await;
    led.assert_leads_to("/login");
    assert!(!led.headers.contains_key("content-language"));
}

#[tokio::test]
async fn a_mail_is_written_in_the_language_in_which_it_was_asked_for() {
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mut database = postern.database().await;
    let asked: Vec<String> = database.column("SELECT language FROM outbox").await;
    assert_eq!(asked, ["en"]);
    let mail = postern.mail().await;
    assert!(mail.raw.contains("Content-Language: en"), "{}", mail.raw);
    assert!(mail.html.contains(r#"<html lang="en" dir="ltr">"#), "{}", mail.html);
}

#[tokio::test]
async fn a_mail_in_a_language_that_a_restart_has_taken_away_still_leaves() {
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mut database = postern.database().await;
    database.run("UPDATE outbox SET language = 'xx'").await;
    assert!(postern.mail().await.text.starts_with("Sign in to "));
}

/// The `Set-Cookie` of an answer that a language was chosen by.
fn set_cookie(answer: &Answer) -> &str {
    answer.header("set-cookie")
}

async fn a_language_that_was_chosen_is_remembered_and_the_page_is_shown_again(manner: Manner) {
    let postern = Postern::start().await;
    let browser = postern.browser(manner);
    let speaks = async || {
        let page = browser.send(browser.navigation("/login").header("accept-language", "fr")).await;
        page.header("content-language").to_owned()
    };
    assert_eq!(speaks().await, "fr");
    let chosen = browser.call("choose_language", &[("language", "de"), ("next", "/login?next=%2Fx")]).await;
    chosen.assert_leads_to("/login?next=%2Fx");
    assert_eq!(set_cookie(&chosen), "postern-language=de; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000");
    assert_eq!(speaks().await, "de", "whatever the browser accepts");
    browser
        .call("choose_language", &[("language", "HI"), ("next", "/login")])
        .await
        .assert_leads_to("/login");
    assert_eq!(speaks().await, "hi");
    assert_eq!(postern.rows("sessions").await, 0, "no session begins with it");
}

async fn a_choice_leads_to_no_other_site(manner: Manner) {
    let postern = Postern::start().await;
    let browser = postern.browser(manner);
    let long = format!("/login?next=%2F{}", "a".repeat(6_000));
    for here in ["/verify?token=a:b:c", "/login", "/login/sent?refusal=expired", "/", &long] {
        browser.call("choose_language", &[("language", "de"), ("next", here)]).await.assert_leads_to(here);
    }
    for foreign in FOREIGN.into_iter().filter(|path| *path != "/login") {
        browser.call("choose_language", &[("language", "de"), ("next", foreign)]).await.assert_leads_to("/");
    }
    browser.call("choose_language", &[("language", "de")]).await.assert_leads_to("/");
}

in_both_manners!(
    a_language_that_was_chosen_is_remembered_and_the_page_is_shown_again,
    a_choice_leads_to_no_other_site
);

#[tokio::test]
async fn a_language_that_is_not_offered_cannot_be_chosen() {
    let postern = Postern::start_with(&[("LANGUAGES", "de, en")]).await;
    for language in ["fr", "xx", "ar-XB", "", "de; Domain=example.com"] {
        let fetching = postern.browser(Manner::Fetch);
        let refused = fetching.call("choose_language", &[("language", language)]).await;
        refused.assert_refused("malformed_request", 422);
        assert_eq!(set_cookie(&refused), "", "{language}");
        let posting = postern.browser(Manner::Form);
        let page = posting.send(posting.post("/api/choose_language").form(&[("language", language)])).await;
        assert_eq!((page.status, page.header("content-language")), (422, "de"), "{language}");
        assert!(page.text().contains("Etwas ist schiefgegangen"), "{}", page.text());
    }
    let browser = postern.browser(Manner::Form);
    browser.call("choose_language", &[("language", "en")]).await.assert_leads_to("/");
}

#[tokio::test]
async fn the_cookie_of_a_language_is_bound_to_its_host_under_https() {
    let postern = Postern::in_production(&[]).await;
    let browser = postern.browser(Manner::Form);
    let chosen = browser.call("choose_language", &[("language", "de")]).await;
    assert!(set_cookie(&chosen).starts_with("__Host-postern-language=de; "), "{chosen:?}");
    assert!(set_cookie(&chosen).contains("; Secure"), "{chosen:?}");
    assert_eq!(browser.open("/login").await.header("content-language"), "de");
}

#[tokio::test]
async fn every_page_offers_each_language_under_its_own_name() {
    let postern = Postern::start().await;
    let browser = postern.browser(Manner::Form);
    for (path, back) in [
        ("/login?refusal=limited&n=42", "/login?refusal=limited&amp;n=42"),
        ("/login?next=%2Fx&email=Call+0800", "/login?next=%2Fx"),
        // What was wrong is told again, without what it was wrong with.
        ("/verify?token=torn", "/verify?refusal=malformed_link"),
    ] {
        let page = browser.open(path).await.text();
        assert!(page.contains(&format!(r#"<input type="hidden" name="next" value="{back}">"#)), "{page}");
        assert!(page.contains(r#"<span lang="en" aria-current="true">English</span>"#), "{page}");
        for (code, name) in [("de", "Deutsch"), ("es", "Español"), ("fr", "Français"), ("hi", "हिन्दी")]
        {
            let button = format!(
                r#"<button type="submit" name="language" value="{code}" lang="{code}">{name}</button>"#
            );
            assert!(page.contains(&button), "{button}: {page}");
        }
        assert!(!page.contains("ar-XB"), "{page}");
    }
    let alone = Postern::start_with(&[("LANGUAGES", "de")]).await;
    let page = alone.browser(Manner::Form).open("/login").await.text();
    assert!(page.contains(r#"<html lang="de" dir="ltr">"#), "{page}");
    assert!(!page.contains("choose_language"), "{page}");
}

#[tokio::test]
async fn the_pseudo_language_is_spoken_where_it_is_offered_and_runs_from_right_to_left() {
    let postern = Postern::start_with(&[("LANGUAGES", "en,ar-XB")]).await;
    let browser = postern.browser(Manner::Form);
    let page = browser.send(browser.navigation("/login").header("accept-language", "ar-XB")).await.text();
    assert!(page.contains(r#"<html lang="ar-XB" dir="rtl">"#), "{page}");
    let default = Postern::start().await;
    let browser = default.browser(Manner::Form);
    let page = browser.send(browser.navigation("/login").header("accept-language", "ar-XB")).await;
    assert_eq!(page.header("content-language"), "en");
}

#[test]
fn an_unknown_language_is_named_with_those_that_there_are() {
    let folder = tempfile::TempDir::new().unwrap();
    let sources = Sources::read(folder.path(), [("LANGUAGES".to_owned(), "de,xx".to_owned())]).unwrap();
    let mistakes = Config::from_sources(&sources).unwrap_err();
    assert_eq!(mistakes.settings(), ["LANGUAGES"]);
    let text = mistakes.to_string();
    assert!(text.contains("has the entry `xx`, which has no file in languages/"), "{text}");
    assert!(text.contains("choose from en, de, "), "{text}");
}

#[tokio::test]
async fn a_refusal_is_told_in_the_visitors_language_to_a_script_and_on_a_page() {
    let postern = Postern::start().await;
    let sentence = "In der Adresse fehlt das @. Geben Sie eine wie name@example.com ein.";
    let fetching = postern.browser(Manner::Fetch);
    let request = fetching.post("/api/request_link").header("accept-language", "de-CH");
    let refused = fetching.send(request.form(&[("email", "ada")])).await;
    refused.assert_refused("malformed_address", 422);
    assert_eq!((&refused.json()["message"], refused.header("content-language")), (&sentence.into(), "de"));
    let posting = postern.browser(Manner::Form);
    posting.call("choose_language", &[("language", "de")]).await;
    let led = posting.call("request_link", &[("email", "ada")]).await;
    assert!(posting.open(led.location()).await.text().contains(sentence));
}

#[tokio::test]
async fn a_mail_is_written_in_the_language_that_was_chosen_subject_and_all() {
    let postern = Postern::start().await;
    for (language, subject, said) in [
        ("de", "Anmeldecode für {site}", "Er gilt einmal, 5 Minuten lang"),
        ("es", "Código de acceso a {site}", "durante 5 minutos"),
        ("fr", "Code de connexion à {site}", "pendant 5 minutes"),
        ("hi", "{site} के लिए साइन इन कोड", "5 मिनट तक"),
    ] {
        let browser = postern.browser(Manner::Form);
        browser.call("choose_language", &[("language", language)]).await;
        browser.ask(ADA).await;
        let mail = postern.mail().await;
        let site = &postern.state.config.brand.name;
        assert_eq!(mail.subject, format!("{} ({})", subject.replace("{site}", site), mail.word()));
        assert!(mail.text.contains(said) && mail.html.contains(said), "{}", mail.text);
        assert!(mail.html.contains(&format!(r#"<html lang="{language}" dir="ltr">"#)), "{}", mail.html);
        assert!(mail.raw.contains(&format!("Content-Language: {language}\r\n")), "{}", mail.raw);
        let html = "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n";
        assert!(mail.raw.contains(html), "it stands there as it is: {}", mail.raw);
        browser.redeem_link(&mail.token()).await.assert_leads_to("/");
    }
}
