//! The public half of a key, as servers register it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};

use super::kind::Kind;
use super::material::Material;
use super::sequence::sequence;

impl Material {
    /// Returns the public key as a JWK (RFC 7517) with the members that the kind of key requires, and no other.
    pub fn public_jwk(&self) -> String {
        let base64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let public = self.public.as_deref().unwrap_or_default();
        let point = |crv: &str| {
            // After the byte that says that the point is uncompressed.
            let (x, y) = public.get(1..).unwrap_or_default().split_at(self.kind.len());
            format!(r#"{{"crv":"{crv}","kty":"EC","x":"{}","y":"{}"}}"#, base64(x), base64(y))
        };
        // The members are in the order of RFC 7638 section 3.
        match self.kind {
            Kind::Rsa | Kind::RsaPss(_) => {
                let (n, e) = self.modulus_and_exponent();
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, base64(&e), base64(&n))
            }
            Kind::P256 => point("P-256"),
            Kind::P384 => point("P-384"),
            Kind::P521 => point("P-521"),
            Kind::Ed25519 => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64(public))
            }
        }
    }

    /// Returns the key's thumbprint (RFC 7638) by SHA-256, in base64url: an id that anyone can compute.
    pub fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.public_jwk().as_bytes()))
    }

    /// Returns kind and size for a sentence, such as `an RSA key of 2048 bits` or `an EC key on P-256`.
    pub fn description(&self) -> String {
        match self.kind {
            Kind::Rsa | Kind::RsaPss(_) => {
                let (n, _) = self.modulus_and_exponent();
                let unused = n.first().map_or(0, |byte| byte.leading_zeros() as usize);
                format!("{} of {} bits", self.kind.noun(), n.len() * 8 - unused)
            }
            // The curve says the size.
            kind => kind.noun().to_owned(),
        }
    }

    /// The numbers of RFC 8017 appendix A.1.2, without the zero that keeps DER's integers positive.
    fn modulus_and_exponent(&self) -> (Vec<u8>, Vec<u8>) {
        let parts = sequence(&self.private).unwrap_or_default();
        let number = |index: usize| {
            let bytes = parts.get(index).map_or(&[][..], |part| part.value());
            bytes.strip_prefix(&[0]).unwrap_or(bytes).to_vec()
        };
        (number(1), number(2))
    }
}

/// Returns the fingerprint of a public key as Snowflake writes it.
pub(super) fn fingerprint(der: &[u8]) -> String {
    format!("SHA256:{}", STANDARD.encode(digest(&SHA256, der)))
}
