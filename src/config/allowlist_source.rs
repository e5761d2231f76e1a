//! CREDENTIALS and CREDENTIALS_FILE: the two settings that say who may sign in.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    reader::{Noted, Reader},
    settings::{self, Setting},
};
use crate::domain::{Allowlist, MalformedEntry};

/// The allowlist as it was read, and the file that a part of it stands in.
#[derive(Clone, Debug)]
pub struct AllowlistSource {
    /// The rules of both settings together.
    pub allowlist: Arc<Allowlist>,
    /// The path in CREDENTIALS_FILE. While a process runs another path is read, but watched only after a restart.
    pub file: Option<PathBuf>,
}

/// The allowlist of both settings together: what one of them denies, the other cannot allow. An empty list is valid and
/// lets nobody in.
///
/// # Errors
/// Notes every malformed entry, a file that cannot be read, and that neither setting has a value.
pub fn read(reader: &mut Reader) -> Result<AllowlistSource, Noted> {
    let file = reader.optional_path(settings::CREDENTIALS_FILE);
    let listed = read_list(reader, file.is_some());
    let filed = file.as_deref().map_or_else(|| Ok(Allowlist::default()), |path| read_file(reader, path));
    Ok(AllowlistSource { allowlist: Arc::new(listed?.union(filed?)), file })
}

/// CREDENTIALS. Where a file is named it may be left out, and its default does not count.
fn read_list(reader: &mut Reader, has_file: bool) -> Result<Allowlist, Noted> {
    let json = match reader.written(settings::CREDENTIALS) {
        None if has_file => return Ok(Allowlist::default()),
        _ => reader.text(settings::CREDENTIALS),
    };
    let Some(json) = json else {
        return Err(reader.note(
            settings::CREDENTIALS,
            "is not set, so nobody could sign in",
            r#"list who may, like ["alice@example.com", "@example.org"], or name a file with CREDENTIALS_FILE"#,
        ));
    };
    match serde_json::from_str::<Vec<String>>(json) {
        Ok(entries) => Allowlist::parse(&entries).map_err(|malformed| {
            note_first(reader, settings::CREDENTIALS, &malformed, |_| "has a wrong entry".to_owned())
        }),
        Err(error) => Err(reader.note(
            settings::CREDENTIALS,
            format!("is not a JSON list of strings ({error})"),
            r#"write it like ["alice@example.com", "@example.org"]"#,
        )),
    }
}

/// CREDENTIALS_FILE: one entry a line, `#` starts a comment.
fn read_file(reader: &mut Reader, path: &Path) -> Result<Allowlist, Noted> {
    let text = fs::read_to_string(path).map_err(|error| {
        reader.note(
            settings::CREDENTIALS_FILE,
            format!("names {}, which cannot be read ({error})", path.display()),
            "name a readable text file with one entry a line",
        )
    })?;
    // A comment may follow an entry. An address with a `#` before its `@` has to stand in CREDENTIALS.
    let entries = || {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        lines.enumerate().filter(|(_, entry)| !entry.is_empty())
    };
    Allowlist::parse(entries().map(|(_, entry)| entry)).map_err(|malformed| {
        let line = |at| entries().nth(at).map_or(0, |(line, _)| line + 1);
        let place = |at| format!("has in line {} a wrong entry", line(at));
        note_first(reader, settings::CREDENTIALS_FILE, &malformed, place)
    })
}

/// Notes the first ten of `malformed` entries, each with the place where it stands, and how many more there are: a file that
/// is no list at all has a mistake in every line.
fn note_first(
    reader: &mut Reader,
    setting: Setting,
    malformed: &[MalformedEntry],
    place: impl Fn(usize) -> String,
) -> Noted {
    const SHOWN: usize = 10;
    let first = malformed.iter().take(SHOWN);
    let mut noted = reader.note_all(
        setting,
        first.map(|entry| (format!("{}: {entry}", place(entry.at)), "correct or remove the entry")),
    );
    if malformed.len() > SHOWN {
        let problem = format!("has {} more wrong entries", malformed.len() - SHOWN);
        noted = reader.note(setting, problem, "see whether it is the right file");
    }
    noted
}
