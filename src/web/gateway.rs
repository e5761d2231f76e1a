//! The gateway, as proxies and visitors of other apps meet it.
//!
//! [`check`] answers the proxy before each request of an app. [`hand_over`] is what Postern has on the host of each app,
//! below `/.postern`. [`enter`] stands between the two, on Postern's own host. `docs/gateway/` has the proxies' side.

pub mod check;
pub mod enter;
pub mod hand_over;
mod page;

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    config::Config,
    domain::Origin,
    session::{AppCookie, cookie},
};

/// How the paths begin that are Postern's own on the hosts of apps.
pub const OWN: &str = "/.postern/";
/// Where a browser sets out: `?next=`, path and query in URL-safe base64.
const START: &str = "/.postern/start";
/// Where it comes back with its ticket.
const FINISH: &str = "/.postern/finish";
/// Where a person signs out, of Postern and all apps of this browser.
const SIGN_OUT: &str = "/.postern/sign-out";
/// What nginx shows for a 403 of the check.
const DENIED: &str = "/.postern/denied";
/// The style sheet of the pages here.
const STYLE: &str = "/.postern/style.css";
/// Their icon.
const ICON: &str = "/.postern/icon.svg";

/// Bytes of path and query that are carried along; whoever wanted more lands on the start page of the app.
const LONGEST_NEXT: usize = 4_200;

/// The names of the cookies on the host of an app: `__Host-` binds them to it, under https.
struct Names {
    /// The session of the app.
    app: &'static str,
    /// The nonce of an attempt; what the attempt is known by follows.
    attempt: &'static str,
}

fn names(origin: &Origin) -> Names {
    if origin.is_https() {
        Names { app: "__Host-postern-app", attempt: "__Host-postern-try-" }
    } else {
        Names { app: "postern-app", attempt: "postern-try-" }
    }
}

/// The cookie that opens the app at `origin`.
fn app_cookie<'h>(config: &Config, headers: &'h HeaderMap, origin: &Origin) -> Option<AppCookie<'h>> {
    if is_own(config, origin) {
        cookie::value(headers, cookie::name(config)).map(AppCookie::Own)
    } else {
        cookie::value(headers, names(origin).app).map(AppCookie::App)
    }
}

/// Whether an app stands on Postern's own host, beside it, for people who have a single name.
fn is_own(config: &Config, origin: &Origin) -> bool {
    origin.as_str() == config.public_url.origin()
}

/// Path and query in URL-safe base64: no proxy and no form on the way reads or changes them.
fn carried(target: &[u8]) -> String {
    encoded(if target.len() > LONGEST_NEXT { b"/" } else { target })
}

/// Bytes in URL-safe base64.
fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What [`carried`] was made of, if a browser that is led there stays on the host; `/` otherwise.
fn carried_back(next: Option<&str>) -> Vec<u8> {
    let next = next.and_then(|next| URL_SAFE_NO_PAD.decode(next).ok());
    next.filter(|next| stays_here(next)).unwrap_or_else(|| b"/".to_vec())
}

/// Whether every browser takes `target` for a path of the host it is on, and no header is broken by it.
fn stays_here(target: &[u8]) -> bool {
    // A second slash or a backslash would begin the name of another host (WHATWG URL Standard, section 4.4).
    target.len() <= LONGEST_NEXT
        && target.first() == Some(&b'/')
        && !matches!(target.get(1), Some(b'/' | b'\\'))
        && target.iter().all(|byte| *byte > b' ' && *byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_come_back_byte_for_byte() {
        let long = format!("/{}", "%C3%A4".repeat(680));
        for target in [
            "/",
            "/a?b=c%2F&d=%252f",
            "/wiki/%E4%BD%A0",
            "/ä?ö=ü",
            "/a//b/../c;d",
            "/x?next=https://y",
            &long,
        ] {
            assert_eq!(carried_back(Some(&carried(target.as_bytes()))), target.as_bytes(), "{target}");
        }
    }

    #[test]
    fn what_leads_elsewhere_leads_to_the_start() {
        for target in [
            "//evil.test",
            "/\\evil.test",
            "https://evil.test",
            "",
            "x",
            "/a\r\nb: c",
            "/a b",
            "/\t/evil.test",
        ] {
            assert_eq!(carried_back(Some(&URL_SAFE_NO_PAD.encode(target))), b"/", "{target}");
        }
        assert_eq!(carried_back(Some("no base64!")), b"/");
        assert_eq!(carried_back(None), b"/");
        assert_eq!(carried_back(Some(&carried(&[b'/'; 5_000]))), b"/");
    }
}
