//! The cost of a key derivation, which the file itself decides.

use std::time::{Duration, Instant};

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, Tag};

use super::problem::bad;
use super::sequence::{algorithm_with_parameters, pair};
use crate::error::{Error, Status};

/// OWASP asks for 600,000. These take 0.5 to 1 s on a machine of today, and about 10 s on one that is
/// three times slower and busy.
const MAX_ITERATIONS: u64 = 1_000_000;
/// The speed of a slow and busy machine. A call with a deadline does not begin a derivation that
/// would take longer than the deadline at this speed.
const MIN_ITERATIONS_PER_SECOND: f64 = 100_000.0;
/// The iterations that OpenSSL does within a few milliseconds, for which a fork may wait.
const MAX_ITERATIONS_OF_A_STAY: u64 = 10_000;
/// OpenSSL's own limit for the scrypt of a key, in bytes. PKCS#8 has no setting for it.
const MAX_SCRYPT_MEMORY: u64 = 32 * 1024 * 1024;

pub(super) const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");

/// The cost of a key derivation.
#[derive(Clone, Copy, Default)]
pub(super) struct Cost {
    /// The iterations of PBKDF2. For scrypt, its N times r times p, which takes as long.
    iterations: u64,
    /// The memory of scrypt in bytes.
    memory: u64,
}

impl Cost {
    /// Reads RFC 8018 appendix A.4 (PBES2 with PBKDF2), RFC 7914 section 7 (scrypt), and what PBES1 and
    /// PKCS#12 have in common: after the salt stand the numbers.
    pub fn of(algorithm: AnyRef<'_>) -> Result<Self, Error> {
        read(algorithm).map_err(|_| bad("is encrypted in an unknown way"))
    }

    /// Returns the cost of this derivation after others, `times` times.
    pub fn after(self, others: Self, times: u64) -> Self {
        let iterations = self.iterations.saturating_mul(times).saturating_add(others.iterations);
        Self { iterations, memory: self.memory.max(others.memory) }
    }

    /// Returns whether a fork may wait for it.
    pub fn is_short(self) -> bool {
        self.iterations <= MAX_ITERATIONS_OF_A_STAY
    }

    /// Checks that it is affordable, and ends before the deadline.
    pub fn check(self, deadline: Option<Instant>) -> Result<(), Error> {
        let Self { iterations, memory } = self;
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let takes = Duration::from_secs(1).mul_f64(iterations as f64 / MIN_ITERATIONS_PER_SECOND);
        if iterations <= MAX_ITERATIONS && left.is_some_and(|left| takes > left) {
            let problem =
                format!("is encrypted with {iterations} iterations, which may outlast this call");
            return Err(Error::new(Status::Timeout, problem).with_hint(
                "raise the timeout, or encrypt it with fewer: openssl pkcs8 -topk8 -in KEY -out \
                 NEW_KEY",
            ));
        }
        let problem = if iterations > MAX_ITERATIONS {
            "is encrypted with over 1000000 iterations"
        } else if memory > MAX_SCRYPT_MEMORY {
            "is encrypted with scrypt of over 32 MiB, which OpenSSL refuses"
        } else {
            return Ok(());
        };
        Err(bad(problem).with_hint("encrypt it again: openssl pkcs8 -topk8 -in KEY -out NEW_KEY"))
    }
}

fn read(algorithm: AnyRef<'_>) -> der::Result<Cost> {
    let (mut oid, mut parameters) = algorithm_with_parameters(algorithm)?;
    if oid == PBES2 {
        let (derivation, _cipher) = pair(parameters)?;
        (oid, parameters) = algorithm_with_parameters(derivation)?;
    }
    let numbers: Vec<u64> = parameters.sequence(|reader| {
        let _salt = AnyRef::decode(reader)?;
        let mut numbers = Vec::new();
        while numbers.len() < 3 && Tag::peek(reader).is_ok_and(|tag| tag == Tag::Integer) {
            numbers.push(u64::decode(reader)?);
        }
        // The remaining fields do not change the cost.
        while !reader.is_finished() {
            AnyRef::decode(reader)?;
        }
        Ok::<_, der::Error>(numbers)
    })?;
    match numbers[..] {
        [n, r, p] if oid == SCRYPT => Ok(Cost {
            iterations: n.saturating_mul(r).saturating_mul(p),
            // OpenSSL counts p blocks of 128 r bytes, and N + 2 of them.
            memory: n.saturating_add(2).saturating_add(p).saturating_mul(r).saturating_mul(128),
        }),
        [iterations, ..] if oid != SCRYPT => Ok(Cost { iterations, memory: 0 }),
        _ => Err(der::ErrorKind::Failed.into()),
    }
}
