//! The built site: the names of its script, its program and its style sheet, worked out once at the start.
//!
//! A release build puts a hash of the content into each name, and lists the hashes in a file beside the binary. Leptos'
//! own components read that file at every render, and draw a page without scripts and styles where it is missing.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use leptos::config::LeptosOptions;

/// What a page loads, each as the path in its URL, such as `/pkg/postern.Ab3dEf.css`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The style sheet.
    pub css: String,
    /// The module that starts the client.
    pub js: String,
    /// The client, which that module instantiates.
    pub wasm: String,
}

/// Why the built site cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    #[error(
        "the list of the built files, {}, cannot be read: {source}. Run `cargo leptos build --release --precompress` \
         and keep its hash.txt beside the binary.",
        path.display()
    )]
    List { path: PathBuf, source: io::Error },
    #[error(
        "the list of the built files, {}, has no line for `{kind}`. Run `cargo leptos build --release --precompress`.",
        path.display()
    )]
    Incomplete { path: PathBuf, kind: &'static str },
    #[error(
        "the built file {} cannot be read: {source}. Run `cargo leptos build --release --precompress` and keep \
         binary, hash.txt and site together; LEPTOS_SITE_ROOT names the folder of the site.",
        path.display()
    )]
    File { path: PathBuf, source: io::Error },
}

impl Site {
    /// Works out the names that `options` and the build give, and opens each file once: a binary, a list and a folder that
    /// come from different builds are found here and not by a visitor.
    ///
    /// # Errors
    /// If the list of hashes or one of the files is missing or cannot be read.
    pub fn find(options: &LeptosOptions) -> Result<Self, SiteError> {
        let hashes = if options.hash_files { Some(read_hashes(options)?) } else { None };
        let file = |kind: &'static str| {
            let name = match &hashes {
                Some((path, hashes)) => {
                    let hash = hash_of(hashes, kind)
                        .ok_or_else(|| SiteError::Incomplete { path: path.clone(), kind })?;
                    format!("{}.{hash}.{kind}", options.output_name)
                }
                None => format!("{}.{kind}", options.output_name),
            };
            let path = Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref()).join(&name);
            match fs::File::open(&path) {
                Ok(_) => Ok(format!("/{}/{name}", options.site_pkg_dir)),
                Err(source) => Err(SiteError::File { path, source }),
            }
        };
        Ok(Self { css: file("css")?, js: file("js")?, wasm: file("wasm")? })
    }
}

/// The list of hashes that the build has left beside the binary, and where it lies.
fn read_hashes(options: &LeptosOptions) -> Result<(PathBuf, String), SiteError> {
    let path = Path::new(options.hash_file.as_ref());
    let beside = std::env::current_exe().map(|binary| binary.with_file_name(path));
    let path = beside.unwrap_or_else(|_| path.to_owned());
    match fs::read_to_string(&path) {
        Ok(hashes) => Ok((path, hashes)),
        Err(source) => Err(SiteError::List { path, source }),
    }
}

/// The hash in the line `kind: hash`.
fn hash_of<'a>(hashes: &'a str, kind: &str) -> Option<&'a str> {
    let mut lines = hashes.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(of, hash)| of.trim() == kind && !hash.trim().is_empty()).map(|(_, hash)| hash.trim())
}
