//! How the client follows where a server function sends it, and where it puts the focus.

#[cfg(feature = "hydrate")]
use leptos::{prelude::window, server_fn::redirect::set_redirect_hook};

/// Makes a redirect from a server function navigate: with islands there is no router in the browser.
///
/// On /verify the entry in the history is replaced, so that the back button does not press a used link.
#[cfg(feature = "hydrate")]
pub fn follow_redirects_of_server_functions() {
    let hook = |to: &str| {
        let location = window().location();
        let _ = match location.pathname().as_deref() {
            Ok("/verify") => location.replace(to),
            _ => location.assign(to),
        };
    };
    // Refused only when a hook is set already, and this runs once.
    let _ = set_redirect_hook(hook);
}
