//! The choice of a proxy for each request.

use std::str::FromStr;

use http::Uri;

use super::no_proxy::NoProxy;
use crate::environment;
use crate::error::Error;
use crate::secret::Secret;

/// The proxy to use.
///
/// A plain `http` URL always names this machine, and never goes through a proxy: the proxy's
/// machine would read the secrets, and reach a server of its own instead.
#[derive(Clone, Debug, Default)]
pub enum Proxy {
    /// The proxy of `HTTPS_PROXY` and the exceptions of `NO_PROXY`, which may also be in lower case
    /// and are read as curl reads them. `HTTP_PROXY` is never read, because a CGI client can set
    /// it. `ALL_PROXY` is not read either. A program with more rights than its caller (set-user-ID)
    /// ignores all of them.
    #[default]
    Environment,
    /// No proxy, even if the environment names one.
    None,
    /// `SCHEME://[user:pass@]host[:port]`, user and password percent-encoded. The scheme is
    /// `http`, `https` (TLS to the proxy, too), `socks5` or `socks5h` (the proxy looks names up);
    /// the port is 1080 unless given, and 443 with `https`.
    Url(Secret),
}

/// Reads a URL, or `none` for no proxy. Whether it is a proxy's URL is checked when it is used.
impl FromStr for Proxy {
    type Err = Error;

    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `proxy`, if it is empty.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "" => Err(Error::argument("proxy", "is empty").with_hint("none stands for no proxy")),
            "none" => Ok(Self::None),
            url => Ok(Self::Url(Secret::from(url))),
        }
    }
}

impl Proxy {
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the proxy's field or variable.
    pub(super) fn rule(&self) -> Result<Option<ProxyRule>, Error> {
        match self {
            Self::None => Ok(None),
            Self::Url(url) => ProxyRule::new("proxy", url.expose(), String::new()).map(Some),
            Self::Environment => {
                let Some((name, url)) = variable("https_proxy") else { return Ok(None) };
                let mut url = url.trim().to_owned();
                if !url.contains("://") {
                    url.insert_str(0, "http://");
                }
                let exceptions = variable("no_proxy").map(|(_, hosts)| hosts).unwrap_or_default();
                ProxyRule::new(&format!("proxy ({name})"), &url, exceptions).map(Some)
            }
        }
    }

    /// Returns the name of the environment variable that names the proxy, where one is read and set.
    pub(crate) fn variable(&self) -> Option<String> {
        let Self::Environment = self else { return None };
        variable("https_proxy").map(|(name, _)| name)
    }

    /// Returns the entries of `NO_PROXY` that no host can match, where that is read, each with the
    /// reason.
    pub(crate) fn useless_exceptions(&self) -> Vec<(String, &'static str)> {
        let Self::Environment = self else { return Vec::new() };
        let Some((_, hosts)) = variable("no_proxy") else { return Vec::new() };
        let exceptions = NoProxy::new(hosts);
        exceptions.useless().into_iter().map(|(entry, why)| (entry.to_owned(), why)).collect()
    }
}

/// An environment variable in lower case or else in upper case, as curl reads them, with its name.
fn variable(name: &str) -> Option<(String, String)> {
    [name.to_owned(), name.to_ascii_uppercase()].into_iter().find_map(|name| {
        let value = environment::variable(&name)?.to_string_lossy().into_owned();
        (!value.trim().is_empty()).then_some((name, value))
    })
}

/// A proxy and the hosts that are reached without it.
pub(super) struct ProxyRule {
    proxy: ureq::Proxy,
    exceptions: NoProxy,
}

impl ProxyRule {
    fn new(name: &str, url: &str, exceptions: String) -> Result<Self, Error> {
        let proxy = parse(url).map_err(|problem| {
            Error::argument("proxy", problem).called(name).with_hint(
                "write it as http://host:port or http://user:password@host:port, with user and \
                 password percent-encoded; https, socks5 and socks5h may stand for http",
            )
        })?;
        Ok(Self { proxy, exceptions: NoProxy::new(exceptions) })
    }

    /// The proxy to `uri`, where it is to be used.
    pub fn proxy_to(&self, uri: &Uri) -> Option<&ureq::Proxy> {
        let direct =
            uri.scheme_str() != Some("https") || self.exceptions.covers(super::resolver::host(uri));
        (!direct).then_some(&self.proxy)
    }
}

fn parse(url: &str) -> Result<ureq::Proxy, &'static str> {
    let uri: Uri = url.parse().map_err(|_| "is not a URL")?;
    // The same default as curl's.
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" | "socks5" | "socks5h" => 1080,
        "https" => 443,
        _ => return Err("is not an http://, https://, socks5:// or socks5h:// URL"),
    };
    let authority = uri.authority().ok_or("has no host")?;
    if authority.host().is_empty() {
        return Err("has no host");
    }
    // http::Uri drops a fragment: the text before a # in a password would be taken for host and
    // port.
    if uri.path_and_query().is_some_and(|path| path != "/") || url.contains('#') {
        return Err("has a path");
    }
    let (user, place) = authority.as_str().rsplit_once('@').unwrap_or(("", authority.as_str()));
    let port = match place.strip_prefix(authority.host()).unwrap_or_default() {
        "" | ":" => default_port,
        _ => authority.port_u16().filter(|port| *port > 0).ok_or("has no valid port")?,
    };
    let user = if user.is_empty() { String::new() } else { format!("{user}@") };
    ureq::Proxy::new(&format!("{scheme}://{user}{}:{port}", authority.host()))
        .map_err(|_| "has a malformed user or password")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_through_proxy(url: &str, no_proxy: &str) -> bool {
        let rule = ProxyRule::new("proxy", "http://proxy.example:3128", no_proxy.into()).unwrap();
        rule.proxy_to(&url.parse().unwrap()).is_some()
    }

    #[test]
    fn no_proxy_takes_the_host_of_a_url_without_port_and_brackets() {
        assert!(!goes_through_proxy("https://ims.Example.com:8443/", "example.com"));
        assert!(!goes_through_proxy("https://[::1]:8443/", "::1"));
        assert!(goes_through_proxy("https://example.com:8443/", "example.com:8443"));
    }

    #[test]
    fn plain_http_goes_through_no_proxy() {
        assert!(!goes_through_proxy("http://127.0.0.1/", ""));
    }

    #[test]
    fn a_proxy_without_port_has_curls_default() {
        for (url, port) in [
            ("http://proxy.example", 1080),
            ("http://user:pass@proxy.example:/", 1080),
            ("https://proxy.example", 443),
            ("socks5://[::1]", 1080),
            ("socks5h://proxy.example", 1080),
            ("SOCKS5://proxy.example", 1080),
            ("http://proxy.example:80", 80),
            ("https://[::1]:8443", 8443),
        ] {
            assert_eq!(parse(url).unwrap().port(), port, "{url}");
        }
        assert_eq!(parse("http://u%40x:p%3a@proxy.example").unwrap().username(), Some("u@x"));
    }
}
