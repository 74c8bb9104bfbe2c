//! A refusal by a token server, and what to do about it.

use crate::error::cause::Cause;

/// A part of a request that the server may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The client secret, in the body or by Basic authentication.
    ClientSecret,
    /// A JWT that authenticates the client, signed with its private key.
    PrivateKeyJwt,
    /// A JWT that authenticates the client, signed with its secret.
    ClientSecretJwt,
    /// The client id without a proof.
    ClientId,
    /// No client at all.
    NoClient,
    /// The JWT of the grant itself.
    Assertion,
    /// The token to be exchanged (RFC 8693).
    SubjectToken,
    /// The fields of a grant that libims does not know, such as a password.
    Fields,
    /// An access token, to be validated or invalidated.
    AccessToken,
    /// An access token, for the rights that it gives at an API.
    Bearer,
}

impl Sent {
    /// Returns its name in the manual.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientSecret => "a client secret",
            Self::PrivateKeyJwt => "a JWT of the client (private_key_jwt)",
            Self::ClientSecretJwt => "a JWT of the client (client_secret_jwt)",
            Self::ClientId => "the client id alone",
            Self::NoClient => "no client",
            Self::Assertion => "a JWT as the grant",
            Self::SubjectToken => "a subject token",
            Self::Fields => "the fields of another grant",
            Self::AccessToken => "an access token, to be validated or invalidated",
            Self::Bearer => "an access token, for what it allows at an API",
        }
    }
}

/// A refusal, by which its hint is found.
pub(crate) struct Refusal<'a> {
    /// The kind of server, as the table calls it; `None`: any.
    pub server: Option<&'a str>,
    /// The proof of the client and the grant that were sent, or an access token alone.
    pub sent: [Option<Sent>; 2],
    pub http_status: u16,
    /// The response's `error`.
    pub error: &'a str,
    /// The response's `error_description`.
    pub description: &'a str,
}

/// A refusal and what to do about it. The first row that fits counts, of the server's own and then of all
/// servers' (see [`server_hints`](super::server_hints)).
pub struct ServerHint {
    /// The servers that mean this by it, such as `Adobe`; `None`: all.
    pub server: Option<&'static str>,
    /// The part of the request that it is about; `None`: any.
    pub sent: Option<Sent>,
    /// The HTTP status; `None`: any.
    pub http_status: Option<u16>,
    /// The response's `error`; empty: any.
    pub error: &'static str,
    /// A part of the response's `error_description`, in lower case; empty: any.
    pub description: &'static str,
    /// The cause, where it is a common one.
    pub cause: Option<Cause>,
    /// The step that solves the problem, as a sentence for people.
    pub hint: &'static str,
}

/// A row that fits every refusal.
pub(super) const ANY: ServerHint = ServerHint {
    server: None,
    sent: None,
    http_status: None,
    error: "",
    description: "",
    cause: None,
    hint: "",
};
