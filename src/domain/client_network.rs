//! The network that a request comes from: what limits count and the audit trail notes.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// The upper 64 of 128 bits.
const NETWORK_64: u128 = !0 << 64;
/// `64:ff9b::/96`.
const NAT64: u128 = 0x0064_ff9b << 96;
/// The upper 48.
const NETWORK_48: u128 = !0 << 80;

/// A client as limits see it: an IPv4 address, or an IPv6 /64, because one subscriber holds a whole /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// The network that `address` lies in.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            // NAT64 (RFC 6052): everybody behind a translator stands in one prefix, each with an IPv4 address in it.
            IpAddr::V6(address) if address.to_bits() & !0 << 32 == NAT64 => {
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() as u32))
            }
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK_64)),
            v4 => v4,
        })
    }

    /// Who holds the network, as far as that shows: the IPv4 address, or the IPv6 /48, which is what a site is given (RFC
    /// 6177) and what anybody may have for nothing. Whoever holds a /48 has 65,536 networks of their own.
    pub fn site(self) -> Site {
        Site(match self.0 {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK_48)),
            v4 => v4,
        })
    }
}

/// A site: an IPv4 address, or an IPv6 /48.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site(IpAddr);

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/48"),
        }
    }
}

/// The unspecified address, for a request whose peer is not known.
impl Default for ClientNetwork {
    fn default() -> Self {
        Self(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
    }
}

impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_64_are_one_client() {
        let network = |address: &str| ClientNetwork::of(address.parse().expect("an address")).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
        assert_ne!(network("2001:db8:1:3::1"), "2001:db8:1:2::/64");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("64:ff9b::192.0.2.1"), "192.0.2.1");
        assert_eq!(network("64:ff9b:1::1"), "64:ff9b:1::/64");
    }

    #[test]
    fn neighbours_in_one_48_are_one_site() {
        let site = |address: &str| ClientNetwork::of(address.parse().expect("an address")).site().to_string();
        assert_eq!(site("2001:db8:1:2:3::1"), "2001:db8:1::/48");
        assert_eq!(site("2001:db8:1:ffff::1"), "2001:db8:1::/48");
        assert_ne!(site("2001:db8:2::1"), "2001:db8:1::/48");
        assert_eq!(site("192.0.2.1"), "192.0.2.1");
    }
}
