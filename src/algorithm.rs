//! The algorithms that sign JWTs, by their names in the header (RFC 7518 section 3.1, RFC 8037, RFC 9864).

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, shown};

/// An algorithm that signs JWTs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256 and a salt as long as the hash.
    PS256,
    /// RSASSA-PSS with SHA-384 and a salt as long as the hash.
    PS384,
    /// RSASSA-PSS with SHA-512 and a salt as long as the hash.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512.
    ES512,
    /// Ed25519 by its older name, which most servers know.
    EdDSA,
    /// Ed25519 by its name of RFC 9864. A server that is registered with one name refuses the other.
    Ed25519,
    /// HMAC with SHA-256 and a client secret.
    HS256,
    /// HMAC with SHA-384 and a client secret.
    HS384,
    /// HMAC with SHA-512 and a client secret.
    HS512,
}

/// The hash function of an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Self; 14] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
        Self::Ed25519,
        Self::HS256,
        Self::HS384,
        Self::HS512,
    ];
    /// Those of RSA keys.
    pub(crate) const RSA: &[Self] =
        &[Self::RS256, Self::RS384, Self::RS512, Self::PS256, Self::PS384, Self::PS512];
    /// Those of client secrets.
    pub(crate) const HMAC: &[Self] = &[Self::HS256, Self::HS384, Self::HS512];

    /// Returns its name in the header of a JWT, such as `RS256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
            Self::Ed25519 => "Ed25519",
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
        }
    }

    /// Returns whether it is RSASSA-PSS (RFC 7518 section 3.5).
    pub(crate) fn is_pss(self) -> bool {
        matches!(self, Self::PS256 | Self::PS384 | Self::PS512)
    }

    /// Returns the hash of the message that is signed. Ed25519 hashes in its own way.
    pub(crate) fn hash(self) -> Option<Hash> {
        match self {
            Self::RS256 | Self::PS256 | Self::ES256 | Self::HS256 => Some(Hash::Sha256),
            Self::RS384 | Self::PS384 | Self::ES384 | Self::HS384 => Some(Hash::Sha384),
            Self::RS512 | Self::PS512 | Self::ES512 | Self::HS512 => Some(Hash::Sha512),
            Self::EdDSA | Self::Ed25519 => None,
        }
    }
}

/// Returns the names of algorithms, for a sentence.
pub(crate) fn names(algorithms: &[Algorithm]) -> String {
    algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Takes the names as the standards write them.
///
/// # Errors
/// [`Status::Argument`](crate::Status::Argument), naming `alg`.
impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let algorithm = Self::ALL.into_iter().find(|algorithm| algorithm.name() == name);
        algorithm.ok_or_else(|| {
            let problem = match name {
                "none" => "is none: a JWT without a signature proves nothing".to_owned(),
                _ => format!("is {}, which is no algorithm that is supported", shown(name)),
            };
            Error::argument("alg", problem)
                .with_hint(format!("the algorithms are {}", names(&Self::ALL)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_is_known_by_its_standard_name_alone() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.name().parse::<Algorithm>().unwrap(), algorithm);
        }
        for name in ["none", "rs256", "", "RS1", "ES256K"] {
            let error = name.parse::<Algorithm>().unwrap_err();
            assert_eq!(error.field(), Some("alg"));
            assert!(error.hint().unwrap().contains("RS256"), "{error:?}");
        }
    }
}
