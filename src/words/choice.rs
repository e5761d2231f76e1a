//! The languages that are offered, and the choice among them by what a browser accepts.

use std::iter::successors;

use super::Words;

/// Ranges of a header that are looked at; browsers send about five.
const MOST_RANGES: usize = 32;

/// The languages that a server speaks. The first one is for whoever reads none of them.
#[derive(Clone, Debug)]
pub struct Offered(Vec<Words>);

impl Offered {
    /// These languages, in their order, each once; every language that has a file, where there are none.
    pub fn new(languages: &[Words]) -> Self {
        let mut offered = Vec::new();
        for words in languages {
            if !offered.contains(words) {
                offered.push(*words);
            }
        }
        Self(if offered.is_empty() { Words::all().collect() } else { offered })
    }

    /// The language for whoever reads none of them.
    pub fn first(&self) -> Words {
        self.0[0]
    }

    /// The languages, the first one first.
    pub fn iter(&self) -> impl Iterator<Item = Words> {
        self.0.iter().copied()
    }

    /// The language with this tag, upper or lower case, if it is offered.
    pub fn of(&self, code: &str) -> Option<Words> {
        self.iter().find(|words| words.lang().eq_ignore_ascii_case(code))
    }

    /// The language with this tag; the first one in place of one that is not offered, or is not any more.
    pub fn of_or_first(&self, code: &str) -> Words {
        self.of(code).unwrap_or_else(|| self.first())
    }

    /// The best language for an Accept-Language header (RFC 9110, section 12.5.4): ranges in the order of their weights,
    /// each looked up by RFC 4647, section 3.4, so that `de-AT` finds `de`. `None` if nothing fits.
    pub fn accepted(&self, header: &str) -> Option<Words> {
        let mut ranges: Vec<_> = header.split(',').take(MOST_RANGES).filter_map(weighted).collect();
        // Stable: of two with the same weight the first one wins.
        ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        ranges.into_iter().find_map(|(_, range)| self.look_up(range))
    }

    /// The language of a range, or of the longest part of it that there is one for.
    fn look_up(&self, range: &str) -> Option<Words> {
        successors(Some(range), |range| Some(range.rsplit_once('-')?.0)).find_map(|range| self.of(range))
    }
}

/// A range and its weight; `None` for what is not acceptable, or no weight at all.
fn weighted(range: &str) -> Option<(f32, &str)> {
    let (tag, parameter) = range.split_once(';').unwrap_or((range, "q=1"));
    let (name, weight) = parameter.trim().split_once('=')?;
    let weight: f32 = weight.trim().parse().ok()?;
    (name.eq_ignore_ascii_case("q") && weight > 0.0).then(|| (weight, tag.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(header: &str) -> Option<Words> {
        Offered::new(&[]).accepted(header)
    }

    #[test]
    fn the_heaviest_range_with_a_language_wins_and_of_equals_the_first() {
        for (header, code) in [
            ("de-AT, de;q=0.9, en;q=0.8", "de"),
            ("en;q=0.5, fr;q=0.6", "fr"),
            ("xx, hi, es", "hi"),
            ("en;q=0, es-419;q=0.1", "es"),
        ] {
            assert_eq!(accepted(header).map(Words::lang), Some(code), "{header}");
        }
    }

    #[test]
    fn a_language_that_is_not_offered_is_not_spoken() {
        let offered = Offered::new(&["de", "en", "de"].map(|code| Words::of(code).unwrap()));
        assert_eq!(offered.iter().map(Words::lang).collect::<Vec<_>>(), ["de", "en"]);
        assert_eq!(offered.accepted("fr, en;q=0.1").map(Words::lang), Some("en"));
        assert_eq!((offered.of("fr"), offered.first().lang()), (None, "de"));
    }

    #[test]
    fn a_range_finds_its_language_without_region_and_script() {
        for header in [
            "en",
            "EN",
            "en-GB",
            "en-Latn-GB",
            "xx, en;q=0.1",
            " en ; q=0.5 ",
            "xx;q=0.9,en-US;q=0.8,*;q=0.1",
        ] {
            assert_eq!(accepted(header), Some(Words::default()), "{header}");
        }
    }

    #[test]
    fn what_fits_nothing_and_what_is_not_acceptable_finds_nothing() {
        for header in
            ["", "xx", "*", "en;q=0", "en;q=0.0", "en;q=nan", "en;q", "en;q=x", ",;,=", "e", "-en", "-"]
        {
            assert_eq!(accepted(header), None, "{header}");
        }
    }
}
