//! The thumbprints of certificates (RFC 7515 sections 4.1.7 and 4.1.8).

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};

use crate::error::Error;

/// The thumbprint of a certificate, by its hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Thumbprint {
    /// SHA-1, member `x5t`.
    S1,
    /// SHA-256, member `x5t#S256`.
    S256,
}

/// Takes `S1` and `S256`.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming `x5t`.
impl FromStr for Thumbprint {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "S1" => Ok(Self::S1),
            "S256" => Ok(Self::S256),
            _ => Err(Error::argument("x5t", "must be S256 or S1")),
        }
    }
}

impl Thumbprint {
    /// Returns the thumbprint of a certificate in DER, in base64url.
    pub(crate) fn compute(self, certificate: &[u8]) -> String {
        let hash = match self {
            Self::S1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::S256 => &SHA256,
        };
        URL_SAFE_NO_PAD.encode(digest(hash, certificate))
    }

    /// Returns the name of the header's member.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::S1 => "x5t",
            Self::S256 => "x5t#S256",
        }
    }
}
