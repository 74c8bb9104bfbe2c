//! Encrypted private keys. OpenSSL decrypts them, with the passphrase by callback: without one it
//! would ask at the terminal.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, Tag, Tagged};
use openssl::asn1::Asn1Object;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkcs5::bytes_to_key;
use openssl::pkey::PKey;
use openssl::symm::{self, Cipher};
use ring::pbkdf2;
use zeroize::Zeroizing;

use super::in_openssl::OpenSsl;
use super::passphrase::Passphrase;
use super::pem::Block;
use super::problem::{bad, damaged, unsupported};
use super::providers;
use super::sequence::sequence;
use crate::error::{Error, Status};

/// OpenSSL's own limit, in bytes.
const MAX_PASSPHRASE: usize = 1024;
/// OWASP asks for 600,000. These take 0.5 to 1 s on a machine of today, and about 10 s on one that is
/// three times slower and busy.
const MAX_ITERATIONS: u64 = 1_000_000;
/// The speed of a slow and busy machine. A call with a deadline does not begin a derivation that
/// would take longer than the deadline at this speed.
const MIN_ITERATIONS_PER_SECOND: f64 = 100_000.0;
/// The iterations that OpenSSL does within a few milliseconds, for which a fork may wait.
const MAX_ITERATIONS_OF_A_STAY: u64 = 10_000;
/// OpenSSL's own limit for the scrypt of a key, in bytes. PKCS#8 has no setting for it.
const MAX_SCRYPT_MEMORY: u64 = 32 * 1024 * 1024;

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
/// RFC 8018 appendix B.1.2.
const HMAC_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");
const PRFS: [(ObjectIdentifier, pbkdf2::Algorithm); 4] = [
    (HMAC_SHA1, pbkdf2::PBKDF2_HMAC_SHA1),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.9"), pbkdf2::PBKDF2_HMAC_SHA256),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.10"), pbkdf2::PBKDF2_HMAC_SHA384),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.11"), pbkdf2::PBKDF2_HMAC_SHA512),
];
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");

/// True once this process has decrypted a key.
static HAS_DECRYPTED: AtomicBool = AtomicBool::new(false);

/// Returns whether this process, or one that it was forked from, has decrypted a key.
pub(super) fn has_decrypted() -> bool {
    HAS_DECRYPTED.load(Ordering::Relaxed)
}

/// Decrypts an `EncryptedPrivateKeyInfo` (RFC 5958 section 3) to unencrypted PKCS#8.
pub(super) fn decrypt_pkcs8(
    der: &[u8],
    algorithm: AnyRef<'_>,
    passphrase: Passphrase<'_>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let cost = check_cost(algorithm, passphrase.deadline)?;
    let passphrase = given(passphrase.text)?;
    HAS_DECRYPTED.store(true, Ordering::Relaxed);
    if let Ok(Some(pbes2)) = Pbes2::read(der) {
        return pbes2.decrypt(passphrase);
    }
    // OpenSSL parses the key in the same step, for which forks should wait.
    let is_short = cost.iterations <= MAX_ITERATIONS_OF_A_STAY;
    let _openssl = if is_short { OpenSsl::enter()? } else { OpenSsl::enter_for_long()? };
    PKey::private_key_from_pkcs8_callback(der, |buffer| Ok(copy(passphrase, buffer)))
        .and_then(|key| key.private_key_to_pkcs8())
        .map(Zeroizing::new)
        .map_err(|stack| undecryptable(&stack))
}

/// PBES2 with PBKDF2 and a cipher in CBC mode (RFC 8018 sections 5.2 and 6.2), as OpenSSL and others
/// write it today. ring derives its key, which takes no lock that a forked child could miss.
struct Pbes2<'a> {
    prf: pbkdf2::Algorithm,
    salt: &'a [u8],
    iterations: NonZeroU32,
    cipher: ObjectIdentifier,
    iv: &'a [u8],
    encrypted: &'a [u8],
}

