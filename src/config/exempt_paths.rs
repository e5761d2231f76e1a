//! EXEMPT_PATHS: paths that need no session, besides Postern's own.

use super::{
    reader::{Noted, Reader},
    settings,
};
use crate::domain::plain_path::covers;

/// The server functions. Each says where it is defined who may call it, and no setting overrides that.
const SERVER_FUNCTIONS: &str = "/api";

/// A list with commas of paths, each of which covers itself and all below it, by whole segments.
///
/// # Errors
/// Notes every path that is not plain, and every one that would open a server function.
pub fn read(reader: &mut Reader) -> Result<Vec<String>, Noted> {
    let fix = "write plain paths in whole segments, like /public,/status/health";
    reader.list(settings::EXEMPT_PATHS, fix, |path| judge(path).map(|()| path.to_owned()))
}

/// What speaks against `path`, as the end of a sentence that begins with "which".
fn judge(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') {
        return Err("does not begin with a slash");
    }
    if path.contains("//") {
        return Err("has two slashes in a row");
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("has a segment of dots");
    }
    // Requests are compared as they are written, and other characters are never written plainly (RFC 3986).
    if !path.chars().all(|c| c.is_ascii_graphic() && !"?#*%\\\"<>`{}".contains(c)) {
        return Err("has a character that no plain path has (a space, ?, #, *, %, \\ and the like)");
    }
    // Above and below: `/` would open all of them, `/api/whoami` one.
    let bare = path.trim_end_matches('/');
    if covers(bare, SERVER_FUNCTIONS) || covers(SERVER_FUNCTIONS, bare) {
        return Err("would open server functions: they say for themselves who may call them");
    }
    Ok(())
}
