//! The paths and methods of IMS's endpoints.

use axum::http::Method;

/// The purpose of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    JwtExchange,
    ClientCredentials,
    JwtBearer,
    Validate,
    Invalidate,
    OpenidConfiguration,
    Keys,
}

impl Endpoint {
    /// IMS takes a slash at the end or leaves it.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        match (method.as_str(), path.strip_suffix('/').unwrap_or(path)) {
            ("POST", "/ims/exchange/jwt" | "/ims/exchange/v1/jwt") => Some(Self::JwtExchange),
            ("POST", "/ims/token/v2" | "/ims/token/v3") => Some(Self::ClientCredentials),
            ("GET" | "POST", "/ims/validate_token/v1") => Some(Self::Validate),
            ("POST", "/ims/invalidate_token/v2" | "/ims/revoke") => Some(Self::Invalidate),
            ("GET", "/ims/.well-known/openid-configuration") => Some(Self::OpenidConfiguration),
            ("GET", "/ims/keys") => Some(Self::Keys),
            (_, path) if path.starts_with("/ims/") || path.starts_with("/__sandbox/") => None,
            ("POST", _) => Some(Self::JwtBearer),
            _ => None,
        }
    }

    /// Returns true if this endpoint issues tokens.
    pub fn issues_tokens(self) -> bool {
        matches!(self, Self::JwtExchange | Self::ClientCredentials | Self::JwtBearer)
    }
}
