//! The place that a grant is sent to: a token URL, or the token endpoint of an issuer.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Field};
use crate::token_url::TokenUrl;

/// Where a grant is sent.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// To this URL.
    TokenUrl(TokenUrl),
    /// To the token endpoint that the metadata of this issuer names.
    Issuer(Issuer),
}

impl Endpoint {
    /// Returns the URL that is asked first: the token URL, or the issuer.
    pub fn url(&self) -> &TokenUrl {
        match self {
            Self::TokenUrl(url) | Self::Issuer(Issuer(url)) => url,
        }
    }
}

impl From<TokenUrl> for Endpoint {
    fn from(url: TokenUrl) -> Self {
        Self::TokenUrl(url)
    }
}

/// An issuer identifier: an absolute `https` URL, or `http` on this machine alone, without query and
/// fragment (RFC 8414 section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(TokenUrl);

impl Issuer {
    /// Returns the identifier as a URL.
    pub(crate) fn url(&self) -> &TokenUrl {
        &self.0
    }
}

impl FromStr for Issuer {
    type Err = Error;

    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `issuer`.
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

#[cfg(test)]
mod tests {
    use super::*;

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
