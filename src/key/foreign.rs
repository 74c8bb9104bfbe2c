//! What people take for a private key that libims does not read: told by its first bytes or its label, and
//! named with what makes a key of it.

use der::Tagged;
use der::asn1::ObjectIdentifier;

use super::problem::{bad, no_signing_key};
use super::sequence::sequence;
use crate::error::Error;

/// A kind of file.
struct Foreign {
    /// Continues a sentence, after `is`.
    called: &'static str,
    /// What to do; a new key where that is all that helps.
    hint: Option<&'static str>,
}

const fn foreign(called: &'static str, hint: &'static str) -> Foreign {
    Foreign { called, hint: Some(hint) }
}

/// What signs no JWT, and becomes no key that does.
const fn useless(called: &'static str) -> Foreign {
    Foreign { called, hint: None }
}

const GIVE_PRIVATE_KEY: &str =
    "give the private key that belongs to it: -----BEGIN PRIVATE KEY-----";

const PUBLIC_KEY: Foreign = foreign("a public key", GIVE_PRIVATE_KEY);
const CERTIFICATE: Foreign = foreign(
    "a certificate",
    "give the private key that the certificate was made with: -----BEGIN PRIVATE KEY-----",
);
const REQUEST: Foreign = foreign(
    "a request for a certificate (CSR)",
    "give the private key that the request was made with: -----BEGIN PRIVATE KEY-----",
);
const PKCS7: Foreign = foreign(
    "a PKCS#7 bundle of certificates, which holds no key",
    "give the private key that its certificate was made with: -----BEGIN PRIVATE KEY-----",
);
const PARAMETERS: Foreign = foreign(
    "the parameters of DSA or Diffie-Hellman, which hold no key",
    "give the private key of RSA, EC or Ed25519: -----BEGIN PRIVATE KEY-----",
);
const OPENPGP: Foreign = useless("a file of OpenPGP");
const JWT: Foreign = foreign(
    "a JWT, not a key",
    "give the private key that JWTs are signed with: -----BEGIN PRIVATE KEY-----",
);
const KUBERNETES: Foreign = foreign(
    "a manifest of Kubernetes, not the key in it",
    "give the value alone, such as that of tls.key: base64 is read",
);
const SOPS: Foreign = foreign("encrypted by SOPS", "decrypt it: sops decrypt KEY > NEW_KEY");
const GIVE_KEY: &str = "give the private key itself: -----BEGIN PRIVATE KEY-----";
const EXPORT: &str = "export its key as PKCS#12, which is read, with the program that wrote it";
const REVOKED: Foreign = foreign("a list of revoked certificates (CRL)", GIVE_PRIVATE_KEY);
const HTML: Foreign = foreign(
    "an HTML page, not a key",
    "the download led to a page for people, such as a login: download the key again, signed in",
);

