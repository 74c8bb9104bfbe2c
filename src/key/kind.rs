//! The kinds of keys, and the algorithms that each signs with.

use der::asn1::ObjectIdentifier;
use openssl::nid::Nid;

use crate::algorithm::{Algorithm, Hash};

pub(super) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(super) const RSASSA_PSS: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// RFC 5480 section 2.1.1.1.
const CURVES: [(ObjectIdentifier, Kind); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Kind::P256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Kind::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Kind::P521),
];

/// A kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rsa,
    /// An RSA key that signs by RSASSA-PSS alone (RFC 4055 section 1.2), with one hash if it names one.
    RsaPss(Option<Hash>),
    P256,
    P384,
    P521,
    Ed25519,
}

impl Kind {
    /// Returns the kind of EC keys on this curve.
    pub fn on_curve(curve: ObjectIdentifier) -> Option<Self> {
        CURVES.into_iter().find(|(oid, _)| *oid == curve).map(|(_, kind)| kind)
    }

    /// Returns the noun for messages.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Rsa => "an RSA key",
            Self::RsaPss(_) => "an RSA-PSS key",
            Self::P256 => "an EC key on P-256",
            Self::P384 => "an EC key on P-384",
            Self::P521 => "an EC key on P-521",
            Self::Ed25519 => "an Ed25519 key",
        }
    }

    /// Returns the algorithms that it signs with; the first is its default.
    pub fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Rsa => Algorithm::RSA,
            Self::RsaPss(None) => &[Algorithm::PS256, Algorithm::PS384, Algorithm::PS512],
            Self::RsaPss(Some(Hash::Sha256)) => &[Algorithm::PS256],
            Self::RsaPss(Some(Hash::Sha384)) => &[Algorithm::PS384],
            Self::RsaPss(Some(Hash::Sha512)) => &[Algorithm::PS512],
            // RFC 7518 section 3.4 gives each curve its own.
            Self::P256 => &[Algorithm::ES256],
            Self::P384 => &[Algorithm::ES384],
            Self::P521 => &[Algorithm::ES512],
            Self::Ed25519 => &[Algorithm::EdDSA, Algorithm::Ed25519],
        }
    }

    /// Returns whether its numbers are those of RSA.
    pub fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa | Self::RsaPss(_))
    }

    /// Returns OpenSSL's number of the curve.
    pub fn curve(self) -> Option<Nid> {
        match self {
            Self::P256 => Some(Nid::X9_62_PRIME256V1),
            Self::P384 => Some(Nid::SECP384R1),
            Self::P521 => Some(Nid::SECP521R1),
            Self::Rsa | Self::RsaPss(_) | Self::Ed25519 => None,
        }
    }

    /// Returns the length in bytes of a number of the curve: the private scalar, a coordinate, and each
    /// half of a signature (RFC 7518 sections 3.4 and 6.2). RSA has none.
    pub fn len(self) -> usize {
        match self {
            Self::P256 | Self::Ed25519 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
            Self::Rsa | Self::RsaPss(_) => 0,
        }
    }
}
