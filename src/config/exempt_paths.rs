//! EXEMPT_PATHS: paths that need no session, besides Postern's own.

use super::{
    reader::{Noted, Reader},
    settings,
};

/// A list with commas of paths, each of which covers itself and all below it, by whole segments.
pub fn read(reader: &mut Reader) -> Result<Vec<String>, Noted> {
    let fix = "write whole path segments, like /public,/api/health";
    reader.list(settings::EXEMPT_PATHS, fix, |path| judge(path).map(|()| path.to_owned()))
}

/// What speaks against `path`, as the end of a sentence that begins with "which".
fn judge(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') || path == "/" || path.contains("//") || path.contains(['?', '#', '*', '%']) {
        return Err("is not a path below /");
    }
    Ok(())
}