/// The first bytes of files that are no text. No key in DER or PEM begins like one.
const BINARY: &[(&[u8], Foreign)] = &[
    (
        b"\xfe\xed\xfe\xed",
        foreign(
            "a Java key store (JKS)",
            "make a PKCS#12 store of it, which is read: keytool -importkeystore -srckeystore STORE \
             -destkeystore NEW_STORE -deststoretype PKCS12",
        ),
    ),
    (
        b"\xce\xce\xce\xce",
        foreign(
            "a Java key store (JCEKS)",
            "make a PKCS#12 store of it, which is read: keytool -importkeystore -srckeystore STORE \
             -srcstoretype JCEKS -destkeystore NEW_STORE -deststoretype PKCS12",
        ),
    ),
    (
        b"\x30\x80\x02\x01\x03",
        foreign(
            "a PKCS#12 store in pieces (BER)",
            "take the key out: openssl pkcs12 -legacy -in STORE -nodes -nocerts -out KEY",
        ),
    ),
    (
        b"\x1e\xf1\xb5\xb0",
        foreign(
            "a key in Microsoft's PVK form",
            "write it as PEM: openssl rsa -inform PVK -in KEY -out NEW_KEY",
        ),
    ),
    (
        b"\x07\x02\x00\x00",
        foreign(
            "a key in Microsoft's blob form",
            "write it as PEM: openssl rsa -inform MSBLOB -in KEY -out NEW_KEY",
        ),
    ),
    (b"\x06\x02\x00\x00", foreign("a public key in Microsoft's blob form", GIVE_PRIVATE_KEY)),
    (b"\x1f\x8b", foreign("a gzip archive", "unpack it: gunzip -c KEY > NEW_KEY")),
    (
        b"PK\x03\x04",
        foreign("a zip archive", "unpack it and give the key that is in it: unzip KEY"),
    ),
    (b"\0\0\0\x01\0\0\0\x14", foreign("a key store of Bouncy Castle (BKS)", EXPORT)),
    (b"\0\0\0\x02\0\0\0\x14", foreign("a key store of Bouncy Castle (BKS)", EXPORT)),
    (b"kych", foreign("a keychain of macOS", EXPORT)),
    (b"SQLite format 3\0", foreign("a database of SQLite, such as the key4.db of Firefox", EXPORT)),
    (
        b"\0GITCRYPT\0",
        foreign("encrypted by git-crypt", "decrypt it in its repository: git-crypt unlock"),
    ),
    (
        b"Salted__",
        foreign(
            "encrypted by openssl enc",
            "decrypt it with the options that it was encrypted with: openssl enc -d -aes-256-cbc -pbkdf2 \
             -in KEY -out NEW_KEY",
        ),
    ),
    (b"%PDF-", foreign("a PDF, not a key", GIVE_KEY)),
    (b"\x89PNG\r\n", foreign("an image, not a key", GIVE_KEY)),
    (b"\xff\xd8\xff", foreign("an image, not a key", GIVE_KEY)),
    (b"\x7fELF", foreign("a program, not a key", GIVE_KEY)),
    (b"7z\xbc\xaf\x27\x1c", foreign("a 7z archive", "unpack it and give the key that is in it")),
    (b"SSH PRIVATE KEY FILE FORMAT 1.1\n", useless("a key of the SSH protocol 1")),
    (b"age-encryption.org/v1", useless("a file that age encrypted")),
];

/// The beginnings of texts, in lower case.
const TEXTS: &[(&str, Foreign)] = &[
    (
        "putty-user-key-file-",
        foreign(
            "a key in PuTTY's form (.ppk)",
            "write it as PEM: puttygen KEY -O private-openssh -o NEW_KEY",
        ),
    ),
    (
        "---- begin ssh2 encrypted private key",
        foreign(
            "a key in ssh.com's form",
            "write it as PEM: puttygen KEY -O private-openssh -o NEW_KEY",
        ),
    ),
    ("---- begin ssh2 public key", PUBLIC_KEY),
    ("ssh-", PUBLIC_KEY),
    ("ecdsa-sha2-", PUBLIC_KEY),
    ("age-secret-key-1", useless("a key of age, which encrypts")),
    ("# created: ", useless("a key of age, which encrypts")),
    ("untrusted comment: ", useless("a key of minisign or signify")),
    (
        "vault:v",
        foreign(
            "encrypted by HashiCorp's Vault",
            "decrypt it with the same key of its transit engine",
        ),
    ),
    ("pkcs11:", useless("the name of a key in a PKCS#11 token, not the key")),
    ("apiversion:", KUBERNETES),
    ("kind: secret", KUBERNETES),
    (
        "mime-version:",
        foreign(
            "a message that S/MIME encrypted",
            "decrypt it with the key of that certificate: openssl cms -decrypt -in KEY -inkey CERTIFICATE_KEY \
             -out NEW_KEY",
        ),
    ),
    ("<!doctype html", HTML),
    ("<html", HTML),
    (
        "$ansible_vault;",
        foreign("encrypted by Ansible Vault", "decrypt it: ansible-vault decrypt KEY"),
    ),
    (
        "version https://git-lfs.github.com/spec/",
        foreign("a pointer of Git LFS, not the file itself", "fetch the file: git lfs pull"),
    ),
];

/// The beginnings of labels in PEM. What stands in other blocks is told by its DER.
const LABELS: &[(&str, Foreign)] = &[
    ("PGP PRIVATE KEY", useless("a key of PGP")),
    ("PGP PUBLIC KEY", useless("a public key of PGP")),
    ("PGP MESSAGE", useless("encrypted by PGP")),
    ("AGE ENCRYPTED FILE", useless("a file that age encrypted")),
    ("TSS2 ", useless("the handle of a key in a TPM, not the key")),
    ("DSA PARAMETERS", PARAMETERS),
    ("DH PARAMETERS", PARAMETERS),
    ("X9.42 DH PARAMETERS", PARAMETERS),
    (
        "EC PARAMETERS",
        foreign(
            "the name of a curve without a key",
            "give what stands in -----BEGIN EC PRIVATE KEY-----",
        ),
    ),
];

