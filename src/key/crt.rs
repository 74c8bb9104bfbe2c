//! The numbers of an RSA key that its file leaves out: the primes, and what the Chinese remainder theorem
//! needs (RFC 8017 section 3.2). They are not checked here.

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

/// The limits of a key that loads, in bits. No time is spent on others.
const MAX_BITS: i32 = 8192;
const MAX_EXPONENT_BITS: i32 = 256;
/// The number of bases that are tried. At least half of all bases find the primes.
const BASES: u32 = 40;

/// Returns `d` modulo each prime less 1.
pub(super) fn exponents(
    d: &[u8],
    p: &[u8],
    q: &[u8],
) -> Result<[Zeroizing<Vec<u8>>; 2], ErrorStack> {
    let (d, mut context) = (secret(d)?, BigNumContext::new_secure()?);
    let mut modulo = |prime: &[u8]| {
        let (mut divisor, mut remainder) = (secret(prime)?, BigNum::new_secure()?);
        divisor.sub_word(1)?;
        remainder.checked_rem(&d, &divisor, &mut context)?;
        Ok::<_, ErrorStack>(Zeroizing::new(remainder.to_vec()))
    };
    Ok([modulo(p)?, modulo(q)?])
}

/// Returns p, q, both exponents and the inverse of q. Returns `None` where `e` and `d` do not belong to `n`.
pub(super) fn of(
    n: &[u8],
    e: &[u8],
    d: &[u8],
) -> Result<Option<[Zeroizing<Vec<u8>>; 5]>, ErrorStack> {
    let mut context = BigNumContext::new_secure()?;
    let Some([p, q]) = primes(&*secret(n)?, &*secret(e)?, &*secret(d)?, &mut context)? else {
        return Ok(None);
    };
    let mut inverse = BigNum::new_secure()?;
    inverse.mod_inverse(&q, &p, &mut context)?;
    let [p, q, inverse] = [p, q, inverse].map(|number| Zeroizing::new(number.to_vec()));
    let [dp, dq] = exponents(d, &p, &q)?;
    Ok(Some([p, q, dp, dq, inverse]))
}

/// Factors `n` (NIST SP 800-56B revision 2 appendix C.1): e * d - 1 is r * 2^t, and among the squares of a base to the
/// power r is a root of 1, which shares one prime with `n` where it is neither 1 nor -1.
fn primes(
    n: &BigNumRef,
    e: &BigNumRef,
    d: &BigNumRef,
    context: &mut BigNumContext,
) -> Result<Option<[BigNum; 2]>, ErrorStack> {
    let too_large = n.num_bits() > MAX_BITS || e.num_bits() > MAX_EXPONENT_BITS || d > n;
    if too_large || n.is_even() || n.num_bits() < 2 {
        return Ok(None);
    }
    let (one, mut less_1, mut r) = (BigNum::from_u32(1)?, n.to_owned()?, BigNum::new_secure()?);
    less_1.sub_word(1)?;
    r.checked_mul(e, d, context)?;
    r.sub_word(1)?;
    if r.is_negative() || r.num_bits() == 0 || !r.is_even() {
        return Ok(None);
    }
    let mut t = 0;
    while r.is_even() {
        let mut half = BigNum::new_secure()?;
        half.rshift1(&r)?;
        (r, t) = (half, t + 1);
    }
    r.set_const_time();
    for base in 2..2 + BASES {
        let mut x = BigNum::new_secure()?;
        x.mod_exp(&*BigNum::from_u32(base)?, &r, n, context)?;
        if x == one {
            continue;
        }
        for squared in 0..=t {
            if x == less_1 {
                break;
            }
            if squared == t {
                return Ok(None);
            }
            let mut square = BigNum::new_secure()?;
            square.mod_sqr(&x, n, context)?;
            if square == one {
                let (mut p, mut q) = (BigNum::new_secure()?, BigNum::new_secure()?);
                x.sub_word(1)?;
                p.gcd(&x, n, context)?;
                q.checked_div(n, &p, context)?;
                return Ok(Some([p, q]));
            }
            x = square;
        }
    }
    Ok(None)
}

/// A number that OpenSSL overwrites when it frees it.
fn secret(number: &[u8]) -> Result<BigNum, ErrorStack> {
    let mut secret = BigNum::new_secure()?;
    secret.copy_from_slice(number)?;
    Ok(secret)
}
