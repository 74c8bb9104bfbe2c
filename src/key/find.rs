//! The private key in what people have: PEM, DER, or base64 of one, encrypted or not.

use der::{Tag, Tagged};

use super::material::Material;
use super::passphrase::Passphrase;
use super::problem::{bad, damaged};
use super::sequence::{SEQUENCE, sequence};
use super::{encrypted, pem};
use crate::error::Error;

/// Finds the one private key in `bytes`.
pub(super) fn find(bytes: &[u8], passphrase: Passphrase<'_>) -> Result<Material, Error> {
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
fn in_der(der: &[u8], passphrase: Passphrase<'_>) -> Result<Material, Error> {
    use Tag::{BitString, Integer, OctetString, Sequence};
    let parts = sequence(der)?;
    let tags: Vec<Tag> = parts.iter().map(Tagged::tag).collect();
    match tags[..] {
        // RFC 5208, or RFC 5958 with its additional parts.
        [Integer, Sequence, OctetString, ..] => {
            Material::from_pkcs8(parts[1], parts[2], &parts[3..])
        }
        // RFC 8017 appendix A.1.2. A key of more than two primes has one part more.
        [Integer, Integer, Integer, ..] => Material::rsa(der),
        // RFC 5915 section 3.
        [Integer, OctetString, ..] => Material::ec(der, None),
        [Sequence, OctetString] => {
            in_der(&encrypted::decrypt_pkcs8(der, parts[0], passphrase)?, Passphrase::default())
        }
        [Sequence, BitString] | [Integer, Integer] => Err(public_key()),
        [Sequence, Sequence, BitString] => Err(bad("is a certificate, or a request for one")
            .with_hint(
                "give the private key that the certificate was made with: \
                 -----BEGIN PRIVATE KEY-----",
            )),
        [Integer, Sequence] | [Integer, Sequence, Sequence] => Err(bad("is a PKCS#12 store")
            .with_hint("take the key out of it: openssl pkcs12 -in STORE -nocerts -out KEY")),
        _ => Err(bad("is no private key of a known form")),
    }
}

fn public_key() -> Error {
    bad("is a public key")
        .with_hint("give the private key that belongs to it: -----BEGIN PRIVATE KEY-----")
}
