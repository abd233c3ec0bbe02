//! Where a request comes from: the socket's address, or what a configured proxy says. Counted by network: IPv4 /24, IPv6 /56.

use std::net::IpAddr;

use actix_web::HttpRequest;

use crate::{config::Server, platform::ground::Ground};

/// The address of the one who asks.
pub fn address(request: &HttpRequest, server: &Server) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    if !server.trusted_proxies.contains(&peer) {
        return Some(peer);
    }
    // Proxies append, to the last header or as a header of their own. The right-most entry that is not itself one of our proxies is
    // the one that our proxy saw; what stands left of it, or of an entry that is no address, anybody may have written.
    let headers = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = headers.flat_map(|value| value.split(',')).map(str::trim).collect();
    let seen =
        hops.iter().rev().map(|hop| hop.parse::<IpAddr>()).find(|hop| !matches!(hop, Ok(hop) if server.trusted_proxies.contains(hop)));
    Some(seen.and_then(Result::ok).unwrap_or(peer))
}

/// The network of an address, as counted for wrong tries.
pub fn network(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => network(Some(IpAddr::V4(v4))),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{:x}::/56", d & 0xff00)
            }
        },
        None => "unknown".to_owned(),
    }
}

/// The network that a request is counted under.
pub fn network_of(request: &HttpRequest, ground: &Ground) -> String {
    network(address(request, &ground.config.server))
}

/// Whether the browser reached us over TLS, directly or through a configured proxy.
pub fn is_secure(request: &HttpRequest, server: &Server) -> bool {
    if request.app_config().secure() {
        return true;
    }
    let from_proxy = request.peer_addr().is_some_and(|peer| server.trusted_proxies.contains(&peer.ip()));
    from_proxy && request.headers().get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use actix_web::test::TestRequest;

    use super::*;
    use crate::config::{Config, Mode};

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let settings = "[server]\ntrusted_proxies = [\"10.0.0.1\", \"10.0.0.2\"]";
        let config = Config::parse(settings, "test", Path::new("data"), Mode::Demonstration).unwrap();
        let mut request = TestRequest::default().peer_addr(format!("{peer}:4711").parse().unwrap());
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        address(&request.to_http_request(), &config.server).unwrap().to_string()
    }

    #[test]
    fn only_what_our_own_proxy_appended_is_believed() {
        assert_eq!(seen("192.0.2.9", &["198.51.100.1"]), "192.0.2.9");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, 203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        // A proxy that appends a header of its own, as HAProxy does.
        assert_eq!(seen("10.0.0.1", &["198.51.100.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
    }
}
