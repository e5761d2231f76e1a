//! The last pass over a page: what a validator refuses in the markup that Leptos draws.
//!
//! Leptos marks places between texts by `<!>`, which browsers read as an empty comment and HTML calls an error ("incorrectly
//! opened comment"). Within an island hydration counts nodes, so the comment has to stay there, spelt right; nobody looks
//! for it elsewhere. Text and attributes have their `<` escaped, so every `<!>` is such a mark.

const MARK: &str = "<!>";
const ISLAND: &str = "<leptos-island";
const END: &str = "</leptos-island>";

/// The same document, valid.
pub fn tidy(html: &str) -> String {
    let mut parts = html.split(ISLAND);
    let mut tidy = parts.next().unwrap_or_default().replace(MARK, "");
    for part in parts {
        let (island, after) = part.split_once(END).unwrap_or((part, ""));
        tidy.push_str(ISLAND);
        tidy.push_str(&island.replace(MARK, "<!---->"));
        tidy.push_str(END);
        tidy.push_str(&after.replace(MARK, ""));
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stay_as_comments_within_islands_and_nowhere_else() {
        let drawn = "<p>a<!>b</p><leptos-island data-component=\"x\"><p>c<!>d</p></leptos-island><p>e<!></p>";
        let tidied = "<p>ab</p><leptos-island data-component=\"x\"><p>c<!---->d</p></leptos-island><p>e</p>";
        assert_eq!(tidy(drawn), tidied);
    }
}
