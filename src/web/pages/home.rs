//! Loads `/`.

use super::{Loaded, Visit};
use crate::{app::page::Page, flow::Error};

/// The page of the person who is signed in.
///
/// # Errors
/// `SignedOut` if nobody is, whom the guard has turned away before.
pub fn load(visit: &Visit<'_>) -> Result<Loaded, Error> {
    Ok(Loaded::Page(Page::Home { email: visit.visitor.signed_in()?.email().to_string() }))
}
