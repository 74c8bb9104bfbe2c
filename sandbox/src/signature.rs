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

/// The vectors of Project Wycheproof: signatures that are right, and wrong in every known way.
#[cfg(test)]
mod tests {
    use Algorithm::{ES256, ES384, ES512, Ed25519, EdDSA, HS256, HS384, HS512};
    use Algorithm::{PS256, PS384, PS512, RS256, RS384, RS512};
    use wycheproof::{TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

    use super::*;

    fn assert_judged(fits: bool, result: TestResult, vector: &str) {
        match result {
            TestResult::Valid => assert!(fits, "{vector} is refused"),
            TestResult::Invalid => assert!(!fits, "{vector} is accepted"),
            TestResult::Acceptable => {}
        }
    }

    fn key(der: &[u8]) -> PKey<Public> {
        PKey::public_key_from_der(der).unwrap()
    }

    #[test]
    fn ecdsa_is_judged_as_wycheproof_judges_it() {
        use ecdsa::TestName::{
            EcdsaSecp256r1Sha256P1363, EcdsaSecp384r1Sha384P1363, EcdsaSecp521r1Sha512P1363,
        };
        for (name, algorithm) in [
            (EcdsaSecp256r1Sha256P1363, ES256),
            (EcdsaSecp384r1Sha384P1363, ES384),
            (EcdsaSecp521r1Sha512P1363, ES512),
        ] {
            for group in ecdsa::TestSet::load(name).unwrap().test_groups {
                let key = key(&group.der);
                for test in group.tests {
                    let fits = fits(&key, algorithm, &test.msg, &test.sig);
                    assert_judged(fits, test.result, &format!("{algorithm} {}", test.tc_id));
                }
            }
        }
    }

    #[test]
    fn ed25519_is_judged_as_wycheproof_judges_it() {
        for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
            let key = key(&group.der);
            for test in group.tests {
                for algorithm in [EdDSA, Ed25519] {
                    let fits = fits(&key, algorithm, &test.msg, &test.sig);
                    assert_judged(fits, test.result, &format!("{algorithm} {}", test.tc_id));
                }
            }
        }
    }

    #[test]
    fn rsa_is_judged_as_wycheproof_judges_it() {
        use rsa_pkcs1_verify::TestName::{Rsa2048Sha256, Rsa2048Sha384, Rsa2048Sha512};
        for (name, algorithm) in
            [(Rsa2048Sha256, RS256), (Rsa2048Sha384, RS384), (Rsa2048Sha512, RS512)]
        {
            for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
                let key = key(&group.der);
                for test in group.tests {
                    let fits = fits(&key, algorithm, &test.msg, &test.sig);
                    assert_judged(fits, test.result, &format!("{algorithm} {}", test.tc_id));
                }
            }
        }
    }

    #[test]
    fn rsa_pss_is_judged_as_wycheproof_judges_it() {
        use rsa_pss_verify::TestName::{
            RsaPss2048Sha256Mgf1SaltLen32, RsaPss2048Sha384Mgf1SaltLen48,
            RsaPss4096Sha512Mgf1SaltLen64,
        };
        for (name, algorithm) in [
            (RsaPss2048Sha256Mgf1SaltLen32, PS256),
            (RsaPss2048Sha384Mgf1SaltLen48, PS384),
            (RsaPss4096Sha512Mgf1SaltLen64, PS512),
        ] {
            for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
                let key = key(&group.der);
                for test in group.tests {
                    let fits = fits(&key, algorithm, &test.msg, &test.sig);
                    assert_judged(fits, test.result, &format!("{algorithm} {}", test.tc_id));
                }
            }
        }
    }

    #[test]
    fn hmac_is_judged_as_wycheproof_judges_it_and_needs_the_whole_code() {
        use mac::TestName::{HmacSha256, HmacSha384, HmacSha512};
        for (name, algorithm, bits) in
            [(HmacSha256, HS256, 256), (HmacSha384, HS384, 384), (HmacSha512, HS512, 512)]
        {
            for group in mac::TestSet::load(name).unwrap().test_groups {
                for test in group.tests {
                    let fits = mac_fits(&test.key, algorithm, &test.msg, &test.tag);
                    let is_whole = group.tag_size == bits;
                    let result = if is_whole { test.result } else { TestResult::Invalid };
                    assert_judged(fits, result, &format!("{algorithm} {}", test.tc_id));
                }
            }
        }
    }
}
