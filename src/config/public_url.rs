//! PUBLIC_URL: the origin under which visitors know this server. Links are built from it, never from a header.

use std::{fmt, net::SocketAddr};

use super::{
    reader::{Noted, Reader},
    settings,
};
use crate::domain::Origin;

/// The origin where people sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Origin);

impl PublicUrl {
    /// `scheme://host[:port]` without a slash at the end.
    pub fn origin(&self) -> &str {
        self.0.as_str()
    }

    /// The same, to be compared with those of apps.
    pub fn as_origin(&self) -> &Origin {
        &self.0
    }

    /// `host[:port]`, as a browser writes it into `Host`.
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// The host alone; an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        self.0.host()
    }

    /// Whether only this machine can be meant.
    pub fn is_local(&self) -> bool {
        matches!(self.host(), "localhost" | "127.0.0.1" | "[::1]")
    }

    /// Whether visitors come by https. Then the cookie is `__Host-postern` and Secure, and answers carry HSTS.
    pub fn is_https(&self) -> bool {
        self.0.is_https()
    }

    /// Reads an http or https origin. A path (but for one slash, as browsers show it), query, fragment, user or password
    /// makes it none.
    fn parse(text: &str) -> Option<Self> {
        Origin::parse(text.strip_suffix('/').unwrap_or(text)).ok().map(Self)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// PUBLIC_URL; in development, without it, the port of `site_addr` on this machine. Http needs
/// `allow_http` in production.
///
/// # Errors
/// Notes a value that is no origin, none at all in production, and http without ALLOW_HTTP there.
pub fn read(
    reader: &mut Reader,
    site_addr: Result<SocketAddr, Noted>,
    allow_http: Result<bool, Noted>,
) -> Result<PublicUrl, Noted> {
    let fix = "write the address that visitors type, like https://login.example.com";
    let url = match reader.written(settings::PUBLIC_URL) {
        Some(text) => PublicUrl::parse(text).ok_or_else(|| {
            let problem = format!("is `{text}`, which is not an origin (scheme, host, no path)");
            reader.note(settings::PUBLIC_URL, problem, fix)
        })?,
        None if reader.production => return Err(reader.note(settings::PUBLIC_URL, "is not set", fix)),
        None => {
            // Not 127.0.0.1: it is another site to a browser, and people type localhost.
            let local = format!("http://localhost:{}", site_addr?.port());
            PublicUrl::parse(&local).unwrap_or_else(|| unreachable!("{local} is an origin"))
        }
    };
    if reader.production && !url.is_https() && !allow_http? {
        return Err(reader.note(
            settings::PUBLIC_URL,
            format!("is `{url}`: links and cookies would cross the network in the clear"),
            "use https, or set ALLOW_HTTP=true where another layer encrypts",
        ));
    }
    Ok(url)
}
