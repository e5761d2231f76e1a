//! Origins: where an app is, as a browser tells sites apart.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

/// Scheme, host and port (RFC 6454) in normal form: lower case, no dot at the end, no default port, the host as IDNA
/// (UTS 46) writes it in ASCII. Equal for two spellings of one origin: `https://wiki.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    text: String,
    /// Where the host begins.
    host: usize,
    /// Where the host ends, and the port begins with its colon if there is one.
    port: usize,
}

/// Why a text is not an origin; each message is the end of a sentence that begins with "which".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginFault {
    #[error("has no scheme of the web before its host: https:// or http://")]
    Scheme,
    #[error("has no host")]
    Empty,
    #[error(
        "has a path, and an app is a whole origin: leave out everything from the slash after the host on"
    )]
    Path,
    #[error("has a query or a fragment")]
    Query,
    #[error("has a user or a password")]
    User,
    #[error("has a star that is not a whole first label, as in https://*.apps.example.com")]
    Wildcard,
    #[error("would have any name as an app: write two labels or more after the star, or *.localhost")]
    WideWildcard,
    #[error("has a host that is neither a name of letters, digits, hyphens and dots nor an address")]
    Host,
    #[error("has a port that is no number from 1 to 65535")]
    Port,
}

impl Origin {
    /// Reads an origin as people write it. Nothing may follow the host and port, not even a slash.
    ///
    /// # Errors
    /// [`OriginFault`] for anything else than scheme, host and perhaps a port.
    pub fn parse(text: &str) -> Result<Self, OriginFault> {
        let (scheme, authority) = text.split_once("://").ok_or(OriginFault::Scheme)?;
        match scheme.to_ascii_lowercase().as_str() {
            "https" => Self::new("https", authority),
            "http" => Self::new("http", authority),
            _ => Err(OriginFault::Scheme),
        }
    }

    /// The origin that a proxy tells: `scheme` from its X-Forwarded-Proto, `authority` from the `Host` of the request.
    /// For a WebSocket a proxy may say `ws` or `wss`; to a browser these are the origins with `http` and `https`.
    ///
    /// # Errors
    /// [`OriginFault`]; also for a host beyond ASCII, which no browser sends.
    pub fn of(scheme: &str, authority: &str) -> Result<Self, OriginFault> {
        if !authority.is_ascii() {
            return Err(OriginFault::Host);
        }
        match scheme.to_ascii_lowercase().as_str() {
            "https" | "wss" => Self::new("https", authority),
            "http" | "ws" => Self::new("http", authority),
            _ => Err(OriginFault::Scheme),
        }
    }

    fn new(scheme: &'static str, authority: &str) -> Result<Self, OriginFault> {
        let (name, port) = split_port(authority)?;
        let name = normalise_host(name)?;
        let text = format!("{scheme}://{name}");
        let (host, end) = (scheme.len() + "://".len(), text.len());
        let default = if scheme == "https" { 443 } else { 80 };
        let text = match port {
            Some(port) if port != default => format!("{text}:{port}"),
            _ => text,
        };
        Ok(Self { text, host, port: end })
    }

    /// `scheme://host[:port]`, as a browser writes it into `Origin`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether visitors come by https.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// `host[:port]`, as a browser writes it into `Host`.
    pub fn authority(&self) -> &str {
        &self.text[self.host..]
    }

    /// The host alone; an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        &self.text[self.host..self.port]
    }

    /// Whether the host is a name of at least one label below `parent`'s, and scheme and port are the same.
    pub(super) fn is_below(&self, parent: &Self) -> bool {
        self.is_https() == parent.is_https()
            && self.text[self.port..] == parent.text[parent.port..]
            && self.host().strip_suffix(parent.host()).is_some_and(|labels| labels.ends_with('.'))
    }

    /// Whether the host is an address instead of a name.
    pub(super) fn is_address(&self) -> bool {
        self.host().starts_with('[') || self.host().parse::<Ipv4Addr>().is_ok()
    }
}

/// Divides `host[:port]`, and names what has no place there. An empty port is none.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), OriginFault> {
    // What a person is likeliest to have meant comes first.
    if authority.contains(['?', '#']) && !authority.contains('/') {
        return Err(OriginFault::Query);
    }
    if authority.contains(['/', '\\', '?', '#']) {
        return Err(OriginFault::Path);
    }
    if authority.contains('@') {
        return Err(OriginFault::User);
    }
    if authority.contains('*') {
        return Err(OriginFault::Wildcard);
    }
    // Colons inside of brackets belong to the address.
    let end = authority.find(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match authority[end..].find(':') {
        Some(colon) => (&authority[..end + colon], Some(&authority[end + colon + 1..])),
        None => (authority, None),
    };
    if host.is_empty() {
        return Err(OriginFault::Empty);
    }
    let port = port.map(|digits| {
        // `parse` would take a plus, and a zero in front is another spelling of the same port.
        let canonical = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| canonical).ok_or(OriginFault::Port)
    });
    Ok((host, port.transpose()?))
}

/// A host in its normal form. Of addresses only the usual spelling is one: `127.1` and `0x7f000001` are 127.0.0.1 to a
/// browser, and a name to others.
fn normalise_host(host: &str) -> Result<String, OriginFault> {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address
            .parse()
            .map(|address: Ipv6Addr| format!("[{address}]"))
            .map_err(|_| OriginFault::Host);
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let ascii = idna::domain_to_ascii_strict(name).map_err(|_| OriginFault::Host)?;
    let last = ascii.rsplit('.').next().unwrap_or_default();
    // What the WHATWG URL Standard calls "ends in a number".
    let is_number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    if is_number && ascii.parse::<Ipv4Addr>().is_err() {
        return Err(OriginFault::Host);
    }
    Ok(ascii)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One origin, or all below a domain: `https://*.apps.example.com` is every name of one label or more before
/// `.apps.example.com`, with the same scheme and port, and not `apps.example.com` itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OriginPattern {
    /// This origin.
    Exactly(Origin),
    /// Every origin below this one.
    Below(Origin),
}

impl OriginPattern {
    /// Reads an origin as [`Origin::parse`] does, or one whose first label is a star.
    ///
    /// # Errors
    /// [`OriginFault`]; also for a star before an address, or before a single label that is not `localhost`.
    pub fn parse(text: &str) -> Result<Self, OriginFault> {
        let Some((scheme, parent)) = text.split_once("://*.") else {
            return Origin::parse(text).map(Self::Exactly);
        };
        let parent = Origin::parse(&format!("{scheme}://{parent}"))?;
        if parent.is_address() {
            return Err(OriginFault::Wildcard);
        }
        if !parent.host().contains('.') && parent.host() != "localhost" {
            return Err(OriginFault::WideWildcard);
        }
        Ok(Self::Below(parent))
    }

    /// Whether visitors come by https.
    pub fn is_https(&self) -> bool {
        let (Self::Exactly(origin) | Self::Below(origin)) = self;
        origin.is_https()
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(origin) => origin.fmt(f),
            Self::Below(parent) => {
                let scheme = if parent.is_https() { "https" } else { "http" };
                write!(f, "{scheme}://*.{}", parent.authority())
            }
        }
    }
}

#[cfg(test)]
mod tests;
