//! Loads `/logout`.

use super::{Loaded, Visit};
use crate::{app::page::Page, flow::Error};

/// Asks before signing out: a GET that did it could be sent by any link or prefetch.
///
/// # Errors
/// `SignedOut` if nobody is signed in, which the guard lets happen only where EXEMPT_PATHS opens the page.
pub fn load(visit: &Visit<'_>) -> Result<Loaded, Error> {
    Ok(Loaded::Page(Page::Logout { email: visit.visitor.signed_in()?.email().to_string() }))
}
