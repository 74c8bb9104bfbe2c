//! Private keys: PEM or DER in, a checked key that signs out.

mod problem;
mod sequence;
mod options;
mod pem;
mod encoding;
mod certificate;
mod providers;
mod in_openssl;
mod legacy;
mod cost;
mod decryption;
mod pbes2;
mod pkcs12_pbe;
mod encrypted;
mod rfc1421;
mod kind;
mod pss;
mod material;
mod about;
mod numbers;
mod crt;
mod jwk;
mod xml;
mod pkcs12;
mod openssh;
mod foreign;
mod mangled;
mod find;
mod rsa;
mod curves;
mod signature;
mod loaded;
mod public;
mod generate;
mod thumbprint;
mod hmac;

pub(crate) use certificate::ders as certificates;
pub(crate) use hmac::sign_with_secret;
pub use options::KeyOptions;
pub use providers::openssl_version;
pub use thumbprint::Thumbprint;

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use openssl::error::ErrorStack;
use openssl::pkey::{PKeyRef, Private};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::error::{Error, Field, File, Status, check_text, is_path};
use crate::regular_file;
use crate::secret::Secret;
use crate::unix_time::unix_seconds;
use crate::user_path;

use about::{About, Stored};
use find::find;
use in_openssl::{OpenSsl, openssl_is_lost, refused};
use loaded::LoadedKey;
use material::Material;
use sequence::MAX_LEN;

pub(crate) const KEY_FILE: regular_file::Kind =
    regular_file::Kind { status: Status::Key, noun: "key file", max_len: MAX_LEN };

/// A certificate, alone or with those above it.
pub(crate) const CERTIFICATE_FILE: regular_file::Kind = regular_file::Kind {
    status: Status::Credentials,
    noun: "certificate file",
    max_len: 256 * 1024,
};

/// A parsed and checked private key: RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521, or Ed25519.
///
/// Share it freely between threads; a clone is the same key. It never shows: `Debug` prints
/// `Key { .. }`.
pub struct Key {
    /// A forked child loads the key again. Its public part is known.
    material: Material,
    about: About,
    loaded: ArcSwap<LoadedKey>,
}

impl Key {
    /// Reads a regular file of at most 64 KiB: see [`Key::from_bytes`]. `~/` at the beginning of the path is
    /// the home directory, and `file:///` is a path, too.
    ///
    /// # Errors
    /// Those of [`Key::from_bytes`], naming the file; [`Status::Key`] where it cannot be read.
    pub fn from_file(path: impl AsRef<Path>, passphrase: Option<&[u8]>) -> Result<Self, Error> {
        Self::from_file_with(path, &KeyOptions::with_passphrase(passphrase))
    }

    /// Reads a file like [`Key::from_file`], with further options.
    ///
    /// # Errors
    /// Those of [`Key::from_file`].
    pub fn from_file_with(path: impl AsRef<Path>, options: &KeyOptions<'_>) -> Result<Self, Error> {
        UncheckedKey::from_file(path.as_ref(), *options)?.check()
    }

