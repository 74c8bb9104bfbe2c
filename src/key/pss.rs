//! The parameters of a key that signs by RSASSA-PSS alone (RFC 4055 section 3.1).

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader};

use super::problem::{damaged_part, no_signing_key};
use super::sequence::{algorithm_of, algorithm_with_parameters, is_tagged};
use crate::algorithm::Hash;
use crate::error::Error;

/// RFC 4055 section 2.1.
const HASHES: [(ObjectIdentifier, Hash, u32); 3] = [
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"), Hash::Sha256, 32),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"), Hash::Sha384, 48),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"), Hash::Sha512, 64),
];

/// Returns the one hash that a key signs with; `None` where it names none.
///
/// # Errors
/// A key whose parameters no algorithm of RFC 7518 section 3.5 has: there the mask has the same hash, and
/// the salt is as long as the hash.
pub(super) fn hash(parameters: Option<AnyRef<'_>>) -> Result<Option<Hash>, Error> {
    let Some(parameters) = parameters else { return Ok(None) };
    let (hash, mask, salt) = read(parameters).map_err(|_| damaged_part())?;
    let known = HASHES.into_iter().find(|(oid, ..)| Some(*oid) == hash && hash == mask);
    match known {
        Some((_, hash, len)) if salt <= len => Ok(Some(hash)),
        Some(_) => {
            Err(no_signing_key("is an RSA-PSS key that asks for a salt longer than its hash"))
        }
        None => Err(no_signing_key(
            "is an RSA-PSS key for another hash than SHA-256, SHA-384 or SHA-512, or for two hashes",
        )),
    }
}

/// The hash, the hash of the mask, and the least length of the salt in bytes. SHA-1 and 20 are the
/// standard's defaults.
type Parameters = (Option<ObjectIdentifier>, Option<ObjectIdentifier>, u32);

fn read(parameters: AnyRef<'_>) -> der::Result<Parameters> {
    let parts = parameters.sequence(|reader| {
        let mut parts = Vec::new();
        while !reader.is_finished() {
            parts.push(AnyRef::decode(reader)?);
        }
        Ok::<_, der::Error>(parts)
    })?;
    let explicit = |number| {
        let part = parts.iter().find(|part| is_tagged(part, number));
        part.map(|part| AnyRef::from_der(part.value())).transpose()
    };
    let hash = explicit(0)?.map(algorithm_of).transpose()?.map(|(hash, _)| hash);
    let mask = explicit(1)?.map(algorithm_with_parameters).transpose()?;
    let mask = mask.map(|(_, hash)| algorithm_of(hash)).transpose()?.map(|(hash, _)| hash);
    let salt = explicit(2)?.map(|salt| salt.decode_as::<u32>()).transpose()?;
    Ok((hash, mask, salt.unwrap_or(20)))
}
