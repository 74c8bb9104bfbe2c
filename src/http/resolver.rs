//! The addresses of a URL's host.

use std::net::SocketAddr;
use std::time::Duration;

use http::Uri;
use ureq::config::Config;
use ureq::unversioned::resolver::{self, ResolvedSocketAddrs};
use ureq::unversioned::transport::NextTimeout;

use super::problem::wrapped;
use crate::error::Error;
use crate::net::{bare_host, is_link_local, lookup};

/// The number of a host's addresses that are tried.
const MAX_ADDRESSES: usize = 16;

/// The system's lookup. IP addresses cost no thread, and plain HTTP is kept on this machine.
#[derive(Debug)]
pub(super) struct Resolver;

impl resolver::Resolver for Resolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = addresses(uri, *timeout.after).map_err(wrapped)?;
        // With a proxy, the only plain URL is the proxy's.
        if uri.scheme_str() == Some("http") && config.proxy().is_none() {
            check_loopback(uri, &addresses).map_err(wrapped)?;
        }
        let mut resolved = self.empty();
        addresses.into_iter().take(MAX_ADDRESSES).for_each(|address| resolved.push(address));
        Ok(resolved)
    }
}

/// Returns the addresses of a URL's host, at least one.
pub(super) fn addresses(uri: &Uri, within: Duration) -> Result<Vec<SocketAddr>, Error> {
    lookup::addresses(host(uri), port(uri), within)
}

/// RFC 6749 section 3.2 asks for TLS; a name such as localhost may still lead elsewhere. A link-local address is
/// that of a metadata server: no token URL has one.
fn check_loopback(uri: &Uri, addresses: &[SocketAddr]) -> Result<(), Error> {
    if is_link_local(host(uri)) || addresses.iter().all(|address| address.ip().is_loopback()) {
        return Ok(());
    }
    let host = host(uri);
    Err(Error::argument(
        "token_url",
        format!("is http://, which would send secrets in clear: {host} is not only this machine"),
    ))
}

/// Returns the host of a URL, an IPv6 address without its brackets.
pub(super) fn host(uri: &Uri) -> &str {
    bare_host(uri.host().unwrap_or_default())
}

/// Returns the port of a URL, which is the scheme's where it names none.
pub(super) fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 })
}

#[cfg(test)]
mod tests {
    use ureq::Timeout;

    use super::*;
    use crate::error::Status;

    #[test]
    fn an_address_needs_no_lookup_and_the_scheme_sets_the_port() {
        let address = |url: &str| addresses(&url.parse().unwrap(), Duration::ZERO).unwrap();
        assert_eq!(address("https://192.0.2.1/"), ["192.0.2.1:443".parse().unwrap()]);
        assert_eq!(address("http://[::1]/"), ["[::1]:80".parse().unwrap()]);
        assert_eq!(address("https://[::1]:8443/"), ["[::1]:8443".parse().unwrap()]);
    }

    #[test]
    fn plain_http_to_a_localhost_that_leads_elsewhere_is_refused() {
        let uri = "http://localhost/".parse().unwrap();
        let loopback = ["127.0.0.1:80".parse().unwrap(), "[::1]:80".parse().unwrap()];
        let elsewhere = [loopback[0], "192.0.2.1:80".parse().unwrap()];
        check_loopback(&uri, &loopback).unwrap();
        let error = check_loopback(&uri, &elsewhere).unwrap_err();
        assert_eq!(error.status(), Status::Argument);
        assert!(error.message().starts_with("token_url "), "{error}");
    }

    #[test]
    fn a_lookup_for_plain_http_is_held_to_this_machine() {
        let resolve = |url: &str| {
            let timeout = NextTimeout {
                after: Duration::ZERO.into(),
                reason: Timeout::Global,
                per_read: None,
                per_write: None,
            };
            resolver::Resolver::resolve(
                &Resolver,
                &url.parse().unwrap(),
                &Config::default(),
                timeout,
            )
        };
        assert_eq!(resolve("http://127.0.0.1:1/").unwrap()[0].to_string(), "127.0.0.1:1");
        assert!(resolve("http://192.0.2.1/").unwrap_err().to_string().contains("in clear"));
        assert_eq!(resolve("https://192.0.2.1/").unwrap()[0].to_string(), "192.0.2.1:443");
    }
}