    /// Takes PEM or DER, or base64 of one, of a PKCS#8, PKCS#1 or SEC 1 key, encrypted or not; a PKCS#12
    /// store; a JWK or a JWK set with one private key (RFC 7517); an `RSAKeyValue` in XML.
    ///
    /// PEM may have any line length and ends, stand among other text and certificates, and have
    /// literal `\n` for its line breaks. The passphrase of a key that is not encrypted is ignored;
    /// an empty one counts as not given: then a PKCS#12 store is tried with an empty one and with
    /// Google's `notasecret`. The user is never asked for one.
    ///
    /// # Errors
    /// [`Status::Key`] where it is no sound key of a kind that is supported, [`Status::Passphrase`]
    /// where it is encrypted and the passphrase is missing or wrong, [`Status::Argument`] where
    /// `bytes` are over 64 KiB.
    pub fn from_bytes(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<Self, Error> {
        Self::from_bytes_with(bytes, &KeyOptions::with_passphrase(passphrase))
    }

    /// Reads a key like [`Key::from_bytes`], with further options.
    ///
    /// # Errors
    /// Those of [`Key::from_bytes`].
    pub fn from_bytes_with(bytes: &[u8], options: &KeyOptions<'_>) -> Result<Self, Error> {
        UncheckedKey::from_bytes(bytes, *options)?.check()
    }

    /// Returns whether what a user gives as a key, or as the path of its file, is a path. It is one if it is
    /// a line that does not look like PEM, DER or base64. The file need not exist.
    pub fn is_path(path_or_key: &[u8]) -> bool {
        is_path(path_or_key)
    }

    /// Returns the key as it was before its check.
    pub(crate) fn unchecked(&self) -> UncheckedKey {
        let stored = Stored { material: self.material.clone(), about: self.about.clone() };
        UncheckedKey { stored, file: None }
    }

    /// Returns the `kid` of a JWK: the default of a JWT's header.
    pub fn kid(&self) -> Option<&str> {
        self.about.kid.as_deref()
    }

    /// Returns the certificates of a PKCS#12 store, in PEM.
    pub fn certificates(&self) -> Option<&[u8]> {
        self.about.certificates.as_deref()
    }

    /// Returns the algorithms that the key signs with; the first is its default.
    pub fn algorithms(&self) -> &'static [Algorithm] {
        self.material.kind.algorithms()
    }

    /// Returns the algorithm that it signs with where none is chosen: the `alg` of a JWK, else RS256, PS256 for
    /// an RSA-PSS key, the one of an EC key's curve, or EdDSA.
    pub fn default_algorithm(&self) -> Algorithm {
        self.about.algorithm.unwrap_or(self.algorithms()[0])
    }

