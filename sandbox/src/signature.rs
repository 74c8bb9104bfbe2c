//! The verification of JWS signatures (RFC 7518, RFC 8037, RFC 9864), by OpenSSL alone.

use ims::{Algorithm, Stay};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::{Id, PKey, PKeyRef, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer, Verifier};

/// Returns true if `signature` is the `algorithm` signature of `message` by `key`.
pub(super) fn fits(
    key: &PKeyRef<Public>,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let _stay = Stay::begin();
    verify(key, algorithm, message, signature).unwrap_or(false)
}

/// Returns true if `signature` is the `algorithm` code of `message` by `secret`.
pub(super) fn mac_fits(
    secret: &[u8],
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let _stay = Stay::begin();
    let Some(digest) = digest(algorithm) else { return false };
    let code = || Signer::new(digest, &*PKey::hmac(secret)?)?.sign_oneshot_to_vec(message);
    code().is_ok_and(|code| code.len() == signature.len() && memcmp::eq(&code, signature))
}

/// Returns true for the algorithms of client secrets.
pub(super) fn is_mac(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

fn verify(
    key: &PKeyRef<Public>,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, ErrorStack> {
    use Algorithm::{ES256, ES384, ES512, Ed25519, EdDSA, PS256, PS384, PS512};
    let Some(digest) = digest(algorithm) else {
        return match (algorithm, key.id()) {
            (EdDSA | Ed25519, Id::ED25519) => {
                Verifier::new_without_digest(key)?.verify_oneshot(signature, message)
            }
            _ => Ok(false),
        };
    };
    let is_pss = matches!(algorithm, PS256 | PS384 | PS512);
    match (algorithm, key.id()) {
        (ES256 | ES384 | ES512, Id::EC) => {
            // Each algorithm has one curve, and its signature the length of two numbers of it.
            let bits = match algorithm {
                ES256 => 256,
                ES384 => 384,
                _ => 521,
            };
            let half = usize::div_ceil(bits, 8);
            if key.bits() as usize != bits || signature.len() != 2 * half {
                return Ok(false);
            }
            let number = BigNum::from_slice;
            let (r, s) = (number(&signature[..half])?, number(&signature[half..])?);
            let der = EcdsaSig::from_private_components(r, s)?.to_der()?;
            Verifier::new(digest, key)?.verify_oneshot(&der, message)
        }
        (ES256 | ES384 | ES512, _) | (_, Id::EC | Id::ED25519) => Ok(false),
        (_, Id::RSA) => {
            let mut verifier = Verifier::new(digest, key)?;
            if is_pss {
                verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
                verifier.set_rsa_mgf1_md(digest)?;
                verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            }
            verifier.verify_oneshot(signature, message)
        }
        _ => Ok(false),
    }
}

fn digest(algorithm: Algorithm) -> Option<MessageDigest> {
    match algorithm.name().get(2..) {
        Some("256") => Some(MessageDigest::sha256()),
        Some("384") => Some(MessageDigest::sha384()),
        Some("512") => Some(MessageDigest::sha512()),
        _ => None,
    }
}
