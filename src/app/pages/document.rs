//! The HTML document around a page.
//!
//! Leptos draws what is in it and no more. Its own `HydrationScripts`, `HashedStylesheet` and stream write scripts after
//! `</html>` and the nonce into attributes where it does not belong, and read two files for each page; `leptos_meta` writes
//! a title without escaping it. Nothing here waits for anything, so there is nothing to stream.

use std::sync::{Arc, LazyLock};

use hydration_context::SsrSharedContext;
use leptos::{
    attr::media,
    nonce::{Nonce, provide_nonce, use_nonce},
    prelude::*,
};

use super::{
    components::{DocumentTitle, Help, Mark},
    draw,
    languages::{LanguageChoice, Languages},
    markup,
};
use crate::{
    app::{
        page::Page,
        places::{BRAND_STYLE, LOGO},
    },
    config::Brand,
    site::Site,
    words::Words,
};

/// A script as it stands in a page.
type Script = LazyLock<String>;

/// Lets each form be posted once by a page, before and beside hydration: a second press of a plain form would throw away
/// the answer to the first. A form that an island sends by itself is not touched, nor is one that the back button brings
/// back.
static POST_ONCE: Script = LazyLock::new(|| dense(include_str!("../scripts/post_once.js")));
/// Keeps a half-typed address, in the browser alone, while its visitor changes the language.
static KEEP_TYPED: Script = LazyLock::new(|| dense(include_str!("../scripts/keep_typed.js")));
static CODE_FIELD: Script = LazyLock::new(|| dense(include_str!("../scripts/code_field.js")));
static EXPIRY: Script = LazyLock::new(|| dense(include_str!("../scripts/expiry.js")));
static OTHER_TABS: Script = LazyLock::new(|| dense(include_str!("../scripts/other_tabs.js")));
static COPY_LINK: Script = LazyLock::new(|| dense(include_str!("../scripts/copy_link.js")));
/// A function of the addresses of the client's two files.
static ISLANDS: Script = LazyLock::new(|| dense(include_str!("../scripts/islands.js")));

/// What a document needs to know beside its page.
pub struct Frame<'a> {
    /// The names of the built files.
    pub site: &'a Site,
    /// What it shows of whoever runs the site.
    pub brand: &'a Brand,
    /// What the script that reloads a changed page needs to know, while `cargo leptos watch` looks for changes.
    pub reload: Option<LeptosOptions>,
    /// The language of the page.
    pub words: Words,
    /// The languages below it.
    pub choice: LanguageChoice,
}

/// The scripts of a page, in their order. They are small, and part of it: none costs a request.
fn scripts(page: &Page) -> Vec<&'static str> {
    match page {
        Page::Login(_) => vec![&POST_ONCE, &KEEP_TYPED],
        Page::Sent(_) => vec![&POST_ONCE, &KEEP_TYPED, &OTHER_TABS, &CODE_FIELD, &EXPIRY],
        Page::SentExpired(_) | Page::Verify { .. } => vec![&POST_ONCE, &OTHER_TABS],
        Page::OtherBrowser(_) => vec![&POST_ONCE, &COPY_LINK],
        _ => vec![&POST_ONCE],
    }
}

/// Draws the whole document, and gives the nonce that its scripts bear.
pub fn write(frame: &Frame<'_>, page: Page) -> (String, Option<Nonce>) {
    let Frame { brand, words, .. } = *frame;
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let drawn = owner.with(|| {
        provide_nonce();
        let title = RwSignal::new("");
        provide_context(DocumentTitle(title));
        let (scripts, has_islands) = (scripts(&page), page.has_islands());
        // First, because its title stands in the head.
        let body = draw(page, words);
        let html = view! {
            <!DOCTYPE html>
            <html lang=words.lang() dir=words.dir()>
                {head(frame, format!("{} · {}", title.get_untracked(), brand.name), scripts, has_islands)}
                <body>
                    <a class="skip" href="#main">{words.skip_to_content()}</a>
                    <main id="main">
                        <Mark
                            name=brand.name.clone()
                            logo=brand.logo.as_ref().map(|logo| format!("{LOGO}?v={}", logo.version))
                        />
                        {body}
                        {brand.support.clone().map(|support| view! { <Help support words/> })}
                    </main>
                    <Languages choice=frame.choice.clone() words/>
                </body>
            </html>
        };
        (markup::tidy(&html.to_html()), use_nonce())
    });
    owner.unset_with_forced_cleanup();
    drawn
}

/// The head of a document. The scripts bear the nonce that stands in the policy of the answer.
fn head(
    frame: &Frame<'_>,
    title: String,
    scripts: Vec<&'static str>,
    has_islands: bool,
) -> impl IntoView + use<> {
    let Frame { site, brand, .. } = *frame;
    let [light, dark] = brand.palettes();
    // By day the frame of the browser has the accent; in the dark it would glare.
    let by_day = if brand.accent.is_some() { light.green } else { light.wall }.to_owned();
    let at_night = dark.wall.to_owned();
    let accent = brand.accent.as_ref().map(|accent| format!("{BRAND_STYLE}?v={}", accent.version()));
    let loader = has_islands.then(|| {
        let (js, wasm) = (site.js.clone(), site.wasm.clone());
        // The names of files need no escaping: the configuration allows letters, digits, - and _.
        let start = format!("({})(\"{js}\",\"{wasm}\")", *ISLANDS);
        view! {
            <link rel="modulepreload" href=js/>
            <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
            <script type="module" nonce=use_nonce() inner_html=start></script>
        }
    });
    view! {
        <head>
            <meta charset="utf-8"/>
            <title>{title}</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="description" content=frame.words.description()/>
            <meta name="color-scheme" content="light dark"/>
            <meta name="theme-color" content={by_day} {..media("(prefers-color-scheme: light)")}/>
            <meta name="theme-color" content={at_night} {..media("(prefers-color-scheme: dark)")}/>
            <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
            <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
            <link rel="stylesheet" id="leptos" href=site.css.clone()/>
            {accent.map(|href| view! { <link rel="stylesheet" href=href/> })}
            {frame.reload.clone().map(|options| view! { <AutoReload options/> })}
            {scripts.into_iter().map(|script| view! { <script nonce=use_nonce() inner_html=script></script> }).collect_view()}
            {loader}
        </head>
    }
}

/// A script without its comments and indents: nobody reads them in a page.
fn dense(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}
