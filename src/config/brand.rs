//! SITE_NAME, SITE_LOGO, ACCENT_COLOUR, ACCENT_COLOUR_DARK and SUPPORT_ADDRESS: what pages and mails show of whoever
//! runs this site.

mod accent;

use std::{fmt, fs, io::Read, sync::Arc};

use percent_encoding::utf8_percent_encode;
use sha2::{Digest, Sha256};
use url::Url;

pub use accent::{Accent, Shades};

use super::{
    public_url::PublicUrl,
    reader::{Noted, Reader},
    settings,
};
use crate::{
    domain::{EmailAddress, QUERY_VALUE},
    palette::{self, Palette},
};

/// What a tab and a list of mails show of a name, about.
const LONGEST_NAME: usize = 60;
/// In bytes: half of what a first visit to the login page may weigh.
const LARGEST_LOGO: u64 = 50_000;

/// The name, looks and help of this site.
#[derive(Clone, Debug)]
pub struct Brand {
    /// What pages and mails call the site: SITE_NAME, else its host.
    pub name: String,
    /// Stands above every page in place of Postern's door.
    pub logo: Option<Logo>,
    /// What can be pressed has this colour in place of Postern's green.
    pub accent: Option<Accent>,
    /// Whom to ask.
    pub support: Option<Support>,
}

/// An image, read at the start.
#[derive(Clone)]
pub struct Logo {
    /// The file.
    pub bytes: Arc<[u8]>,
    /// Its media type, told from its first bytes.
    pub media_type: &'static str,
    /// Eight hexadecimal digits that change with the file.
    pub version: String,
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logo").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Whom to ask: a mail address or a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// As people read it: `help@example.com`, `help.example.com/login`.
    pub words: String,
    /// As a link has it: `mailto:…` or `https://…`.
    pub href: String,
}

impl Brand {
    /// Whom to ask, as part of a sentence.
    pub fn asks(&self) -> Option<&str> {
        self.support.as_ref().map(|support| support.words.as_str())
    }

    /// The colours by day and in the dark.
    pub fn palettes(&self) -> [Palette<'_>; 2] {
        let [light, dark] = [palette::LIGHT, palette::DARK];
        match &self.accent {
            None => [light, dark],
            Some(accent) => [accent.light.palette(light), accent.dark.palette(dark)],
        }
    }
}

/// All five. The name defaults to the host of `public_url`.
///
/// # Errors
/// Notes each that cannot be used, and an accent that cannot be read on the pages.
pub fn read(reader: &mut Reader, public_url: Result<&PublicUrl, Noted>) -> Result<Brand, Noted> {
    let name = read_name(reader, public_url);
    let logo = read_logo(reader);
    let accent = accent::read(reader);
    let support = read_support(reader);
    Ok(Brand { name: name?, logo: logo?, accent: accent?, support: support? })
}

fn read_name(reader: &mut Reader, public_url: Result<&PublicUrl, Noted>) -> Result<String, Noted> {
    let Some(name) = reader.text(settings::SITE_NAME) else {
        return public_url.map(|url| url.authority().to_owned());
    };
    if name.chars().count() > LONGEST_NAME {
        let fix = format!("shorten it to {LONGEST_NAME} characters: tabs and lists of mails show no more");
        return Err(reader.note(settings::SITE_NAME, "is too long", fix));
    }
    if name.chars().any(char::is_control) {
        return Err(reader.note(
            settings::SITE_NAME,
            "has a line break or another control character",
            "write one line",
        ));
    }
    Ok(name.to_owned())
}

fn read_logo(reader: &mut Reader) -> Result<Option<Logo>, Noted> {
    let Some(path) = reader.optional_path(settings::SITE_LOGO) else { return Ok(None) };
    let mut bytes = Vec::new();
    // A byte too many tells that it is too large, however large it is.
    let read = fs::File::open(&path).and_then(|file| file.take(LARGEST_LOGO + 1).read_to_end(&mut bytes));
    let problem = match (read, media_type(&bytes)) {
        (Err(error), _) => format!("names {}, which cannot be read ({error})", path.display()),
        (Ok(size), _) if size as u64 > LARGEST_LOGO => {
            format!("names {}, which is larger than {} kB", path.display(), LARGEST_LOGO / 1_000)
        }
        (Ok(_), None) => format!("names {}, which is neither SVG nor PNG", path.display()),
        (Ok(_), Some(media_type)) => {
            let version = Sha256::digest(&bytes)[..4].iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok(Some(Logo { bytes: bytes.into(), media_type, version }));
        }
    };
    let fix = format!("name an SVG or PNG file of at most {} kB", LARGEST_LOGO / 1_000);
    Err(reader.note(settings::SITE_LOGO, problem, fix))
}

/// The media type of an image by what is in it; a name says nothing that a browser would believe.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
    (text.starts_with('<') && text.contains("<svg")).then_some("image/svg+xml")
}

fn read_support(reader: &mut Reader) -> Result<Option<Support>, Noted> {
    let Some(text) = reader.text(settings::SUPPORT_ADDRESS) else { return Ok(None) };
    if let Ok(address) = EmailAddress::parse(text) {
        let local = utf8_percent_encode(address.local(), QUERY_VALUE);
        let href = format!("mailto:{local}@{}", address.domain());
        return Ok(Some(Support { words: address.to_string(), href }));
    }
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && url.username().is_empty() && url.password().is_none() => {
            let words = url.as_str().trim_start_matches("https://").trim_end_matches('/').to_owned();
            Ok(Some(Support { words, href: url.into() }))
        }
        _ => {
            let problem = format!("is `{text}`, which is neither a mail address nor an https URL");
            let fix = "write it like help@example.com or https://help.example.com";
            Err(reader.note(settings::SUPPORT_ADDRESS, problem, fix))
        }
    }
}
