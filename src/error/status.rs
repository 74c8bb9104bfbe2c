//! The kind of an error.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// The kind of an error. The numbers are those of `ims.h`. Kinds are added, but never removed or
/// changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum Status {
    /// A parameter is missing, malformed or contradicts another; the message names it.
    Argument = 1,
    /// The private key cannot be read, is of a kind that is not supported, or is too weak.
    Key = 2,
    /// The key is encrypted, and the passphrase is missing or wrong.
    Passphrase = 3,
    /// The credentials cannot be read, are of no known format or incomplete, or their parts do not
    /// belong together or have expired.
    Credentials = 4,
    /// No connection: the DNS lookup failed, the connection was refused, or the proxy failed.
    Connect = 5,
    /// The server's certificate or the TLS handshake failed.
    Tls = 6,
    /// The deadline of the whole call passed.
    Timeout = 7,
    /// The server refused: with any 4xx but 408 and 429, or in a response with 2xx.
    Rejected = 8,
    /// The server asks to slow down: 429.
    RateLimited = 9,
    /// The server responded with 5xx or 408, or the connection was lost before the response was
    /// complete.
    Unavailable = 10,
    /// The response is not a token response: HTML, a redirect, not JSON, or too large.
    Response = 11,
    /// The token cache is misconfigured; one that fails at run time fails no call.
    Cache = 12,
    /// A bug in libims.
    Internal = 13,
}

impl Status {
    /// All statuses, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::Argument,
        Self::Key,
        Self::Passphrase,
        Self::Credentials,
        Self::Connect,
        Self::Tls,
        Self::Timeout,
        Self::Rejected,
        Self::RateLimited,
        Self::Unavailable,
        Self::Response,
        Self::Cache,
        Self::Internal,
    ];
}

/// Writes a status as its number, for `#[serde(with)]`.
pub(super) fn serialize<S: Serializer>(status: &Status, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i32(*status as i32)
}

/// Reads a status from its number.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
    let number = i32::deserialize(deserializer)?;
    Status::ALL
        .into_iter()
        .find(|status| *status as i32 == number)
        .ok_or_else(|| D::Error::custom("no such status"))
}
