//! Private keys: PEM or DER in, a checked RSA key that signs out.

mod problem;
mod sequence;
mod passphrase;
mod pem;
mod certificate;
mod providers;
mod in_openssl;
mod encrypted;
mod loaded;

pub(crate) use certificate::ders as certificates;
pub(crate) use passphrase::Passphrase;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, Tag, Tagged};
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::pkey::Private;
use openssl::rsa::{Rsa, RsaRef};
use zeroize::Zeroizing;

use crate::error::{Error, Field, File, Status, is_path};
use crate::fork::may_use_openssl;
use crate::regular_file::Kind;

use in_openssl::{OpenSsl, refused};
use loaded::LoadedKey;
use problem::{bad, damaged, not_rsa};
use sequence::{MAX_LEN, SEQUENCE, sequence};

pub(crate) const KEY_FILE: Kind = Kind { status: Status::Key, noun: "key file", max_len: MAX_LEN };
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// A parsed and checked RSA private key of 2048 to 8192 bits.
///
/// Share it freely between threads; a clone is the same key. It never shows: `Debug` prints
/// `Key { .. }`.
pub struct Key {
    /// RFC 8017 appendix A.1.2: a forked child reads the key again.
    pkcs1: Zeroizing<Vec<u8>>,
    loaded: ArcSwap<LoadedKey>,
}

impl Key {
    /// Reads a regular file of at most 64 KiB: see [`Key::from_bytes`].
    ///
    /// # Errors
    /// Those of [`Key::from_bytes`], naming the file; [`Status::Key`] where it cannot be read.
    pub fn from_file(path: impl AsRef<Path>, passphrase: Option<&[u8]>) -> Result<Self, Error> {
        UncheckedKey::from_file(path.as_ref(), Passphrase::new(passphrase, None))?.check()
    }

    /// Takes PEM or DER, or base64 of one, of a PKCS#8 or PKCS#1 key, encrypted or not.
    ///
    /// PEM may have any line length and ends, stand among other text and certificates, and have
    /// literal `\n` for its line breaks. The passphrase of a key that is not encrypted is ignored;
    /// an empty one counts as not given. The user is never asked for one.
    ///
    /// # Errors
    /// [`Status::Key`] where it is no sound RSA key of 2048 to 8192 bits, [`Status::Passphrase`]
    /// where it is encrypted and the passphrase is missing or wrong, [`Status::Argument`] where
    /// `bytes` are over 64 KiB.
    pub fn from_bytes(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<Self, Error> {
        UncheckedKey::from_bytes(bytes, Passphrase::new(passphrase, None))?.check()
    }

    /// Returns whether what a user gives as a key, or as the path of its file, is a path. It is one if it is
    /// a line that does not look like PEM, DER or base64. The file need not exist.
    pub fn is_path(path_or_key: &[u8]) -> bool {
        is_path(path_or_key)
    }

    /// Returns the key as it was before its check.
    pub(crate) fn unchecked(&self) -> UncheckedKey {
        UncheckedKey { pkcs1: self.pkcs1.clone(), file: None }
    }

    /// The RS256 signature of `message` (RFC 7518 section 3.3).
    ///
    /// # Errors
    /// [`Status::Key`] where OpenSSL refuses to sign, as one restricted by its configuration may.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.loaded()
            .and_then(|loaded| loaded.rs256(message))
            .map_err(|error| error.with_field(the_key()))
    }

    /// The key as this process has loaded it.
    fn loaded(&self) -> Result<Arc<LoadedKey>, Error> {
        let loaded = self.loaded.load_full();
        if loaded.is_usable() {
            return Ok(loaded);
        }
        let own = Arc::new(LoadedKey::again(&self.pkcs1)?);
        self.loaded.store(Arc::clone(&own));
        Ok(own)
    }

