//! The client's navigation: following where a server function sends it, and coming back.

use leptos::{
    ev::pageshow,
    prelude::{window, window_event_listener},
    server_fn::redirect::set_redirect_hook,
};

use super::places::VERIFY;

/// Makes a redirect from a server function navigate: with islands there is no router in the browser.
///
/// On /verify the entry in the history is replaced, so that the back button does not press a used link.
pub fn follow_redirects_of_server_functions() {
    let hook = |to: &str| {
        let location = window().location();
        let _ = match location.pathname().as_deref() {
            Ok(path) if path == VERIFY.path => location.replace(to),
            _ => location.assign(to),
        };
    };
    // Refused only when a hook is set already, and this runs once.
    let _ = set_redirect_hook(hook);
}

/// Loads a page anew that the back button took from the browser's memory: its forms would still be busy.
pub fn reload_what_comes_back() {
    let _ = window_event_listener(pageshow, |event| {
        if event.persisted() {
            let _ = window().location().reload();
        }
    });
}

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
