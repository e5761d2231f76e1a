//! The pseudo-language: English mirrored, word by word, from right to left. It shows what a page makes of a language such
//! as Arabic to people who read none. It is offered only where LANGUAGES names it.

use std::borrow::Cow;

/// Its tag. Chromium and Android know the same one.
pub const CODE: &str = "ar-XB";

/// Bidirectional controls (Unicode Standard Annex 9): what stands between the middle two is shown from right to left, and
/// the outer two let no space or full stop fall to the other side.
const BEFORE: &str = "\u{200F}\u{202E}";
const AFTER: &str = "\u{202C}\u{200F}";

/// A text of a message with each word mirrored. What is filled in stays as it is.
pub fn mirror(text: &str) -> Cow<'_, str> {
    let mirrored = |word: &str| match word.trim_end() {
        "" => word.to_owned(),
        bare => format!("{BEFORE}{bare}{AFTER}{}", &word[bare.len()..]),
    };
    text.split_inclusive(char::is_whitespace).map(mirrored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    #[test]
    fn words_are_mirrored_and_what_is_filled_in_is_not() {
        assert_eq!(
            mirror(" may go."),
            " \u{200F}\u{202E}may\u{202C}\u{200F} \u{200F}\u{202E}go.\u{202C}\u{200F}"
        );
        let words = Words::of("AR-xb").unwrap();
        assert_eq!((words.lang(), words.dir()), ("ar-XB", "rtl"));
        assert!(words.home_lead("ada@example.com").contains("\u{2068}ada@example.com\u{2069}"));
        assert_eq!(words.seconds(1), "\u{2068}1\u{2069} \u{200F}\u{202E}second\u{202C}\u{200F}");
    }

    #[test]
    fn nobody_meets_it_who_has_not_asked_for_it() {
        assert!(Words::all().all(|words| words.lang() != CODE));
    }
}
