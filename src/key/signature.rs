//! Signatures by OpenSSL and by ring, in the form that a JWT has them.

use std::sync::Mutex;

use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::{PKeyRef, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sha::{sha256, sha384, sha512};
use openssl::sign::{RsaPssSaltlen, Signer};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};

use super::in_openssl::openssl_is_lost;
use super::kind::Kind;
use super::material::Material;
use super::problem::{bad, inconsistent};
use super::sequence::sequence;
use crate::algorithm::{Algorithm, Hash};
use crate::error::Error;

/// A context of OpenSSL's that is ready to sign, because making one takes most of the time of a call apart
/// from the signature. No thread waits for it: a second thread makes its own.
pub(super) type Idle = Mutex<Option<(Algorithm, PkeyCtx<Private>)>>;

/// Signs with OpenSSL.
pub(super) fn by_openssl(
    key: &PKeyRef<Private>,
    kind: Kind,
    idle: &Idle,
    algorithm: Algorithm,
    message: &[u8],
) -> Result<Vec<u8>, ErrorStack> {
    let Some(hashed) = algorithm.hash() else {
        return Signer::new_without_digest(key)?.sign_oneshot_to_vec(message);
    };
    // Directly: EVP would look the hash function up each time, which ES256 would notice.
    let digest = match hashed {
        Hash::Sha256 => sha256(message).to_vec(),
        Hash::Sha384 => sha384(message).to_vec(),
        Hash::Sha512 => sha512(message).to_vec(),
    };
    let taken = idle.try_lock().ok().and_then(|mut idle| idle.take());
    let mut context = match taken {
        Some((of, context)) if of == algorithm => context,
        _ => context(key, kind, algorithm, hashed)?,
    };
    let mut signature = vec![0; key.size()];
    let len = context.sign(&digest, Some(&mut signature))?;
    signature.truncate(len);
    if let Ok(mut idle) = idle.try_lock() {
        *idle = Some((algorithm, context));
    }
    match kind {
        kind if kind.is_rsa() => Ok(signature),
        kind => joined(&signature, kind.len()).ok_or_else(ErrorStack::get),
    }
}

fn context(
    key: &PKeyRef<Private>,
    kind: Kind,
    algorithm: Algorithm,
    hashed: Hash,
) -> Result<PkeyCtx<Private>, ErrorStack> {
    let md = match hashed {
        Hash::Sha256 => Md::sha256(),
        Hash::Sha384 => Md::sha384(),
        Hash::Sha512 => Md::sha512(),
    };
    let mut context = PkeyCtx::new(key)?;
    context.sign_init()?;
    if algorithm.is_pss() {
        context.set_rsa_padding(Padding::PKCS1_PSS)?;
    } else if kind.is_rsa() {
        context.set_rsa_padding(Padding::PKCS1)?;
    }
    context.set_signature_md(md)?;
    if algorithm.is_pss() {
        // As long as the hash (RFC 7518 section 3.5).
        context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        context.set_rsa_mgf1_md(md)?;
    }
    Ok(context)
}

/// Returns r and s, each of `len` bytes, of an ECDSA signature in DER (RFC 7518 section 3.4); `None` for
/// anything else.
fn joined(der: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut joined = vec![0; 2 * len];
    let numbers = sequence(der).ok()?;
    for (number, place) in numbers.iter().zip(joined.chunks_exact_mut(len)) {
        // A number with its highest bit set has a zero before it.
        let bytes = number.value();
        let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
        place[len.checked_sub(bytes.len())?..].copy_from_slice(bytes);
    }
    (numbers.len() == 2).then_some(joined)
}

/// A key of ring's, which takes no lock, and frees nothing when a process exits.
pub(super) enum RingKey {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl RingKey {
    /// Loads a key, except for those that only OpenSSL can use: RSA over 4096 bits or with primes of unlike size, P-521, and
    /// an EC key without its public point.
    pub fn load(material: &Material) -> Result<Self, Error> {
        let lost = || openssl_is_lost("cannot sign");
        let ecdsa = |algorithm: &'static EcdsaSigningAlgorithm| {
            let public = material.public.as_deref().ok_or_else(lost)?;
            EcdsaKeyPair::from_private_key_and_public_key(
                algorithm,
                &material.private,
                public,
                &SystemRandom::new(),
            )
            .map(|key| Self::Ecdsa(Box::new(key)))
            .map_err(|problem| bad(format!("is damaged: {problem}")))
        };
        match material.kind {
            Kind::Rsa | Kind::RsaPss(_) => match RsaKeyPair::from_der(&material.private) {
                Ok(key) => Ok(Self::Rsa(Box::new(key))),
                Err(problem) => Err(match problem.to_string() {
                    problem if problem.contains("TooLarge") || problem.contains("Multiple") => {
                        lost()
                    }
                    problem => bad(format!("is damaged: {problem}")),
                }),
            },
            Kind::P256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Kind::P384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Kind::P521 => Err(lost()),
            Kind::Ed25519 => match &material.public {
                Some(public) => Ed25519KeyPair::from_seed_and_public_key(&material.private, public),
                None => Ed25519KeyPair::from_seed_unchecked(&material.private),
            }
            .map(|key| Self::Ed25519(Box::new(key)))
            .map_err(|problem| bad(format!("is damaged: {problem}"))),
        }
    }

    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, Error> {
        let damaged = |_| inconsistent();
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(rsa_encoding(algorithm), &random, message, &mut signature)
                    .map_err(damaged)?;
                Ok(signature)
            }
            Self::Ecdsa(key) => {
                key.sign(&random, message).map(|one| one.as_ref().to_vec()).map_err(damaged)
            }
            Self::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}

fn rsa_encoding(algorithm: Algorithm) -> &'static dyn RsaEncoding {
    match (algorithm.is_pss(), algorithm.hash()) {
        (false, Some(Hash::Sha384)) => &RSA_PKCS1_SHA384,
        (false, Some(Hash::Sha512)) => &RSA_PKCS1_SHA512,
        (false, _) => &RSA_PKCS1_SHA256,
        (true, Some(Hash::Sha384)) => &RSA_PSS_SHA384,
        (true, Some(Hash::Sha512)) => &RSA_PSS_SHA512,
        (true, _) => &RSA_PSS_SHA256,
    }
}

#[cfg(test)]
mod tests {
    use support::signatures::{ALGORITHMS, key_for, public, verifies};

    use super::*;
    use crate::key::{KeyOptions, UncheckedKey};

    #[test]
    fn ring_signs_with_every_key_but_those_on_p_521_and_openssl_verifies_it() {
        for name in ALGORITHMS {
            let key = key_for(name);
            let der = key.private_key_to_pkcs8().unwrap();
            let unchecked = UncheckedKey::from_bytes(&der, KeyOptions::default()).unwrap();
            let ring = RingKey::load(&unchecked.stored.material);
            if name == "ES512" {
                let error = ring.err().unwrap();
                assert!(error.message().contains("it was forked while"), "{error}");
                continue;
            }
            let signature = ring.unwrap().sign(name.parse().unwrap(), b"message").unwrap();
            assert!(verifies(&public(&key), name, b"message", &signature), "{name}");
        }
    }
}
