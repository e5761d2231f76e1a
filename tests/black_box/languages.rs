//! Their language: answers and mails say in which one they are, and the build holds the languages together.

#[path = "../../build/languages.rs"]
mod compiler;

use compiler::{compile, read};

use crate::harness::{ADA, Manner, Postern};

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
