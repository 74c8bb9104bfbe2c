//! Which of IMS's paths and methods are for what.

use axum::http::Method;

use crate::grant::GrantType;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Token(GrantType),
    Validate,
    Invalidate,
    OpenidConfiguration,
    Keys,
}

impl Endpoint {
    /// IMS takes a slash at the end or leaves it.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        match (method.as_str(), path.strip_suffix('/').unwrap_or(path)) {
            ("POST", "/ims/exchange/jwt" | "/ims/exchange/v1/jwt") => {
                Some(Self::Token(GrantType::JwtExchange))
            }
            ("POST", "/ims/token/v2" | "/ims/token/v3") => {
                Some(Self::Token(GrantType::ClientCredentials))
            }
            ("GET" | "POST", "/ims/validate_token/v1") => Some(Self::Validate),
            ("POST", "/ims/invalidate_token/v2" | "/ims/revoke") => Some(Self::Invalidate),
            ("GET", "/ims/.well-known/openid-configuration") => Some(Self::OpenidConfiguration),
            ("GET", "/ims/keys") => Some(Self::Keys),
            (_, path) if path.starts_with("/ims/") || path.starts_with("/__sandbox/") => None,
            ("POST", _) => Some(Self::Token(GrantType::JwtBearer)),
            _ => None,
        }
    }
}
