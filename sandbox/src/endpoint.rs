//! The paths and methods of the endpoints: IMS's, and the general issuer's.

use axum::http::Method;

/// The general issuer's paths.
pub(super) const TOKEN_PATH: &str = "/oauth/token";
/// The token endpoint that metadata names after it moved.
pub(super) const MOVED_TOKEN_PATH: &str = "/oauth/moved/token";
pub(super) const KEYS_PATH: &str = "/oauth/keys";

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
    /// The general issuer's.
    Token,
    Metadata,
    /// Adobe's API of client secrets.
    ClientSecrets(SecretsAction),
}

impl Endpoint {
    /// IMS takes a slash at the end or leaves it.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        if let Some(action) = SecretsAction::of(method.as_str(), path) {
            return Some(Self::ClientSecrets(action));
        }
        match (method.as_str(), path.strip_suffix('/').unwrap_or(path)) {
            ("POST", "/ims/exchange/jwt" | "/ims/exchange/v1/jwt") => Some(Self::JwtExchange),
            ("POST", "/ims/token/v2" | "/ims/token/v3") => Some(Self::ClientCredentials),
            ("GET" | "POST", "/ims/validate_token/v1") => Some(Self::Validate),
            ("POST", "/ims/invalidate_token/v2" | "/ims/revoke") => Some(Self::Invalidate),
            ("GET", "/ims/.well-known/openid-configuration") => Some(Self::OpenidConfiguration),
            ("GET", "/ims/keys") => Some(Self::Keys),
            ("POST", TOKEN_PATH | MOVED_TOKEN_PATH) => Some(Self::Token),
            ("GET", KEYS_PATH) => Some(Self::Keys),
            (
                "GET",
                "/.well-known/oauth-authorization-server" | "/.well-known/openid-configuration",
            ) => Some(Self::Metadata),
            (_, path) if path.starts_with("/ims/") || path.starts_with("/__sandbox/") => None,
            ("POST", _) => Some(Self::JwtBearer),
            _ => None,
        }
    }

    /// Returns true if this endpoint issues tokens.
    pub fn issues_tokens(self) -> bool {
        matches!(self, Self::JwtExchange | Self::ClientCredentials | Self::JwtBearer | Self::Token)
    }
}

/// A request to Adobe's API of client secrets (I/O Management).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretsAction {
    List,
    Add,
    Delete,
}

impl SecretsAction {
    /// Recognizes `/console/organizations/ORG/credentials/CREDENTIAL/secrets`, with the secret's uuid
    /// behind it for a deletion. Which organization and credential it names is all the same: the client
    /// id is in a header.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/console/organizations/")?;
        let parts: Vec<&str> = rest.split('/').collect();
        match (method, &*parts) {
            ("GET", [_, "credentials", _, "secrets"]) => Some(Self::List),
            ("POST", [_, "credentials", _, "secrets"]) => Some(Self::Add),
            ("DELETE", [_, "credentials", _, "secrets", _]) => Some(Self::Delete),
            _ => None,
        }
    }
}
