//! Content codings (RFC 9110, section 8.4): which one a browser takes, and pages in it.

use std::cell::RefCell;

use axum::http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY},
};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use crate::site::Coding;

/// Where gzip begins to find what repeats itself in a page. The levels above cost twice as much for one part in a hundred.
const LEVEL_OF_PAGES: Compression = Compression::new(3);
/// Deflated, no name, no time, no particular system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

thread_local! {
    /// Its tables have 300 kB: asking the system for them at each page, as the writers of flate2 do, takes three times as
    /// long as the compressing.
    static COMPRESSOR: RefCell<Compress> = RefCell::new(Compress::new(LEVEL_OF_PAGES, false));
}

/// The coding that the sender of a request likes best, of those that are `offered`; of several that are liked alike the
/// first, and none only where that is liked better. A `*` in the header counts for nothing.
pub fn choose(headers: &HeaderMap, offered: impl DoubleEndedIterator<Item = Coding>) -> Option<Coding> {
    let coded = offered.rev().filter_map(|coding| Some((weight(headers, coding.name())?, Some(coding))));
    let plain = (weight(headers, "identity").unwrap_or(f32::MIN_POSITIVE), None);
    let liked = [plain].into_iter().chain(coded).filter(|(weight, _)| *weight > 0.0);
    // Of equals it gives the last one.
    liked.max_by(|(one, _), (other, _)| one.total_cmp(other)).and_then(|(_, coding)| coding)
}

/// The weight of a coding in Accept-Encoding, from 0 (not wanted) to 1 (RFC 9110, section 12.4.2); `None` if it is not named.
fn weight(headers: &HeaderMap, name: &str) -> Option<f32> {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).find_map(|entry| {
        let (coding, parameters) = entry.split_once(';').unwrap_or((entry, ""));
        let is_named = coding.trim().eq_ignore_ascii_case(name);
        is_named.then(|| match parameters.trim().split_once('=') {
            // What cannot be read is not wanted.
            Some((_, weight)) => weight.trim().parse().unwrap_or(0.0),
            None => 1.0,
        })
    })
}

/// The headers of an answer that could have been in another coding than `coding`.
pub fn headers(coding: Option<Coding>) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(VARY, HeaderValue::from_static("accept-encoding"))]);
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    headers
}

/// A page in gzip (RFC 1952); `None` if that would not be shorter.
pub fn gzip(page: &str) -> Option<Vec<u8>> {
    let page = page.as_bytes();
    let length = u32::try_from(page.len()).ok()?;
    let mut compressed = Vec::with_capacity(page.len());
    compressed.extend(GZIP_HEADER);
    // It fills the capacity and no more.
    let status = COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.reset();
        compressor.compress_vec(page, &mut compressed, FlushCompress::Finish)
    });
    let mut sum = Crc::new();
    sum.update(page);
    compressed.extend(sum.sum().to_le_bytes());
    compressed.extend(length.to_le_bytes());
    matches!(status, Ok(Status::StreamEnd)).then_some(compressed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn chosen(accept: &'static str) -> Option<Coding> {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accept))]);
        choose(&headers, [Coding::Brotli, Coding::Gzip].into_iter())
    }

    #[test]
    fn a_browser_gets_the_smallest_form_that_it_takes() {
        assert_eq!(chosen("gzip, deflate, br, zstd"), Some(Coding::Brotli));
        assert_eq!(chosen("gzip"), Some(Coding::Gzip));
        assert_eq!(chosen("GZip;q=0.8"), Some(Coding::Gzip));
        for nothing in ["", "deflate", "*", "br;q=0, gzip;q=0.000", "gzip;q=much"] {
            assert_eq!(chosen(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn what_is_liked_better_wins_over_what_is_smaller() {
        assert_eq!(chosen("br;q=0.5, gzip"), Some(Coding::Gzip));
        assert_eq!(chosen("br; q=0.001"), Some(Coding::Brotli));
        assert_eq!(chosen("identity, br;q=0.5"), None);
        assert_eq!(chosen("identity;q=0.5, br;q=0.5"), Some(Coding::Brotli));
        assert_eq!(chosen("identity;q=0, br;q=0"), None);
    }

    #[test]
    fn one_page_after_the_other_comes_out_of_gzip_as_it_went_in() {
        for page in ["<p>Sign in</p>".repeat(99), "<p>Check your inbox</p>".repeat(9), "é".repeat(70_000)] {
            let mut text = String::new();
            let compressed = gzip(&page).expect("it repeats itself");
            GzDecoder::new(&compressed[..]).read_to_string(&mut text).unwrap();
            assert_eq!(text, page);
        }
        assert_eq!(gzip("<p>Short"), None);
    }

    #[test]
    fn all_headers_of_that_name_count() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT_ENCODING, HeaderValue::from_static("deflate"));
        headers.append(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(choose(&headers, [Coding::Gzip].into_iter()), Some(Coding::Gzip));
    }
}
