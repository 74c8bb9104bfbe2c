//! Every algorithm that private keys sign JWTs with, and OpenSSL's verification of what they sign.

use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use serde_json::Value;

use crate::keys;

/// The algorithms of private keys.
pub const ALGORITHMS: [&str; 11] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "Ed25519",
];

/// Returns a key that signs with `algorithm`: a new one, or the program's RSA key.
pub fn key_for(algorithm: &str) -> PKey<Private> {
    match algorithm {
        "ES256" => keys::ec(),
        "ES384" => keys::on_curve(Nid::SECP384R1),
        "ES512" => keys::on_curve(Nid::SECP521R1),
        "EdDSA" | "Ed25519" => PKey::generate_ed25519().unwrap(),
        _ => keys::rsa().clone(),
    }
}

/// Returns the public half of `key`.
pub fn public(key: &PKey<Private>) -> PKey<Public> {
    PKey::public_key_from_der(&key.public_key_to_der().unwrap()).unwrap()
}

/// Returns whether `jwt` says that it is signed with `algorithm`, and is, by `key`.
pub fn is_signed(jwt: &str, key: &PKey<Private>, algorithm: &str) -> bool {
    is_signed_by(jwt, &public(key), algorithm)
}

/// Returns whether `jwt` says that it is signed with `algorithm`, and `key` verifies it.
pub fn is_signed_by(jwt: &str, key: &PKey<Public>, algorithm: &str) -> bool {
    let (message, signature) = jwt.trim().rsplit_once('.').unwrap();
    let header = String::from_utf8(decode(message.split_once('.').unwrap().0)).unwrap();
    header.contains(&format!(r#""alg":"{algorithm}""#))
        && verifies(key, algorithm, message.as_bytes(), &decode(signature))
}

/// Returns the claims of `jwt`, without verifying it.
pub fn claims(jwt: &str) -> Value {
    serde_json::from_slice(&decode(jwt.split('.').nth(1).unwrap())).unwrap()
}

/// Decodes base64url (RFC 7515 section 2).
fn decode(text: &str) -> Vec<u8> {
    let padding = "=".repeat((4 - text.len() % 4) % 4);
    let standard = text.replace('-', "+").replace('_', "/") + &padding;
    openssl::base64::decode_block(&standard).unwrap()
}

/// Returns whether a signature is one of `message` in the form that a JWS has (RFC 7518 section 3).
pub fn verifies(key: &PKey<Public>, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    let digest = match algorithm.get(2..) {
        Some("256") => MessageDigest::sha256(),
        Some("384") => MessageDigest::sha384(),
        Some("512") => MessageDigest::sha512(),
        _ => {
            let mut verifier = Verifier::new_without_digest(key).unwrap();
            return verifier.verify_oneshot(signature, message).unwrap_or(false);
        }
    };
    let mut verifier = Verifier::new(digest, key).unwrap();
    if algorithm.starts_with("PS") {
        verifier.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        // As long as the hash, and no other length.
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
    }
    let der = algorithm.starts_with("ES").then(|| {
        let (r, s) = signature.split_at(signature.len() / 2);
        let part = |part| BigNum::from_slice(part).unwrap();
        EcdsaSig::from_private_components(part(r), part(s)).unwrap().to_der().unwrap()
    });
    verifier.verify_oneshot(der.as_deref().unwrap_or(signature), message).unwrap_or(false)
}
