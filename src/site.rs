//! The built site: the names of its script, its program and its style sheet, and where its files are.
//!
//! A release build of cargo-leptos carries them ([`EMBEDDED`], which build/site.rs writes). Otherwise, and where
//! LEPTOS_SITE_ROOT names a folder, they are read from the disk. There a release build has put a hash of the content into
//! each name, and lists the hashes in a file beside the binary. All names are worked out once at the start: Leptos' own
//! components read that file at every render, and draw a page without scripts and styles where it is missing.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use leptos::config::LeptosOptions;

/// The site that this binary carries.
pub const EMBEDDED: Option<Embedded> = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// What a page loads, each as the path in its URL, such as `/pkg/postern.Ab3dEf.css`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The style sheet.
    pub css: String,
    /// The module that starts the client.
    pub js: String,
    /// The client, which that module instantiates.
    pub wasm: String,
    /// Where these and the other files are.
    pub files: Files,
}

/// Where the files of a site are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// In this folder, read at each request: they may change meanwhile.
    Folder(PathBuf),
    /// In this binary.
    Embedded(&'static [File]),
}

/// A site in a binary; the names are those of [`Site`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embedded {
    pub css: &'static str,
    pub js: &'static str,
    pub wasm: &'static str,
    pub files: &'static [File],
}

/// A file in a binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// The path in its URL.
    pub path: &'static str,
    /// Its Content-Type.
    pub media_type: &'static str,
    /// What may be sent of it, the smallest first; the last one is the file as it is.
    pub forms: &'static [Form],
}

/// A file in one coding (RFC 9110, section 8.4: one representation of it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// How it is compressed; `None` if it is not.
    pub coding: Option<Coding>,
    /// Its entity tag, in quotes.
    pub etag: &'static str,
    pub bytes: &'static [u8],
}

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 7932.
    Brotli,
    /// RFC 1952.
    Gzip,
}

/// Why the built site cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    #[error(
        "the list of the built files, {}, cannot be read: {source}. A binary of `cargo leptos build --release` needs \
         none; with LEPTOS_SITE_ROOT, keep the hash.txt of that build beside the binary.",
        path.display()
    )]
    List { path: PathBuf, source: io::Error },
    #[error(
        "the list of the built files, {}, has no line for `{kind}`. Run `cargo leptos build --release`.",
        path.display()
    )]
    Incomplete { path: PathBuf, kind: &'static str },
    #[error(
        "the built file {} cannot be read: {source}. A binary of `cargo leptos build --release` carries its site; with \
         LEPTOS_SITE_ROOT, keep binary, hash.txt and that folder of one build.",
        path.display()
    )]
    File { path: PathBuf, source: io::Error },
}

impl Site {
    /// The site of a process that serves none.
    pub fn none() -> Self {
        Self { css: String::new(), js: String::new(), wasm: String::new(), files: Files::Embedded(&[]) }
    }

    /// The site to serve: the folder of `options` where the operator has named one (`is_named`), else the site in the
    /// binary, else that folder all the same.
    ///
    /// # Errors
    /// As [`Self::in_folder`].
    pub fn find(options: &LeptosOptions, is_named: bool) -> Result<Self, SiteError> {
        match EMBEDDED {
            Some(embedded) if !is_named => Ok(embedded.into()),
            _ => Self::in_folder(options),
        }
    }

    /// Works out the names that `options` and the build give, and opens each file once: a binary, a list and a folder that
    /// come from different builds are found here and not by a visitor.
    ///
    /// # Errors
    /// If the list of hashes or one of the files is missing or cannot be read.
    pub fn in_folder(options: &LeptosOptions) -> Result<Self, SiteError> {
        let hashes = if options.hash_files { Some(read_hashes(options)?) } else { None };
        let root = Path::new(options.site_root.as_ref());
        let file = |kind: &'static str| {
            let name = match &hashes {
                Some((path, hashes)) => {
                    let hash = hash_of(hashes, kind)
                        .ok_or_else(|| SiteError::Incomplete { path: path.clone(), kind })?;
                    format!("{}.{hash}.{kind}", options.output_name)
                }
                None => format!("{}.{kind}", options.output_name),
            };
            let path = root.join(options.site_pkg_dir.as_ref()).join(&name);
            match fs::File::open(&path) {
                Ok(_) => Ok(format!("/{}/{name}", options.site_pkg_dir)),
                Err(source) => Err(SiteError::File { path, source }),
            }
        };
        let (css, js, wasm) = (file("css")?, file("js")?, file("wasm")?);
        Ok(Self { css, js, wasm, files: Files::Folder(root.to_owned()) })
    }

    /// The path of the folder of scripts and styles, such as `/pkg`.
    pub fn pkg(&self) -> &str {
        self.css.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl From<Embedded> for Site {
    fn from(Embedded { css, js, wasm, files }: Embedded) -> Self {
        Self { css: css.into(), js: js.into(), wasm: wasm.into(), files: Files::Embedded(files) }
    }
}

impl Coding {
    /// Its name in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
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
