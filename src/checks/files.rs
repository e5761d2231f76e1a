//! Files and folders: who owns them, and who else may read or change them.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::Findings;
use crate::{
    config::{Config, DatabaseUrl, MailBackend},
    store::probe::sqlite_files,
};

const ABOUT: &str = "files";

/// A file or folder that Postern reads or writes.
struct Place {
    path: PathBuf,
    /// Mode bits that nobody should have there.
    too_open: u32,
    /// The mode that it should have.
    proper: &'static str,
}

/// Others may neither read nor write, the group may read.
const SECRET: (u32, &str) = (0o027, "640");
/// Only the owner.
const PRIVATE: (u32, &str) = (0o077, "600");
/// Everybody may read.
const PUBLIC: (u32, &str) = (0o022, "644");
/// A folder of the owner, and of a group that may look.
const FOLDER: (u32, &str) = (0o027, "750");
/// A folder in which everybody may look.
const OPEN_FOLDER: (u32, &str) = (0o022, "755");

/// Looks at every file that is there; one that is missing and must not be is somebody else's finding.
pub fn check(config: &Config, findings: &mut Findings) {
    for place in places(config) {
        match fs::metadata(&place.path) {
            Ok(metadata) => judge(&place, &metadata, findings),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => findings.trouble(
                ABOUT,
                format!("{} cannot be looked at ({error})", place.path.display()),
                "run the check as the user of the server, and see who owns its folder",
            ),
        }
    }
    owners(config, findings);
}

fn places(config: &Config) -> Vec<Place> {
    let (sources, mut places) = (config.sources(), Vec::new());
    let mut add = |path: PathBuf, (too_open, proper)| places.push(Place { path, too_open, proper });
    let [dotenv, leptos_toml] = sources.files();
    // Whoever tries it out has no secret in there.
    add(dotenv, if config.is_production() { SECRET } else { PUBLIC });
    add(leptos_toml, PUBLIC);
    if !config.is_production() {
        add(sources.resolve("data/secret_key"), PRIVATE);
    }
    if let Some(file) = &config.credentials.file {
        add(file.clone(), PUBLIC);
    }
    if let MailBackend::File(folder) = &config.mail.backend {
        add(folder.clone(), FOLDER);
    }
    if let MailBackend::Smtp(smtp) = &config.mail.backend {
        let servers = [Some(&smtp.first), smtp.fallback.as_ref()].into_iter().flatten();
        servers.filter_map(|server| server.ca_file.clone()).for_each(|authority| add(authority, PUBLIC));
    }
    if let Some((folder, files)) = database(config) {
        // The working directory has other files too, each with a mode of its own.
        let is_shared = folder == sources.folder();
        add(folder, if is_shared { OPEN_FOLDER } else { FOLDER });
        files.into_iter().for_each(|file| add(file, SECRET));
    }
    places
}

/// The folder of an SQLite file, and what lies in it of the database.
fn database(config: &Config) -> Option<(PathBuf, Vec<PathBuf>)> {
    let DatabaseUrl::Sqlite(url) = &config.database_url else { return None };
    let files = sqlite_files(url).ok()?;
    let folder = files.first()?.parent()?.to_owned();
    Some((folder, files))
}

fn judge(place: &Place, metadata: &fs::Metadata, findings: &mut Findings) {
    let (path, mode) = (place.path.display(), metadata.mode() & 0o7777);
    let words = format!("{path} belongs to {}, mode {mode:04o}", owner(metadata));
    let open = mode & place.too_open;
    if open == 0 {
        return findings.well(ABOUT, words);
    }
    let who = if open & 0o007 == 0 { "its group" } else { "everybody on this machine" };
    let what = match (open & 0o022 != 0, metadata.is_dir()) {
        (true, _) => "change it",
        (false, true) => "look into it",
        (false, false) => "read it",
    };
    let fix = format!("chmod {} {path}", place.proper);
    findings.trouble(ABOUT, format!("{words}: {who} may {what}"), fix);
}

/// Whether the database belongs to whom its folder belongs: a copy that root has made cannot be written by the server.
fn owners(config: &Config, findings: &mut Findings) {
    let Some((folder, files)) = database(config) else { return };
    let Ok(of_folder) = fs::metadata(&folder) else { return };
    for file in files {
        let Ok(of_file) = fs::metadata(&file) else { continue };
        if of_file.uid() != of_folder.uid() && folder != config.sources().folder() {
            let (file, folder) = (file.display(), folder.display());
            findings.trouble(
                ABOUT,
                format!("{file} belongs to {}, its folder to {}", owner(&of_file), owner(&of_folder)),
                format!("chown --reference={folder} {file}"),
            );
        }
    }
}

/// The name of the owner, or the number where the system's own list has no name for it.
fn owner(metadata: &fs::Metadata) -> String {
    let number = metadata.uid().to_string();
    let users = fs::read_to_string(Path::new("/etc/passwd")).unwrap_or_default();
    let mut users = users.lines().map(|line| line.split(':'));
    users
        .find_map(|mut fields| {
            let name = fields.next()?;
            (fields.nth(1)? == number).then(|| name.to_owned())
        })
        .unwrap_or(number)
}
