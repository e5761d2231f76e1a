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
    let (mut tidy, mut rest, mut is_island) = (String::with_capacity(html.len() + 64), html, false);
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        tidy.push_str(before);
        if let Some(after) = tag.strip_prefix(MARK) {
            tidy.push_str(if is_island { "<!---->" } else { "" });
            rest = after;
            continue;
        }
        if tag.starts_with(ISLAND) {
            is_island = true;
        } else if tag.starts_with(END) {
            is_island = false;
        }
        tidy.push('<');
        rest = &tag[1..];
    }
    tidy.push_str(rest);
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
