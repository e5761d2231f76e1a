//! ACCENT_COLOUR and ACCENT_COLOUR_DARK: the colour of what can be pressed, and its shades.
//!
//! It stands as text on the cards of the pages, behind the text of buttons, and around what has the focus. So it must
//! be readable on the palest background by day, and on the one that is least dark in the dark.

use crate::{
    config::{
        reader::{Noted, Reader},
        settings::{self, Setting},
    },
    domain::Colour,
    palette::{self, Palette},
};

/// The contrast that text needs (WCAG 2.2, success criterion 1.4.3); what has the focus needs less (1.4.11).
const LEAST_CONTRAST: f64 = 4.5;
/// That of a colour for the dark which nobody has chosen (success criterion 1.4.6).
const DERIVED_CONTRAST: f64 = 7.0;
/// The share of the accent in the background of notices.
const TINT: f64 = 0.08;

/// The accent by day and in the dark.
#[derive(Clone, Debug)]
pub struct Accent {
    pub light: Shades,
    pub dark: Shades,
}

/// One accent and what is made of it, each as CSS writes it: `#rrggbb`.
#[derive(Clone, Debug)]
pub struct Shades {
    /// What can be pressed.
    pub accent: String,
    /// A button below the pointer.
    pub pressed: String,
    /// The leaf of the door.
    pub leaf: String,
    /// Text on the accent.
    pub on_accent: String,
    /// Behind notices.
    pub tint: String,
}

impl Shades {
    /// The palette with this accent in place of its green.
    pub fn palette<'a>(&'a self, palette: Palette<'a>) -> Palette<'a> {
        Palette { green: &self.accent, on_green: &self.on_accent, ..palette }
    }

    /// The same for the style sheets of the pages, as declarations.
    fn declarations(&self) -> String {
        let Self { accent, pressed, leaf, on_accent, tint } = self;
        format!(
            "--green:{accent};--green-pressed:{pressed};--leaf:{leaf};--on-green:{on_accent};--tint:{tint}"
        )
    }
}

impl Accent {
    /// Changes with the accent, so that a browser asks anew.
    pub fn version(&self) -> String {
        format!("{}{}", self.light.accent, self.dark.accent).replace('#', "")
    }

    /// A style sheet that puts the accent over the palette.
    pub fn css(&self) -> String {
        let (light, dark) = (self.light.declarations(), self.dark.declarations());
        format!(":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}")
    }
}

/// One of the two looks of a page.
struct Scheme {
    /// As part of a sentence.
    name: &'static str,
    /// The background that text has the least contrast with, but for its tint.
    card: Colour,
    /// Text on an accent.
    on_accent: Colour,
    /// Where an accent has to go for more contrast.
    goal: Colour,
}

impl Scheme {
    fn light() -> Self {
        Self {
            name: "by day",
            card: colour(palette::LIGHT.card),
            on_accent: colour(palette::LIGHT.on_green),
            goal: Colour::BLACK,
        }
    }

    fn dark() -> Self {
        Self {
            name: "in the dark",
            card: colour(palette::DARK.card),
            on_accent: colour(palette::DARK.wall),
            goal: Colour::WHITE,
        }
    }

    fn tint(&self, accent: Colour) -> Colour {
        self.card.mixed(accent, TINT)
    }

    /// The least contrast that an accent has on a page. Its text on a button has more: it is farther away than any tint.
    fn contrast(&self, accent: Colour) -> f64 {
        accent.contrast(self.tint(accent))
    }

    /// The nearest accent of at least that contrast.
    fn nearest(&self, accent: Colour, least: f64) -> Colour {
        accent.towards(self.goal, |colour| self.contrast(colour) >= least)
    }

    fn shades(&self, accent: Colour) -> Shades {
        let away = if self.goal == Colour::BLACK { Colour::WHITE } else { Colour::BLACK };
        Shades {
            accent: accent.to_string(),
            pressed: accent.mixed(self.goal, 0.25).to_string(),
            leaf: accent.mixed(away, 0.15).to_string(),
            on_accent: self.on_accent.to_string(),
            tint: self.tint(accent).to_string(),
        }
    }
}

/// A colour of style/palette.css; a test in `palette` reads them all.
fn colour(text: &str) -> Colour {
    text.parse().unwrap_or_else(|_| unreachable!("{text} is a colour of six digits"))
}

/// Both; without the second one, the first is made lighter until it can be read well in the dark.
///
/// # Errors
/// Notes what is no colour, or cannot be read, with the nearest one that can.
pub fn read(reader: &mut Reader) -> Result<Option<Accent>, Noted> {
    let (light, dark) = (Scheme::light(), Scheme::dark());
    let by_day = read_one(reader, settings::ACCENT_COLOUR, &light);
    let in_the_dark = read_one(reader, settings::ACCENT_COLOUR_DARK, &dark);
    match (by_day?, in_the_dark?) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(reader.note(
            settings::ACCENT_COLOUR_DARK,
            "is set, but ACCENT_COLOUR is not",
            "set both, or ACCENT_COLOUR alone: the other one is then made from it",
        )),
        (Some(accent), in_the_dark) => {
            let in_the_dark = in_the_dark.unwrap_or_else(|| dark.nearest(accent, DERIVED_CONTRAST));
            Ok(Some(Accent { light: light.shades(accent), dark: dark.shades(in_the_dark) }))
        }
    }
}

fn read_one(reader: &mut Reader, setting: Setting, scheme: &Scheme) -> Result<Option<Colour>, Noted> {
    let Some(text) = reader.text(setting) else { return Ok(None) };
    let fix = "write # and six hexadecimal digits; in .env in single quotes";
    let accent = reader.parsed(setting, fix, |text| text.parse::<Colour>().ok())?;
    let contrast = scheme.contrast(accent);
    if contrast >= LEAST_CONTRAST {
        return Ok(Some(accent));
    }
    // Rounded down: 4.49 must not be called 4.5.
    let contrast = (contrast * 100.0).floor() / 100.0;
    let problem = format!(
        "is `{text}`, whose contrast with the background {} is {contrast:.2}:1, and text needs {LEAST_CONTRAST}:1",
        scheme.name
    );
    let nearest = scheme.nearest(accent, LEAST_CONTRAST);
    Err(reader.note(setting, problem, format!("take another one; {nearest} is the nearest that can be read")))
}
