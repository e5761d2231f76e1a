//! The client's network, which limits count and the audit trail notes.
//!
//! A stranger who could choose it would have a fresh budget for each request. docs/deployment.md says what a proxy has
//! to write.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::{config::TrustedProxies, domain::ClientNetwork, state::AppState};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, header::FORWARDED},
    middleware::Next,
    response::Response,
};

/// No standard, and what most proxies write.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Works out the client's network and hands it on as an extension of the request.
pub async fn find(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let (peer, trusted) = (peer(&request), &state.config.trusted_proxies);
    if !trusted.contains(peer) && is_near(peer) && names_a_client(request.headers()) {
        warn(&state, peer);
    }
    let client = client(peer, request.headers(), trusted);
    request.extensions_mut().insert(ClientNetwork::of(client));
    next.run(request).await
}

/// The address at the other end of the connection.
pub fn peer(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

/// Whether a proxy of the operator's may have that address: this machine, or a private network (RFC 1918, RFC 4193).
/// From elsewhere these headers are a stranger's invention, and no news.
fn is_near(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private() || peer.is_link_local(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local() || peer.is_unicast_link_local(),
    }
}

fn names_a_client(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED)
}

/// Tells the operator, once a minute: all visitors of a proxy that is not named share one limit, and nothing else
/// shows it.
fn warn(state: &AppState, peer: IpAddr) {
    if let Some(left_out) = state.throttles.untrusted_proxy.pass(state.clock.now()) {
        tracing::warn!(
            %peer,
            left_out,
            "X-Forwarded-For or Forwarded was ignored: it came from a private address that TRUSTED_PROXIES does not \
             name. If this is your proxy, name it there; until then all its visitors share one limit"
        );
    }
}

/// The address of the client, given who holds the connection.
///
/// The headers count only when a trusted proxy sent them, and are read from the right, where the trusted proxies
/// wrote: the first address that is not a trusted proxy is the client. What stands left of it anybody could
/// have written. Where X-Forwarded-For and Forwarded (RFC 7239) disagree, one of them is the client's own
/// invention, and the proxy itself is taken.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    if !trusted.contains(peer) {
        return peer;
    }
    let walk = |chain: Vec<Option<IpAddr>>| {
        let mut last = peer;
        for hop in chain.into_iter().rev() {
            match hop {
                Some(address) if trusted.contains(address) => last = address,
                Some(address) => return address,
                // Not an address: whoever stands right of it is the last one known.
                None => break,
            }
        }
        last
    };
    let x_forwarded_for = chain(headers, &X_FORWARDED_FOR, |element| parse(element.trim()));
    let forwarded = chain(headers, &FORWARDED, |element| {
        let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
            .find_map(|(_, node)| parse(node.trim()))
    });
    match (x_forwarded_for.map(&walk), forwarded.map(&walk)) {
        (Some(one), Some(other)) if one != other => peer,
        (Some(address), _) | (None, Some(address)) => address,
        (None, None) => peer,
    }
}

/// The elements of all headers of that name, in order.
fn chain(
    headers: &HeaderMap,
    name: &HeaderName,
    read: impl Fn(&str) -> Option<IpAddr>,
) -> Option<Vec<Option<IpAddr>>> {
    let elements = headers.get_all(name).iter().flat_map(|value| match value.to_str() {
        Ok(text) => text.split(',').map(&read).collect(),
        Err(_) => vec![None],
    });
    Some(elements.collect()).filter(|chain: &Vec<_>| !chain.is_empty())
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`, each with or without quotes.
fn parse(node: &str) -> Option<IpAddr> {
    let node = node.trim_matches('"');
    let bracketed =
        || node.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(address, _)| address);
    node.parse()
        .ok()
        .or_else(|| node.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| bracketed()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, headers: &[(&'static str, &str)], trusted: &[&str]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), value.parse().expect("a header value"));
        }
        let trusted = trusted.iter().map(|net| net.parse().expect("a network")).collect();
        client(peer.parse().expect("an address"), &map, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_name_an_address_of_its_own_choice() {
        let headers = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")];
        assert_eq!(found("198.51.100.7", &headers, &["10.0.0.0/30"]), "198.51.100.7");
    }

    #[test]
    fn a_proxy_of_the_operators_is_looked_for_on_this_machine_and_in_private_networks_only() {
        for near in
            ["127.0.0.1", "::1", "10.1.2.3", "172.18.0.2", "192.168.1.1", "::ffff:10.0.0.1", "fd00::1"]
        {
            assert!(is_near(near.parse().expect("an address")), "{near}");
        }
        for far in ["203.0.113.9", "172.32.0.1", "2001:db8::1", "::ffff:203.0.113.9", "::"] {
            assert!(!is_near(far.parse().expect("an address")), "{far}");
        }
    }

    #[test]
    fn the_address_right_of_all_inventions_is_taken() {
        let headers = [("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.2")];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/30"]), "203.0.113.9");
    }

    #[test]
    fn several_headers_are_read_as_one() {
        let headers = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/30"]), "203.0.113.9");
    }

    #[test]
    fn forwarded_is_read_with_ports_quotes_and_brackets() {
        let headers = [("forwarded", r#"for=1.1.1.1, For="[2001:db8::9]:4711";proto=https;by=10.0.0.2"#)];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/30"]), "2001:db8::9");
    }

    #[test]
    fn two_headers_that_disagree_are_both_ignored() {
        let headers = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=198.51.100.1")];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/30"]), "10.0.0.1");
    }

    #[test]
    fn what_is_no_address_ends_the_chain() {
        let headers = [("x-forwarded-for", "203.0.113.9, unknown, 10.0.0.2")];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/30"]), "10.0.0.2");
    }

    #[test]
    fn an_ipv4_address_inside_ipv6_counts_as_itself() {
        assert_eq!(
            found("::ffff:10.0.0.1", &[("x-forwarded-for", "203.0.113.9")], &["10.0.0.0/30"]),
            "203.0.113.9"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_it_panic_or_a_stranger_somebody_else(
            any in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60),
            odd in r#"((for=)?"?\[?[0-9a-f:.]{0,20}\]?(:[0-9]{0,6})?"?[,; ]{0,2}){0,4}"#,
        ) {
            let mut headers = HeaderMap::new();
            for text in [any.as_slice(), odd.as_bytes()] {
                for name in [X_FORWARDED_FOR, FORWARDED] {
                    if let Ok(value) = axum::http::HeaderValue::from_bytes(text) {
                        headers.append(name, value);
                    }
                }
            }
            let peer = IpAddr::from([198, 51, 100, 7]);
            let trusted = |network: &str| TrustedProxies::from_iter([network.parse().expect("a network")]);
            proptest::prop_assert_eq!(client(peer, &headers, &trusted("10.0.0.0/30")), peer);
            let behind_a_proxy = client(peer, &headers, &trusted("198.51.100.0/24"));
            proptest::prop_assert!(!ClientNetwork::of(behind_a_proxy).to_string().is_empty());
        }
    }
}
