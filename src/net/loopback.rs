//! The host of a URL: without brackets, and whether it is this machine. Plain HTTP is allowed only there.

use std::net::IpAddr;

/// Returns the host of a URL, an IPv6 address without its brackets.
pub(crate) fn bare_host(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Returns whether `host`, as a URL has it, is a loopback address or `localhost`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = bare_host(host);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
