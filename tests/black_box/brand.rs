//! What pages and mails show of whoever runs the site: its name, logo, accent and support address.

use std::fs;

use postern::palette::{DARK, LIGHT};
use tempfile::TempDir;

use crate::harness::{ADA, Manner, Postern};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and whatever follows";
const SVG: &str =
    r#"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;

/// A folder with a file in it, and the path of that file.
fn file(name: &str, bytes: &[u8]) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[tokio::test]
async fn a_logo_is_served_by_what_it_is_and_no_script_in_it_may_run() {
    for (bytes, media_type) in [(SVG.as_bytes(), "image/svg+xml"), (PNG, "image/png")] {
        // Its name says something else.
        let (_folder, path) = file("logo.txt", bytes);
        let postern = Postern::start_with(&[("SITE_LOGO", &path)]).await;
        let logo = postern.browser(Manner::Fetch).fetch("/logo").await;
        assert_eq!((logo.status, logo.header("content-type")), (200, media_type));
        assert_eq!(logo.header("x-content-type-options"), "nosniff");
        let policy = logo.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && policy.contains("sandbox"), "{policy}");
        assert!(!policy.contains("script"), "{policy}");
        assert_eq!(logo.body, bytes);
    }
}

#[tokio::test]
async fn without_a_logo_its_path_is_guarded_like_any_other() {
    let postern = Postern::start().await;
    assert_eq!(postern.browser(Manner::Fetch).fetch("/logo").await.status, 401);
}

#[tokio::test]
async fn the_accent_is_in_every_style_sheet_and_in_the_mail_by_day_and_in_the_dark() {
    let settings = [("ACCENT_COLOUR", "#0b5cad"), ("ACCENT_COLOUR_DARK", "#7FB5F0")];
    let postern = Postern::start_with(&settings).await;
    let visitor = postern.browser(Manner::Form);
    for path in ["/brand.css", "/failure.css"] {
        let style = visitor.fetch(path).await;
        assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
        let text = style.text();
        let (light, dark) = text.rsplit_once("prefers-color-scheme").unwrap();
        assert!(light.contains("--green:#0b5cad;") && dark.contains("--green:#7fb5f0;"), "{text}");
    }
    visitor.ask(ADA).await;
    let html = postern.mail().await.html;
    let (style, body) = html.split_once("</style>").unwrap();
    assert!(
        body.contains("background-color:#0b5cad") && style.contains("background-color: #7fb5f0"),
        "{html}"
    );
    assert!(!html.contains(LIGHT.green) && !html.contains(DARK.green), "{html}");
}

#[tokio::test]
async fn an_accent_for_the_dark_is_made_where_none_is_set() {
    let postern = Postern::start_with(&[("ACCENT_COLOUR", "#00004d")]).await;
    let style = postern.browser(Manner::Fetch).fetch("/brand.css").await.text();
    let accents: Vec<_> =
        style.split("--green:").skip(1).map(|rest| rest.split(';').next().unwrap()).collect();
    assert_eq!(accents[0], "#00004d");
    // Taken for one that somebody has chosen, it is readable.
    let settings = [("ACCENT_COLOUR", "#00004d"), ("ACCENT_COLOUR_DARK", accents[1])];
    Postern::start_with(&settings).await;
}

#[tokio::test]
async fn mails_have_the_name_of_the_site_and_their_sender_too_where_it_has_none() {
    let named = ("SITE_NAME", "Café & Söhne");
    let postern = Postern::start_with(&[named, ("DEFAULT_FROM_EMAIL", "login@example.test")]).await;
    postern.browser(Manner::Form).ask(ADA).await;
    let mail = postern.mail().await;
    assert_eq!(mail.subject, format!("Sign-in code for Café & Söhne ({})", mail.word()));
    assert_eq!((mail.from_name.as_str(), mail.from.as_str()), ("Café & Söhne", "login@example.test"));
    assert!(mail.text.starts_with("Sign in to Café & Söhne\n"), "{}", mail.text);
    assert!(mail.html.contains(">Sign in to Café &#38; Söhne</h1>"), "{}", mail.html);
    let postern = Postern::start_with(&[named]).await;
    postern.browser(Manner::Form).ask(ADA).await;
    assert_eq!(postern.mail().await.from_name, "Postern", "the operator's own name stays");
}

#[tokio::test]
async fn mails_say_whom_to_ask() {
    for (support, words, link) in [
        ("help+login@example.test", "help+login@example.test", "mailto:help%2Blogin@example.test"),
        ("https://help.example.test/login", "help.example.test/login", "https://help.example.test/login"),
    ] {
        let postern = Postern::start_with(&[("SUPPORT_ADDRESS", support)]).await;
        postern.browser(Manner::Form).ask(ADA).await;
        let mail = postern.mail().await;
        assert!(mail.text.contains(&format!("Need help? Ask {words}\n")), "{}", mail.text);
        assert!(mail.html.contains(&format!(r#"href="{link}""#)), "{}", mail.html);
    }
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    assert!(!postern.mail().await.text.contains("Need help"));
}