impl<'a> Pbes2<'a> {
    /// Reads an `EncryptedPrivateKeyInfo`; `None` where it is encrypted in another way.
    fn read(der: &'a [u8]) -> der::Result<Option<Self>> {
        let (algorithm, encrypted) = pair(AnyRef::from_der(der)?)?;
        let (scheme, parameters) = algorithm_of(algorithm)?;
        if scheme != PBES2 {
            return Ok(None);
        }
        let (derivation, cipher) = pair(parameters)?;
        let (derivation, parameters) = algorithm_of(derivation)?;
        let (cipher, iv) = algorithm_of(cipher)?;
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
        let is_plain = salt.tag() == Tag::OctetString && encrypted.tag() == Tag::OctetString;
        Ok(is_plain.then(|| Self {
            prf,
            salt: salt.value(),
            iterations,
            cipher,
            iv: iv.value(),
            encrypted: encrypted.value(),
        }))
    }

    fn decrypt(&self, passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let cipher = {
            let _openssl = OpenSsl::enter()?;
            let name = Asn1Object::from_str(&self.cipher.to_string());
            name.ok().and_then(|name| Cipher::from_nid(name.nid()))
        };
        let cipher = cipher
            .filter(|cipher| cipher.iv_len() == Some(self.iv.len()) && cipher.block_size() > 1)
            .ok_or_else(|| refused_encryption("unsupported encryption"))?;
        let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
        pbkdf2::derive(self.prf, self.iterations, self.salt, passphrase, &mut key);
        let der = {
            let _openssl = OpenSsl::enter()?;
            symm::decrypt(cipher, &key, Some(self.iv), self.encrypted)
                .map(Zeroizing::new)
                .map_err(|stack| undecryptable(&stack))?
        };
        // A wrong passphrase can give a valid padding by chance.
        sequence(&der).map_err(|_| wrong_passphrase())?;
        Ok(der)
    }
}

