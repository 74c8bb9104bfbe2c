//! What people take for a private key that libims does not read: told by its first bytes or its label, and
//! named with what makes a key of it.

use super::problem::{bad, no_signing_key};
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
    known.map(|(_, foreign)| foreign.error())
}

/// Names a text that is no key.
pub(super) fn by_first_words(text: &str) -> Option<Error> {
    let text = text.trim_start();
    let begins = |words: &str| {
        text.as_bytes()
            .get(..words.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(words.as_bytes()))
    };
    let known = TEXTS.iter().find(|(words, _)| begins(words));
    known.map(|(_, foreign)| foreign.error())
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

/// A bundle of certificates.
pub(super) fn pkcs7() -> Error {
    PKCS7.error()
}