    /// Checks that `certificate` (PEM or DER; of several, any one) belongs to this key and is valid
    /// at `now`.
    ///
    /// # Errors
    /// [`Status::Credentials`], with the certificate's dates.
    pub fn check_certificate(&self, certificate: &[u8], now: SystemTime) -> Result<(), Error> {
        certificate_expiry(certificate, Some(self), now).map(drop)
    }

    /// The size of its modulus.
    pub(crate) fn bits(&self) -> u32 {
        self.loaded.load().pkey().map_or(0, |key| key.bits())
    }
}

/// Returns the expiry of the certificate. With a key, it is checked as by
/// [`Key::check_certificate`].
pub(crate) fn certificate_expiry(
    certificate: &[u8],
    key: Option<&Key>,
    now: SystemTime,
) -> Result<SystemTime, Error> {
    let loaded = key.map(Key::loaded).transpose().map_err(|error| error.with_field(the_key()))?;
    let _openssl = OpenSsl::enter()?;
    certificate::check(certificate, loaded.as_ref().and_then(|loaded| loaded.pkey()), now)
        .map_err(|error| error.with_field(Field::called("the certificate").named("certificate")))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self { pkcs1: self.pkcs1.clone(), loaded: ArcSwap::new(self.loaded.load_full()) }
    }
}

/// An RSA private key in plain DER, found in any of the forms that people have and not checked yet.
///
/// Unless it is encrypted, it is found without OpenSSL, whose start takes longer than all the rest
/// of a process that has its token in a cache.
#[derive(Clone)]
pub(crate) struct UncheckedKey {
    /// RFC 8017 appendix A.1.2.
    pkcs1: Zeroizing<Vec<u8>>,
    /// The file that it was read from.
    file: Option<File>,
}

impl UncheckedKey {
    /// Reads a key file like [`Key::from_file`], but does not check the key.
    pub fn from_file(path: &Path, passphrase: Passphrase<'_>) -> Result<Self, Error> {
        Self::from_file_content(&KEY_FILE.read(path)?, path, passphrase)
    }

    /// Takes the content of the file at `path`, which errors name.
    pub fn from_file_content(
        bytes: &[u8],
        path: &Path,
        passphrase: Passphrase<'_>,
    ) -> Result<Self, Error> {
        let file = key_file(path);
        match find(bytes, passphrase) {
            Ok(pkcs1) => Ok(Self { pkcs1, file: Some(file) }),
            Err(error) => Err(error.with_file(file)),
        }
    }

    /// Reads a key like [`Key::from_bytes`], but does not check it.
    pub fn from_bytes(bytes: &[u8], passphrase: Passphrase<'_>) -> Result<Self, Error> {
        if bytes.len() > MAX_LEN {
            return Err(Error::new(Status::Argument, "is over 64 KiB").with_field(the_key()));
        }
        find(bytes, passphrase)
            .map(|pkcs1| Self { pkcs1, file: None })
            .map_err(|error| error.with_field(the_key()))
    }

    /// Returns the bytes of the key, which tell it from every other.
    pub fn pkcs1(&self) -> &[u8] {
        &self.pkcs1
    }

    /// Returns the public key as DER.
    pub fn public_key(&self) -> Result<Vec<u8>, Error> {
        let _openssl = OpenSsl::enter()?;
        Rsa::private_key_from_der(&self.pkcs1)
            .and_then(|rsa| rsa.public_key_to_der())
            .map_err(|_| Error::new(Status::Key, "is damaged").with_field(the_key()))
    }

    /// # Errors
    /// [`Status::Key`] where it is no sound RSA key of 2048 to 8192 bits.
    pub fn check(&self) -> Result<Key, Error> {
        from_pkcs1(&self.pkcs1).map_err(|error| match &self.file {
            Some(file) => error.with_file(file.clone()),
            None => error.with_field(the_key()),
        })
    }
}

impl fmt::Debug for UncheckedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UncheckedKey").finish_non_exhaustive()
    }
}

/// The field of a key that came without a file.
fn the_key() -> Field {
    Field::called("the private key").named("key")
}

