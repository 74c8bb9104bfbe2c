//! PEM that is encrypted by its headers (RFC 1421 section 4.6), as OpenSSL's older commands and
//! pycryptodome write keys of every kind.

use der::{Tag, Tagged};
use openssl::asn1::Asn1Object;
use openssl::hash::MessageDigest;
use openssl::pkcs5::bytes_to_key;
use openssl::symm::{self, Cipher};
use zeroize::Zeroizing;

use super::decryption::{note_decryption, undecryptable, unsupported_encryption, wrong_passphrase};
use super::encrypted::given;
use super::in_openssl::OpenSsl;
use super::options::KeyOptions;
use super::pem::Block;
use super::problem::bad;
use super::providers;
use super::sequence::sequence;
use crate::error::{Error, Status};

/// Decrypts the bytes of a block, whatever its label, to DER.
///
/// OpenSSL's own reader would go on with whatever it finds there, such as an encrypted PKCS#8 key
/// whose cost no one has checked.
pub(super) fn decrypt(
    block: &Block<'_>,
    encrypted: &[u8],
    options: KeyOptions<'_>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let passphrase = given(options)?;
    note_decryption();
    let _openssl = OpenSsl::enter()?;
    let (cipher, iv) =
        block.header("DEK-Info").and_then(cipher_and_iv).ok_or_else(unsupported_encryption)?;
    let der = bytes_to_key(cipher, MessageDigest::md5(), passphrase, iv.get(..8), 1)
        .and_then(|derived| {
            let key = Zeroizing::new(derived.key);
            symm::decrypt(cipher, &key, Some(&iv), encrypted)
        })
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
        })?;
    match sequence(&der).as_deref() {
        Ok([algorithm, _]) if algorithm.tag() == Tag::Sequence => Err(bad("is encrypted twice")
            .with_hint("decrypt it once: openssl pkey -in KEY -out NEW_KEY")),
        Ok(_) => Ok(der),
        Err(_) => Err(wrong_passphrase()),
    }
}

/// Reads the value of a `DEK-Info` header: a cipher's name and, in hexadecimal, its first block's IV,
/// which is the salt of the passphrase, too.
fn cipher_and_iv(value: &str) -> Option<(Cipher, Vec<u8>)> {
    let (name, hex) = value.split_once(',')?;
    // The crate openssl panics at a NUL.
    if name.contains('\0') {
        return None;
    }
    let cipher = Cipher::from_nid(Asn1Object::from_str(name.trim()).ok()?.nid())?;
    let digits: Vec<u8> =
        hex.trim().chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect::<Option<_>>()?;
    let iv: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    let fits = cipher.iv_len().is_some_and(|len| len >= 8 && 2 * len == digits.len());
    fits.then_some((cipher, iv))
}
