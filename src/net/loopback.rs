//! The test for a host that is this machine itself. Plain HTTP is allowed only there.

use std::net::IpAddr;

/// Returns whether `host`, as a URL has it, is a loopback address or `localhost`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