/// Names the key file at `path` in errors.
pub(crate) fn key_file(path: &Path) -> File {
    File::new(KEY_FILE.noun, path)
}

/// The PKCS#1 DER of the one private key in `bytes`.
fn find(bytes: &[u8], passphrase: Passphrase<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
    if bytes.trim_ascii().is_empty() {
        return Err(bad("is empty"));
    }
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=0x7f, ..] | [1..=0x7f, 0, ..] = bytes {
        return Err(bad("is UTF-16 text")
            .with_hint("save it as UTF-8 or ASCII: iconv -f UTF-16 -t UTF-8 KEY > NEW_KEY"));
    }
    let text = pem::text(bytes);
    let (mut first, mut private_key) = (None, None);
    for block in pem::blocks(&text) {
        let block = block.map_err(damaged)?;
        if !block.is_private_key() {
            first.get_or_insert(block);
        } else if private_key.replace(block).is_some() {
            let problem = bad("holds more than one private key");
            return Err(problem.with_hint("keep one key in one file"));
        }
    }
    // Without a private key, the first block tells what was given instead.
    match private_key.or(first) {
        Some(block) if block.is_encrypted_by_header() => {
            in_der(&encrypted::decrypt_pem(&block, passphrase)?, Passphrase::default())
        }
        Some(block) => in_der(&block.der().map_err(damaged)?, passphrase),
        None if bytes[0] == SEQUENCE => in_der(bytes, passphrase),
        None => match pem::base64([text.as_str()]) {
            Some(der) if der.first() == Some(&SEQUENCE) => in_der(&der, passphrase),
            Some(pem) if pem.starts_with(b"-----BEGIN ") => find(&pem, passphrase),
            // The forms of ssh-keygen, in one line and in several (RFC 4716).
            _ if text.starts_with("ssh-") || text.contains("---- BEGIN SSH2 PUBLIC KEY") => {
                Err(public_key())
            }
            _ => Err(bad("is neither PEM nor DER, nor base64 of one").with_hint(
                "a private key in PEM begins with -----BEGIN PRIVATE KEY----- or \
                 -----BEGIN RSA PRIVATE KEY-----",
            )),
        },
    }
}

/// Tells what a DER document is by the types of its parts.
fn in_der(der: &[u8], passphrase: Passphrase<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
    use Tag::{BitString, Integer, OctetString, Sequence};
    let parts = sequence(der)?;
    let tags: Vec<Tag> = parts.iter().map(Tagged::tag).collect();
    match tags[..] {
        // RFC 5208, or RFC 5958 with its additional parts.
        [Integer, Sequence, OctetString, ..] => {
            let algorithm = parts[1].sequence(|reader| {
                let oid = Decode::decode(reader);
                while !reader.is_finished() {
                    AnyRef::decode(reader)?;
                }
                oid
            });
            match algorithm.ok() {
                Some(RSA_ENCRYPTION) => pkcs1(parts[2].value()),
                other => Err(not_rsa(other)),
            }
        }
        // RFC 8017 appendix A.1.2. A key of more than two primes has one part more.
        [Integer, Integer, Integer, ..] => pkcs1(der),
        [Sequence, OctetString] => {
            in_der(&encrypted::decrypt_pkcs8(der, parts[0], passphrase)?, Passphrase::default())
        }
        [Sequence, BitString] | [Integer, Integer] => Err(public_key()),
        [Sequence, Sequence, BitString] => Err(bad("is a certificate, or a request for one")
            .with_hint(
                "give the private key that the certificate was made with: \
                 -----BEGIN PRIVATE KEY-----",
            )),
        [Integer, OctetString, ..] => Err(not_rsa(Some(EC_PUBLIC_KEY))),
        [Integer, Sequence] | [Integer, Sequence, Sequence] => Err(bad("is a PKCS#12 store")
            .with_hint("take the key out of it: openssl pkcs12 -in STORE -nocerts -out KEY")),
        _ => Err(bad("is no private key of a known form")),
    }
}

