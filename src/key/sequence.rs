//! The DER that keys and certificates are made of.

use der::asn1::AnyRef;
use der::{Decode, Reader};

use super::problem::{bad, damaged};
use crate::error::Error;

/// Longest key file or text, in bytes; an RSA key of 8192 bits takes a tenth of it.
pub(super) const MAX_LEN: usize = 64 * 1024;

/// The tag of a DER sequence, the first byte of every kind of key and certificate.
pub(super) const SEQUENCE: u8 = 0x30;

/// The parts of a DER sequence that is all of `der`.
pub(super) fn sequence(der: &[u8]) -> Result<Vec<AnyRef<'_>>, Error> {
    if der.starts_with(b"openssh-key-v1\0") {
        return Err(bad("is in OpenSSH's own form")
            .with_hint("write it as PEM: ssh-keygen -p -m PEM -f KEY"));
    }
    // More than any key has; the rest is looked through, and not kept.
    const MAX_PARTS: usize = 16;
    let parts = AnyRef::from_der(der).and_then(|all| {
        all.sequence(|reader| {
            let mut parts = Vec::with_capacity(MAX_PARTS);
            while !reader.is_finished() {
                let part = AnyRef::decode(reader)?;
                if parts.len() < MAX_PARTS {
                    parts.push(part);
                }
            }
            Ok(parts)
        })
    });
    parts.map_err(|_| damaged("is damaged: it is cut off, altered, or goes on after its end"))
}
