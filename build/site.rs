//! Compiles the built site into the server: the table that `src/site.rs` includes, with each file as it is and in the
//! forms that are smaller.
//!
//! cargo-leptos builds the client, gives the names of its files their hashes and builds the server last, so a folder that
//! is read here belongs to the server that carries it.

use std::{
    fmt::Write as _,
    fs,
    hash::{DefaultHasher, Hasher},
    io::{self, Write as _},
    path::Path,
};

/// The media types, by the ending of the name: those with which the same files are served from a folder.
const MEDIA_TYPES: [(&str, &str); 7] = [
    ("css", "text/css"),
    ("ico", "image/x-icon"),
    ("js", "text/javascript"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain"),
    ("wasm", "application/wasm"),
];
/// What no page loads: types for compilers, and the compressed files of `--precompress`, which are made here.
const LEFT_OUT: [&str; 3] = ["ts", "br", "gz"];

/// A site that cargo-leptos has built.
pub struct Built<'a> {
    /// Its folder.
    pub root: &'a Path,
    /// The folder of scripts and styles inside it, such as `pkg`.
    pub pkg: &'a str,
    /// How their names begin, such as `postern`.
    pub name: &'a str,
}

/// Writes the forms of each file into the folder `site` in `out`, and gives the table of them: an expression of Rust, for
/// a file in `out`.
///
/// # Errors
/// If the folder cannot be read, has a file of an unknown kind, or lacks what a page loads.
pub fn embed(built: &Built<'_>, out: &Path) -> Result<String, String> {
    let mut files = Vec::new();
    find(built.root, "", &mut files).map_err(|error| format!("{}: {error}", built.root.display()))?;
    files.sort();
    let forms = out.join("site");
    // What an earlier build has left there.
    let _ = fs::remove_dir_all(&forms);
    let written = fs::create_dir_all(&forms).and_then(|()| {
        files.iter().enumerate().map(|(number, (path, bytes))| write(number, path, bytes, out)).collect()
    });
    let table: String = written.map_err(|error| error.to_string())?;
    let names = ["css", "js", "wasm"].map(|kind| name(built, kind, &files));
    let [css, js, wasm] = names;
    let (css, js, wasm) = (css?, js?, wasm?);
    Ok(format!("Some(Embedded {{ css: {css:?}, js: {js:?}, wasm: {wasm:?}, files: &[\n{table}] }})\n"))
}

/// Adds the files below `folder`, by their paths in a URL; that of the folder is `path`.
fn find(folder: &Path, path: &str, files: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| io::Error::other("a name is not UTF-8"))?;
        let path = format!("{path}/{name}");
        if entry.file_type()?.is_dir() {
            find(&entry.path(), &path, files)?;
        } else if !LEFT_OUT.contains(&ending(&name)) {
            if media_type(&name).is_none() {
                return Err(io::Error::other(format!("{path} has no media type in build/site.rs")));
            }
            files.push((path, fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// The one file of that kind whose name has a hash: `/pkg/postern.Ab3dEf.css`.
fn name<'a>(built: &Built<'_>, kind: &str, files: &'a [(String, Vec<u8>)]) -> Result<&'a str, String> {
    let (start, end) = (format!("/{}/{}.", built.pkg, built.name), format!(".{kind}"));
    let has_hash = |path: &str| {
        let hash = path.strip_prefix(&start).and_then(|rest| rest.strip_suffix(&end));
        hash.is_some_and(|hash| !hash.is_empty() && !hash.contains(['.', '/']))
    };
    let mut found = files.iter().map(|(path, _)| path.as_str()).filter(|path| has_hash(path));
    match (found.next(), found.next()) {
        (Some(path), None) => Ok(path),
        (None, _) => Err(format!("{} has no {start}…{end}", built.root.display())),
        (Some(_), Some(_)) => Err(format!("{} has several {start}…{end}", built.root.display())),
    }
}

/// Writes the forms of a file, the smallest first and itself last, and gives its row in the table.
fn write(number: usize, path: &str, bytes: &[u8], out: &Path) -> io::Result<String> {
    let mut row = format!(
        "    File {{ path: {path:?}, media_type: {:?}, forms: &[\n",
        media_type(path).unwrap_or_default()
    );
    // It changes whenever a byte does, which is all that an entity tag is asked for (RFC 9110, section 8.8.3).
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    let tag = hasher.finish();
    let compressed =
        [("Some(Coding::Brotli)", "br", brotli(bytes)?), ("Some(Coding::Gzip)", "gz", gzip(bytes)?)];
    let mut smaller: Vec<_> =
        compressed.into_iter().filter(|(_, _, form)| form.len() < bytes.len()).collect();
    smaller.sort_by_key(|(_, _, form)| form.len());
    smaller.push(("None", "plain", bytes.to_owned()));
    for (coding, ending, form) in smaller {
        let name = format!("site/{number}.{ending}");
        fs::write(out.join(&name), form)?;
        let etag = format!("\"{tag:016x}-{ending}\"");
        let _ = writeln!(
            row,
            "        Form {{ coding: {coding}, etag: {etag:?}, bytes: include_bytes!({name:?}) }},"
        );
    }
    Ok(row + "    ] },\n")
}

fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn media_type(name: &str) -> Option<&'static str> {
    MEDIA_TYPES.iter().find(|(known, _)| *known == ending(name)).map(|(_, media_type)| *media_type)
}

fn brotli(mut bytes: &[u8]) -> io::Result<Vec<u8>> {
    let most = brotli::enc::BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut compressed, &most)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
