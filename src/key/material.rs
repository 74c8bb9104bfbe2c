//! Key material: the numbers of one private key, read from DER and not checked yet.

use std::fmt;

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode, Encode, Tag, Tagged};
use zeroize::Zeroizing;

use super::kind::{EC_PUBLIC_KEY, ED25519, Kind, RSA_ENCRYPTION, RSASSA_PSS};
use super::problem::{bad, damaged_part, unsupported};
use super::pss;
use super::sequence::{algorithm_of, is_tagged, sequence};
use crate::algorithm::{self, Algorithm};
use crate::error::Error;

/// The numbers of a private key. They are the same for every form in which a key can be stored.
#[derive(Clone)]
pub(super) struct Material {
    pub kind: Kind,
    /// RSA: the key as RFC 8017 appendix A.1.2 has it. EC: the private scalar, as long as the curve's order.
    /// Ed25519: the seed.
    pub private: Zeroizing<Vec<u8>>,
    /// EC: the public point, uncompressed if it comes from a checked key. Ed25519: the public key. `None` if it is not
    /// known, and for RSA.
    pub public: Option<Vec<u8>>,
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Material").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Material {
    /// Checks that a key of this kind has the algorithm. `called` is its name in the error.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `alg`.
    pub fn check_algorithm(&self, algorithm: Algorithm, called: &str) -> Result<(), Error> {
        let own = self.kind.algorithms();
        if own.contains(&algorithm) {
            return Ok(());
        }
        let (noun, own) = (self.kind.noun(), algorithm::names(own));
        Err(Error::argument("alg", format!("is {algorithm}, but {called} is {noun}"))
            .with_hint(format!("{noun} signs with {own}")))
    }

    /// Reads the parts of a `PrivateKeyInfo` (RFC 5208) or `OneAsymmetricKey` (RFC 5958).
    pub fn from_pkcs8(
        algorithm: AnyRef<'_>,
        key: AnyRef<'_>,
        rest: &[AnyRef<'_>],
    ) -> Result<Self, Error> {
        let (oid, parameters) = algorithm_of(algorithm).map_err(|_| damaged_part())?;
        match oid {
            RSA_ENCRYPTION => Self::rsa(key.value()),
            RSASSA_PSS => {
                let kind = Kind::RsaPss(pss::hash(parameters)?);
                Ok(Self { kind, ..Self::rsa(key.value())? })
            }
            EC_PUBLIC_KEY => Self::ec(key.value(), parameters),
            ED25519 => {
                let seed = <&OctetStringRef>::from_der(key.value()).map_err(|_| damaged_part())?;
                let public = rest.iter().find(|part| is_tagged(part, 1)).map(|part| part.value());
                // An implicit BIT STRING: the first byte counts its unused bits.
                Self::ed25519(seed.as_bytes(), public.and_then(|bits| bits.strip_prefix(&[0])))
            }
            other => Err(unsupported(other)),
        }
    }

    /// Reads RFC 8017 appendix A.1.2. OpenSSL would accept bytes after its end.
    pub fn rsa(der: &[u8]) -> Result<Self, Error> {
        if sequence(der)?.len() != 9 {
            return Err(bad("is not an RSA key of two primes"));
        }
        Ok(Self { kind: Kind::Rsa, private: Zeroizing::new(der.to_vec()), public: None })
    }

    /// Takes the numbers of an RSA key in the order of RFC 8017 appendix A.1.2, from n to the inverse of q,
    /// each unsigned with its highest byte first.
    pub fn rsa_of_numbers(numbers: &[Zeroizing<Vec<u8>>; 8]) -> Result<Self, Error> {
        let version = &[0][..];
        let numbers = [version].into_iter().chain(numbers.iter().map(|number| number.as_slice()));
        let numbers: der::Result<Vec<UintRef<'_>>> = numbers.map(UintRef::new).collect();
        let der = numbers.and_then(|numbers| numbers.to_der()).map_err(|_| damaged_part())?;
        Ok(Self { kind: Kind::Rsa, private: Zeroizing::new(der), public: None })
    }

    /// Takes the private scalar of an EC key and the coordinates of its public point, each unsigned with its
    /// highest byte first.
    pub fn ec_of_numbers(kind: Kind, d: &[u8], x: &[u8], y: &[u8]) -> Result<Self, Error> {
        let [x, y] = [padded(x, kind)?, padded(y, kind)?];
        // The first byte says that the point is uncompressed (SEC 1 section 2.3.3).
        let public = [&[4][..], &x, &y].concat();
        Ok(Self { kind, private: padded(d, kind)?, public: Some(public) })
    }

    /// Reads RFC 5915 section 3. In PKCS#8, the curve stands outside of it.
    pub fn ec(der: &[u8], curve: Option<AnyRef<'_>>) -> Result<Self, Error> {
        let parts = sequence(der)?;
        let [version, private, rest @ ..] = &parts[..] else { return Err(damaged_part()) };
        if version.tag() != Tag::Integer || private.tag() != Tag::OctetString {
            return Err(damaged_part());
        }
        let tagged =
            |number| rest.iter().find(|part| is_tagged(part, number)).map(|part| part.value());
        let own = tagged(0).map(AnyRef::from_der).transpose().map_err(|_| damaged_part())?;
        let curve =
            curve.or(own).ok_or_else(|| bad("is an EC key that does not name its curve"))?;
        let curve = ObjectIdentifier::try_from(curve).map_err(|_| {
            bad("is an EC key that describes its curve instead of naming it").with_hint(
                "write it with the curve's name: openssl pkey -in KEY -ec_param_enc named_curve -out NEW_KEY",
            )
        })?;
        let kind = Kind::on_curve(curve).ok_or_else(|| other_curve(curve))?;
        let public =
            tagged(1).map(BitStringRef::from_der).transpose().map_err(|_| damaged_part())?;
        let private = padded(private.value(), kind)?;
        Ok(Self { kind, private, public: public.map(|bits| bits.raw_bytes().to_vec()) })
    }

    /// Takes the seed of an Ed25519 key (RFC 8032 section 5.1.5), and its public key if that is known.
    pub fn ed25519(seed: &[u8], public: Option<&[u8]>) -> Result<Self, Error> {
        if seed.len() != Kind::Ed25519.len() {
            return Err(damaged_part());
        }
        let private = Zeroizing::new(seed.to_vec());
        Ok(Self { kind: Kind::Ed25519, private, public: public.map(<[u8]>::to_vec) })
    }
}

/// Returns a number of the curve in its full length. Some programs leave out leading zeros, or write one
/// more.
fn padded(number: &[u8], kind: Kind) -> Result<Zeroizing<Vec<u8>>, Error> {
    let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    let Some(zeros) = kind.len().checked_sub(number.len()) else { return Err(damaged_part()) };
    let mut padded = Zeroizing::new(vec![0; kind.len()]);
    padded[zeros..].copy_from_slice(number);
    Ok(padded)
}

fn other_curve(curve: ObjectIdentifier) -> Error {
    let name = match curve.to_string().as_str() {
        "1.3.132.0.10" => "secp256k1",
        "1.2.840.10045.3.1.1" => "P-192",
        "1.3.132.0.33" => "P-224",
        _ => "another curve",
    };
    bad(format!("is an EC key on {name}; it must be on P-256, P-384 or P-521"))
        .with_hint("make a new one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out NEW_KEY")
}
