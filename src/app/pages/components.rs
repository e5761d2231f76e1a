//! Small pieces that several pages share.

use leptos::prelude::*;

use crate::{
    api::Refused,
    app::given::Given,
    config::Support,
    words::{
        Words,
        marked::{self, mark},
    },
};

/// The name of the site, above every page, below its logo: the address of one, or Postern's door.
#[component]
pub fn Mark(name: String, logo: Option<String>) -> impl IntoView {
    let logo = match logo {
        Some(address) => view! { <img src=address alt="" height="48"/> }.into_any(),
        None => view! { <Door/> }.into_any(),
    };
    view! { <p class="mark">{logo} <span>{name}</span></p> }
}

#[component]
fn Door() -> impl IntoView {
    view! {
            <svg aria-hidden="true" viewBox="0 0 24 24" width="48" height="48">
                <path class="mark-arch" d="M2 23V11a10 10 0 0 1 20 0v12z"/>
                <path class="mark-light" d="M6 23V11a6 6 0 0 1 12 0v12z"/>
                <g class="mark-leaf">
                    <path d="M6 23V11a6 6 0 0 1 5.3-5.96L14 7.5v13z"/>
                    <circle class="mark-knob" cx="12" cy="14.2" r=".9"/>
                </g>
            </svg>
    }
}

/// Where the title of a page is kept until the head around it is written.
#[derive(Clone, Copy)]
pub struct DocumentTitle(pub RwSignal<&'static str>);

/// The title of the page; the document puts the name of the site behind it.
// Not leptos_meta's: it does not escape what it writes.
#[component]
pub fn PageTitle(title: &'static str) -> impl IntoView {
    if let Some(DocumentTitle(kept)) = use_context() {
        kept.set(title);
    }
}

/// What the island of a form is given. `refused`: how the last try ended; `button`: the label of its button.
pub fn given(refused: Option<Refused>, button: &str, words: Words) -> Given {
    // In the order of `app::given::Say`.
    let sentences = [
        button,
        words.waiting_busy(),
        words.waiting_slow(),
        words.waiting_given_up(),
        words.waiting_unreachable(),
        words.waiting_not_ours(),
        words.waiting_counts_down(),
    ];
    Given { refused, wait: 0, words: lines(&sentences) }
}

/// Sentences, each on a line of its own; one that a language breaks over several lines is drawn as one.
pub fn lines(sentences: &[&str]) -> String {
    sentences.iter().map(|sentence| sentence.replace('\n', " ")).collect::<Vec<_>>().join("\n")
}

/// Whom to ask, below every page.
#[component]
pub fn Help(support: Support, words: Words) -> impl IntoView {
    let Support { words: address, href } = support;
    let link = move |address: String| view! { <a href=href.clone()>{address}</a> }.into_any();
    view! { <p class="help">{with_marked(&words.help(&mark(&address)), link)}</p> }
}

/// A sentence whose marked part is an address or another word that has to be read exactly.
#[component]
pub fn Marked(sentence: String) -> impl IntoView {
    let draw = |address: String| view! { <strong class="address">{address}</strong> }.into_any();
    with_marked(&sentence, draw)
}

/// A sentence with its marked part drawn by `draw`.
pub fn with_marked(sentence: &str, draw: impl Fn(String) -> AnyView) -> Vec<AnyView> {
    let part = |part: marked::Part| if part.stands_out { draw(part.text) } else { part.text.into_any() };
    marked::parts(sentence).into_iter().map(part).collect()
}

/// A line of good news, announced to screen readers.
#[component]
pub fn NoticeLine(notice: Option<&'static str>) -> impl IntoView {
    notice.map(|notice| view! { <p class="notice" role="status">{notice}</p> })
}
