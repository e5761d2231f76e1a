//! The client's network, which limits count and the audit trail notes.
//!
//! A stranger who could choose it would have a fresh budget for each request. docs/deployment.md says what a proxy has
//! to write.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, header::FORWARDED},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use crate::{domain::ClientNetwork, state::AppState};

/// No standard, and what most proxies write.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Works out the client's network and hands it on as an extension of the request.
pub async fn find(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let peer = peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    let client = client(peer, request.headers(), &state.config.trusted_proxies);
    request.extensions_mut().insert(ClientNetwork::of(client));
    next.run(request).await
}

/// The address of the client, given who holds the connection.
///
/// The headers count only when a trusted proxy sent them, and are read from the right, where the trusted proxies
/// wrote: the first address that is not a trusted proxy is the client. What stands left of it anybody could
/// have written. Where X-Forwarded-For and Forwarded (RFC 7239) disagree, one of them is the client's own
/// invention, and the proxy itself is taken.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(&address.to_canonical()));
    if !is_trusted(&peer) {
        return peer;
    }
    let walk = |chain: Vec<Option<IpAddr>>| {
        let mut last = peer;
        for hop in chain.into_iter().rev() {
            match hop {
                Some(address) if is_trusted(&address) => last = address,
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
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().expect("a network")).collect();
        client(peer.parse().expect("an address"), &map, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_name_an_address_of_its_own_choice() {
        let headers = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")];
        assert_eq!(found("198.51.100.7", &headers, &["10.0.0.0/8"]), "198.51.100.7");
    }

    #[test]
    fn the_address_right_of_all_inventions_is_taken() {
        let headers = [("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.2")];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn several_headers_are_read_as_one() {
        let headers = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn forwarded_is_read_with_ports_quotes_and_brackets() {
        let headers = [("forwarded", r#"for=1.1.1.1, For="[2001:db8::9]:4711";proto=https;by=10.0.0.2"#)];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/8"]), "2001:db8::9");
    }

    #[test]
    fn two_headers_that_disagree_are_both_ignored() {
        let headers = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=198.51.100.1")];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn what_is_no_address_ends_the_chain() {
        let headers = [("x-forwarded-for", "203.0.113.9, unknown, 10.0.0.2")];
        assert_eq!(found("10.0.0.1", &headers, &["10.0.0.0/8"]), "10.0.0.2");
    }

    #[test]
    fn an_ipv4_address_inside_ipv6_counts_as_itself() {
        assert_eq!(
            found("::ffff:10.0.0.1", &[("x-forwarded-for", "203.0.113.9")], &["10.0.0.0/8"]),
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
            let trusted = |network: &str| [network.parse().expect("a network")];
            proptest::prop_assert_eq!(client(peer, &headers, &trusted("10.0.0.0/8")), peer);
            let behind_a_proxy = client(peer, &headers, &trusted("198.51.100.0/24"));
            proptest::prop_assert!(!ClientNetwork::of(behind_a_proxy).to_string().is_empty());
        }
    }
}
