//! PBES2 with PBKDF2 and a cipher in CBC mode (RFC 8018 sections 5.2 and 6.2), as OpenSSL and others
//! write it today. ring derives its key, which takes no lock that a forked child could miss.

use std::num::NonZeroU32;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, Tag, Tagged};
use openssl::asn1::Asn1Object;
use openssl::symm::Cipher;
use ring::pbkdf2;
use zeroize::Zeroizing;

use super::cost::PBES2;
use super::decryption::{decrypted, unsupported_encryption};
use super::in_openssl::OpenSsl;
use super::sequence::{algorithm_with_parameters, pair};
use crate::error::Error;

const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
/// RFC 8018 appendix B.1.2.
const HMAC_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");
const PRFS: [(ObjectIdentifier, pbkdf2::Algorithm); 4] = [
    (HMAC_SHA1, pbkdf2::PBKDF2_HMAC_SHA1),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.9"), pbkdf2::PBKDF2_HMAC_SHA256),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.10"), pbkdf2::PBKDF2_HMAC_SHA384),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.11"), pbkdf2::PBKDF2_HMAC_SHA512),
];

/// The parameters of the encryption.
pub(super) struct Pbes2<'a> {
    prf: pbkdf2::Algorithm,
    salt: &'a [u8],
    iterations: NonZeroU32,
    cipher: ObjectIdentifier,
    iv: &'a [u8],
}

impl<'a> Pbes2<'a> {
    /// Reads an `AlgorithmIdentifier`; `None` for another encryption.
    pub fn read(algorithm: AnyRef<'a>) -> der::Result<Option<Self>> {
        let (scheme, parameters) = algorithm_with_parameters(algorithm)?;
        if scheme != PBES2 {
            return Ok(None);
        }
        let (derivation, cipher) = pair(parameters)?;
        let (derivation, parameters) = algorithm_with_parameters(derivation)?;
        let (cipher, iv) = algorithm_with_parameters(cipher)?;
        if derivation != PBKDF2 || iv.tag() != Tag::OctetString {
            return Ok(None);
        }
        let (salt, iterations, prf) = parameters.sequence(|reader| {
            let salt = AnyRef::decode(reader)?;
            let iterations = u32::decode(reader)?;
            if Tag::peek(reader).is_ok_and(|tag| tag == Tag::Integer) {
                u32::decode(reader)?;
            }
            let prf = match reader.is_finished() {
                true => HMAC_SHA1,
                false => AnyRef::decode(reader)?.sequence(|prf| {
                    let name = ObjectIdentifier::decode(prf)?;
                    if !prf.is_finished() {
                        AnyRef::decode(prf)?;
                    }
                    Ok::<_, der::Error>(name)
                })?,
            };
            Ok::<_, der::Error>((salt, iterations, prf))
        })?;
        let prf = PRFS.into_iter().find(|(name, _)| *name == prf).map(|(_, prf)| prf);
        let (Some(prf), Some(iterations)) = (prf, NonZeroU32::new(iterations)) else {
            return Ok(None);
        };
        let is_plain = salt.tag() == Tag::OctetString;
        Ok(is_plain.then(|| Self { prf, salt: salt.value(), iterations, cipher, iv: iv.value() }))
    }

    pub fn decrypt(
        &self,
        encrypted: &[u8],
        passphrase: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let cipher = {
            let _openssl = OpenSsl::enter()?;
            let name = Asn1Object::from_str(&self.cipher.to_string());
            name.ok().and_then(|name| Cipher::from_nid(name.nid()))
        };
        let cipher = cipher
            .filter(|cipher| cipher.iv_len() == Some(self.iv.len()) && cipher.block_size() > 1)
            .ok_or_else(unsupported_encryption)?;
        let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
        pbkdf2::derive(self.prf, self.iterations, self.salt, passphrase, &mut key);
        decrypted(cipher, &key, self.iv, encrypted)
    }
}
