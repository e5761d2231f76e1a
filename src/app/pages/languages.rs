//! The languages below every page, each named in itself: a plain form, which the browser posts by itself.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{api::ChooseLanguage, words::Words};

/// What a visitor may choose from.
#[derive(Clone, Debug)]
pub struct LanguageChoice {
    /// The languages that are offered.
    pub offered: Vec<Words>,
    /// The path and query of the page, to come back to.
    pub here: String,
}

/// A button for each language but that of the page; nothing where there is no choice.
#[component]
pub fn Languages(choice: LanguageChoice, words: Words) -> impl IntoView {
    let LanguageChoice { offered, here } = choice;
    (offered.len() > 1).then(|| view! {
        <footer>
            <form class="languages" method="post" action=ChooseLanguage::url() aria-label=words.language_choice()>
                <input type="hidden" name="next" value=here/>
                {offered.into_iter().map(|other| entry(other, other == words)).collect_view()}
            </form>
        </footer>
    })
}

fn entry(other: Words, is_spoken: bool) -> AnyView {
    let (lang, name) = (other.lang(), other.language_name());
    match is_spoken {
        true => view! { <span lang=lang aria-current="true">{name}</span> }.into_any(),
        false => view! {
            <button type="submit" name="language" value=lang lang=lang>{name}</button>
        }
        .into_any(),
    }
}
