//! The allowlist in use: who may sign in right now.

use std::{
    fs, io,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use crate::domain::Allowlist;

/// The entries of a CREDENTIALS_FILE: one a line, `#` starts a comment.
///
/// # Errors
/// If the file cannot be read as UTF-8 text.
pub fn read_file(path: &Path) -> io::Result<Vec<String>> {
    let text = fs::read_to_string(path)?;
    let entries = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    Ok(entries.filter(|entry| !entry.is_empty()).map(str::to_owned).collect())
}

/// An allowlist that can be replaced while requests read it.
#[derive(Debug)]
pub struct CurrentAllowlist(RwLock<Arc<Allowlist>>);

impl CurrentAllowlist {
    pub fn new(allowlist: Allowlist) -> Self {
        Self(RwLock::new(Arc::new(allowlist)))
    }

    pub fn get(&self) -> Arc<Allowlist> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn replace(&self, allowlist: Allowlist) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(allowlist);
    }
}
