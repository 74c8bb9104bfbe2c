//! Encrypted PKCS#8 (RFC 5958 section 3). OpenSSL decrypts what no other file here does, with the
//! passphrase by callback: without one it would ask at the terminal.

use der::Decode;
use der::asn1::{AnyRef, OctetStringRef};
use openssl::pkey::PKey;
use zeroize::Zeroizing;

use super::cost::Cost;
use super::decryption::{check_passphrase, note_decryption, undecryptable};
use super::in_openssl::OpenSsl;
use super::options::KeyOptions;
use super::pbes2::Pbes2;
use super::pkcs12_pbe::Pkcs12Pbe;
use super::problem::damaged_part;
use super::sequence::pair;
use crate::error::{Error, Status};

/// Decrypts an `EncryptedPrivateKeyInfo` to unencrypted PKCS#8.
pub(super) fn decrypt_pkcs8(
    der: &[u8],
    options: KeyOptions<'_>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (algorithm, encrypted) = parts(der)?;
    let cost = Cost::of(algorithm)?;
    cost.check(options.deadline)?;
    let passphrase = given(options)?;
    note_decryption();
    if let Some(decrypted) = decrypt(algorithm, encrypted, passphrase) {
        return decrypted;
    }
    // OpenSSL parses the key in the same step, for which forks should wait.
    let _openssl = if cost.is_short() { OpenSsl::enter()? } else { OpenSsl::enter_for_long()? };
    PKey::private_key_from_pkcs8_callback(der, |buffer| Ok(copy(passphrase, buffer)))
        .and_then(|key| key.private_key_to_pkcs8())
        .map(Zeroizing::new)
        .map_err(|stack| undecryptable(&stack))
}

/// Returns the algorithm and the encrypted bytes of an `EncryptedPrivateKeyInfo`.
pub(super) fn parts(der: &[u8]) -> Result<(AnyRef<'_>, &[u8]), Error> {
    let read = || {
        let (algorithm, encrypted) = pair(AnyRef::from_der(der)?)?;
        let encrypted: &OctetStringRef = encrypted.decode_as()?;
        Ok::<_, der::Error>((algorithm, encrypted.as_bytes()))
    };
    read().map_err(|_| damaged_part())
}

/// Decrypts a sequence of DER that is encrypted by an `AlgorithmIdentifier`. Returns `None` for an
/// algorithm that only OpenSSL's own reader of keys decrypts. The cost is not checked.
pub(super) fn decrypt(
    algorithm: AnyRef<'_>,
    encrypted: &[u8],
    passphrase: &[u8],
) -> Option<Result<Zeroizing<Vec<u8>>, Error>> {
    if let Ok(Some(pbes2)) = Pbes2::read(algorithm) {
        return Some(pbes2.decrypt(encrypted, passphrase));
    }
    let pbe = Pkcs12Pbe::read(algorithm).ok().flatten()?;
    Some(pbe.decrypt(encrypted, passphrase))
}

/// Returns the passphrase of a key that needs one.
pub(super) fn given(options: KeyOptions<'_>) -> Result<&[u8], Error> {
    let passphrase = options.given_passphrase().ok_or_else(|| {
        Error::new(Status::Passphrase, "is encrypted, and no passphrase is given")
            .with_hint("give its passphrase, or decrypt it: openssl pkey -in KEY -out NEW_KEY")
    })?;
    check_passphrase(passphrase)
}

/// OpenSSL takes a length over the buffer's for a failure.
fn copy(passphrase: &[u8], buffer: &mut [u8]) -> usize {
    if let Some(room) = buffer.get_mut(..passphrase.len()) {
        room.copy_from_slice(passphrase);
    }
    passphrase.len()
}
