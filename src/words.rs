//! The words that visitors read. languages/ has the messages, one file a language; the build checks them and makes a
//! method of [`Words`] for each.
//!
//! [`choice`] finds the language that somebody reads among those that are offered, [`pseudo`] makes one for tests.
//! [`refusals`] has the sentences of refusals and notices, [`spans`] those of time spans, [`device`] those of devices.
//! [`marked`] is for sentences with mark-up inside. Everything else speaks of refusals in closed kinds and
//! numbers.

pub mod choice;
mod device;
pub mod marked;
mod pseudo;
mod refusals;
mod spans;

use std::{borrow::Cow, collections::HashMap, fmt, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::{CharacterDirection, LanguageIdentifier};

pub use refusals::Notice;
pub use spans::{moment, utc};

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// A language with its messages.
struct Language {
    code: &'static str,
    is_right_to_left: bool,
    messages: FluentBundle<FluentResource>,
    /// Those without variables, formatted once.
    plain: HashMap<&'static str, String>,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let languages = SOURCES.iter().map(|(code, text)| Language::read(code, text));
    languages.chain([Language::mirrored(SOURCES[0])]).collect()
});

/// A language to speak: one method for each message. Free to copy.
#[derive(Clone, Copy)]
pub struct Words(&'static Language);

impl Language {
    fn read(code: &'static str, text: &str) -> Self {
        let id: LanguageIdentifier = code.parse().expect("a file in languages/ is named by a language tag");
        let is_right_to_left = id.character_direction() == CharacterDirection::RTL;
        Self::build(code, text, id, is_right_to_left, None)
    }

    /// The pseudo-language, made of another one, whose plurals it has.
    fn mirrored((code, text): (&str, &str)) -> Self {
        let id = code.parse().expect("a file in languages/ is named by a language tag");
        Self::build(pseudo::CODE, text, id, true, Some(pseudo::mirror))
    }

    fn build(
        code: &'static str,
        text: &str,
        id: LanguageIdentifier,
        is_right_to_left: bool,
        transform: Option<fn(&str) -> Cow<'_, str>>,
    ) -> Self {
        let mut messages = FluentBundle::new_concurrent(vec![id]);
        messages.set_transform(transform);
        // Isolating marks keep a Latin address in place within a sentence from right to left. Where all runs from left to
        // right they would only be copied along with what they surround.
        messages.set_use_isolating(is_right_to_left);
        let resource = FluentResource::try_new(text.to_owned()).expect("the build has read it");
        messages.add_resource(resource).expect("the build has compared the keys");
        let mut language = Self { code, is_right_to_left, messages, plain: HashMap::new() };
        language.plain = PLAIN.iter().map(|key| (*key, language.format(key, None))).collect();
        language
    }

    /// The build has seen each key in each language, and each variable, so nothing is missing here.
    fn format(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let message = self.messages.get_message(key).and_then(|message| message.value());
        message.map_or_else(String::new, |pattern| {
            self.messages.format_pattern(pattern, arguments, &mut Vec::new()).into_owned()
        })
    }
}

impl Words {
    /// The language with this tag, upper or lower case, if there is one.
    pub fn of(code: &str) -> Option<Self> {
        LANGUAGES.iter().find(|language| language.code.eq_ignore_ascii_case(code)).map(Self)
    }

    /// Every language that has a file, English first.
    pub fn all() -> impl Iterator<Item = Self> {
        LANGUAGES.iter().filter(|language| language.code != pseudo::CODE).map(Self)
    }

    /// The tag of the language (BCP 47), for `lang` and `Content-Language`.
    pub fn lang(self) -> &'static str {
        self.0.code
    }

    /// The direction in which it is written, for `dir`.
    pub fn dir(self) -> &'static str {
        if self.0.is_right_to_left { "rtl" } else { "ltr" }
    }

    /// A message without variables.
    fn plain(self, key: &str) -> &'static str {
        self.0.plain.get(key).map_or("", String::as_str)
    }

    /// A message with its variables filled in.
    fn filled<const N: usize>(self, key: &str, arguments: [(&'static str, FluentValue<'_>); N]) -> String {
        self.0.format(key, Some(&FluentArgs::from_iter(arguments)))
    }
}

impl Default for Words {
    /// English.
    fn default() -> Self {
        Self(&LANGUAGES[0])
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Words({})", self.0.code)
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code
    }
}
