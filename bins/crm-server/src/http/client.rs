//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use domain_kernel::limit::ClientAddress;
use infra_runtime::config::Config;

/// The client's address: the peer's, or, where that is a proxy that we trust, what it and the
/// trusted ones before it say. Nothing that a client itself writes counts.
pub(crate) fn address(config: &Config, request: &HttpRequest) -> ClientAddress {
    // Only a test's request has no peer.
    let peer = request.peer_addr().map_or(IpAddr::from([0; 4]), |peer| peer.ip());
    ClientAddress::of(behind(&|ip| config.trusts(ip), peer, request.headers()))
}

/// Reads `X-Forwarded-For` from the right: each proxy adds whom it was asked by. The first that is
/// not one of ours is the client; what stands left of it, anybody can have written.
fn behind(trusted: &dyn Fn(IpAddr) -> bool, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").map(|line| line.to_str().unwrap_or("?"));
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        if !trusted(nearest) {
            break;
        }
        // What is no address tells nothing; nor does what stands before it.
        let Some(address) = parse(hop.trim()) else { break };
        nearest = address;
    }
    nearest
}

/// An address, with or without a port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// Whom a request with these header lines comes from, the networks 10.* and ::1 being ours.
    fn client(peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            let name = HeaderName::from_static("x-forwarded-for");
            headers.append(name, HeaderValue::from_str(line).expect("a header"));
        }
        let ours = |address: IpAddr| {
            address == ip("::1") || matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 10)
        };
        behind(&ours, ip(peer), &headers).to_string()
    }

    #[test]
    fn a_header_counts_only_from_a_proxy_of_ours() {
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_the_client_wrote_itself_does_not_count() {
        assert_eq!(client("10.0.0.1", &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["10.0.0.9, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["203.0.113.9, unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn addresses_come_in_several_forms() {
        assert_eq!(client("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(client("::1", &["[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(client("::1", &["2001:db8::7"]), "2001:db8::7");
    }
}
