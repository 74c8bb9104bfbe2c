//! The grants by name, and what a token server makes of each.

use crate::error::ADOBE;
use crate::ims_host::ImsHost;
use crate::server::server_at;
use crate::token_url::TokenUrl;

/// RFC 7523 section 2.1.
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The name of a grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantType {
    /// Adobe IMS: `client_id`, `client_secret`, `jwt_token`.
    #[default]
    JwtExchange,
    /// RFC 7523 section 2.1: `grant_type`, `assertion`.
    JwtBearer,
    /// RFC 6749 section 4.4, Adobe's OAuth Server-to-Server: no JWT.
    ClientCredentials,
}

/// The rules of each grant: its path, and the unit of `expires_in`.
impl GrantType {
    /// Returns where a host of IMS takes this grant; `None`: it does not.
    pub fn token_url(self, host: &ImsHost) -> Option<TokenUrl> {
        match self {
            Self::JwtExchange => Some(host.jwt_exchange_url()),
            Self::ClientCredentials => Some(host.client_credentials_url()),
            Self::JwtBearer => None,
        }
    }

    /// Returns the kind of server at `token_url`, as the tables of hints call it.
    pub(crate) fn server(self, token_url: &TokenUrl) -> Option<&'static str> {
        if self == Self::JwtExchange { Some(ADOBE) } else { server_at(token_url) }
    }

    /// Returns the unit of `expires_in`: milliseconds at Adobe's JWT exchange, else seconds (RFC 6749
    /// section 5.1).
    pub(crate) fn expires_in_per_second(self) -> i64 {
        match self {
            Self::JwtExchange => 1000,
            Self::JwtBearer | Self::ClientCredentials => 1,
        }
    }
}
