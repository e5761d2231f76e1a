//! The judgement of paths: which of them everybody reads alike, and what lies below another.
//!
//! Guard, pages and gateway decide by the path of a request. Whoever stands before or behind them (a browser, a proxy,
//! an app) may resolve dots, merge slashes or decode percent signs, and would then open another path than the one that
//! was decided upon. So nothing is resolved here: a path that could be read in two ways is recognised, and refused.

use url::Url;

/// What an escape may stand for in a path of a single reading: printable ASCII that divides nothing, in any server.
/// Missing are letters, digits and `-._~`, which need no escape (RFC 3986, section 6.2.2.2), and `/ \ ; % ? #`.
const HARMLESS_ESCAPES: &[u8] = b" !\"$&'()*+,:<=>@[]^`{|}";

/// Whether a URL parser (WHATWG URL Standard, section 4.4) reads `path` exactly as it stands: it starts with a slash,
/// has no dot segments in any spelling, no backslash and no sign that the parser would encode. Doubled slashes are
/// refused too, because proxies merge them.
pub fn is_plain(path: &str) -> bool {
    path.starts_with('/')
        && !path.contains("//")
        && Url::parse(&format!("http://host.invalid{path}"))
            .is_ok_and(|url| url.path() == path && url.query().is_none() && url.fragment().is_none())
}

/// Whether any server there is reads `path` as it stands; stricter than [`is_plain`], for a path on which another
/// program acts.
///
/// Beyond that, it has no `;` (Tomcat and its kin read `/a/..;/b` as `/b`), no escape but that of a harmless printable
/// ASCII sign (not of a dot, a slash, a percent sign, a control character or a part of UTF-8), and no segment of dots
/// and spaces alone (Windows drops them at the end of a name).
pub fn has_one_reading(path: &str) -> bool {
    is_plain(path)
        && !path.contains(';')
        && path.split('%').skip(1).all(is_harmless_escape)
        && !path.split('/').any(is_dots_and_spaces)
}

/// Whether a URL parser reads `query` exactly as it stands, and each percent sign in it begins an escape: no fragment, no
/// sign that the parser would encode.
pub fn is_plain_query(query: &str) -> bool {
    let is_escape =
        |rest: &str| rest.get(..2).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    query.split('%').skip(1).all(is_escape)
        && Url::parse(&format!("http://host.invalid/?{query}"))
            .is_ok_and(|url| url.query() == Some(query) && url.fragment().is_none())
}

/// Whether the two signs after a `%` are hexadecimal and stand for a harmless sign.
fn is_harmless_escape(rest: &str) -> bool {
    let digits = rest.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    // `from_str_radix` alone would take a plus.
    let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
    byte.is_some_and(|byte| HARMLESS_ESCAPES.contains(&byte))
}

/// Whether a segment has something in it, and nothing else than dots and encoded spaces.
fn is_dots_and_spaces(segment: &str) -> bool {
    !segment.is_empty() && segment.replace("%20", "").bytes().all(|b| b == b'.')
}

/// Whether `path` is `parent` or lies below it, by whole segments: `/a` covers `/a` and `/a/b`, not `/ab`. A slash at
/// the end of `parent` makes no difference; `/` covers everything.
pub fn covers(parent: &str, path: &str) -> bool {
    let parent = parent.trim_end_matches('/');
    path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
