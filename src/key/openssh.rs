//! Keys in OpenSSH's own form (PROTOCOL.key of OpenSSH), which are named, not read.

use super::problem::{bad, no_signing_key};
use crate::error::Error;

/// The first bytes of a key.
pub(super) const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Makes the error of a key, with the command for its kind.
pub(super) fn error(bytes: &[u8]) -> Error {
    let (kind, is_encrypted) = read(bytes).unwrap_or_default();
    let encrypted = if is_encrypted { ", encrypted" } else { "" };
    let problem = format!("is in OpenSSH's own form{encrypted}");
    match kind {
        // ssh-keygen writes these in no other form.
        b"ssh-ed25519" => bad(format!("{problem}, which ssh-keygen writes Ed25519 keys in alone"))
            .with_hint(
                "make a new key and register its public key: openssl genpkey -algorithm ED25519 -out \
                 NEW_KEY",
            ),
        kind if kind.starts_with(b"sk-") => {
            no_signing_key("is the handle of a key on a security token (FIDO), not the key")
        }
        b"ssh-dss" => no_signing_key("is a DSA key; it must be RSA, EC or Ed25519"),
        _ => bad(problem).with_hint(
            "write a copy as PEM: cp KEY NEW_KEY && ssh-keygen -p -m PEM -f NEW_KEY",
        ),
    }
}

/// Returns the kind of the key by its name in SSH, and whether it is encrypted.
fn read(bytes: &[u8]) -> Option<(&[u8], bool)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (cipher, rest) = string(rest)?;
    let (_derivation, rest) = string(rest)?;
    let (_parameters, rest) = string(rest)?;
    let (_count, rest) = rest.split_at_checked(4)?;
    let (public_key, _) = string(rest)?;
    let (kind, _) = string(public_key)?;
    Some((kind, cipher != b"none"))
}

/// Splits off a string (RFC 4251 section 5).
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*len).try_into().ok()?)
}
