//! TRUSTED_PROXIES: the proxies whose word on a visitor's address counts.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;

use super::{
    reader::{Noted, Reader},
    settings,
};

/// Addresses and networks of proxies.
///
/// Whoever has one of these addresses may write any other into X-Forwarded-For, and so has a fresh budget for each
/// request. A network in which visitors live must not be among them.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Whether `address` is that of a trusted proxy; an IPv4 address inside IPv6 counts as itself.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether no proxy is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The networks that hold more than proxies, by their size: above an IPv4 /24 or an IPv6 /64.
    pub fn wide(&self) -> impl Iterator<Item = &IpNet> {
        self.0.iter().filter(|network| match network {
            IpNet::V4(network) => network.prefix_len() < 24,
            IpNet::V6(network) => network.prefix_len() < 64,
        })
    }
}

impl fmt::Display for TrustedProxies {
    /// With commas between them, those of one address without its length; `none` if there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = |network: &IpNet| match network.prefix_len() == network.max_prefix_len() {
            true => network.addr().to_string(),
            false => network.to_string(),
        };
        let all = self.0.iter().map(written).collect::<Vec<_>>().join(",");
        f.write_str(if all.is_empty() { "none" } else { &all })
    }
}

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

/// A list with commas of addresses and networks (CIDR, RFC 4632).
///
/// # Errors
/// Notes every entry that is neither, and every network of all addresses.
pub fn read(reader: &mut Reader) -> Result<TrustedProxies, Noted> {
    let fix =
        "name the proxy itself, like 127.0.0.1 or 2001:db8::1, and never a network in which visitors live";
    let networks = reader.list(settings::TRUSTED_PROXIES, fix, |entry| {
        let address = || entry.parse().map(|address: IpAddr| IpNet::from(address.to_canonical()));
        match entry.parse().or_else(|_| address()) {
            Ok(network) if network.prefix_len() == 0 => {
                Err("is everybody: each visitor could write the address to be counted under")
            }
            Ok(network) => Ok(network),
            Err(_) => Err("is neither an address nor a network"),
        }
    });
    networks.map(TrustedProxies::from_iter)
}
