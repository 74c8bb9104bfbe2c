//! The public half of an account's key, which verifies its JWTs.

use std::time::SystemTime;

use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;

use super::jwk::{self, Jwk};
use super::signature;
use ims::{Algorithm, Error, unix_seconds};

/// A certificate or a bare public key that is registered for an account.
#[derive(Clone, Debug)]
pub struct PublicKey {
    pkey: PKey<Public>,
    /// The certificate: signatures are accepted only between its dates. Those of a bare key are
    /// always accepted.
    certificate: Option<X509>,
    /// The key id of a JWK: a JWT that names another is not its.
    kid: Option<String>,
    /// The only algorithm of a JWK that names one.
    algorithm: Option<Algorithm>,
}

impl PublicKey {
    /// Takes one X.509 certificate or one public key, PEM, DER or JWK: of RSA with 2048 bits or
    /// more, P-256, P-384, P-521 or Ed25519.
    ///
    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument), saying what `bytes` hold instead.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut keys = Self::all_from_bytes(bytes)?;
        match (keys.pop(), keys.is_empty()) {
            (Some(key), true) => Ok(key),
            _ => Err(refused("is a set of several keys")),
        }
    }

    /// Takes what [`Self::from_bytes`] takes, or a JWK set with at least one key.
    ///
    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument), saying what `bytes` hold instead.
    pub fn all_from_bytes(bytes: &[u8]) -> Result<Vec<Self>, Error> {
        let keys = match jwk::parse(bytes) {
            Some(keys) => keys.map(|keys| keys.into_iter().map(Self::from_jwk).collect()),
            None => Self::parse(bytes).map(|key| vec![key]),
        };
        let keys: Vec<Self> = keys.map_err(refused)?;
        keys.into_iter().map(|key| key.checked().map_err(refused)).collect()
    }

    fn from_jwk(jwk: Jwk) -> Self {
        Self { kid: jwk.kid, algorithm: jwk.algorithm, ..Self::from_pkey(jwk.pkey) }
    }

    fn from_pkey(pkey: PKey<Public>) -> Self {
        Self { pkey, certificate: None, kid: None, algorithm: None }
    }

    fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let text = String::from_utf8_lossy(bytes);
        if text.contains("PRIVATE KEY-----") {
            return Err("holds a private key; register its certificate or public key instead");
        }
        let certificate = if text.contains("-----BEGIN CERTIFICATE-----") {
            X509::from_pem(bytes)
        } else {
            X509::from_der(bytes)
        };
        match certificate {
            Ok(certificate) => {
                let pkey = certificate.public_key();
                pkey.map(|pkey| Self { certificate: Some(certificate), ..Self::from_pkey(pkey) })
            }
            Err(_) => PKey::public_key_from_pem(bytes)
                .or_else(|_| PKey::public_key_from_der(bytes))
                .map(Self::from_pkey),
        }
        .map_err(|_| "is neither an X.509 certificate nor a public key")
    }

    fn checked(self) -> Result<Self, &'static str> {
        let curve = self.pkey.ec_key().ok().and_then(|key| key.group().curve_name());
        match (self.pkey.id(), curve) {
            (Id::RSA, _) if self.pkey.bits() < 2048 => Err("is of an RSA key under 2048 bits"),
            (Id::RSA | Id::ED25519, _)
            | (_, Some(Nid::X9_62_PRIME256V1 | Nid::SECP384R1 | Nid::SECP521R1)) => Ok(self),
            _ => Err("is not of an RSA, P-256, P-384, P-521 or Ed25519 key"),
        }
    }

    /// The public half of `rsa`.
    pub(super) fn from_rsa(rsa: &Rsa<impl HasPublic>) -> Result<Self, ErrorStack> {
        let public = Rsa::from_public_components(rsa.n().to_owned()?, rsa.e().to_owned()?)?;
        Ok(Self::from_pkey(PKey::from_rsa(public)?))
    }

    /// Returns true if `signature` is this key's `algorithm` signature of `message`, by a JWT that
    /// names the key `kid` or none.
    pub(super) fn fits(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let is_named = self.kid.as_deref().zip(kid).is_none_or(|(ours, theirs)| ours == theirs);
        is_named
            && self.algorithm.is_none_or(|only| only == algorithm)
            && signature::fits(&self.pkey, algorithm, message, signature)
    }

    /// Returns the reason why the key's signatures are not accepted at `now`.
    pub(super) fn problem(&self, now: SystemTime) -> Option<&'static str> {
        let certificate = self.certificate.as_ref()?;
        let now = Asn1Time::from_unix(unix_seconds(now)).ok()?;
        if certificate.not_before() > now {
            Some("is not valid yet")
        } else if certificate.not_after() < now {
            Some("has expired")
        } else {
            None
        }
    }
}

fn refused(problem: &str) -> Error {
    Error::argument("certificate", problem)
}
