//! The client's navigation away from a link that signs nobody in. That after a success is in app/scripts/islands.js.

use leptos::prelude::window;

use super::places::VERIFY;

/// Goes from a link to the page that says why it signs nobody in, as a plain form is sent there. The link leaves the
/// history; the page of another browser takes it along, to have it copied, and drops it from its address.
pub fn replace_by_refusal(name: &str) {
    let location = window().location();
    let link = location.search().ok().filter(|_| name == "other_browser");
    let _ = location.replace(&match link {
        Some(link) => format!("{}{link}&refusal={name}", VERIFY.path),
        None => format!("{}?refusal={name}", VERIFY.path),
    });
}