    /// Signs `message` as a JWS has it (RFC 7518 section 3): for EC keys, r and s in a row.
    ///
    /// # Errors
    /// [`Status::Argument`], naming `alg`, where the key has no such algorithm; [`Status::Key`] where OpenSSL
    /// refuses to sign, as one restricted by its configuration may.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.material.check_algorithm(algorithm, "the key")?;
        self.loaded()
            .and_then(|loaded| loaded.sign(algorithm, message))
            .map_err(|error| error.with_field(the_key()))
    }

    /// The key as this process has loaded it.
    fn loaded(&self) -> Result<Arc<LoadedKey>, Error> {
        let loaded = self.loaded.load_full();
        if loaded.is_usable() {
            return Ok(loaded);
        }
        let own = Arc::new(LoadedKey::check(&mut self.material.clone())?);
        self.loaded.store(Arc::clone(&own));
        Ok(own)
    }

    /// Makes a new key that signs with `algorithm`: RSA of 3072 bits, EC on the algorithm's curve, or Ed25519.
    ///
    /// # Errors
    /// [`Status::Argument`], naming `alg`, for HS256, HS384 and HS512, which sign with a client secret.
    /// [`Status::Key`] where OpenSSL refuses.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Error> {
        Self::from_bytes(&generate::new_key(algorithm)?, None)
    }

    /// Returns the private key itself, unencrypted: `-----BEGIN PRIVATE KEY-----`.
    ///
    /// # Errors
    /// [`Status::Key`] in a child that may not use OpenSSL.
    pub fn private_pem(&self) -> Result<Secret, Error> {
        self.in_openssl(|key| {
            let pem = Zeroizing::new(key.private_key_to_pem_pkcs8()?);
            Ok(Secret::from(&*String::from_utf8_lossy(&pem)))
        })
    }

    /// Returns a certificate in PEM that the key signs for itself, for servers that register one: `name` is its
    /// common name, and it is valid for `days` from `now`.
    ///
    /// # Errors
    /// [`Status::Argument`], naming `name`; [`Status::Key`] where OpenSSL refuses.
    pub fn self_signed_certificate(
        &self,
        name: &str,
        days: u32,
        now: SystemTime,
    ) -> Result<String, Error> {
        // RFC 5280 appendix A.1: ub-common-name.
        const MAX_NAME: usize = 64;
        check_text("name", name)?;
        if name.chars().count() > MAX_NAME {
            return Err(Error::argument("name", "is over 64 characters"));
        }
        let from = unix_seconds(now);
        let until = from + i64::from(days) * 86_400;
        self.in_openssl(|key| {
            let pem = generate::certificate(key, name, from, until)?.to_pem()?;
            Ok(String::from_utf8_lossy(&pem).into_owned())
        })
    }

    /// Returns the public key as a JWK (RFC 7517) with the members that the kind of key requires, and no other.
    pub fn public_jwk(&self) -> String {
        self.material.public_jwk()
    }

    /// Returns the key's thumbprint (RFC 7638) by SHA-256, in base64url: an id that anyone can compute.
    pub fn thumbprint(&self) -> String {
        self.material.thumbprint()
    }

    /// Returns kind and size for a sentence, such as `an RSA key of 2048 bits` or `an EC key on P-256`.
    pub fn description(&self) -> String {
        self.material.description()
    }

    /// Returns the public key as DER, a `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    ///
    /// # Errors
    /// [`Status::Key`] in a child that may not use OpenSSL.
    pub fn public_der(&self) -> Result<Vec<u8>, Error> {
        self.in_openssl(|key| key.public_key_to_der())
    }

    /// Returns the public key as PEM: `-----BEGIN PUBLIC KEY-----`.
    ///
    /// # Errors
    /// Those of [`Key::public_der`].
    pub fn public_pem(&self) -> Result<String, Error> {
        self.public_der().map(|der| pem::encode("PUBLIC KEY", &der))
    }

    /// Returns the SHA-256 fingerprint of [`Key::public_der`], as Snowflake names keys: `SHA256:` and base64.
    ///
    /// # Errors
    /// Those of [`Key::public_der`].
    pub fn fingerprint(&self) -> Result<String, Error> {
        self.public_der().map(|der| public::fingerprint(&der))
    }

    /// Returns the thumbprint, in base64url, of the key's certificate in `certificates` (PEM or DER).
    ///
    /// # Errors
    /// [`Status::Credentials`], naming `certificate`, where none of them belongs to the key.
    pub fn certificate_thumbprint(
        &self,
        thumbprint: Thumbprint,
        certificates: &[u8],
    ) -> Result<String, Error> {
        let certificates = certificates_of(self, certificates)?;
        Ok(certificates.first().map(|own| thumbprint.compute(own)).unwrap_or_default())
    }

    /// Calls `work` with OpenSSL's key.
    fn in_openssl<T>(
        &self,
        work: impl FnOnce(&PKeyRef<Private>) -> Result<T, ErrorStack>,
    ) -> Result<T, Error> {
        let call = || {
            let loaded = self.loaded()?;
            let _openssl = OpenSsl::enter()?;
            let key = loaded.pkey().ok_or_else(|| openssl_is_lost("cannot be read"))?;
            work(key).map_err(|stack| refused(&stack))
        };
        call().map_err(|error: Error| error.with_field(the_key()))
    }

    /// Checks that `certificate` (PEM or DER; of several, any one) belongs to this key and is valid
    /// at `now`.
    ///
    /// # Errors
    /// [`Status::Credentials`], with the certificate's dates.
    pub fn check_certificate(&self, certificate: &[u8], now: SystemTime) -> Result<(), Error> {
        certificate_expiry(certificate, Some(self), now).map(drop)
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
        .map_err(|error| error.with_field(the_certificate()))
}

/// Returns a certificate that is given as PEM or DER, or as the path of its file. It is not checked.
///
/// # Errors
/// [`Status::Credentials`], naming the file.
pub fn read_certificate(path_or_certificate: &[u8]) -> Result<Vec<u8>, Error> {
    if !is_path(path_or_certificate) {
        return Ok(path_or_certificate.to_vec());
    }
    let path = user_path::resolved(Path::new(OsStr::from_bytes(path_or_certificate)));
    let read = CERTIFICATE_FILE.read(&path).map(|bytes| bytes.to_vec());
    read.map_err(|error| error.with_field(Field::new("certificate")))
}

