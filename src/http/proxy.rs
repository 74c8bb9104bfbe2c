//! Which requests go through which proxy.

use std::env;

use http::Uri;

use crate::error::Error;
use crate::secret::Secret;

/// Which proxy to use.
///
/// A plain `http` URL, which is always this machine's own, never goes through one: another machine
/// would see the secrets and reach a server of its own.
#[derive(Clone, Debug, Default)]
pub enum Proxy {
    /// What `HTTPS_PROXY` and `NO_PROXY`, or the same in lower case, say; a name in `NO_PROXY`
    /// covers all below it. `HTTP_PROXY` is never read: a CGI client can set it. `ALL_PROXY`
    /// neither.
    #[default]
    Environment,
    /// None, whatever the environment says.
    None,
    /// `http://[user:pass@]host:port`, user and password percent-encoded.
    Url(Secret),
}

impl Proxy {
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming the proxy's field or variable.
    pub(super) fn rule(&self) -> Result<Option<ProxyRule>, Error> {
        match self {
            Self::None => Ok(None),
            Self::Url(url) => ProxyRule::new("proxy", url.expose(), "").map(Some),
            Self::Environment => {
                let Some((name, mut url)) = variable("https_proxy") else { return Ok(None) };
                if !url.contains("://") {
                    url.insert_str(0, "http://");
                }
                let exceptions = variable("no_proxy").map(|(_, hosts)| hosts).unwrap_or_default();
                ProxyRule::new(&format!("proxy ({name})"), &url, &exceptions).map(Some)
            }
        }
    }
}

/// An environment variable in lower case or else in upper case, as curl reads them, with its name.
fn variable(name: &str) -> Option<(String, String)> {
    [name.to_owned(), name.to_ascii_uppercase()].into_iter().find_map(|name| {
        let value = env::var_os(&name)?.to_string_lossy().trim().to_owned();
        (!value.is_empty()).then_some((name, value))
    })
}

/// A proxy and the hosts that are reached without it.
pub(super) struct ProxyRule {
    proxy: ureq::Proxy,
    exceptions: Vec<String>,
}

impl ProxyRule {
    fn new(name: &str, url: &str, exceptions: &str) -> Result<Self, Error> {
        let bad = |problem| {
            Err(Error::argument(name, problem).with_hint(
                "write it as http://host:port or http://user:password@host:port, with user and \
                 password percent-encoded",
            ))
        };
        let Ok(uri) = url.parse::<Uri>() else { return bad("is not a URL") };
        if uri.scheme_str() != Some("http") {
            return bad("is not an http:// URL");
        }
        if uri.host().is_none_or(str::is_empty) || uri.port_u16().is_none_or(|port| port == 0) {
            return bad("has no host or no port");
        }
        // http::Uri drops a fragment: what stands before a # in a password would be host and port.
        if uri.path_and_query().is_some_and(|path| path != "/") || url.contains('#') {
            return bad("has a path");
        }
        let Ok(proxy) = ureq::Proxy::new(url) else { return bad("has a malformed password") };
        let exceptions = exceptions.split(',').map(|host| host.trim().to_ascii_lowercase());
        Ok(Self { proxy, exceptions: exceptions.collect() })
    }

    /// The proxy to `uri`, where it is to be used.
    pub fn proxy_to(&self, uri: &Uri) -> Option<&ureq::Proxy> {
        let host = super::resolver::bare_host(uri).to_ascii_lowercase();
        let direct = uri.scheme_str() != Some("https")
            || self.exceptions.iter().any(|exception| covers(exception, &host));
        (!direct).then_some(&self.proxy)
    }
}

/// As curl reads `NO_PROXY`: `*` is every host; a name covers itself and all below it, with or
/// without a dot before it.
fn covers(exception: &str, host: &str) -> bool {
    let name = exception.trim_start_matches("*.").trim_start_matches('.');
    let below = || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    exception == "*" || (!name.is_empty() && (host == name || below()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_through_proxy(url: &str, no_proxy: &str) -> bool {
        let rule = ProxyRule::new("proxy", "http://proxy.example:3128", no_proxy).unwrap();
        rule.proxy_to(&url.parse().unwrap()).is_some()
    }

    #[test]
    fn no_proxy_names_hosts_and_all_below_them() {
        for no_proxy in ["example.com", ".example.com", "*.example.com", "a, EXAMPLE.com ,b", "*"] {
            assert!(!goes_through_proxy("https://example.com/", no_proxy), "{no_proxy}");
            assert!(!goes_through_proxy("https://ims.Example.com:8443/", no_proxy), "{no_proxy}");
        }
        for no_proxy in ["", ",", "com.example", "ample.com", "ims.example.com", ".", "example.co"]
        {
            assert!(goes_through_proxy("https://example.com/", no_proxy), "{no_proxy}");
        }
    }

    #[test]
    fn no_proxy_names_addresses() {
        assert!(!goes_through_proxy("https://192.0.2.1/", "192.0.2.1"));
        assert!(!goes_through_proxy("https://[::1]/", "::1"));
        assert!(goes_through_proxy("https://192.0.2.11/", "192.0.2.1"));
    }

    #[test]
    fn plain_http_goes_through_no_proxy() {
        assert!(!goes_through_proxy("http://127.0.0.1/", ""));
    }
}
