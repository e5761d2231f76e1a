//! The colours of Postern, for what cannot use the style sheet: the mail, and the frame that a browser draws around
//! a page.
//!
//! `style/palette.css` alone spells them out. The compiler reads it, so a colour that is not there stops the build.

const CSS: &str = include_str!("../style/palette.css");
const DARK_BEGINS: &str = "@media (prefers-color-scheme: dark)";

/// The colours by day, on a light screen.
pub const LIGHT: Palette<'static> = Palette::read(CSS);

/// The colours for `prefers-color-scheme: dark`. A colour that they leave out is the light one, as in CSS.
pub const DARK: Palette<'static> = Palette::read(match position(CSS, DARK_BEGINS) {
    Some(at) => CSS.split_at(at).1,
    None => panic!("style/palette.css has no dark colours"),
});

/// Colours by what they are for, each as CSS writes it: `#rrggbb`. Only those that Rust code uses. An operator's accent
/// may stand in place of the green ones (`config::Brand`).
#[derive(Clone, Copy, Debug)]
pub struct Palette<'a> {
    /// Behind everything.
    pub wall: &'a str,
    /// Behind the text of a page or a mail.
    pub card: &'a str,
    /// Lines that only divide.
    pub line: &'a str,
    /// Text.
    pub ink: &'a str,
    /// Text of less weight.
    pub soft: &'a str,
    /// What can be pressed.
    pub green: &'a str,
    /// Text on green.
    pub on_green: &'a str,
    /// The light in the door.
    pub lamp: &'a str,
}

impl Palette<'static> {
    /// Reads the colours from `css` at compile time.
    const fn read(css: &'static str) -> Self {
        Self {
            wall: colour(css, "--wall: "),
            card: colour(css, "--card: "),
            line: colour(css, "--line: "),
            ink: colour(css, "--ink: "),
            soft: colour(css, "--soft: "),
            green: colour(css, "--green: "),
            on_green: colour(css, "--on-green: "),
            lamp: colour(css, "--lamp: "),
        }
    }
}

/// The value of the first `declaration` in `css`; failing that, in the whole palette.
const fn colour(css: &'static str, declaration: &str) -> &'static str {
    let (css, at) = match (position(css, declaration), position(CSS, declaration)) {
        (Some(at), _) => (css, at),
        (None, Some(at)) => (CSS, at),
        (None, None) => panic!("a colour is missing in style/palette.css"),
    };
    let (_, value) = css.split_at(at + declaration.len());
    match position(value, ";") {
        Some(end) => value.split_at(end).0,
        None => panic!("a colour in style/palette.css does not end"),
    }
}

/// Where `part` begins in `text`. `str::find` does not run at compile time.
const fn position(text: &str, part: &str) -> Option<usize> {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let mut at = 0;
    while at + part.len() <= text.len() {
        let mut same = 0;
        while same < part.len() && text[at + same] == part[same] {
            same += 1;
        }
        if same == part.len() {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::*;

    const ROOT: &str = env!("CARGO_MANIFEST_DIR");

    /// The hexadecimal colours in a text, however long it is. `&#39;` is none.
    fn colours(text: &str) -> Vec<&str> {
        let found = text.match_indices('#').filter_map(|(at, _)| {
            let digits = &text[at + 1..];
            let length = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
            let goes_on = digits[length..].starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c));
            let is_colour = [3, 4, 6, 8].contains(&length) && !goes_on && !text[..at].ends_with('&');
            is_colour.then(|| &text[at..=at + length])
        });
        found.collect()
    }

    fn files_below(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn no_file_but_the_palette_spells_out_a_colour() {
        let files = ["src", "style"].map(|folder| files_below(&Path::new(ROOT).join(folder))).concat();
        assert!(files.len() > 50, "the sources were not found: {files:?}");
        for file in files.iter().filter(|file| !file.ends_with("style/palette.css")) {
            let text = fs::read_to_string(file).unwrap();
            assert!(colours(&text).is_empty(), "{}: {:?}", file.display(), colours(&text));
        }
    }

    #[test]
    fn the_favicon_has_no_colour_of_its_own() {
        let favicon = fs::read_to_string(Path::new(ROOT).join("public/favicon.svg")).unwrap();
        let (used, palette) = (colours(&favicon), colours(CSS));
        assert!(!used.is_empty());
        for colour in used {
            assert!(palette.contains(&colour), "{colour}");
        }
    }

    #[test]
    fn every_colour_for_rust_has_six_digits_for_mail_programs_that_know_no_other() {
        for palette in [LIGHT, DARK] {
            let Palette { wall, card, line, ink, soft, green, on_green, lamp } = palette;
            for colour in [wall, card, line, ink, soft, green, on_green, lamp] {
                assert_eq!((colours(colour), colour.len()), (vec![colour], 7), "{colour}");
            }
        }
    }

    #[test]
    fn the_dark_colours_are_others_and_what_they_leave_out_is_as_by_day() {
        assert_ne!(LIGHT.wall, DARK.wall);
        assert_ne!(LIGHT.green, DARK.green);
        assert_eq!(LIGHT.lamp, DARK.lamp);
    }

    #[test]
    fn the_search_for_colours_finds_them_and_nothing_like_them() {
        for colour in ["fff", "1f5f4a", "1F5F4A80", "abcd"] {
            let colour = format!("#{colour}");
            for text in [colour.clone(), format!("a: {colour};"), format!("\"{colour}\"")] {
                assert_eq!(colours(&text), [&colour], "{text}");
            }
        }
        for text in
            ["&#8217;", "#[test]", "#main", "#facade-of-stone", "#decades", "r#\"", "# 123", "#12", "#12345"]
        {
            assert!(colours(text).is_empty(), "{text}");
        }
    }
}
