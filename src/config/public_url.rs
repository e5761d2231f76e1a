//! PUBLIC_URL: the origin under which visitors know this server. Links are built from it, never from a header.

use std::fmt;

use leptos::config::{Env, LeptosOptions};
use url::Url;

use super::{mistakes::Mistakes, sources::Sources};

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

    pub fn is_https(&self) -> bool {
        self.https
    }

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

pub fn read(sources: &Sources, leptos: &LeptosOptions, m: &mut Mistakes) -> PublicUrl {
    let prod = leptos.env == Env::PROD;
    // Not 127.0.0.1: it is another site to a browser, and people type localhost.
    let local = format!("http://localhost:{}", leptos.site_addr.port());
    let fix = "write the address that visitors type, like https://login.example.com";
    let url = match sources.get("PUBLIC_URL") {
        None => {
            if prod {
                m.add("PUBLIC_URL", "is not set", fix);
            }
            return PublicUrl::parse(&local).unwrap_or_else(|| unreachable!("{local} is an origin"));
        }
        Some(text) => PublicUrl::parse(text).unwrap_or_else(|| {
            m.add("PUBLIC_URL", format!("is `{text}`, which is not an origin (scheme, host, no path)"), fix);
            // https, so that the rules for http are not reported on top.
            PublicUrl { origin: "https://invalid".into(), authority: "invalid".into(), https: true }
        }),
    };
    if prod && !url.https && !sources.flag("ALLOW_HTTP", m) {
        m.add(
            "PUBLIC_URL",
            format!("is `{url}`: links and cookies would cross the network in the clear"),
            "use https, or set ALLOW_HTTP=true where another layer encrypts",
        );
    }
    url
}
