//! The encryption of older PKCS#12 stores (RFC 7292 appendix B and C), which keys in PKCS#8 have, too.
//!
//! OpenSSL has no function that decrypts just one part of a store with it. Its own reader of stores
//! derives as many keys as the file asks for, and does not read a store at all if it lacks the cipher of
//! the certificates.

use std::num::NonZeroU32;

use der::Decode;
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use openssl::nid::Nid;
use openssl::symm::Cipher;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use zeroize::Zeroizing;

use super::decryption::{decrypted, unsupported_encryption};
use super::in_openssl::OpenSsl;
use super::sequence::algorithm_with_parameters;
use crate::error::Error;

/// The block length of SHA-1 in bytes.
const BLOCK: usize = 64;
/// The length of its digest in bytes.
const DIGEST: usize = 20;

/// The ciphers of RFC 7292 appendix C that encrypt in blocks.
const CIPHERS: [(ObjectIdentifier, Nid); 4] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3"), Nid::DES_EDE3_CBC),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4"), Nid::DES_EDE_CBC),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5"), Nid::RC2_CBC),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6"), Nid::RC2_40_CBC),
];

/// The parameters of the encryption.
pub(super) struct Pkcs12Pbe<'a> {
    cipher: Nid,
    salt: &'a [u8],
    iterations: NonZeroU32,
}

/// The purpose of a derived key (RFC 7292 appendix B.3).
#[derive(Clone, Copy)]
enum Purpose {
    Key = 1,
    Iv = 2,
}

impl<'a> Pkcs12Pbe<'a> {
    /// Reads an `AlgorithmIdentifier`; `None` for another encryption.
    pub fn read(algorithm: AnyRef<'a>) -> der::Result<Option<Self>> {
        let (scheme, parameters) = algorithm_with_parameters(algorithm)?;
        let Some((_, cipher)) = CIPHERS.into_iter().find(|(oid, _)| *oid == scheme) else {
            return Ok(None);
        };
        let (salt, iterations) = parameters.sequence(|reader| {
            Ok::<_, der::Error>((<&OctetStringRef>::decode(reader)?, u32::decode(reader)?))
        })?;
        let iterations = NonZeroU32::new(iterations);
        Ok(iterations.map(|iterations| Self { cipher, salt: salt.as_bytes(), iterations }))
    }

    /// Decrypts with a passphrase as it is typed. An empty one is tried in both ways in which programs
    /// store it: with and without the zero character that ends it.
    pub fn decrypt(
        &self,
        encrypted: &[u8],
        passphrase: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let cipher = {
            let _openssl = OpenSsl::enter()?;
            Cipher::from_nid(self.cipher)
        };
        let cipher = cipher.ok_or_else(unsupported_encryption)?;
        let with = |passphrase: &[u8]| {
            let key = self.derive(Purpose::Key, passphrase, cipher.key_len());
            let iv = self.derive(Purpose::Iv, passphrase, cipher.iv_len().unwrap_or_default());
            decrypted(cipher, &key, &iv, encrypted)
        };
        match with(&bmp_string(passphrase)) {
            Err(_) if passphrase.is_empty() => with(&[]),
            outcome => outcome,
        }
    }

    /// Derives as many bytes as `len` (RFC 7292 appendix B.2).
    fn derive(&self, purpose: Purpose, passphrase: &[u8], len: usize) -> Zeroizing<Vec<u8>> {
        let filled = |bytes: &[u8]| bytes.len().next_multiple_of(BLOCK);
        let lens = [filled(self.salt), filled(passphrase)];
        // At its full size at once, so that no copy is left behind.
        let mut input = Zeroizing::new(Vec::with_capacity(lens.iter().sum()));
        for (bytes, len) in [self.salt, passphrase].into_iter().zip(lens) {
            input.extend(bytes.iter().cycle().take(len));
        }
        let diversifier = [purpose as u8; BLOCK];
        let mut derived = Zeroizing::new(Vec::with_capacity(len + DIGEST));
        while derived.len() < len {
            let mut digest = sha1(&[&diversifier, &input]);
            for _ in 1..self.iterations.get() {
                digest = sha1(&[&digest[..]]);
            }
            derived.extend_from_slice(&digest[..]);
            let block: Vec<u8> = digest.iter().copied().cycle().take(BLOCK).collect();
            let block = Zeroizing::new(block);
            for part in input.chunks_exact_mut(BLOCK) {
                add_and_one(part, &block);
            }
        }
        derived.truncate(len);
        derived
    }
}

fn sha1(parts: &[&[u8]]) -> Zeroizing<[u8; DIGEST]> {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = Zeroizing::new([0; DIGEST]);
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// Adds two numbers and 1, each with its highest byte first; what does not fit is left out.
fn add_and_one(number: &mut [u8], other: &[u8]) {
    let mut carry = 1_u16;
    for (byte, other) in number.iter_mut().zip(other).rev() {
        let sum = u16::from(*byte) + u16::from(*other) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
}

/// Returns a passphrase in the form of RFC 7292 appendix B.1: UTF-16 with its highest byte first, and a
/// zero at its end. What is not UTF-8 counts as Latin-1, as for OpenSSL.
fn bmp_string(passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut string = Zeroizing::new(Vec::with_capacity(2 * passphrase.len() + 2));
    match str::from_utf8(passphrase) {
        Ok(text) => string.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        Err(_) => string.extend(passphrase.iter().flat_map(|byte| [0, *byte])),
    }
    string.extend([0, 0]);
    string
}
