//! An IMS environment by its host, and the names that are made with it. Pure.

use std::fmt;
use std::str::FromStr;

use http::uri::Authority;

use crate::error::{Cause, Error, Field, Status, printable};
use crate::token_url::TokenUrl;

/// A host of Adobe IMS, such as production (the default) or stage.
///
/// People write a bare host or a URL, with or without a trailing slash; all parse to the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImsHost {
    /// Scheme, host and port, in lower case, and a slash.
    root: TokenUrl,
}

impl Default for ImsHost {
    fn default() -> Self {
        Self { root: TokenUrl::from_static("https://ims-na1.adobelogin.com/") }
    }
}

impl FromStr for ImsHost {
    type Err = Error;

    /// # Errors
    /// [`Status::Argument`], naming the setting `ims`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |problem| Error::argument("ims", problem);
        let url = if text.contains("://") { text.into() } else { format!("https://{text}") };
        let uri: http::Uri =
            url.trim_end_matches('/').parse().map_err(|_| bad("is not a host or URL"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(bad("is not a host or URL"));
        };
        if !["https", "http"].contains(&scheme) {
            return Err(bad("is not an https:// URL"));
        }
        if authority.as_str().contains('@') {
            return Err(bad("holds a user name or password"));
        }
        // http::Uri drops a fragment, so that only the text shows it.
        if uri.path() != "/" || uri.query().is_some() || text.contains('#') {
            return Err(bad("has more than a host and a port"));
        }
        let root = format!("{scheme}://{}/", authority.as_str().to_ascii_lowercase());
        let root = root.parse().map_err(|error: Error| error.with_field(Field::new("ims")))?;
        Ok(Self { root })
    }
}

/// Writes the host as people do: without the scheme if that is `https`.
impl fmt::Display for ImsHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin();
        f.write_str(origin.strip_prefix("https://").unwrap_or(origin))
    }
}

impl ImsHost {
    /// The host that an `aud` of IMS names, `https://HOST/c/CLIENT_ID`; `None` for another `aud`.
    pub fn from_audience(aud: &str) -> Option<Self> {
        let (host, client_id) = aud.strip_prefix("https://")?.split_once("/c/")?;
        if client_id.is_empty() {
            return None;
        }
        host.parse().ok()
    }

    /// Returns the host of a URL, whatever its path.
    pub(crate) fn from_url(url: &TokenUrl) -> Self {
        let root = url.with_path("/");
        // Hosts are compared as texts, in lower case.
        Self { root: root.as_str().to_ascii_lowercase().parse().unwrap_or(root) }
    }

    /// The claim `aud` of a JWT for this host: `https://HOST/c/CLIENT_ID`.
    pub fn audience(&self, client_id: &str) -> String {
        format!("https://{}/c/{client_id}", self.authority())
    }

    /// Returns the full claim names, `https://HOST/s/NAME`, of the metascopes in `text`: `ent_x`,
    /// `/s/ent_x` or the full name, one or several separated by commas, or a JSON array of them.
    ///
    /// # Errors
    /// [`Status::Argument`] if there are none or one cannot be read, and
    /// [`Status::Credentials`] if a full name has a different host.
    pub fn metascopes(&self, text: &str) -> Result<Vec<String>, Error> {
        let list: Vec<String> = if text.trim_start().starts_with('[') {
            serde_json::from_str(text)
                .map_err(|_| Error::argument("metascopes", "is not a JSON array of strings"))?
        } else {
            text.split(',').map(str::to_owned).collect()
        };
        list.iter().map(|metascope| self.metascope(metascope.trim())).collect()
    }

    fn metascope(&self, text: &str) -> Result<String, Error> {
        let name = match text.split_once("://") {
            None => text.strip_prefix("/s/").unwrap_or(text),
            Some((_, rest)) => {
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                if !host.eq_ignore_ascii_case(self.authority()) {
                    let problem = format!(
                        "holds {}, which belongs to another host than the one used, {}",
                        printable(text, &[]),
                        self.authority()
                    );
                    return Err(Error::argument("metascopes", problem)
                        .with_status(Status::Credentials)
                        .with_hint(
                            "write the metascope without a host, such as ent_x, or use its host",
                        )
                        .with_cause(Cause::MetascopeMismatch));
                }
                path.strip_prefix("s/").unwrap_or_default()
            }
        };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        {
            return Err(Error::argument("metascopes", "holds one that is empty or malformed")
                .with_hint("write them as ent_x, /s/ent_x or https://HOST/s/ent_x")
                .with_cause(Cause::MetascopeMismatch));
        }
        Ok(format!("https://{}/s/{name}", self.authority()))
    }