impl Foreign {
    fn error(&self) -> Error {
        let problem = format!("is {}", self.called);
        match self.hint {
            Some(hint) => bad(problem).with_hint(hint),
            None => no_signing_key(problem),
        }
    }
}

/// Names a file that is no text.
pub(super) fn by_first_bytes(bytes: &[u8]) -> Option<Error> {
    let known = BINARY.iter().find(|(first, _)| bytes.starts_with(first));
    known.map(|(_, foreign)| foreign).or(is_openpgp(bytes).then_some(&OPENPGP)).map(Foreign::error)
}

/// Returns whether bytes begin with a packet of OpenPGP (RFC 9580 section 4.2): a key or an encrypted message, by its
/// type, its length and its version.
fn is_openpgp(bytes: &[u8]) -> bool {
    match bytes {
        [0x84 | 0x8c | 0x94 | 0x98, _, version, ..]
        | [0x85 | 0x8d | 0x95 | 0x99, _, _, version, ..]
        | [0xc1 | 0xc3 | 0xc5 | 0xc6, 0..=0xbf, version, ..]
        | [0xc1 | 0xc3 | 0xc5 | 0xc6, 0xc0..=0xdf, _, version, ..] => matches!(version, 3..=6),
        _ => false,
    }
}

/// Names a text that is no key.
pub(super) fn by_first_words(text: &str) -> Option<Error> {
    let text = text.trim_start();
    let begins = |words: &str| {
        text.as_bytes()
            .get(..words.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(words.as_bytes()))
    };
    let known = TEXTS.iter().find(|(words, _)| begins(words)).map(|(_, foreign)| foreign);
    // Base64 has no dot.
    let is_jwt = text.starts_with("eyJ") && text.contains('.');
    known
        .or(is_jwt.then_some(&JWT))
        .or(text.contains("ENC[AES256_GCM,").then_some(&SOPS))
        .map(Foreign::error)
}

/// Names what stands in a block of PEM by its label.
pub(super) fn by_label(label: &str) -> Option<Error> {
    let known = LABELS.iter().find(|(known, _)| label.starts_with(known));
    known.map(|(_, foreign)| foreign.error())
}

/// Names JSON that is no JWK.
pub(super) fn of_json(text: &str) -> Error {
    // Names that stand in the credentials files of all tools.
    let words =
        ["client_secret", "client_id", "clientId", "clientSecret", "private_key", "CLIENT_SECRET"];
    if words.iter().any(|word| text.contains(word)) {
        return bad("is a credentials file, not a key").with_hint(
            "give it where credentials are asked for, such as ims token FILE; a key is the value of its \
             private_key",
        );
    }
    if text.contains("\"apiVersion\"") {
        return KUBERNETES.error();
    }
    bad("is JSON, but no JWK").with_hint(
        "a private key in JSON is a JWK or a JWK set (RFC 7517), with the members kty and d",
    )
}

/// A public key.
pub(super) fn public_key() -> Error {
    PUBLIC_KEY.error()
}

/// A certificate, told by its parts.
pub(super) fn certificate() -> Error {
    CERTIFICATE.error()
}

/// A request for a certificate.
pub(super) fn request() -> Error {
    REQUEST.error()
}

/// A list of revoked certificates.
pub(super) fn revoked() -> Error {
    REVOKED.error()
}

/// Parameters from which keys are made.
pub(super) fn parameters() -> Error {
    PARAMETERS.error()
}

/// What is encrypted for the key of a certificate (RFC 5652 section 6, RFC 5083); `inform` is what OpenSSL calls the
/// file's form.
pub(super) fn enveloped(der: &[u8], inform: &str) -> Option<Error> {
    const ENVELOPED: [ObjectIdentifier; 2] = [
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3"),
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.23"),
    ];
    let parts = sequence(der).ok()?;
    let kind = parts.first().filter(|kind| kind.tag() == der::Tag::ObjectIdentifier)?;
    ENVELOPED.contains(&kind.decode_as().ok()?).then_some(())?;
    Some(bad("is encrypted for a certificate (CMS)").with_hint(format!(
        "decrypt it with the key of that certificate: openssl cms -decrypt -inform {inform} -in KEY \
         -inkey CERTIFICATE_KEY -out NEW_KEY"
    )))
}

/// A bundle of certificates.
pub(super) fn pkcs7() -> Error {
    PKCS7.error()
}
