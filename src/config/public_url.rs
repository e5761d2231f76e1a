//! PUBLIC_URL: the origin under which visitors know this server. Links are built from it, never from a header.

use std::{fmt, net::SocketAddr};

use url::Url;

use super::{
    reader::{Noted, Reader},
    settings,
};

/// An origin (RFC 6454): scheme, host and, where it is not the default one, port. No path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    authority: String,
    https: bool,
}

impl PublicUrl {
    /// `scheme://host[:port]` without a slash at the end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// `host[:port]`, as a browser writes it into `Host`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether only this machine can be meant.
    pub fn is_local(&self) -> bool {
        let host = self.authority.rsplit_once(':').map_or(self.authority.as_str(), |(host, _)| host);
        matches!(host, "localhost" | "127.0.0.1" | "[::1]")
    }

    /// Whether visitors come by https. Then the cookie is `__Host-postern` and Secure, and answers carry HSTS.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Reads an http or https origin. A path, query, fragment, user or password makes it none.
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !bare || !anonymous {
            return None;
        }
        let origin = url.origin().ascii_serialization();
        let authority = origin.split_once("://")?.1.to_owned();
        Some(Self { authority, https: url.scheme() == "https", origin })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

/// PUBLIC_URL; in development, without it, the port of `site_addr` on this machine. Http needs ALLOW_HTTP in production.
///
/// # Errors
/// Notes a value that is no origin, none at all in production, and http without ALLOW_HTTP there.
pub fn read(reader: &mut Reader, site_addr: Result<SocketAddr, Noted>) -> Result<PublicUrl, Noted> {
    let allow_http = reader.flag(settings::ALLOW_HTTP);
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
    if reader.production && !url.https && !allow_http? {
        return Err(reader.note(
            settings::PUBLIC_URL,
            format!("is `{url}`: links and cookies would cross the network in the clear"),
            "use https, or set ALLOW_HTTP=true where another layer encrypts",
        ));
    }
    Ok(url)
}
