//! What pages and mails show of whoever runs the site: its name, logo, accent and support address.

use std::fs;

use postern::{
    palette::{DARK, LIGHT},
    web::answers::failure_page,
    words::Words,
};
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

/// With an app behind the gateway, so that there are pages on its host too.
async fn branded(support: &str) -> Postern {
    Postern::start_with(&[
        ("SITE_NAME", "</title> & Söhne"),
        ("SUPPORT_ADDRESS", support),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("GATEWAY_APPS", r#"[{"origin": "http://wiki.localhost"}]"#),
    ])
    .await
}

#[tokio::test]
async fn every_page_names_the_site_in_its_title_and_says_whom_to_ask() {
    let postern = branded("help@example.test").await;
    let visitor = postern.browser(Manner::Form);
    let mut pages = vec![failure_page(Words::default(), &postern.state.config.brand, None)];
    let of_app = visitor.navigation("/.postern/finish").header("host", "wiki.localhost");
    pages.push(visitor.send(of_app).await.text());
    for path in ["/login", "/verify?token=torn"] {
        pages.push(visitor.open(path).await.text());
    }
    visitor.ask(ADA).await;
    pages.push(visitor.open("/login/sent").await.text());
    visitor.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/");
    for path in ["/", "/logout", "/nowhere"] {
        pages.push(visitor.open(path).await.text());
    }
    assert_eq!(pages.len(), 8);
    for page in pages {
        let (_, title) = page.split_once("<title>").unwrap();
        let (title, _) = title.split_once("</title>").unwrap();
        // askama writes numbers where Leptos has names.
        let title = title.replace("&#60;", "&lt;").replace("&#62;", "&gt;").replace("&#38;", "&amp;");
        assert!(title.ends_with(" · &lt;/title&gt; &amp; Söhne"), "{title}");
        assert!(!page.contains("Postern<"), "{page}");
        assert!(page.contains(r#"href="mailto:help@example.test""#), "{page}");
        let (_, help) = page.split_once(r#"class="help""#).unwrap();
        assert!(help.contains("Need help? Ask "), "{help}");
    }
}

#[tokio::test]
async fn login_has_the_name_and_the_logo_above_the_form_and_the_host_where_there_is_no_name() {
    let (_folder, path) = file("logo.svg", SVG.as_bytes());
    let postern = Postern::start_with(&[("SITE_NAME", "Example Inc."), ("SITE_LOGO", &path)]).await;
    let visitor = postern.browser(Manner::Form);
    let page = visitor.open("/login").await.text();
    let (_, mark) = page.split_once(r#"<p class="mark">"#).unwrap();
    let (mark, _) = mark.split_once("</p>").unwrap();
    assert!(mark.contains("<img") && mark.contains(">Example Inc.<") && !mark.contains("<svg"), "{mark}");
    let (_, address) = mark.split_once(r#"src=""#).unwrap();
    let (address, _) = address.split_once('"').unwrap();
    // Another address for another file, so that no browser shows the old one.
    assert!(address.starts_with("/logo?v=") && visitor.fetch(address).await.status == 200, "{address}");
    let postern = Postern::start().await;
    let page = postern.browser(Manner::Form).open("/login").await.text();
    let host = postern.public_url().strip_prefix("http://").unwrap();
    assert!(page.contains(&format!("<title>Sign in · {host}</title>")), "{page}");
    assert!(page.contains(&format!(">{host}</span>")) && !page.contains("Need help"), "{page}");
}

#[tokio::test]
async fn a_refusal_that_only_the_operator_can_help_with_names_whom_to_ask() {
    for (support, words) in [
        ("", "ask whoever runs this site to add it"),
        ("help@example.test", "ask help@example.test to add it"),
    ] {
        let settings = [("REVEAL_UNKNOWN_EMAILS", "true"), ("SUPPORT_ADDRESS", support)];
        let postern = Postern::start_with(&settings).await;
        let refused =
            postern.browser(Manner::Fetch).call("request_link", &[("email", "eve@example.com")]).await;
        refused.assert_refused("not_recognized", 422);
        let message = refused.json()["message"].to_string();
        assert!(message.contains(words), "{message}");
        // The page says the same, and so does that of a link to somebody who may not sign in any more.
        let visitor = postern.browser(Manner::Form);
        visitor.call("request_link", &[("email", "eve@example.com")]).await;
        let page = visitor.open("/login?refusal=not_recognized").await.text();
        assert!(page.contains(words), "{page}");
        let page = visitor.open("/verify?refusal=not_allowed").await.text();
        let words = if support.is_empty() { "Ask whoever runs this site." } else { "Ask help@example.test." };
        assert!(page.contains(words), "{page}");
    }
}

#[tokio::test]
async fn the_frame_of_the_browser_has_the_accent_by_day() {
    let postern = Postern::start_with(&[("ACCENT_COLOUR", "#0b5cad")]).await;
    let page = postern.browser(Manner::Form).open("/login").await.text();
    for (colour, scheme) in [("#0b5cad", "light"), (DARK.wall, "dark")] {
        let media = format!(r#"media="(prefers-color-scheme: {scheme})""#);
        let has = |tag: &str| tag.contains(&media) && tag.contains(&format!(r#"content="{colour}""#));
        assert!(page.split("<meta").any(has), "{scheme}: {page}");
    }
}

#[tokio::test]
async fn without_an_accent_no_page_asks_for_its_style_sheet() {
    let plain = Postern::start().await;
    assert_eq!(plain.browser(Manner::Form).fetch("/brand.css").await.text(), "");
    assert!(!plain.browser(Manner::Form).open("/login").await.text().contains("/brand.css"));
    let postern = Postern::start_with(&[("ACCENT_COLOUR", "#0b5cad")]).await;
    assert!(postern.browser(Manner::Form).open("/login").await.text().contains(r#"href="/brand.css?v="#));
}
