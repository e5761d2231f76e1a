//! The choice of a language by what a browser accepts.

use std::iter::successors;

use super::Words;

/// Ranges of a header that are looked at; browsers send about five.
const MOST_RANGES: usize = 32;

/// The best language for an Accept-Language header (RFC 9110, section 12.5.4): ranges in the order of their weights, each
/// looked up by RFC 4647, section 3.4, so that `de-AT` finds `de`. `None` if nothing fits.
pub fn accepted(header: &str) -> Option<Words> {
    let mut ranges: Vec<_> = header.split(',').take(MOST_RANGES).filter_map(weighted).collect();
    // Stable: of two with the same weight the first one wins.
    ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranges.into_iter().find_map(|(_, range)| look_up(range))
}

/// A range and its weight; `None` for what is not acceptable, or no weight at all.
fn weighted(range: &str) -> Option<(f32, &str)> {
    let (tag, parameter) = range.split_once(';').unwrap_or((range, "q=1"));
    let (name, weight) = parameter.trim().split_once('=')?;
    let weight: f32 = weight.trim().parse().ok()?;
    (name.eq_ignore_ascii_case("q") && weight > 0.0).then(|| (weight, tag.trim()))
}

/// The language of a range, or of the longest part of it that there is one for.
fn look_up(range: &str) -> Option<Words> {
    successors(Some(range), |range| Some(range.rsplit_once('-')?.0)).find_map(Words::of)
}

#[cfg(test)]
mod tests {
    use super::*;

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
