//! The return path: a path of this site that a visitor goes to after signing in, whatever a browser or a proxy makes of
//! it. An open redirect would lend our name to a phishing page (OWASP, Unvalidated Redirects and Forwards).

use std::fmt;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::Url;

/// Bytes of path and query. Those that lead to an app behind the gateway may be longer: they carry the app's own path and
/// query, 4 kB of them, in base64.
const MAX_LENGTH: usize = 2048;
/// Where the longer ones begin.
const TO_AN_APP: &str = "/enter?";
/// Bytes of path and query that lead to an app.
const MAX_LENGTH_TO_AN_APP: usize = 6144;
/// Bytes of path and query of the page that somebody is on: the longest that is answered.
const MAX_LENGTH_HERE: usize = 8192;
/// How often a path may be percent-encoded over itself.
const MAX_LAYERS: usize = 4;
/// Pages that only a login leads to: coming back to one would go in a circle.
const LOOPING: [&str; 2] = ["login", "verify"];
/// A site to resolve paths against, as a browser would (RFC 6761 reserves the name).
const ANY_SITE: &str = "https://postern.invalid";

/// A local absolute path with an optional query, such as `/reports?year=2026`: at most 2048 bytes of visible ASCII.
/// A string in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnPath(String);

/// Why a path is not one to send a visitor to. For the log: the visitor just lands on the home page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignPath {
    #[error("longer than 2048 bytes, or 6144 on the way to an app")]
    TooLong,
    #[error("does not start with a slash")]
    NotAbsolute,
    #[error("has a character that a browser would have percent-encoded")]
    RawCharacter,
    #[error("has a fragment")]
    Fragment,
    #[error("has an encoded control character")]
    ControlCharacter,
    #[error("is percent-encoded over itself too often, or is not UTF-8 underneath")]
    Encoding,
    #[error("has a backslash, which browsers take for a slash")]
    Backslash,
    #[error("has a dot segment")]
    DotSegment,
    #[error("leads to another site")]
    OtherSite,
    #[error("leads back to signing in")]
    Loop,
}

impl ReturnPath {
    /// The home page, `/`.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// Reads a path and its query as they stand in a URL, percent-encoded.
    ///
    /// The path is judged as it is and under each layer of percent-encoding, for somebody on the way may decode it.
    ///
    /// # Errors
    /// [`ForeignPath`] for everything that could leave this site, loop, or break a header.
    // Dot segments are refused even where they stay inside: browsers resolve them before they send a request, so an
    // honest path has none.
    pub fn parse(input: &str) -> Result<Self, ForeignPath> {
        let most = if input.starts_with(TO_AN_APP) { MAX_LENGTH_TO_AN_APP } else { MAX_LENGTH };
        let path = Self::parse_page(input, most)?;
        let paths = layers(input.split('?').next().unwrap_or(input))?;
        let loops = |path: &String| path.split('/').nth(1).is_some_and(|first| LOOPING.contains(&first));
        if paths.iter().any(loops) { Err(ForeignPath::Loop) } else { Ok(path) }
    }

    /// Reads the path and query of the page that a visitor is on, to lead them there once more: one of those that only a
    /// login leads to is as good as any other, and may carry a return path of its own.
    ///
    /// # Errors
    /// As [`Self::parse`], but for loops.
    pub fn parse_here(input: &str) -> Result<Self, ForeignPath> {
        Self::parse_page(input, MAX_LENGTH_HERE)
    }

    fn parse_page(input: &str, most: usize) -> Result<Self, ForeignPath> {
        if input.len() > most {
            return Err(ForeignPath::TooLong);
        }
        if !input.starts_with('/') {
            return Err(ForeignPath::NotAbsolute);
        }
        if !input.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ForeignPath::RawCharacter);
        }
        if input.contains('#') {
            return Err(ForeignPath::Fragment);
        }
        let (path, query) = input.split_once('?').unwrap_or((input, ""));
        refuse_control_characters(&layers(query)?)?;
        let paths = layers(path)?;
        refuse_control_characters(&paths)?;
        paths.iter().try_for_each(|path| judge(path))?;
        stays_here(input).then(|| Self(input.to_owned())).ok_or(ForeignPath::OtherSite)
    }

    /// The path if it is one, the home page if it is foreign or missing.
    pub fn parse_or_home(input: Option<&str>) -> Self {
        input.and_then(|input| Self::parse(input).ok()).unwrap_or_else(Self::home)
    }

    /// The path and query, as fit for a `Location` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text as it is, and what comes out each time it is percent-decoded, until that changes nothing.
fn layers(text: &str) -> Result<Vec<String>, ForeignPath> {
    let mut layers = vec![text.to_owned()];
    for depth in 0..=MAX_LAYERS {
        let decoded =
            percent_decode_str(&layers[depth]).decode_utf8().map_err(|_| ForeignPath::Encoding)?.into_owned();
        if decoded == layers[depth] {
            return Ok(layers);
        }
        layers.push(decoded);
    }
    Err(ForeignPath::Encoding)
}

/// Refuses control characters in any layer: a line break could end the `Location` header and begin another.
fn refuse_control_characters(layers: &[String]) -> Result<(), ForeignPath> {
    let found = layers.iter().any(|layer| layer.contains(char::is_control));
    if found { Err(ForeignPath::ControlCharacter) } else { Ok(()) }
}

/// Judges one layer of a path, without its query.
fn judge(path: &str) -> Result<(), ForeignPath> {
    if path.contains('\\') {
        return Err(ForeignPath::Backslash);
    }
    if path.starts_with("//") || !stays_here(path) {
        return Err(ForeignPath::OtherSite);
    }
    if path.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(ForeignPath::DotSegment);
    }
    Ok(())
}

/// Whether a browser would stay on this site, by the WHATWG URL Standard.
fn stays_here(path: &str) -> bool {
    let resolved = Url::parse(ANY_SITE).and_then(|site| Ok((site.origin(), site.join(path)?)));
    resolved.is_ok_and(|(origin, url)| url.origin() == origin && !url.path().starts_with("//"))
}

impl fmt::Display for ReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ReturnPath {
    type Error = ForeignPath;

    fn try_from(input: String) -> Result<Self, ForeignPath> {
        Self::parse(&input)
    }
}

impl From<ReturnPath> for String {
    fn from(path: ReturnPath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests;
