//! Requests that a web page makes a browser send: any page that a developer has open can reach this
//! machine, and must neither inject faults nor use them up.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri};

use super::refusal::Refusal;

/// The names that the sandbox is called by, in lower case; IP addresses and `localhost` are too.
pub(super) struct HostNames(Vec<String>);

impl HostNames {
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().map(|name| name.to_ascii_lowercase()).collect())
    }

    /// Refuses a request from a web page. Other programs send neither of these headers.
    ///
    /// A web page can change the DNS of its host so that the host's name leads to the sandbox (DNS
    /// rebinding). The browser then treats the sandbox as the page's own server, and may send
    /// neither header; but `Host` still has the page's name. The port is not compared: that of a
    /// tunnel or a container differs, and a page cannot choose it.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        if headers.contains_key(ORIGIN) {
            return Err(Refusal::WEB_PAGE.because("an Origin header: a web page sent this"));
        }
        // "none" is a URL that a person typed, "same-origin" the sandbox's own page, which has
        // no script and no form.
        let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
        if site.is_some_and(|site| site != b"none" && site != b"same-origin") {
            return Err(Refusal::WEB_PAGE.because("Sec-Fetch-Site: a web page sent this"));
        }
        // A request without the header (HTTP/1.0) does not come from a browser.
        let is_ours = headers.get_all(HOST).iter().all(|host| {
            let authority = Authority::try_from(host.as_bytes());
            authority.is_ok_and(|authority| self.holds(authority.host()))
        });
        // A whole URL, as sent to a proxy, takes precedence over the header (RFC 9112 section
        // 3.2.2).
        if is_ours && uri.host().is_none_or(|host| self.holds(host)) {
            Ok(())
        } else {
            Err(Refusal::WEB_PAGE.because("the Host header names another server than this"))
        }
    }

    fn holds(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let is_name = |name: &String| match (name.strip_prefix("*."), host.split_once('.')) {
            (Some(domain), Some((_, rest))) => rest == domain,
            _ => *name == host,
        };
        // Only a name can be made to lead to the sandbox.
        address.parse::<IpAddr>().is_ok()
            || host == "localhost"
            || host.ends_with(".localhost")
            || self.0.iter().any(is_name)
    }
}
