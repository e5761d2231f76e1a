//! LANGUAGES: which languages are offered.

use super::{
    reader::{Noted, Reader},
    settings,
};
use crate::words::{Words, choice::Offered};

/// A list with commas of language tags, the first one for whoever reads none of them; empty for all that there are.
///
/// # Errors
/// Notes every language without a file.
pub fn read(reader: &mut Reader) -> Result<Offered, Noted> {
    let known: Vec<_> = Words::all().map(Words::lang).collect();
    let fix = format!("choose from {}, or add the file to languages/ and build again", known.join(", "));
    let languages =
        reader.list(settings::LANGUAGES, &fix, |code| Words::of(code).ok_or("has no file in languages/"));
    languages.map(|languages| Offered::new(&languages))
}
