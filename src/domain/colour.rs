//! Colours, and how well one can be read on another (WCAG 2.2).

use std::{fmt, str::FromStr};

/// A colour of the sRGB space. In text it is `#rrggbb`, as CSS writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// A text that is not `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is # and six hexadecimal digits")]
pub struct MalformedColour;

impl Colour {
    pub const BLACK: Self = Self([0; 3]);
    pub const WHITE: Self = Self([u8::MAX; 3]);

    /// The contrast ratio between two colours, 1 to 21, in either order (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(two) / one.min(two)
    }

    /// The colour with a share of another mixed in, 0 to 1, as CSS' `color-mix(in srgb, …)` does.
    pub fn mixed(self, other: Self, share: f64) -> Self {
        let mix = |own: u8, other: u8| f64::from(own) * (1.0 - share) + f64::from(other) * share;
        // Between two numbers of eight bits.
        let channel = |at: usize| mix(self.0[at], other.0[at]).round() as u8;
        Self([channel(0), channel(1), channel(2)])
    }

    /// The nearest colour on the way to `goal` that `is_fine`; the goal itself if none is.
    pub fn towards(self, goal: Self, is_fine: impl Fn(Self) -> bool) -> Self {
        let steps = (0..=100_u8).map(|percent| self.mixed(goal, f64::from(percent) / 100.0));
        steps.into_iter().find(|colour| is_fine(*colour)).unwrap_or(goal)
    }

    /// 0 for black to 1 for white (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl FromStr for Colour {
    type Err = MalformedColour;

    fn from_str(text: &str) -> Result<Self, MalformedColour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or(MalformedColour)?;
        // from_str_radix would take a sign.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(MalformedColour);
        }
        let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| MalformedColour);
        Ok(Self([channel(0)?, channel(2)?, channel(4)?]))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn colour(digits: &str) -> Colour {
        format!("#{digits}").parse().unwrap()
    }

    #[test]
    fn the_contrast_is_that_of_the_standard() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 1e-9);
        assert!((Colour::WHITE.contrast(Colour::WHITE) - 1.0).abs() < 1e-9);
        // The greys that people quote: the lightest one for text on white, and the one beyond it.
        let grey = |digits| colour(digits).contrast(Colour::WHITE);
        assert!(grey("767676") >= 4.5 && grey("777777") < 4.5, "{} {}", grey("767676"), grey("777777"));
        assert!((colour("ff0000").contrast(Colour::WHITE) - 3.998).abs() < 1e-3);
        assert!((colour("0000ff").contrast(Colour::BLACK) - 2.444).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_colour_of_six_digits_is_refused() {
        assert_eq!("1f5f4a".parse::<Colour>(), Err(MalformedColour));
        for text in ["", "fff", "1f5f4a80", "1f5f4g", "+1f5f4", "é5f4a", " 1f5f4", "green"] {
            assert_eq!(format!("#{text}").parse::<Colour>(), Err(MalformedColour), "{text}");
        }
    }

    #[test]
    fn the_nearest_fine_colour_is_the_colour_itself_where_it_is_fine() {
        let blue = colour("0b5cad");
        assert_eq!(blue.towards(Colour::BLACK, |_| true), blue);
        assert_eq!(blue.towards(Colour::BLACK, |_| false), Colour::BLACK);
        let readable = |colour: Colour| colour.contrast(Colour::WHITE) >= 4.5;
        let darker = colour("ffcc00").towards(Colour::BLACK, readable);
        assert!(readable(darker) && darker.contrast(Colour::WHITE) < 4.7, "{darker}");
    }

    proptest! {
        #[test]
        fn text_and_colour_are_one_and_contrast_has_no_order(one: [u8; 3], two: [u8; 3]) {
            let (one, two) = (Colour(one), Colour(two));
            prop_assert_eq!(one.to_string().parse(), Ok(one));
            prop_assert_eq!(one.to_string().to_uppercase().parse(), Ok(one));
            let contrast = one.contrast(two);
            prop_assert!((1.0..=21.0).contains(&contrast));
            prop_assert!((contrast - two.contrast(one)).abs() < 1e-12);
            prop_assert_eq!((one.mixed(two, 0.0), one.mixed(two, 1.0)), (one, two));

        }
    }
}
