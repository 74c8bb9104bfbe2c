//! A key that signs the sandbox's own JWTs, and its public half.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::BigNumRef;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use serde_json::{Value, json};

use super::PublicKey;

/// An RSA key of 2048 bits with its key id, for RS256.
pub(super) struct SigningKey {
    kid: String,
    key: PKey<Private>,
    public_key: PublicKey,
}

impl SigningKey {
    /// Makes a new key, which takes tenths of a second.
    pub fn generate(kid: impl Into<String>) -> Result<Self, ErrorStack> {
        let rsa = Rsa::generate(2048)?;
        let public_key = PublicKey::from_rsa(&rsa)?;
        Ok(Self { kid: kid.into(), key: PKey::from_rsa(rsa)?, public_key })
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Returns a JWT with these claims. The header has `alg`, `kid`, and the member `further`.
    pub fn sign(&self, further: (&str, &str), claims: &Value) -> Result<String, ErrorStack> {
        let (name, value) = further;
        let header = json!({ "alg": "RS256", "kid": self.kid, name: value });
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
        let signature = signer.sign_oneshot_to_vec(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Returns the public half as a JWK (RFC 7517).
    pub fn jwk(&self) -> Result<Value, ErrorStack> {
        let rsa = self.key.rsa()?;
        let encode = |number: &BigNumRef| URL_SAFE_NO_PAD.encode(number.to_vec());
        Ok(json!({
            "alg": "RS256",
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "e": encode(rsa.e()),
            "n": encode(rsa.n()),
        }))
    }
}
