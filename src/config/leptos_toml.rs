//! Leptos.toml: which of its entries are settings, and what must not stand there.

use std::{fs, io, path::Path};

use super::{
    mistakes::{Mistake, Mistakes},
    names,
    settings::{self, Place, Texts},
};

/// The file of an installation's policy. It is committed, so it holds no secret.
pub const LEPTOS_TOML: &str = "Leptos.toml";
/// The tables that hold settings.
const TABLES: [&str; 4] = ["package.metadata.leptos", "postern", "limits", "gateway"];

/// The settings in the Leptos.toml of `folder`, and what must not stand in it. No file is an empty one.
///
/// # Errors
/// If the file is there and cannot be read.
pub fn read(folder: &Path) -> Result<(Texts, Mistakes), Mistakes> {
    let unusable = |problem: String| Mistakes::from(Mistake::new(LEPTOS_TOML, problem, "correct the file"));
    let text = match fs::read_to_string(folder.join(LEPTOS_TOML)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unusable(format!("cannot be read ({error})"))),
    };
    let file = text
        .parse()
        .map_err(|error: toml::de::Error| unusable(format!("is not TOML ({})", error.message())))?;
    Ok(sort(&file))
}

/// Tells settings from what is none: a typing mistake would otherwise go unseen, and a secret would be committed.
fn sort(file: &toml::Table) -> (Texts, Mistakes) {
    let (mut texts, mut misplaced) = (Texts::new(), Mistakes::default());
    for (name, value) in file {
        if !TABLES.iter().any(|path| path.split('.').next() == Some(name)) || !value.is_table() {
            misplaced.add(
                name,
                "in Leptos.toml is not a table of Postern",
                "correct or remove it; the tables are [package.metadata.leptos], [postern], [limits] and [gateway]",
            );
        }
    }
    for path in TABLES {
        let table = path.split('.').try_fold(file, |table, name| table.get(name)?.as_table());
        for (key, value) in table.into_iter().flatten() {
            let place = Some((path, key.clone()));
            match settings::ALL.iter().find(|setting| setting.in_leptos_toml() == place) {
                Some(setting) => _ = texts.insert(setting.name.to_owned(), as_text(value)),
                None => refuse(path, key, &mut misplaced),
            }
        }
    }
    (texts, misplaced)
}

/// Notes a key that is no setting. A secret is named as one, and its owner told where it belongs.
fn refuse(table: &str, key: &str, misplaced: &mut Mistakes) {
    let name = key.to_uppercase();
    if settings::ALL.iter().any(|setting| setting.place == Place::Secret && setting.name == name) {
        misplaced.add(
            name,
            "stands in Leptos.toml, which is no place for a secret",
            "move it to .env or the environment",
        );
    } else {
        misplaced.add(
            key,
            format!("under [{table}] in Leptos.toml is not a setting of Postern"),
            names::advice_in(table, key),
        );
    }
}

/// The text of a value, as the environment would hold it.
fn as_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        // Lists and tables read like the JSON that the environment would hold.
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}
