//! RSA keys, checked by arithmetic.

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Rsa, RsaRef};

use super::in_openssl::refused;
use super::problem::{damaged_part, inconsistent, no_signing_key};
use crate::error::Error;

/// Loads and checks the key of a PKCS#1 DER.
pub(super) fn load(pkcs1: &[u8]) -> Result<PKey<Private>, Error> {
    let rsa = Rsa::private_key_from_der(pkcs1).map_err(|_| damaged_part())?;
    check(&rsa)?;
    PKey::from_rsa(rsa).map_err(|stack| refused(&stack))
}

/// Returns whether ring can sign with the key. A child needs ring if it was forked while another thread
/// signed.
pub(super) fn is_of_ring(rsa: &RsaRef<Private>) -> bool {
    let bits = rsa.n().num_bits();
    let is_half = |prime: &BigNumRef| 2 * prime.num_bits() == bits;
    bits % 1024 == 0
        && bits <= 4096
        && rsa.e().num_bits() <= 33
        && rsa.p().is_some_and(is_half)
        && rsa.q().is_some_and(is_half)
}

/// Checks size and strength, and that all parts belong together.
fn check(rsa: &RsaRef<Private>) -> Result<(), Error> {
    let (bits, e) = (rsa.n().num_bits(), rsa.e());
    if !(2048..=8192).contains(&bits) {
        let problem = format!("has {bits} bits; an RSA key must have 2048 to 8192");
        return Err(no_signing_key(problem));
    }
    // FIPS 186-5 section 5.4: odd, over 2^16 and under 2^256.
    if e.is_even() || !(17..=256).contains(&e.num_bits()) {
        let problem = "has an unfit public exponent: it must be odd and 65537 or more";
        return Err(no_signing_key(problem));
    }
    match is_consistent(rsa) {
        Ok(true) => Ok(()),
        _ => Err(inconsistent()),
    }
}

/// Checks the numbers of the key by arithmetic. A signature proves nothing, because OpenSSL repairs
/// one that altered numbers have made. OpenSSL's own check tests primes, which takes tens of
/// milliseconds.
fn is_consistent(rsa: &RsaRef<Private>) -> Result<bool, ErrorStack> {
    let (n, e, d) = (rsa.n(), rsa.e(), rsa.d());
    let (Some(p), Some(q), Some(dp), Some(dq), Some(q_inverse)) =
        (rsa.p(), rsa.q(), rsa.dmp1(), rsa.dmq1(), rsa.iqmp())
    else {
        return Ok(false);
    };
    let mut context = BigNumContext::new()?;
    let (mut product, mut rest) = (BigNum::new()?, BigNum::new()?);
    let (mut p_less_1, mut q_less_1) = (p.to_owned()?, q.to_owned()?);
    p_less_1.sub_word(1)?;
    q_less_1.sub_word(1)?;
    let one = BigNum::from_u32(1)?;

    product.checked_mul(p, q, &mut context)?;
    let mut consistent = *product == *n && *p < *n && *q < *n && *d < *n;
    let products: [(&BigNumRef, &BigNumRef, &BigNumRef); 5] = [
        (e, d, &p_less_1),
        (e, d, &q_less_1),
        (e, dp, &p_less_1),
        (e, dq, &q_less_1),
        (q, q_inverse, p),
    ];
    for (a, b, modulus) in products {
        product.checked_mul(a, b, &mut context)?;
        rest.checked_rem(&product, modulus, &mut context)?;
        consistent &= rest == one;
    }
    consistent &= *dp < p_less_1 && *dq < q_less_1 && *q_inverse < *p;
    for secret in [&mut product, &mut p_less_1, &mut q_less_1] {
        secret.clear();
    }
    Ok(consistent)
}
