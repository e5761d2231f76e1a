//! The button to one's inbox.

use postern::{
    config::{Config, Sources},
    domain::EmailAddress,
};

use crate::harness::{Manner, Postern};

const BUTTON: &str = "in a new tab";

/// The attributes of the link that is the button.
fn button(page: &str) -> Option<String> {
    let (before, _) = page.split_once(BUTTON)?;
    let (_, tag) = before.rsplit_once("<a ")?;
    Some(tag.split('>').next().unwrap().replace("&amp;", "&"))
}

async fn page_for(postern: &Postern, manner: Manner, email: &str) -> String {
    let browser = postern.browser(manner);
    browser.ask(email).await;
    browser.open("/login/sent").await.text()
}

async fn the_button_stands_there_for_whoever_asks_and_leads_by_the_domain_alone(manner: Manner) {
    let postern = Postern::start_with(&[("CREDENTIALS", r#"["ada@gmail.com", "ada@example.com"]"#)]).await;
    let url = |email: &str| {
        format!(
            "href=\"https://mail.google.com/mail/u/0/?authuser={email}%40gmail.com\
             #search/from%3A(postern%40example.test)+in%3Aanywhere+newer_than%3A1h\""
        )
    };
    for (email, name) in [("ada@gmail.com", "ada"), ("eve@gmail.com", "eve"), ("eve+tag@gmail.com", "eve")] {
        let button = button(&page_for(&postern, manner, email).await).unwrap();
        assert!(button.contains(&url(name)), "{button}");
        assert!(
            button.contains("target=\"_blank\"") && button.contains("rel=\"noopener noreferrer\""),
            "{button}"
        );
    }
    for email in ["ada@example.com", "eve@elsewhere.example"] {
        assert_eq!(button(&page_for(&postern, manner, email).await), None, "{email}");
    }
}

async fn an_operator_names_other_inboxes_or_none(manner: Manner) {
    let own = r#"{"example.com": "https://mail.example.com/?user={email}", "gmail.com": "off"}"#;
    let postern = Postern::start_with(&[("INBOX_LINKS", own)]).await;
    let page = page_for(&postern, manner, "o'hara&x+tag@example.com").await;
    let link = button(&page).unwrap();
    assert!(link.contains("href=\"https://mail.example.com/?user=o%27hara%26x%40example.com\""), "{link}");
    assert!(page.contains("Open mail.example.com in a new tab"), "{page}");
    assert_eq!(button(&page_for(&postern, manner, "ada@gmail.com").await), None);
    assert!(button(&page_for(&postern, manner, "ada@yahoo.com").await).is_some());
    let postern = postern.restart_with(&[("INBOX_LINKS", "off")]).await;
    for email in ["ada@example.com", "ada@yahoo.com"] {
        assert_eq!(button(&page_for(&postern, manner, email).await), None, "{email}");
    }
}

in_both_manners!(
    the_button_stands_there_for_whoever_asks_and_leads_by_the_domain_alone,
    an_operator_names_other_inboxes_or_none,
);

fn configure(leptos_toml: &str, inbox_links: &str) -> Result<Config, String> {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("Leptos.toml"), leptos_toml).unwrap();
    let sources = Sources::read(folder.path(), [("INBOX_LINKS".to_owned(), inbox_links.to_owned())]).unwrap();
    Config::from_sources(&sources).map_err(|mistakes| mistakes.to_string())
}

#[test]
fn each_wrong_entry_is_named_with_its_fix() {
    let wrong =
        r#"{"example.com": "http://mail.example.com/", "a b": "off", "x.example": "https://{email}/"}"#;
    let mistakes = configure("", wrong).unwrap_err();
    for entry in ["example.com", "a b", "x.example"] {
        assert!(mistakes.contains(&format!("`{entry}`")), "{mistakes}");
    }
    assert_eq!(mistakes.matches("INBOX_LINKS").count(), 3, "{mistakes}");
    assert!(configure("", "maybe").unwrap_err().contains("neither on nor off"));
    assert!(configure("", r#"{"example.com": "https://mail.example.com/"}"#).is_ok());
}

#[test]
fn the_links_stand_in_a_table_of_leptos_toml() {
    let table = "[postern.inbox_links]\n\"example.com\" = \"https://mail.example.com/\"\n";
    let config = configure(table, "").unwrap();
    let ada = EmailAddress::parse("ada@example.com").unwrap();
    let link = config.inbox_links.of(&ada, "postern@example.test").unwrap();
    assert_eq!(link.url, "https://mail.example.com/");
}
