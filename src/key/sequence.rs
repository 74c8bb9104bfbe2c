//! The DER that keys and certificates are made of.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, Tag, TagNumber, Tagged};

use super::problem::damaged;
use crate::error::Error;

/// Longest key file or text, in bytes; an RSA key of 8192 bits takes a tenth of it.
pub(super) const MAX_LEN: usize = 64 * 1024;

/// The tag of a DER sequence, the first byte of every kind of key and certificate.
pub(super) const SEQUENCE: u8 = 0x30;

/// The parts of a DER sequence that is all of `der`.
pub(super) fn sequence(der: &[u8]) -> Result<Vec<AnyRef<'_>>, Error> {
    // No key has more parts than this. Further ones are read, but not kept.
    const MAX_PARTS: usize = 16;
    elements(der, MAX_PARTS)
}

/// The first `max` parts of a DER sequence that is all of `der`.
pub(super) fn elements(der: &[u8], max: usize) -> Result<Vec<AnyRef<'_>>, Error> {
    let parts = AnyRef::from_der(der).and_then(|all| parts(all, max));
    parts.map_err(|_| damaged("is damaged: it is cut off, altered, or goes on after its end"))
}

/// The first `max` parts of a sequence.
pub(super) fn parts(sequence: AnyRef<'_>, max: usize) -> der::Result<Vec<AnyRef<'_>>> {
    sequence.sequence(|reader| {
        let mut parts = Vec::with_capacity(max);
        while !reader.is_finished() {
            let part = AnyRef::decode(reader)?;
            if parts.len() < max {
                parts.push(part);
            }
        }
        Ok(parts)
    })
}

/// Reads an `AlgorithmIdentifier` (RFC 5280 section 4.1.1.2): the algorithm, and its parameters if it
/// has any.
pub(super) fn algorithm_of(any: AnyRef<'_>) -> der::Result<(ObjectIdentifier, Option<AnyRef<'_>>)> {
    any.sequence(|reader| {
        let oid = ObjectIdentifier::decode(reader)?;
        let mut parameters = None;
        while !reader.is_finished() {
            let parameter = AnyRef::decode(reader)?;
            parameters.get_or_insert(parameter);
        }
        Ok((oid, parameters))
    })
}

/// Reads an `AlgorithmIdentifier` that must have parameters.
pub(super) fn algorithm_with_parameters(
    any: AnyRef<'_>,
) -> der::Result<(ObjectIdentifier, AnyRef<'_>)> {
    let (oid, parameters) = algorithm_of(any)?;
    parameters.map(|parameters| (oid, parameters)).ok_or_else(|| der::ErrorKind::Failed.into())
}

/// Reads a sequence of two.
pub(super) fn pair(any: AnyRef<'_>) -> der::Result<(AnyRef<'_>, AnyRef<'_>)> {
    any.sequence(|reader| Ok((Decode::decode(reader)?, Decode::decode(reader)?)))
}

/// Returns whether a part has the context-specific tag `number`.
pub(super) fn is_tagged(part: &AnyRef<'_>, number: u32) -> bool {
    matches!(part.tag(), Tag::ContextSpecific { number: found, .. } if found == TagNumber(number))
}
