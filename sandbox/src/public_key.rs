//! The public half of an account's key: what its JWTs are verified with.

use std::time::SystemTime;

use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, Id, PKey, Public};
use openssl::rsa::Rsa;
use openssl::sign::Verifier;
use openssl::x509::X509;

use ims::{Error, Stay, unix_seconds};

/// A certificate or a bare public key that is registered for an account.
#[derive(Clone, Debug)]
pub struct PublicKey {
    pkey: PKey<Public>,
    /// The certificate: signatures are accepted only between its dates. Those of a bare key are
    /// always accepted.
    certificate: Option<X509>,
}

impl PublicKey {
    /// Takes one X.509 certificate or one public key, PEM or DER, of RSA with 2048 bits or more.
    ///
    /// # Errors
    /// [`Status::Argument`](ims::Status::Argument), saying what `bytes` hold instead.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::parse(bytes).and_then(Self::checked).map_err(refused)
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
                certificate.public_key().map(|pkey| Self { pkey, certificate: Some(certificate) })
            }
            Err(_) => PKey::public_key_from_pem(bytes)
                .or_else(|_| PKey::public_key_from_der(bytes))
                .map(|pkey| Self { pkey, certificate: None }),
        }
        .map_err(|_| "is neither an X.509 certificate nor a public key")
    }

    fn checked(self) -> Result<Self, &'static str> {
        match &self.pkey {
            pkey if pkey.id() != Id::RSA => Err("is not of an RSA key"),
            pkey if pkey.bits() < 2048 => Err("is of an RSA key under 2048 bits"),
            _ => Ok(self),
        }
    }

    /// The public half of `rsa`.
    pub(super) fn from_rsa(rsa: &Rsa<impl HasPublic>) -> Result<Self, ErrorStack> {
        let public = Rsa::from_public_components(rsa.n().to_owned()?, rsa.e().to_owned()?)?;
        Ok(Self { pkey: PKey::from_rsa(public)?, certificate: None })
    }

    /// Returns true if `signature` is this key's RS256 signature of `message`.
    pub(super) fn fits(&self, message: &[u8], signature: &[u8]) -> bool {
        let _stay = Stay::begin();
        Verifier::new(MessageDigest::sha256(), &self.pkey)
            .and_then(|mut verifier| verifier.verify_oneshot(signature, message))
            .unwrap_or(false)
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
