//! The sources of settings: the environment, then .env, then Leptos.toml. Nothing else in this program reads them.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    leptos_toml,
    mistakes::{Mistake, Mistakes},
    names,
    settings::{self, Setting, Texts},
};

/// The environment file.
const DOTENV: &str = ".env";

/// The settings as text, and the folder that they belong to. Holds secrets: its `Debug` shows none.
#[derive(Clone)]
pub struct Sources {
    /// The working directory; relative paths in settings begin here.
    folder: PathBuf,
    environment: Texts,
    dotenv: Texts,
    leptos_toml: Texts,
    /// Names in .env that are no setting and look like one.
    mistyped: Vec<String>,
    /// Names in Leptos.toml that are no setting, or a secret.
    misplaced: Mistakes,
}

/// Where a value comes from, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody has set it.
    Default,
    /// Leptos.toml.
    LeptosToml,
    /// .env.
    Dotenv,
    /// The environment of the process.
    Environment,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::LeptosToml => leptos_toml::LEPTOS_TOML,
            Self::Dotenv => DOTENV,
            Self::Environment => "environment",
        })
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Sources {
    /// Reads .env and Leptos.toml in `folder`; `environment` wins over both. Of `environment` only the
    /// names of settings are kept.
    ///
    /// # Errors
    /// If a file is there and cannot be read, or .env has a name twice.
    pub fn read(
        folder: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Mistakes> {
        let environment = environment.into_iter().filter(|(name, _)| is_setting(name)).collect();
        Self::read_files(folder.to_owned(), environment)
    }

    /// Reads the files again; the environment of a process does not change.
    ///
    /// # Errors
    /// If a file is there and cannot be read, or .env has a name twice.
    pub fn reread(&self) -> Result<Self, Mistakes> {
        Self::read_files(self.folder.clone(), self.environment.clone())
    }

    fn read_files(folder: PathBuf, environment: Texts) -> Result<Self, Mistakes> {
        let (dotenv, leptos_toml) =
            Mistakes::both(read_dotenv(&folder.join(DOTENV)), leptos_toml::read(&folder))?;
        let (leptos_toml, misplaced) = leptos_toml;
        let is_mistyped = |name: &&String| !is_setting(name) && names::looks_like_ours(name);
        let mistyped = dotenv.keys().filter(is_mistyped).cloned().collect();
        Ok(Self { folder, environment, dotenv, leptos_toml, mistyped, misplaced })
    }

    /// The text of a setting, without white space around it, from the first source that has one. An empty text counts
    /// as unset.
    pub fn get(&self, setting: Setting) -> Option<&str> {
        [&self.environment, &self.dotenv, &self.leptos_toml]
            .into_iter()
            .filter_map(|texts| texts.get(setting.name))
            .map(|text| text.trim())
            .find(|text| !text.is_empty())
    }

    /// Where the text that [`Self::get`] gives stands.
    pub fn place_of(&self, setting: Setting) -> Origin {
        let is_set = |texts: &Texts| texts.get(setting.name).is_some_and(|text| !text.trim().is_empty());
        match () {
            () if is_set(&self.environment) => Origin::Environment,
            () if is_set(&self.dotenv) => Origin::Dotenv,
            () if is_set(&self.leptos_toml) => Origin::LeptosToml,
            () => Origin::Default,
        }
    }

    /// Names in .env that are no setting and look like one. Others may keep their own there.
    pub fn mistyped(&self) -> &[String] {
        &self.mistyped
    }

    /// The folder in which relative paths begin.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the text that [`Self::get`] gives stands in Leptos.toml, which is committed.
    pub fn is_committed(&self, setting: Setting) -> bool {
        let elsewhere = [&self.environment, &self.dotenv];
        let is_set = |texts: &&Texts| texts.get(setting.name).is_some_and(|text| !text.trim().is_empty());
        !elsewhere.iter().any(is_set)
    }

    /// What stands in Leptos.toml and must not.
    pub fn misplaced(&self) -> &Mistakes {
        &self.misplaced
    }

    /// A path as the settings mean it: relative ones begin in the folder of the settings.
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.join(path)
    }

    /// The environment file and Leptos.toml, there or not.
    pub fn files(&self) -> [PathBuf; 2] {
        [self.resolve(DOTENV), self.resolve(leptos_toml::LEPTOS_TOML)]
    }
}

fn is_setting(name: &str) -> bool {
    settings::ALL.iter().any(|setting| setting.name == name)
}

/// The names and texts in an environment file; none where there is no file.
///
/// # Errors
/// If the file cannot be read, or has a name twice.
fn read_dotenv(path: &Path) -> Result<Texts, Mistakes> {
    let unreadable = |error: dotenvy::Error| {
        // The error may quote the line, and the line may hold a secret.
        let (problem, fix) = match error {
            dotenvy::Error::LineParse(_, column) => (
                format!("has a line that cannot be read, at its character {column}"),
                "quote values that have spaces or quotes: NAME='value'",
            ),
            other => (
                format!("cannot be read ({other})"),
                "run Postern as the user that the file is for, or as root; and see who owns it, and its mode",
            ),
        };
        Mistakes::from(Mistake::new(DOTENV, problem, fix))
    };
    // This function only gives the lines; its siblings would write them into the environment of the process.
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(Texts::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let (mut texts, mut repeated) = (Texts::new(), Mistakes::default());
    for line in lines {
        let (name, text) = line.map_err(unreadable)?;
        if texts.insert(name.clone(), text).is_some() {
            // Which one counts would depend on who reads the file.
            repeated.add(name, "stands twice in .env", "remove one of the two lines");
        }
    }
    repeated.none_or(texts)
}
