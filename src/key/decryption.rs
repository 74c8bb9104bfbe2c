//! One decryption by OpenSSL, and what goes wrong with it.

use std::sync::atomic::{AtomicBool, Ordering};

use openssl::error::ErrorStack;
use openssl::symm::{self, Cipher};
use zeroize::Zeroizing;

use super::in_openssl::OpenSsl;
use super::legacy;
use super::problem::bad;
use super::providers;
use super::sequence::sequence;
use crate::error::{Error, Status};

/// OpenSSL's own limit, in bytes.
const MAX_PASSPHRASE: usize = 1024;

/// True once this process has decrypted a key.
static HAS_DECRYPTED: AtomicBool = AtomicBool::new(false);

/// Returns whether this process, or one that it was forked from, has decrypted a key.
pub(super) fn has_decrypted() -> bool {
    HAS_DECRYPTED.load(Ordering::Relaxed)
}

/// Notes that this process decrypts keys.
pub(super) fn note_decryption() {
    HAS_DECRYPTED.store(true, Ordering::Relaxed);
}

/// Checks the length of a passphrase.
pub(super) fn check_passphrase(passphrase: &[u8]) -> Result<&[u8], Error> {
    if passphrase.len() > MAX_PASSPHRASE {
        let problem = "is encrypted, and the passphrase is over 1024 bytes";
        return Err(Error::new(Status::Passphrase, problem));
    }
    Ok(passphrase)
}

/// Decrypts DER that begins with a sequence.
pub(super) fn decrypted(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8],
    encrypted: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let der = {
        let _openssl = OpenSsl::enter()?;
        symm::decrypt(cipher, key, Some(iv), encrypted)
            .map(Zeroizing::new)
            .or_else(|stack| match is_lacking(&stack) {
                true => legacy::decrypt(cipher.nid(), key, iv, encrypted).unwrap_or(Err(stack)),
                false => Err(stack),
            })
            .map_err(|stack| undecryptable(&stack))?
    };
    // A wrong passphrase can give a valid padding by chance.
    sequence(&der).map_err(|_| wrong_passphrase())?;
    Ok(der)
}

/// Returns the error for a cipher that OpenSSL lacks, or for a wrong passphrase. With a wrong
/// passphrase, the padding is usually wrong. It may be right by chance, but then the content is not
/// a key.
pub(super) fn undecryptable(stack: &ErrorStack) -> Error {
    if let Some(error) = providers::missing() {
        return error;
    }
    match is_lacking(stack) {
        true => refused_encryption(first_reason(stack)),
        false => wrong_passphrase(),
    }
}

/// Returns whether OpenSSL lacks the cipher.
fn is_lacking(stack: &ErrorStack) -> bool {
    let library = stack.errors().first().and_then(openssl::error::Error::library);
    matches!(library, Some("digital envelope routines" | "PEM routines"))
        && first_reason(stack) != "bad decrypt"
}

fn first_reason(stack: &ErrorStack) -> &str {
    stack.errors().first().and_then(openssl::error::Error::reason).unwrap_or_default()
}

pub(super) fn unsupported_encryption() -> Error {
    refused_encryption("unsupported encryption")
}

fn refused_encryption(reason: &str) -> Error {
    bad(format!("is encrypted in a way that OpenSSL refuses: {reason}")).with_hint(
        "encrypt it again: openssl pkey -provider legacy -provider default -in KEY -aes256 \
         -out NEW_KEY",
    )
}

pub(super) fn wrong_passphrase() -> Error {
    Error::new(Status::Passphrase, "cannot be decrypted: the passphrase is wrong").with_hint(
        "check for a blank or line break at the passphrase's end; if it is right, the key was \
         altered or cut",
    )
}
