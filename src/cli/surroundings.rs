//! What a command finds around it: the configuration, read as `serve` reads it, and the database beside a running server.

use std::{future::Future, path::Path};

use super::{Failure, console};
use crate::{
    config::{Config, Mistake, Mistakes, Origin, Sources, settings},
    state::AppState,
};

/// The settings of this process as text: the files in the working directory, then the environment.
///
/// # Errors
/// If the working directory or a file in it cannot be read.
#[allow(clippy::disallowed_methods, reason = "this is the edge where folder and environment are looked up")]
pub fn sources() -> Result<Sources, Mistakes> {
    let folder = std::env::current_dir().map_err(|error| {
        let fix = "start Postern in the folder of its Leptos.toml and .env";
        Mistake::new("The working directory", format!("cannot be used ({error})"), fix)
    })?;
    // What is not UTF-8 is no setting.
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let sources = Sources::read(&folder, environment)?;
    if let Some(warning) = elsewhere(&sources, Path::new(OF_THE_PACKAGE)) {
        console::warn(&warning);
    }
    Ok(sources)
}

/// The configuration of a command. Unlike that of a server it makes nothing, such as the key of a development server.
///
/// # Errors
/// All that is wrong with it.
pub fn config() -> Result<Config, Mistakes> {
    Config::to_look_at(&sources()?)
}

/// Where the Debian package has its settings.
const OF_THE_PACKAGE: &str = "/etc/postern";

/// A warning for whoever stands in a folder without settings while those of a package are in another: what is said is about
/// a development server, and is the wrong answer to most questions.
fn elsewhere(sources: &Sources, of_the_package: &Path) -> Option<String> {
    let is_without = sources.files().iter().all(|file| !file.exists())
        && sources.place_of(settings::LEPTOS_ENV) == Origin::Default;
    let (here, there) = (sources.folder().display(), of_the_package.display());
    (is_without && sources.folder() != of_the_package && of_the_package.is_dir()).then(|| {
        format!(
            "There is no .env in {here}: this is about a development server. The settings of the package are in {there}: \
             cd {there}, and try again."
        )
    })
}

/// Runs `work` with the configuration and the database beside a running server, or without one: nothing is migrated, no mail
/// is claimed, and no other instance is judged. The flows take this state as they take a server's; it has no site.
///
/// # Errors
/// If the configuration is wrong, or the database is not there or was made for another version; and those of `work`.
pub fn beside<T, F>(work: impl FnOnce(AppState) -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let config = config()?;
    block_on(async {
        let state = AppState::open_beside(config).await?;
        let done = work(state.clone()).await;
        // Where no server runs, SQLite's log beside the file goes with the last connection.
        state.store.close().await;
        done
    })
}

/// Runs `work` on a small runtime of its own.
///
/// # Errors
/// Those of `work`; or if the system gives no runtime.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("no runtime can be started: {error}")))?;
    let done = runtime.block_on(work);
    // Dropping it would wait for threads: one that looks up a name may hang for minutes.
    runtime.shutdown_background();
    done
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn whoever_stands_in_a_folder_without_settings_is_told_where_those_of_the_package_are() {
        let (here, package) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let at = |folder: &TempDir| Sources::read(folder.path(), []).unwrap();
        let warning = elsewhere(&at(&here), package.path()).unwrap();
        assert!(warning.contains(&format!("cd {}", package.path().display())), "{warning}");
        assert_eq!(elsewhere(&at(&package), package.path()), None);
        assert_eq!(elsewhere(&at(&here), &package.path().join("not there")), None);
        let in_a_container = [("LEPTOS_ENV".to_owned(), "PROD".to_owned())];
        let in_a_container = Sources::read(here.path(), in_a_container).unwrap();
        assert_eq!(elsewhere(&in_a_container, package.path()), None);
        fs::write(here.path().join(".env"), "LEPTOS_ENV=PROD\n").unwrap();
        assert_eq!(elsewhere(&at(&here), package.path()), None);
    }
}