    /// Returns where this host exchanges JWTs.
    pub fn jwt_exchange_url(&self) -> TokenUrl {
        self.url("/ims/exchange/jwt")
    }

    /// Returns where this host takes client credentials.
    pub fn client_credentials_url(&self) -> TokenUrl {
        self.url("/ims/token/v3")
    }

    /// Returns the URL of `path`, which begins with a slash.
    pub(crate) fn url(&self, path: &'static str) -> TokenUrl {
        self.root.with_path(path)
    }

    /// Returns scheme, host and port, such as `https://ims-na1.adobelogin.com`.
    pub fn origin(&self) -> &str {
        self.root.as_str().trim_end_matches('/')
    }

    fn authority(&self) -> &str {
        self.root.uri().authority().map_or("", Authority::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> ImsHost {
        text.parse().unwrap()
    }

    #[test]
    fn a_host_and_its_url_with_or_without_a_slash_are_the_same() {
        for text in [
            "ims-na1.adobelogin.com",
            "ims-na1.adobelogin.com/",
            "https://ims-na1.adobelogin.com",
            "https://ims-na1.adobelogin.com/",
            "HTTPS://IMS-NA1.adobelogin.com//",
        ] {
            assert_eq!(host(text), ImsHost::default(), "{text}");
        }
    }

    #[test]
    fn a_sandbox_keeps_its_scheme_and_port_for_urls_and_names_stay_https() {
        let sandbox = host("http://127.0.0.1:8080/");
        assert_eq!(
            sandbox.url("/ims/exchange/jwt").as_str(),
            "http://127.0.0.1:8080/ims/exchange/jwt"
        );
        assert_eq!(sandbox.audience("client"), "https://127.0.0.1:8080/c/client");
        assert_eq!(sandbox.to_string().parse::<ImsHost>().unwrap(), sandbox);
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "/",
            "https://",
            "a b",
            "ftp://h",
            "h/path",
            "https://h/?q",
            "h#part",
            "user:pass@h",
            "h\n",
            "http://h",
            "h:0",
        ] {
            let problem = text.parse::<ImsHost>().unwrap_err();
            assert_eq!(problem.status(), Status::Argument, "{text}");
            assert!(problem.message().starts_with("ims "), "{text}: {problem}");
        }
    }

    #[test]
    fn an_audience_names_its_host_and_client() {
        let stage = host("ims-na1-stg1.adobelogin.com");
        assert_eq!(stage.audience("client"), "https://ims-na1-stg1.adobelogin.com/c/client");
        assert_eq!(ImsHost::from_audience(&stage.audience("client")), Some(stage));
        for other in ["api.omniture.com", "https://h/c/", "https://h/token", ""] {
            assert_eq!(ImsHost::from_audience(other), None, "{other}");
        }
    }

    #[test]
    fn every_spelling_of_a_metascope_becomes_the_same_claim() {
        let claim = "https://ims-na1.adobelogin.com/s/ent_x";
        for text in ["ent_x", "/s/ent_x", " ent_x ", claim, r#"["ent_x"]"#, r#" [ "/s/ent_x" ] "#] {
            assert_eq!(ImsHost::default().metascopes(text).unwrap(), [claim], "{text}");
        }
    }

    #[test]
    fn lists_keep_their_order() {
        let claims = ["https://h/s/ent_b", "https://h/s/ent_a"];
        for text in ["ent_b,ent_a", "ent_b, /s/ent_a", r#"["ent_b", "https://h/s/ent_a"]"#] {
            assert_eq!(host("h").metascopes(text).unwrap(), claims, "{text}");
        }
    }

    #[test]
    fn a_full_metascope_of_another_host_is_reported_with_its_name() {
        let other = "https://ims-na1-stg1.adobelogin.com/s/ent_x";
        let problem = ImsHost::default().metascopes(other).unwrap_err();
        assert_eq!(problem.status(), Status::Credentials);
        assert!(problem.message().contains(other), "{problem}");
    }

    #[test]
    fn a_metascope_that_cannot_be_one_is_refused() {
        for text in ["", " ", "ent_x,", "/s/", "ent x", "https://h/ent_x", "https://h", "[1]", "["]
        {
            let problem = host("h").metascopes(text).unwrap_err();
            assert_eq!(problem.status(), Status::Argument, "{text}: {problem}");
        }
    }
}
