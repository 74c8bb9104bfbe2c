//! Encrypted private keys. OpenSSL decrypts them, with the passphrase by callback: without one it
//! would ask at the terminal.

use der::Decode;
use der::asn1::{AnyRef, ObjectIdentifier};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use zeroize::Zeroizing;

use super::pem::Block;
use super::{bad, not_rsa, providers};
use crate::error::{Error, Status};

/// OpenSSL's own limit, in bytes.
const LONGEST_PASSPHRASE: usize = 1024;
/// About 3 s.
const MOST_ITERATIONS: u64 = 5_000_000;
const MOST_SCRYPT_MEMORY: u64 = 256 * 1024 * 1024;

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");

/// Decrypts an `EncryptedPrivateKeyInfo` (RFC 5958 section 3) to unencrypted PKCS#8.
pub(super) fn decrypt_pkcs8(
    der: &[u8],
    algorithm: AnyRef<'_>,
    passphrase: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    check_cost(algorithm)?;
    let passphrase = given(passphrase)?;
    PKey::private_key_from_pkcs8_callback(der, |buffer| Ok(copy(passphrase, buffer)))
        .and_then(|key| key.private_key_to_pkcs8())
        .map(Zeroizing::new)
        .map_err(|stack| undecryptable(&stack))
}

/// Decrypts PEM that is encrypted by its headers (RFC 1421) to unencrypted PKCS#8.
pub(super) fn decrypt_pem(
    block: &Block<'_>,
    passphrase: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    // Other labels would lead OpenSSL to forms whose cost nobody has checked.
    if block.label != "RSA PRIVATE KEY" {
        return Err(not_rsa(None));
    }
    let passphrase = given(passphrase)?;
    let pem = block.tidy();
    PKey::private_key_from_pem_callback(pem.as_bytes(), |buffer| Ok(copy(passphrase, buffer)))
        .and_then(|key| key.private_key_to_pkcs8())
        .map(Zeroizing::new)
        .map_err(|stack| match undecryptable(&stack) {
            error if error.status() == Status::Passphrase && providers::lack_md5() => bad(
                "is encrypted in a way that OpenSSL's configuration refuses: with MD5",
            )
            .with_hint(
                "encrypt it again: OPENSSL_CONF=/dev/null openssl pkey -in KEY -aes256 -out \
                     NEW_KEY",
            ),
            error => error,
        })
}

fn given(passphrase: Option<&[u8]>) -> Result<&[u8], Error> {
    let bad = |problem| Error::new(Status::Passphrase, problem);
    match passphrase {
        None | Some([]) => Err(bad("is encrypted, and no passphrase is given")
            .with_hint("give its passphrase, or decrypt it: openssl pkey -in KEY -out NEW_KEY")),
        Some(passphrase) if passphrase.len() > LONGEST_PASSPHRASE => {
            Err(bad("is encrypted, and the passphrase is over 1024 bytes"))
        }
        Some(passphrase) => Ok(passphrase),
    }
}

/// OpenSSL takes a length over the buffer's for a failure.
fn copy(passphrase: &[u8], buffer: &mut [u8]) -> usize {
    if let Some(room) = buffer.get_mut(..passphrase.len()) {
        room.copy_from_slice(passphrase);
    }
    passphrase.len()
}

/// Tells a way of encryption that OpenSSL lacks from a passphrase that does not fit. With the wrong
/// one, the padding is wrong, or by chance right and the rest is no key.
fn undecryptable(stack: &ErrorStack) -> Error {
    if let Some(error) = providers::missing() {
        return error;
    }
    let first = stack.errors().first();
    let library = first.and_then(openssl::error::Error::library).unwrap_or_default();
    let reason = first.and_then(openssl::error::Error::reason).unwrap_or_default();
    let lacking = matches!(library, "digital envelope routines" | "PEM routines");
    if lacking && reason != "bad decrypt" {
        return bad(format!("is encrypted in a way that OpenSSL refuses: {reason}")).with_hint(
            "encrypt it anew: openssl pkey -provider legacy -provider default -in KEY -aes256 \
             -out NEW_KEY",
        );
    }
    Error::new(Status::Passphrase, "cannot be decrypted: the passphrase is wrong").with_hint(
        "check for a blank or line break at the passphrase's end; if it is right, the key was \
         altered or cut",
    )
}

/// The file says itself how much work its passphrase takes: see that it is not too much.
fn check_cost(algorithm: AnyRef<'_>) -> Result<(), Error> {
    let within = match cost(algorithm) {
        Ok(Cost::Iterations(count)) => count <= MOST_ITERATIONS,
        Ok(Cost::Scrypt(memory)) => memory <= MOST_SCRYPT_MEMORY,
        Err(_) => return Err(bad("is encrypted in an unknown way")),
    };
    if within {
        return Ok(());
    }
    Err(bad("is encrypted with over 5000000 iterations, or scrypt of over 256 MiB")
        .with_hint("encrypt it anew: openssl pkcs8 -topk8 -in KEY -out NEW_KEY"))
}

enum Cost {
    Iterations(u64),
    /// Bytes, times the rounds that use them.
    Scrypt(u64),
}

/// Reads RFC 8018 appendix A.4 (PBES2 with PBKDF2), RFC 7914 section 7 (scrypt), and what PBES1 and
/// PKCS#12 have in common: after the salt stand the numbers.
fn cost(algorithm: AnyRef<'_>) -> der::Result<Cost> {
    let (mut oid, mut parameters) = algorithm_of(algorithm)?;
    if oid == PBES2 {
        let derivation = *parameters.first().ok_or(der::ErrorKind::Failed)?;
        (oid, parameters) = algorithm_of(derivation)?;
    }
    let numbers: Vec<u64> =
        parameters.iter().skip(1).map_while(|number| number.decode_as().ok()).collect();
    match numbers[..] {
        [n, r, p, ..] if oid == SCRYPT => {
            let memory = [n, r, p].into_iter().fold(128, u64::saturating_mul);
            Ok(Cost::Scrypt(memory))
        }
        [iterations, ..] if oid != SCRYPT => Ok(Cost::Iterations(iterations)),
        _ => Err(der::ErrorKind::Failed.into()),
    }
}

/// An `AlgorithmIdentifier` whose parameters are a sequence.
fn algorithm_of(any: AnyRef<'_>) -> der::Result<(ObjectIdentifier, Vec<AnyRef<'_>>)> {
    any.sequence(|reader| Ok((Decode::decode(reader)?, Decode::decode(reader)?)))
}
