//! The grants by name, and the rules of token servers for each.

use crate::error::{ADOBE, Error, check_text, shown};
use crate::ims_host::ImsHost;
use crate::server::server_at;
use crate::token_url::TokenUrl;

/// A grant's name must be less like a known one than this, from 0 to 1, to be taken for another grant.
const MIN_LIKENESS: f64 = 0.9;

/// The name of a grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantType {
    /// Adobe IMS: `client_id`, `client_secret`, `jwt_token`.
    #[default]
    JwtExchange,
    /// RFC 7523 section 2.1: `grant_type`, `assertion`.
    JwtBearer,
    /// RFC 6749 section 4.4, Adobe's OAuth Server-to-Server: no JWT of its own.
    ClientCredentials,
    /// RFC 8693: `subject_token`, `subject_token_type`.
    TokenExchange,
    /// Any other `grant_type`, whose fields are parameters.
    Other,
}

/// The grants that libims has a short name for: the name, and the `grant_type` that is sent.
const NAMES: [(&str, &str, GrantType); 4] = [
    ("jwt_exchange", "", GrantType::JwtExchange),
    ("jwt_bearer", "urn:ietf:params:oauth:grant-type:jwt-bearer", GrantType::JwtBearer),
    ("client_credentials", "client_credentials", GrantType::ClientCredentials),
    ("token_exchange", "urn:ietf:params:oauth:grant-type:token-exchange", GrantType::TokenExchange),
];

/// The rules of each grant: its name, its URL, and the unit of `expires_in`.
impl GrantType {
    /// Reads a grant's name: `jwt_exchange`, `jwt_bearer`, `client_credentials` or `token_exchange`,
    /// also with `-` for `_`, or any `grant_type` by its full name. The text is that of
    /// [`GrantType::Other`].
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument) naming `grant`: also where a name looks like a
    /// known one that is misspelt.
    pub fn parse(name: &str) -> Result<(Self, Option<String>), Error> {
        check_text("grant", name)?;
        let short = name.replace('-', "_");
        let known = NAMES.iter().find(|(known, sent, _)| *known == short || *sent == name);
        if let Some((.., grant_type)) = known {
            return Ok((*grant_type, None));
        }
        match NAMES.iter().find(|(known, ..)| strsim::jaro(known, &short) > MIN_LIKENESS) {
            Some((nearest, ..)) => {
                let names = NAMES.map(|(name, ..)| name).join(" or ");
                let problem = format!("is {}, yet must be {names}", shown(name));
                Err(Error::argument("grant", format!("{problem}, or a full grant_type"))
                    .with_hint(format!("did you mean {nearest}?")))
            }
            None => Ok((Self::Other, Some(name.to_owned()))),
        }
    }

    /// Returns the `grant_type` that is sent, if this grant always sends the same one.
    pub(super) fn sent_name(self) -> Option<&'static str> {
        let sent = NAMES.iter().find(|(.., grant_type)| *grant_type == self).map(|row| row.1);
        sent.filter(|sent| !sent.is_empty())
    }

    /// Returns where a host of IMS takes this grant; `None`: it does not.
    pub fn token_url(self, host: &ImsHost) -> Option<TokenUrl> {
        match self {
            Self::JwtExchange => Some(host.jwt_exchange_url()),
            Self::ClientCredentials => Some(host.client_credentials_url()),
            Self::JwtBearer | Self::TokenExchange | Self::Other => None,
        }
    }

    /// Returns whether the grant needs a client.
    pub fn needs_client(self) -> bool {
        matches!(self, Self::JwtExchange | Self::ClientCredentials)
    }

    /// Returns whether the grant itself carries a JWT: the assertion, or the subject token.
    pub fn takes_jwt(self) -> bool {
        matches!(self, Self::JwtExchange | Self::JwtBearer | Self::TokenExchange)
    }

    /// Returns the kind of server at `token_url`, as the tables of hints call it.
    pub(crate) fn server(self, token_url: &TokenUrl) -> Option<&'static str> {
        if self == Self::JwtExchange { Some(ADOBE) } else { server_at(token_url) }
    }

    /// Returns the unit of `expires_in`: milliseconds at Adobe's JWT exchange, else seconds (RFC 6749
    /// section 5.1).
    pub(crate) fn expires_in_per_second(self) -> i64 {
        if self == Self::JwtExchange { 1000 } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_known_by_its_short_name_or_by_the_one_that_is_sent() {
        for (name, grant_type) in [
            ("jwt_exchange", GrantType::JwtExchange),
            ("jwt-bearer", GrantType::JwtBearer),
            ("urn:ietf:params:oauth:grant-type:jwt-bearer", GrantType::JwtBearer),
            ("client_credentials", GrantType::ClientCredentials),
            ("token-exchange", GrantType::TokenExchange),
            ("urn:ietf:params:oauth:grant-type:token-exchange", GrantType::TokenExchange),
        ] {
            assert_eq!(GrantType::parse(name).unwrap(), (grant_type, None), "{name}");
        }
        for name in ["account_credentials", "password", "urn:ietf:params:oauth:grant-type:x"] {
            let other = (GrantType::Other, Some(name.to_owned()));
            assert_eq!(GrantType::parse(name).unwrap(), other, "{name}");
        }
    }

    #[test]
    fn a_misspelt_grant_is_no_other_grant() {
        for name in ["client_credential", "jwt_barer", "token_exchnge", "jwt-exchange "] {
            let error = GrantType::parse(name).unwrap_err();
            assert_eq!(error.field(), Some("grant"), "{name}");
            assert!(error.hint().is_some_and(|hint| hint.starts_with("did you mean ")), "{name}");
        }
    }
}
