//! Loads `/logout`.

use super::{Loaded, Visit};
use crate::{app::page::Page, flow::Error};

pub fn load(visit: &Visit<'_>) -> Result<Loaded, Error> {
    Ok(Loaded::Page(Page::Logout { email: visit.visitor.signed_in()?.email().to_string() }))
}
