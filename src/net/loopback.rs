//! The tests for a host that is this machine itself, or on its own link. Plain HTTP is allowed only there.

use std::net::IpAddr;

/// Returns whether `host`, as a URL has it, is a loopback address or `localhost`.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || address(host).is_some_and(|address| address.is_loopback())
}

/// Returns whether `host`, as a URL has it, is a link-local address (RFC 3927 section 2.1, RFC 4291 section
/// 2.5.6), at which the metadata servers of clouds are.
pub(crate) fn is_link_local(host: &str) -> bool {
    address(host).is_some_and(|address| match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    })
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}
