//! The colours of style/palette.css reach what cannot share the style sheet of the pages.

use postern::{
    palette::{DARK, LIGHT},
    web::answers::failure_page,
    words::Words,
};

use crate::harness::{ADA, Manner, Postern};

#[tokio::test]
async fn the_failure_page_has_the_colours_of_the_other_pages_without_their_style_sheet() {
    let postern = Postern::start().await;
    let style = postern.browser(Manner::Fetch).fetch("/failure.css").await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert_eq!(style.header("cache-control"), "public, max-age=86400", "for a day, like any file");
    let text = style.text();
    for colour in [LIGHT.wall, DARK.wall, LIGHT.green, DARK.green] {
        assert!(text.contains(colour), "{colour}: {text}");
    }
    assert!(text.contains("main {") && !text.contains("@import"), "{text}");
    let page = failure_page(Words::default(), &postern.state.config.brand, None);
    assert!(page.contains(r#"href="/failure.css""#));
}

#[tokio::test]
async fn the_frame_of_the_browser_has_the_colour_of_the_wall() {
    let postern = Postern::start().await;
    let page = postern.browser(Manner::Form).open("/login").await.text();
    for (colour, scheme) in [(LIGHT.wall, "light"), (DARK.wall, "dark")] {
        let media = format!(r#"media="(prefers-color-scheme: {scheme})""#);
        let has = |tag: &str| tag.contains(&media) && tag.contains(&format!(r#"content="{colour}""#));
        assert!(page.split("<meta").any(has), "{scheme}: {page}");
    }
}

#[tokio::test]
async fn the_mail_has_the_same_colours_by_day_and_in_the_dark() {
    let postern = Postern::start().await;
    postern.browser(Manner::Form).ask(ADA).await;
    let html = postern.mail().await.html;
    let (style, body) = html.split_once("</style>").unwrap();
    for (part, palette) in [(body, LIGHT), (style, DARK)] {
        for colour in [palette.wall, palette.card, palette.ink, palette.green, palette.on_green] {
            assert!(part.contains(colour), "{colour}: {html}");
        }
    }
}
