//! The host of a URL: without brackets, and whether it is this machine or on its own link. Plain HTTP is allowed only
//! there.

use std::net::IpAddr;

/// Returns the host of a URL, an IPv6 address without its brackets.
pub(crate) fn bare_host(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

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
    bare_host(host).parse().ok()
}