/// Decrypts PEM that is encrypted by its headers (RFC 1421) to the DER in it.
///
/// OpenSSL's own reader would go on with whatever it finds there, such as an encrypted PKCS#8 key
/// whose cost no one has checked.
pub(super) fn decrypt_pem(
    block: &Block<'_>,
    passphrase: Passphrase<'_>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    if !["RSA PRIVATE KEY", "EC PRIVATE KEY"].contains(&block.label) {
        return Err(unsupported(None));
    }
    let encrypted = block.der().map_err(damaged)?;
    let passphrase = given(passphrase.text)?;
    HAS_DECRYPTED.store(true, Ordering::Relaxed);
    let _openssl = OpenSsl::enter()?;
    let (cipher, iv) = block
        .header("DEK-Info")
        .and_then(cipher_and_iv)
        .ok_or_else(|| refused_encryption("unsupported encryption"))?;
    let der = bytes_to_key(cipher, MessageDigest::md5(), passphrase, iv.get(..8), 1)
        .and_then(|derived| {
            let key = Zeroizing::new(derived.key);
            symm::decrypt(cipher, &key, Some(&iv), &encrypted)
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
    let cipher = Cipher::from_nid(Asn1Object::from_str(name.trim()).ok()?.nid())?;
    let digits: Vec<u8> =
        hex.trim().chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect::<Option<_>>()?;
    let iv: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    let fits = cipher.iv_len().is_some_and(|len| len >= 8 && 2 * len == digits.len());
    fits.then_some((cipher, iv))
}

fn given(passphrase: Option<&[u8]>) -> Result<&[u8], Error> {
    let bad = |problem| Error::new(Status::Passphrase, problem);
    match passphrase {
        None | Some([]) => Err(bad("is encrypted, and no passphrase is given")
            .with_hint("give its passphrase, or decrypt it: openssl pkey -in KEY -out NEW_KEY")),
        Some(passphrase) if passphrase.len() > MAX_PASSPHRASE => {
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

/// Returns the error for a cipher that OpenSSL lacks, or for a wrong passphrase. With a wrong
/// passphrase, the padding is usually wrong. It may be right by chance, but then the content is not
/// a key.
fn undecryptable(stack: &ErrorStack) -> Error {
    if let Some(error) = providers::missing() {
        return error;
    }
    let first = stack.errors().first();
    let library = first.and_then(openssl::error::Error::library).unwrap_or_default();
    let reason = first.and_then(openssl::error::Error::reason).unwrap_or_default();
    let lacking = matches!(library, "digital envelope routines" | "PEM routines");
    if lacking && reason != "bad decrypt" {
        return refused_encryption(reason);
    }
    wrong_passphrase()
}

fn refused_encryption(reason: &str) -> Error {
    bad(format!("is encrypted in a way that OpenSSL refuses: {reason}")).with_hint(
        "encrypt it again: openssl pkey -provider legacy -provider default -in KEY -aes256 \
         -out NEW_KEY",
    )
}

fn wrong_passphrase() -> Error {
    Error::new(Status::Passphrase, "cannot be decrypted: the passphrase is wrong").with_hint(
        "check for a blank or line break at the passphrase's end; if it is right, the key was \
         altered or cut",
    )
}

/// Checks the cost of the key derivation, because the file itself decides it.
fn check_cost(algorithm: AnyRef<'_>, deadline: Option<Instant>) -> Result<Cost, Error> {
    let Cost { iterations, memory } =
        cost(algorithm).map_err(|_| bad("is encrypted in an unknown way"))?;
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let takes = Duration::from_secs(1).mul_f64(iterations as f64 / MIN_ITERATIONS_PER_SECOND);
    if iterations <= MAX_ITERATIONS && left.is_some_and(|left| takes > left) {
        let problem =
            format!("is encrypted with {iterations} iterations, which may outlast this call");
        return Err(Error::new(Status::Timeout, problem).with_hint(
            "raise the timeout, or encrypt it with fewer: openssl pkcs8 -topk8 -in KEY -out NEW_KEY",
        ));
    }
    let problem = if iterations > MAX_ITERATIONS {
        "is encrypted with over 1000000 iterations"
    } else if memory > MAX_SCRYPT_MEMORY {
        "is encrypted with scrypt of over 32 MiB, which OpenSSL refuses"
    } else {
        return Ok(Cost { iterations, memory });
    };
    Err(bad(problem).with_hint("encrypt it again: openssl pkcs8 -topk8 -in KEY -out NEW_KEY"))
}

/// The cost of a key derivation.
struct Cost {
    /// The iterations of PBKDF2. For scrypt, its N times r times p, which takes as long.
    iterations: u64,
    /// The memory of scrypt in bytes.
    memory: u64,
}

/// Reads RFC 8018 appendix A.4 (PBES2 with PBKDF2), RFC 7914 section 7 (scrypt), and what PBES1 and
/// PKCS#12 have in common: after the salt stand the numbers.
fn cost(algorithm: AnyRef<'_>) -> der::Result<Cost> {
    let (mut oid, mut parameters) = algorithm_of(algorithm)?;
    if oid == PBES2 {
        let (derivation, _cipher) = pair(parameters)?;
        (oid, parameters) = algorithm_of(derivation)?;
    }
    let numbers: Vec<u64> = parameters.sequence(|reader| {
        let _salt = AnyRef::decode(reader)?;
        let mut numbers = Vec::new();
        while numbers.len() < 3 && Tag::peek(reader).is_ok_and(|tag| tag == Tag::Integer) {
            numbers.push(u64::decode(reader)?);
        }
        // The remaining fields do not change the cost.
        while !reader.is_finished() {
            AnyRef::decode(reader)?;
        }
        Ok::<_, der::Error>(numbers)
    })?;
    match numbers[..] {
        [n, r, p] if oid == SCRYPT => Ok(Cost {
            iterations: n.saturating_mul(r).saturating_mul(p),
            // OpenSSL counts p blocks of 128 r bytes, and N + 2 of them.
            memory: n.saturating_add(2).saturating_add(p).saturating_mul(r).saturating_mul(128),
        }),
        [iterations, ..] if oid != SCRYPT => Ok(Cost { iterations, memory: 0 }),
        _ => Err(der::ErrorKind::Failed.into()),
    }
}

/// An `AlgorithmIdentifier` and its parameters.
fn algorithm_of(any: AnyRef<'_>) -> der::Result<(ObjectIdentifier, AnyRef<'_>)> {
    let (oid, parameters) = pair(any)?;
    Ok((oid.decode_as()?, parameters))
}

fn pair(any: AnyRef<'_>) -> der::Result<(AnyRef<'_>, AnyRef<'_>)> {
    any.sequence(|reader| Ok((Decode::decode(reader)?, Decode::decode(reader)?)))
}
