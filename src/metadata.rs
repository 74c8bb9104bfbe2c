//! A token server's metadata: from its issuer identifier to its token endpoint (RFC 8414).

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime};

use serde::Deserialize;

use crate::error::{Error, Field, ServerResponse, Status};
use crate::http::{Http, HttpResponse};
use crate::retry::retry;
use crate::token_url::TokenUrl;

/// Where a grant is sent.
#[derive(Clone, Debug)]
pub(crate) enum Endpoint {
    /// To this URL.
    TokenUrl(TokenUrl),
    /// To the token endpoint that the metadata of this issuer names.
    Issuer(Issuer),
}

impl Endpoint {
    /// Returns the URL that is asked first.
    pub fn url(&self) -> &TokenUrl {
        match self {
            Self::TokenUrl(url) | Self::Issuer(Issuer(url)) => url,
        }
    }

    /// Returns the token URL, for which the issuer's metadata may have to be asked.
    ///
    /// # Errors
    /// Those of [`Issuer::token_endpoint`].
    pub fn token_url(
        &self,
        http: &Http,
        max_attempts: u32,
        deadline: Instant,
    ) -> Result<TokenUrl, Error> {
        match self {
            Self::TokenUrl(url) => Ok(url.clone()),
            Self::Issuer(issuer) => issuer.token_endpoint(http, max_attempts, deadline),
        }
    }
}

/// For how long a token endpoint is used without asking again. A server that moves its endpoint and leaves the
/// old one in operation is followed within a day, for one request a day.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// A token endpoint, and when an issuer's metadata named it.
#[derive(Clone, Debug)]
pub(crate) struct FoundEndpoint {
    pub url: TokenUrl,
    pub found_at: SystemTime,
}

impl FoundEndpoint {
    /// Returns when the metadata have to be asked again.
    pub fn expires_at(&self) -> SystemTime {
        self.found_at + MAX_AGE
    }
}

/// An issuer identifier: an absolute `https` URL, or `http` on this machine alone, without query and
/// fragment (RFC 8414 section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issuer(TokenUrl);

impl FromStr for Issuer {
    type Err = Error;

    /// # Errors
    /// [`Status::Argument`], naming `issuer`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let url: TokenUrl =
            text.parse().map_err(|error: Error| error.with_field(Field::new("issuer")))?;
        if text.contains('?') {
            return Err(Error::argument("issuer", "has a query (?...)"));
        }
        Ok(Self(url))
    }
}

/// Writes the identifier as it was written: servers compare it as text.
impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The members that are used. A second member of one name is an error.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: Option<String>,
}

impl Issuer {
    /// Asks for the metadata at the location of RFC 8414, then at that of OpenID Connect Discovery, and
    /// returns the token endpoint.
    ///
    /// # Errors
    /// [`Status::Response`] naming `issuer`, where there is no metadata, or it is not this issuer's; any
    /// status of the network.
    pub fn token_endpoint(
        &self,
        http: &Http,
        max_attempts: u32,
        deadline: Instant,
    ) -> Result<TokenUrl, Error> {
        let mut problems = Vec::new();
        for location in self.locations() {
            let location: TokenUrl =
                location.parse().map_err(|error: Error| error.with_field(Field::new("issuer")))?;
            let found = retry(max_attempts, deadline, || {
                http.get(&location, deadline).and_then(|response| self.read(&response))
            });
            match found? {
                Ok(endpoint) => {
                    log::debug!(target: "ims", "the metadata of {self} names its token endpoint");
                    return Ok(endpoint);
                }
                Err(problem) => problems.push(format!("{location} {problem}")),
            }
        }
        let problem = format!("has no metadata: {}", problems.join(", "));
        Err(bad(problem).with_hint("check the issuer, or give its token endpoint as token_url"))
    }

    /// Returns the locations of the metadata: before the issuer's path (RFC 8414 section 3.1), and after it
    /// (OpenID Connect Discovery section 4).
    fn locations(&self) -> [String; 2] {
        let path = self.0.uri().path().trim_end_matches('/');
        let root = self.0.with_path("/");
        let root = root.as_str().trim_end_matches('/');
        [
            format!("{root}/.well-known/oauth-authorization-server{path}"),
            format!("{root}{path}/.well-known/openid-configuration"),
        ]
    }

    /// Returns the token endpoint, or why the response is not metadata.
    fn read(&self, response: &HttpResponse) -> Result<Result<TokenUrl, String>, Error> {
        match response.status {
            200 => {}
            status @ (408 | 429 | 500..=599) => {
                let kind = if status == 429 { Status::RateLimited } else { Status::Unavailable };
                let problem = format!("has no metadata now: HTTP {status}");
                let server = ServerResponse { http_status: Some(status), ..Default::default() };
                return Err(bad(problem).with_status(kind).with_server_response(server));
            }
            status @ 300..=399 => {
                return Ok(Err(format!("redirects, which is never followed (HTTP {status})")));
            }
            status => return Ok(Err(format!("responds HTTP {status}"))),
        }
        let Ok(metadata) = serde_json::from_slice::<Metadata>(&response.body) else {
            return Ok(Err("responds no metadata".to_owned()));
        };
        if metadata.issuer != self.0.as_str() {
            return Err(bad("is not the issuer that its metadata names").with_hint(
                "write it exactly as the server does, with or without a slash at the end",
            ));
        }
        let Some(endpoint) = metadata.token_endpoint else {
            return Err(bad("has metadata that names no token endpoint"));
        };
        endpoint.parse().map(Ok).map_err(|error: Error| {
            bad(format!("has metadata whose token endpoint {}", error.problem()))
        })
    }
}

fn bad(problem: impl Into<String>) -> Error {
    Error::new(Status::Response, problem).with_field(Field::new("issuer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_before_the_path_of_an_issuer_and_then_after_it() {
        for (issuer, locations) in [
            (
                "https://h",
                [
                    "https://h/.well-known/oauth-authorization-server",
                    "https://h/.well-known/openid-configuration",
                ],
            ),
            (
                "https://h:8443/",
                [
                    "https://h:8443/.well-known/oauth-authorization-server",
                    "https://h:8443/.well-known/openid-configuration",
                ],
            ),
            (
                "https://h/realms/a/",
                [
                    "https://h/.well-known/oauth-authorization-server/realms/a",
                    "https://h/realms/a/.well-known/openid-configuration",
                ],
            ),
        ] {
            assert_eq!(issuer.parse::<Issuer>().unwrap().locations(), locations);
        }
    }

    #[test]
    fn an_issuer_that_cannot_be_one_is_refused() {
        for (issuer, problem) in [
            ("https://h/?a=b", "issuer has a query (?...)"),
            ("https://h/#a", "issuer has a fragment (#...)"),
            ("http://h", "issuer is http://"),
            ("h", "issuer is not an https:// URL"),
            ("", "issuer is missing or empty"),
        ] {
            let error = issuer.parse::<Issuer>().unwrap_err();
            assert!(error.message().starts_with(problem), "{issuer}: {error}");
        }
    }
}
