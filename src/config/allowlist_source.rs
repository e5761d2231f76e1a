//! CREDENTIALS and CREDENTIALS_FILE: who may sign in.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    mistakes::Mistakes,
    sources::{DOTENV, Sources},
};
use crate::domain::Allowlist;

/// Where the allowlist comes from, and what it said when it was last read.
#[derive(Clone, Debug)]
pub struct AllowlistSource {
    pub allowlist: Allowlist,
    file: Option<PathBuf>,
    sources: Sources,
    prod: bool,
}

impl AllowlistSource {
    /// The files that the allowlist depends on, there or not.
    pub fn files(&self) -> Vec<PathBuf> {
        let dotenv = Some(PathBuf::from(DOTENV));
        dotenv.into_iter().chain(self.file.clone()).collect()
    }

    /// Reads the environment file and CREDENTIALS_FILE again.
    ///
    /// # Errors
    /// All that is wrong; the caller keeps what it has.
    pub fn reread(&self) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::default();
        let credentials = read(&self.sources.reread()?, self.prod, &mut mistakes);
        mistakes.none_or(credentials)
    }
}

pub fn read(sources: &Sources, prod: bool, m: &mut Mistakes) -> AllowlistSource {
    let file = sources.get("CREDENTIALS_FILE").map(PathBuf::from);
    let mut entries: Vec<String> = Vec::new();
    match sources.get("CREDENTIALS") {
        Some(json) => match serde_json::from_str::<Vec<String>>(json) {
            Ok(listed) => entries = listed,
            Err(error) => m.add(
                "CREDENTIALS",
                format!("is not a JSON list of strings ({error})"),
                r#"write it like ["alice@example.com", "@example.org"]"#,
            ),
        },
        None if file.is_none() && prod => m.add(
            "CREDENTIALS",
            "is not set, so nobody could sign in",
            r#"list who may, like ["alice@example.com", "@example.org"], or name a file with CREDENTIALS_FILE"#,
        ),
        None if file.is_none() => entries.push("@example.com".into()),
        None => {}
    }
    if let Some(path) = &file {
        match read_lines(path) {
            Ok(lines) => entries.extend(lines),
            Err(error) => m.add(
                "CREDENTIALS_FILE",
                format!("names {}, which cannot be read ({error})", path.display()),
                "name a readable text file with one entry a line",
            ),
        }
    }
    let allowlist = Allowlist::parse(&entries).unwrap_or_else(|malformed| {
        for entry in malformed {
            m.add("CREDENTIALS", format!("has a wrong entry: {entry}"), "correct or remove the entry");
        }
        Allowlist::default()
    });
    AllowlistSource { allowlist, file, sources: sources.clone(), prod }
}

/// The entries of a CREDENTIALS_FILE: one a line, `#` starts a comment.
fn read_lines(path: &Path) -> io::Result<Vec<String>> {
    let text = fs::read_to_string(path)?;
    let entries = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    Ok(entries.filter(|entry| !entry.is_empty()).map(str::to_owned).collect())
}
