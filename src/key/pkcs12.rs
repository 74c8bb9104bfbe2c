//! PKCS#12 stores (RFC 7292): the private key, and its certificates.
//!
//! Each part is decrypted by itself, after its cost is known. The store's own check value is not
//! computed: the numbers of the key prove themselves, and the certificate must belong to the key.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Tag, Tagged};
use zeroize::Zeroizing;

use super::about::{About, Stored};
use super::cost::Cost;
use super::decryption::{self, check_passphrase, note_decryption};
use super::encrypted;
use super::material::Material;
use super::options::KeyOptions;
use super::pem;
use super::problem::{bad, damaged_part};
use super::sequence::{elements, is_tagged, parts, sequence};
use crate::error::{Error, Status};

/// The passphrases that are tried where none is given: none, and the one that Google publishes for its
/// stores.
const KNOWN_PASSPHRASES: &[&[u8]] = &[b"", b"notasecret"];
/// More parts than a store with one key and its certificates has.
const MAX_PARTS: usize = 64;
/// The limit of all certificates in bytes; a chain has 2 to 6 KiB.
const MAX_CERTIFICATES: usize = 24 * 1024;
/// The depth to which bags may stand in bags (RFC 7292 section 4.2.6).
const MAX_DEPTH: usize = 4;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERT_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const SAFE_CONTENTS_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.6");
const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");

/// Reads a store, whose parts are those of the sequence `PFX`.
pub(super) fn read(pfx: &[AnyRef<'_>], options: KeyOptions<'_>) -> Result<Stored, Error> {
    let given = options.given_passphrase();
    let passphrases = match &given {
        Some(given) => {
            check_passphrase(given)?;
            std::slice::from_ref(given)
        }
        None => KNOWN_PASSPHRASES,
    };
    let mut store = Store { options, cost: Cost::default(), lacks: None };
    for passphrase in passphrases {
        match store.open(pfx, passphrase) {
            Err(error) if error.status() == Status::Passphrase && given.is_none() => {}
            outcome => return outcome,
        }
    }
    let problem = "is a PKCS#12 store with a passphrase, and none is given";
    let hint = format!("give its passphrase, or {TAKE_OUT}");
    Err(Error::new(Status::Passphrase, problem).with_hint(hint))
}

/// A store that is being read.
struct Store<'a> {
    options: KeyOptions<'a>,
    /// The cost of all that was decrypted.
    cost: Cost,
    /// The error of a part that could not be decrypted.
    lacks: Option<Error>,
}

/// What was found in a store.
#[derive(Default)]
struct Content {
    keys: Vec<Zeroizing<Vec<u8>>>,
    /// PEM.
    certificates: String,
}

impl Content {
    /// Adds a certificate in PEM.
    fn add_certificate(&mut self, der: &[u8]) -> Result<(), Error> {
        if self.certificates.len() + der.len() > MAX_CERTIFICATES {
            return Err(unreadable("is a PKCS#12 store with over 24 KiB of certificates"));
        }
        self.certificates.push_str(&pem::encode("CERTIFICATE", der));
        Ok(())
    }
}