/// Returns the DER of the key's own certificate in `certificates` (PEM or DER), and then of the others.
pub(crate) fn certificates_of(key: &Key, certificates: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let ders = || {
        let loaded = key.loaded()?;
        let _openssl = OpenSsl::enter()?;
        let pkey = loaded.pkey().ok_or_else(|| openssl_is_lost("cannot be compared"))?;
        certificate::ders_of(certificates, pkey)
    };
    ders().map_err(|error| error.with_field(the_certificate()))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self {
            material: self.material.clone(),
            about: self.about.clone(),
            loaded: ArcSwap::new(self.loaded.load_full()),
        }
    }
}

/// A private key, found in any of the forms that people have and not checked yet.
///
/// Unless it is encrypted, it is found without OpenSSL, whose start takes longer than all the rest
/// of a process that has its token in a cache.
#[derive(Clone)]
pub(crate) struct UncheckedKey {
    stored: Stored,
    /// The file that it was read from.
    file: Option<PathBuf>,
}

impl UncheckedKey {
    /// Reads a key file like [`Key::from_file`], but does not check the key.
    pub fn from_file(path: &Path, options: KeyOptions<'_>) -> Result<Self, Error> {
        let path = user_path::resolved(path);
        Self::from_file_content(&KEY_FILE.read(&path)?, &path, options)
    }

    /// Takes the content of the file at `path`, which errors name.
    pub fn from_file_content(
        bytes: &[u8],
        path: &Path,
        options: KeyOptions<'_>,
    ) -> Result<Self, Error> {
        match find(bytes, options) {
            Ok(stored) => Ok(Self { stored, file: Some(path.to_owned()) }),
            Err(error) => Err(error.with_file(key_file(path))),
        }
    }

    /// Reads a key like [`Key::from_bytes`], but does not check it.
    pub fn from_bytes(bytes: &[u8], options: KeyOptions<'_>) -> Result<Self, Error> {
        if bytes.len() > MAX_LEN {
            return Err(Error::new(Status::Argument, "is over 64 KiB").with_field(the_key()));
        }
        find(bytes, options)
            .map(|stored| Self { stored, file: None })
            .map_err(|error| error.with_field(the_key()))
    }

    /// Returns secret bytes that tell the key from every other, whatever form it is stored in.
    pub fn secret(&self) -> &[u8] {
        &self.stored.material.private
    }

    /// Returns the algorithm that it signs with where none is chosen.
    pub fn default_algorithm(&self) -> Algorithm {
        let Stored { material, about } = &self.stored;
        about.algorithm.unwrap_or(material.kind.algorithms()[0])
    }

    /// Returns the `alg` of a JWK.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.stored.about.algorithm
    }

    /// Returns the `kid` of a JWK.
    pub fn kid(&self) -> Option<&str> {
        self.stored.about.kid.as_deref()
    }

    /// Returns the certificates of a PKCS#12 store, in PEM.
    pub fn certificates(&self) -> Option<&[u8]> {
        self.stored.about.certificates.as_deref()
    }

    /// Checks that it has the algorithm. `called` is its name in the error.
    ///
    /// # Errors
    /// [`Status::Argument`], naming `alg`.
    pub fn check_algorithm(&self, algorithm: Algorithm, called: &str) -> Result<(), Error> {
        self.stored.material.check_algorithm(algorithm, called)
    }

    /// Returns the public key as DER.
    pub fn public_key(&self) -> Result<Vec<u8>, Error> {
        self.check()?.public_der()
    }

    /// # Errors
    /// [`Status::Key`] where it is no sound key.
    pub fn check(&self) -> Result<Key, Error> {
        let Stored { mut material, about } = self.stored.clone();
        match (LoadedKey::check(&mut material), &self.file) {
            (Ok(loaded), _) => Ok(Key { material, about, loaded: ArcSwap::from_pointee(loaded) }),
            (Err(error), Some(path)) => Err(error.with_file(key_file(path))),
            (Err(error), None) => Err(error.with_field(the_key())),
        }
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

/// The field of a certificate that came without a file.
fn the_certificate() -> Field {
    Field::called("the certificate").named("certificate")
}

/// Names the key file at `path` in errors.
pub(crate) fn key_file(path: &Path) -> File {
    File::new(KEY_FILE.noun, path)
}