fn public_key() -> Error {
    bad("is a public key")
        .with_hint("give the private key that belongs to it: -----BEGIN PRIVATE KEY-----")
}

/// Checks for the form of RFC 8017 appendix A.1.2. OpenSSL would accept bytes after its end.
fn pkcs1(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    if sequence(der)?.len() != 9 {
        return Err(bad("is not an RSA key of two primes"));
    }
    Ok(Zeroizing::new(der.to_vec()))
}

fn from_pkcs1(der: &[u8]) -> Result<Key, Error> {
    let loaded = if may_use_openssl() {
        let _openssl = OpenSsl::enter()?;
        let rsa = Rsa::private_key_from_der(der)
            .map_err(|_| damaged("is damaged: a part of it cannot be read"))?;
        check(&rsa)?;
        LoadedKey::new(rsa).map_err(|stack| refused(&stack))?
    } else {
        LoadedKey::without_openssl(der)?
    };
    Ok(Key { pkcs1: Zeroizing::new(der.to_vec()), loaded: ArcSwap::from_pointee(loaded) })
}

/// Checks size and strength, and that all parts belong together.
fn check(rsa: &RsaRef<Private>) -> Result<(), Error> {
    let (bits, e) = (rsa.n().num_bits(), rsa.e());
    if !(2048..=8192).contains(&bits) {
        return Err(bad(format!("has {bits} bits; RS256 takes RSA keys of 2048 to 8192")));
    }
    // FIPS 186-5 section 5.4: odd, over 2^16 and under 2^256.
    if e.is_even() || !(17..=256).contains(&e.num_bits()) {
        return Err(bad("has an unfit public exponent: it must be odd and 65537 or more"));
    }
    match is_consistent(rsa) {
        Ok(true) => Ok(()),
        _ => Err(bad("is damaged: its parts do not belong together").with_hint(
            "an altered key gives itself away by what it signs: restore it from where it was made",
        )),
    }
}

/// Checks the numbers of the key by arithmetic. A signature proves nothing, because OpenSSL repairs
/// one that altered numbers have made. OpenSSL's own check tests primes, which takes tens of
/// milliseconds.
fn is_consistent(rsa: &RsaRef<Private>) -> Result<bool, ErrorStack> {
    let (n, e, d) = (rsa.n(), rsa.e(), rsa.d());
    let (Some(p), Some(q), Some(dp), Some(dq), Some(q_inverse)) =
        (rsa.p(), rsa.q(), rsa.dmp1(), rsa.dmq1(), rsa.iqmp())
    else {
        return Ok(false);
    };
    let mut context = BigNumContext::new()?;
    let (mut product, mut rest) = (BigNum::new()?, BigNum::new()?);
    let (mut p_less_1, mut q_less_1) = (p.to_owned()?, q.to_owned()?);
    p_less_1.sub_word(1)?;
    q_less_1.sub_word(1)?;
    let one = BigNum::from_u32(1)?;

    product.checked_mul(p, q, &mut context)?;
    let mut consistent = *product == *n && *p < *n && *q < *n && *d < *n;
    let products: [(&BigNumRef, &BigNumRef, &BigNumRef); 5] = [
        (e, d, &p_less_1),
        (e, d, &q_less_1),
        (e, dp, &p_less_1),
        (e, dq, &q_less_1),
        (q, q_inverse, p),
    ];
    for (a, b, modulus) in products {
        product.checked_mul(a, b, &mut context)?;
        rest.checked_rem(&product, modulus, &mut context)?;
        consistent &= rest == one;
    }
    consistent &= *dp < p_less_1 && *dq < q_less_1 && *q_inverse < *p;
    for secret in [&mut product, &mut p_less_1, &mut q_less_1] {
        secret.clear();
    }
    Ok(consistent)
}