impl Store<'_> {
    fn open(&mut self, pfx: &[AnyRef<'_>], passphrase: &[u8]) -> Result<Stored, Error> {
        self.lacks = None;
        let mut content = Content::default();
        let (kind, safe) = typed(*pfx.get(1).ok_or_else(damaged_part)?)?;
        if kind != DATA {
            return Err(unreadable("is a PKCS#12 store that is signed by a certificate's key"));
        }
        for part in elements(octets(safe)?, MAX_PARTS)? {
            let (kind, inner) = typed(part)?;
            match kind {
                DATA => self.bags(octets(inner)?, passphrase, MAX_DEPTH, &mut content)?,
                ENCRYPTED_DATA => {
                    if let Some(bags) = self.decrypted_data(inner, passphrase)? {
                        self.bags(&bags, passphrase, MAX_DEPTH, &mut content)?;
                    }
                }
                _ => {
                    let problem = "is a PKCS#12 store that is encrypted for a certificate's key";
                    return Err(unreadable(problem));
                }
            }
        }
        let key = match (&content.keys[..], self.lacks.take()) {
            ([key], _) => key,
            ([], Some(error)) => return Err(error),
            ([], None) => {
                return Err(bad("is a PKCS#12 store without a private key")
                    .with_hint("export it again together with its private key"));
            }
            _ => {
                return Err(bad("is a PKCS#12 store with more than one private key").with_hint(
                    "keep one: keytool -importkeystore -srckeystore STORE -srcalias ALIAS \
                     -destkeystore NEW_STORE -deststoretype PKCS12",
                ));
            }
        };
        let parts = sequence(key)?;
        let [_, algorithm, private, rest @ ..] = &parts[..] else { return Err(damaged_part()) };
        let material = Material::from_pkcs8(*algorithm, *private, rest)?;
        let certificates = Some(content.certificates.into_bytes()).filter(|all| !all.is_empty());
        Ok(Stored { material, about: About { certificates, ..About::default() } })
    }

    /// Decrypts `EncryptedData` (RFC 5652 section 8). Returns `None` where that is not possible: the key in
    /// another part tells whether the passphrase is right.
    fn decrypted_data(
        &mut self,
        data: AnyRef<'_>,
        passphrase: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let content = parts(data, MAX_PARTS).and_then(|data| match data[..] {
            [_version, content, ..] => parts(content, MAX_PARTS),
            _ => Err(der::ErrorKind::Failed.into()),
        });
        let content = content.map_err(|_| damaged_part())?;
        let [_, algorithm, encrypted] = content[..] else { return Err(damaged_part()) };
        if !is_tagged(&encrypted, 0) || encrypted.tag().is_constructed() {
            return Err(unreadable("is a PKCS#12 store whose parts are in pieces (BER)"));
        }
        match self.decrypted(algorithm, encrypted.value(), passphrase)? {
            Ok(bags) => Ok(Some(bags)),
            Err(error) => {
                self.lacks.get_or_insert(error);
                Ok(None)
            }
        }
    }

    /// Decrypts one part. The outer error is one of the cost, which no other passphrase changes.
    fn decrypted(
        &mut self,
        algorithm: AnyRef<'_>,
        encrypted: &[u8],
        passphrase: &[u8],
    ) -> Result<Result<Zeroizing<Vec<u8>>, Error>, Error> {
        // Key and IV are derived one after the other, and an empty passphrase in two ways.
        let times = if passphrase.is_empty() { 4 } else { 2 };
        self.cost = Cost::of(algorithm)?.after(self.cost, times);
        self.cost.check(self.options.deadline)?;
        note_decryption();
        let decrypted = encrypted::decrypt(algorithm, encrypted, passphrase);
        Ok(decrypted.unwrap_or_else(|| Err(decryption::unsupported_encryption())).map_err(
            |error| match error.status() {
                Status::Key => error.with_hint(TAKE_OUT),
                _ => error,
            },
        ))
    }

    /// Reads `SafeContents` (RFC 7292 section 4.2).
    fn bags(
        &mut self,
        der: &[u8],
        passphrase: &[u8],
        depth: usize,
        content: &mut Content,
    ) -> Result<(), Error> {
        for bag in elements(der, MAX_PARTS)? {
            let (kind, value) = typed(bag)?;
            match kind {
                KEY_BAG => content.keys.push(Zeroizing::new(to_der(value)?)),
                SHROUDED_KEY_BAG => {
                    let der = to_der(value)?;
                    let (algorithm, encrypted) = encrypted::parts(&der)?;
                    content.keys.push(self.decrypted(algorithm, encrypted, passphrase)??);
                }
                CERT_BAG => {
                    let (kind, certificate) = typed(value)?;
                    if kind == X509_CERTIFICATE {
                        content.add_certificate(octets(certificate)?)?;
                    }
                }
                SAFE_CONTENTS_BAG if depth > 0 => {
                    self.bags(&to_der(value)?, passphrase, depth - 1, content)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Reads a type and the value of it, in an explicit tag: `ContentInfo`, `SafeBag` and `CertBag`.
fn typed(any: AnyRef<'_>) -> Result<(ObjectIdentifier, AnyRef<'_>), Error> {
    let read = || match parts(any, MAX_PARTS)?[..] {
        [kind, value, ..] if is_tagged(&value, 0) => {
            Ok((kind.decode_as()?, AnyRef::from_der(value.value())?))
        }
        _ => Err(der::Error::from(der::ErrorKind::Failed)),
    };
    read().map_err(|_| damaged_part())
}

/// Returns the bytes of an octet string.
fn octets(any: AnyRef<'_>) -> Result<&[u8], Error> {
    match any.tag() {
        Tag::OctetString => Ok(any.value()),
        _ => Err(damaged_part()),
    }
}

fn to_der(any: AnyRef<'_>) -> Result<Vec<u8>, Error> {
    any.to_der().map_err(|_| damaged_part())
}

/// The command that takes the key out of a store. `-legacy` lets it read ciphers that OpenSSL 3 has in its
/// provider of old ones.
const TAKE_OUT: &str =
    "take the key out: openssl pkcs12 -legacy -in STORE -nodes -nocerts -out KEY";

/// Makes the error of a store in a form that only other programs read.
fn unreadable(problem: &str) -> Error {
    bad(problem).with_hint(TAKE_OUT)
}
