//! The URL that secrets are sent to, checked once.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};

use crate::error::{Error, check_text};
use crate::net::{is_link_local, is_loopback};

/// A token server's URL: absolute and `https`, or `http` on this machine alone; without user name,
/// password and fragment; at most 4 KiB (RFC 6749 section 3.2).
///
/// Whether a name such as `localhost` really is this machine shows when it is resolved.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenUrl {
    /// The URL as it was written, because a JWT's `aud` may have to be equal to it.
    text: String,
    uri: Uri,
}

impl FromStr for TokenUrl {
    type Err = Error;

    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `token_url`.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text, is_loopback)
    }
}

impl TokenUrl {
    /// Reads the URL of a platform's metadata server, which may also be plain `http` in the network of this
    /// machine's link (RFC 3927, RFC 4291 section 2.5.6), such as 169.254.169.254.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `token_url`.
    pub(crate) fn of_platform(text: &str) -> Result<Self, Error> {
        Self::parse(text, |host| is_loopback(host) || is_link_local(host))
    }

    /// Reads a URL; plain `http` is good where `is_here` is true of its host.
    fn parse(text: &str, is_here: impl FnOnce(&str) -> bool) -> Result<Self, Error> {
        let bad = |problem: &str| Err(Error::argument("token_url", problem));
        check_text("token_url", text)?;
        // http::Uri drops a fragment, so that only the text shows it.
        if text.contains('#') {
            return bad("has a fragment (#...)");
        }
        let Ok(uri) = text.parse::<Uri>() else {
            return bad("is not a URL");
        };
        let Some(authority) = uri.authority() else {
            return bad("is not an absolute URL, such as https://HOST/ims/exchange/jwt");
        };
        if authority.as_str().contains('@') {
            return bad("holds a user name or password");
        }
        let port = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
        if !port.is_empty() && !port[1..].parse::<u16>().is_ok_and(|port| port > 0) {
            return bad("has a port that is not 1 to 65535");
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_here(authority.host()) => {}
            Some("http") => {
                return bad("is http://, which would send secrets in clear; use https://");
            }
            _ => return bad("is not an https:// URL"),
        }
        Ok(Self { text: text.to_owned(), uri })
    }
}

/// Writes the URL as it was written.
impl fmt::Display for TokenUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Writes the URL without its query, which may hold a secret.
impl fmt::Debug for TokenUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.without_query())
    }
}

impl TokenUrl {
    /// Returns the text as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the text before the query, which may hold a secret.
    pub(crate) fn without_query(&self) -> &str {
        self.text.split('?').next().unwrap_or_default()
    }

    /// Returns whether the server is asked without TLS. The case of a scheme means nothing (RFC 3986 section 3.1).
    pub(crate) fn is_plain(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTP)
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the host, an IPv6 address in brackets.
    pub(crate) fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    /// Returns the host and, where the URL has one, the port: what texts may show.
    pub fn host_and_port(&self) -> String {
        host_and_port(&self.uri)
    }

    /// Takes a URL that is known to be a good one.
    pub(crate) fn from_static(url: &'static str) -> Self {
        Self { text: url.to_owned(), uri: Uri::from_static(url) }
    }

    /// Returns the URL of `path` on the same server; `path` begins with a slash.
    pub(crate) fn with_path(&self, path: &'static str) -> Self {
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::from_static(path));
        // This cannot fail: a scheme, an authority and a path always make a URI.
        let uri = Uri::from_parts(parts).unwrap_or_else(|_| self.uri.clone());
        Self { text: uri.to_string(), uri }
    }
}

/// Returns what texts may show of a URL: host and port, without what may be secret in it.
pub(crate) fn host_and_port(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    uri.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_would_leak_secrets_or_mean_another_place_is_refused() {
        for (url, what) in [
            ("http://ims-na1.adobelogin.com/t", "http://"),
            ("http://127.0.0.1.example.com/t", "http://"),
            ("https://user:pass@h/t", "user name or password"),
            ("https://h/t#part", "fragment"),
            ("ftp://h/t", "not an https:// URL"),
            ("https://h:0/t", "port"),
            ("https://h:99999/t", "port"),
            ("h/t", "URL"),
            ("/t", "absolute"),
            ("https:///t", "URL"),
            ("https://h/a b", "URL"),
            ("https://h/a\r\nX: y", "control character"),
        ] {
            let problem = url.parse::<TokenUrl>().unwrap_err().to_string();
            assert!(
                problem.starts_with("token_url ") && problem.contains(what),
                "{url}: {problem}"
            );
            assert!(!problem.contains("pass@"), "{problem}");
        }
        for url in [
            "http://127.0.0.1:1/t",
            "http://127.9.9.9/t",
            "http://[::1]:8080/t",
            "http://localhost/t",
        ] {
            assert!(url.parse::<TokenUrl>().unwrap().is_plain(), "{url}");
        }
        assert!(!"https://localhost/t".parse::<TokenUrl>().unwrap().is_plain());
    }

    #[test]
    fn a_scheme_may_have_capital_letters() {
        let url: TokenUrl = "htTps://as.example.com/t".parse().unwrap();
        assert_eq!((url.to_string().as_str(), url.is_plain()), ("htTps://as.example.com/t", false));
        assert!("HTTP://127.0.0.1/t".parse::<TokenUrl>().unwrap().is_plain());
        let problem = "HTTP://as.example.com/t".parse::<TokenUrl>().unwrap_err().to_string();
        assert!(problem.contains("is http://"), "{problem}");
    }

    #[test]
    fn the_text_stays_as_it_was_written_and_debug_leaves_the_query_out() {
        let url: TokenUrl = "https://Auth.example.com?key=s3cret".parse().unwrap();
        assert_eq!(url.to_string(), "https://Auth.example.com?key=s3cret");
        assert_eq!(format!("{url:?}"), "https://Auth.example.com");
        assert_eq!(url.with_path("/t").as_str(), "https://Auth.example.com/t");
    }
}
