//! A letter: what stands in a mail, before it is drawn as plain text and as HTML. Each kind of mail is one.

use askama::Template;

use crate::{
    config::{Brand, Support},
    palette::Palette,
    words::{Words, marked},
};

/// What stands in a mail, in the order in which it is read. All sentences are in the language of the reader.
#[derive(Clone)]
pub struct Letter {
    pub subject: String,
    /// What a list of mails and a notification show after the subject.
    pub preview: String,
    pub headline: String,
    /// Paragraphs above the button.
    pub lead: Vec<String>,
    /// The one thing to press.
    pub button: Option<Button>,
    /// The other way in.
    pub code: Option<Code>,
    /// Facts, one a line.
    pub facts: Vec<Fact>,
    /// Paragraphs of less weight at the end.
    pub closing: Vec<String>,
}

/// A link, as a button and to copy.
#[derive(Clone)]
pub struct Button {
    pub label: String,
    pub link: String,
    /// Says that the link may be copied; the plain text, which has no button, leaves it out.
    pub copy: String,
}

/// A code that is typed elsewhere.
#[derive(Clone)]
pub struct Code {
    /// Says where.
    pub intro: String,
    /// In groups; a line of its own in the plain text.
    pub digits: String,
}

/// Something to compare, such as a time.
#[derive(Clone)]
pub struct Fact {
    pub name: String,
    pub value: String,
}

impl Letter {
    /// The plain text part: the same as the other one. `words`: the language that the letter is written in.
    pub fn text(&self, words: Words, brand: &Brand) -> String {
        let help = brand.support.as_ref().map(|support| words.help(&support.words));
        drawn(&Text { letter: self, help })
    }

    /// The HTML part, in ASCII: a mail carries it as it stands then.
    pub fn html(&self, words: Words, brand: &Brand) -> String {
        let [light, dark] = brand.palettes();
        let html = drawn(&Html {
            letter: self,
            words,
            name: &brand.name,
            has_door: brand.logo.is_none(),
            support: brand.support.as_ref(),
            light,
            dark,
        });
        in_ascii(html)
    }
}

/// The same HTML with a reference in place of each character that is not in ASCII (HTML, 13.1.4). Its lines get longer by that, so some
/// spaces between words become line breaks, which say the same; not in East Asian text, where a browser leaves them out (CSS Text, 4.1.3).
fn in_ascii(html: String) -> String {
    if html.is_ascii() {
        return html;
    }
    let (mut ascii, mut line, mut is_word) = (String::with_capacity(2 * html.len()), 0, false);
    for char in html.chars() {
        let begin = ascii.len();
        match char {
            ' ' if is_word && line > LONG_LINE => ascii.push('\n'),
            _ if char.is_ascii() => ascii.push(char),
            _ => ascii += &format!("&#{};", u32::from(char)),
        }
        is_word = ('\u{80}'..'\u{1100}').contains(&char);
        line = if ascii.ends_with('\n') { 0 } else { line + ascii.len() - begin };
    }
    ascii
}

/// From here on a line of references ends at the next space.
const LONG_LINE: usize = 400;

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    letter: &'a Letter,
    /// Whom to ask.
    help: Option<String>,
}

/// docs/mail.md says why it is written as it is. The inline styles are the light ones, for mail programs that read no
/// style sheet; the style sheet overrides them in the dark.
#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    letter: &'a Letter,
    words: Words,
    /// What the site is called.
    name: &'a str,
    /// Whether Postern's door stands beside the name; a site with a logo of its own has none.
    has_door: bool,
    support: Option<&'a Support>,
    light: Palette<'a>,
    dark: Palette<'a>,
}

impl Html<'_> {
    /// The side on which a line begins.
    fn start(&self) -> &'static str {
        if self.words.dir() == "rtl" { "right" } else { "left" }
    }

    /// The side on which a line ends.
    fn end(&self) -> &'static str {
        if self.words.dir() == "rtl" { "left" } else { "right" }
    }
}

fn drawn(template: &impl Template) -> String {
    // askama drops the line break at the end of a file.
    template.render().expect("writing text into a String does not fail") + "\n"
}
