//! ADMINS: who may open /admin.

use super::{
    reader::{Noted, Reader},
    settings,
};
use crate::domain::Allowlist;

/// The rules, written like those of CREDENTIALS; nobody without any.
///
/// # Errors
/// Notes every malformed entry.
pub fn read(reader: &mut Reader) -> Result<Allowlist, Noted> {
    let Some(json) = reader.text(settings::ADMINS) else { return Ok(Allowlist::default()) };
    let entries = serde_json::from_str::<Vec<String>>(json).map_err(|error| {
        let fix = r#"write it like ["alice@example.com"]"#;
        reader.note(settings::ADMINS, format!("is not a JSON list of strings ({error})"), fix)
    })?;
    Allowlist::parse(&entries).map_err(|malformed| {
        let problem = |entry| (format!("has a wrong entry: {entry}"), "correct or remove the entry");
        reader.note_all(settings::ADMINS, malformed.iter().map(problem))
    })
}
