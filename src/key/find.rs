//! The private key in what people have: PEM, DER, JSON, a store, or base64 of one, encrypted or not.

use der::asn1::AnyRef;
use der::{Tag, Tagged};
use zeroize::Zeroizing;

use super::about::Stored;
use super::material::Material;
use super::options::KeyOptions;
use super::pem::Block;
use super::problem::{bad, damaged, no_signing_key};
use super::sequence::{self, SEQUENCE, sequence};
use super::{encoding, encrypted, foreign, jwk, mangled, openssh, pem, pkcs12, rfc1421, xml};
use crate::error::Error;

/// How many times base64 or another encoding may stand in one.
const MAX_WRAPPINGS: usize = 3;

/// Finds the one private key in `bytes`.
pub(super) fn find(bytes: &[u8], options: KeyOptions<'_>) -> Result<Stored, Error> {
    let mut decoded: Option<Zeroizing<Vec<u8>>> = None;
    for _ in 0..=MAX_WRAPPINGS {
        match read(decoded.as_ref().map_or(bytes, |decoded| decoded), options)? {
            Read::Key(key) => return Ok(*key),
            Read::Wrapped(inner) => decoded = Some(inner),
        }
    }
    Err(unknown())
}

enum Read {
    Key(Box<Stored>),
    /// What base64 or another encoding stands for.
    Wrapped(Zeroizing<Vec<u8>>),
}

fn read(bytes: &[u8], options: KeyOptions<'_>) -> Result<Read, Error> {
    if bytes.trim_ascii().is_empty() {
        return Err(bad("is empty"));
    }
    if let Some(error) = foreign::by_first_bytes(bytes) {
        return Err(error);
    }
    if let Some(text) = encoding::decoded(bytes) {
        return text.map(Read::Wrapped).map_err(damaged);
    }
    let key = |key: Result<Stored, Error>| key.map(|key| Read::Key(Box::new(key)));
    // No text goes on like this after its first character: these are lengths of DER.
    if openssh::matches(bytes) || matches!(bytes, [SEQUENCE, 0x81..=0x84, ..]) {
        return key(in_der(bytes, options));
    }
    let text = pem::text(bytes);
    match block_of(&text) {
        Ok(Some(block)) => return key(in_block(&block, &text, options)),
        Ok(None) => {}
        Err(problem) => return key(in_mangled(&text, options).unwrap_or(Err(damaged(problem)))),
    }
    if bytes[0] == SEQUENCE {
        return key(in_der(bytes, options));
    }
    if let Some(error) = foreign::by_first_words(&text) {
        return Err(error);
    }
    match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => return key(in_json(bytes, &text, options)),
        // A string of JSON with its quotes.
        Some(b'"') if text.trim_start_matches(['"', ' ']).starts_with('{') => {
            let json = text.trim().trim_matches('"');
            return key(in_json(json.as_bytes(), json, options));
        }
        Some(b'<') => {
            let xml = xml::read(&text).map(|found| found.map(Stored::from));
            return key(xml.unwrap_or_else(|| {
                Err(bad("is XML, but no RSAKeyValue")
                    .with_hint("give the private key in PEM: -----BEGIN PRIVATE KEY-----"))
            }));
        }
        _ => {}
    }
    match pem::base64([&*text]) {
        Some(decoded) if is_wrapped(&decoded) => Ok(Read::Wrapped(decoded)),
        _ => key(in_mangled(&text, options).unwrap_or_else(|| Err(unknown()))),
    }
}

/// Returns whether decoded bytes are more than chance: a key, a known kind of file, or text.
fn is_wrapped(decoded: &[u8]) -> bool {
    const MIN_TEXT: usize = 16;
    let is_text = |text: &str| text.chars().all(|c| !c.is_control() || c.is_ascii_whitespace());
    decoded.first() == Some(&SEQUENCE)
        || openssh::matches(decoded)
        || foreign::by_first_bytes(decoded).is_some()
        || encoding::decoded(decoded).is_some_and(|text| text.is_ok())
        || decoded.len() > MIN_TEXT && str::from_utf8(decoded).is_ok_and(is_text)
}

fn unknown() -> Error {
    bad("is neither PEM nor DER, nor base64 of one").with_hint(
        "a private key in PEM begins with -----BEGIN PRIVATE KEY----- or \
         -----BEGIN RSA PRIVATE KEY-----",
    )
}

/// Returns the one block of a private key. Without one, the first block tells what was given instead.
fn block_of(text: &str) -> Result<Option<Block<'_>>, &'static str> {
    let (mut first, mut private_key) = (None, None);
    for block in pem::blocks(text) {
        let block = block?;
        if !block.is_private_key() {
            first.get_or_insert(block);
        } else if private_key.replace(block).is_some() {
            return Err(pem::SEVERAL);
        }
    }
    Ok(private_key.or(first))
}

fn in_block(block: &Block<'_>, text: &str, options: KeyOptions<'_>) -> Result<Stored, Error> {
    if let Some(error) = foreign::by_label(block.label) {
        return Err(error);
    }
    let der = block.der().map_err(damaged);
    let der = match der {
        Ok(_) if block.has_headers_in_one_line() => {
            Err(damaged("is damaged: its headers stand in one line"))
        }
        der => der,
    };
    let der = match der {
        Ok(der) => der,
        Err(error) => return in_mangled(text, options).unwrap_or(Err(error)),
    };
    match foreign::enveloped(&der, "PEM") {
        Some(error) => Err(error),
        None => in_block_of_der(block, &der, options),
    }
}

fn in_block_of_der(
    block: &Block<'_>,
    der: &[u8],
    options: KeyOptions<'_>,
) -> Result<Stored, Error> {
    if block.is_encrypted_by_header {
        return in_der(&rfc1421::decrypt(block, der, options)?, KeyOptions::default());
    }
    in_der(der, options)
}

/// Reads PEM that is not as it was written; `None` where nothing looks like PEM.
fn in_mangled(text: &str, options: KeyOptions<'_>) -> Option<Result<Stored, Error>> {
    let repaired = match mangled::repaired(text)? {
        Ok(repaired) => repaired,
        Err(error) => return Some(Err(error)),
    };
    let read = || {
        let block = block_of(&repaired).map_err(damaged)?.ok_or_else(unknown)?;
        in_block_of_der(&block, &block.der().map_err(damaged)?, options)
    };
    Some(read())
}

/// Reads a JWK or a set. Text that was copied from a variable may have backslashes before its quotes, and Python
/// prints single quotes.
fn in_json(bytes: &[u8], text: &str, options: KeyOptions<'_>) -> Result<Stored, Error> {
    let original = str::from_utf8(bytes).unwrap_or_default().trim_start_matches('\u{feff}');
    let found = jwk::read(original, options).or_else(|| jwk::read(text, options)).or_else(|| {
        let is_of_python = text.contains('\'') && !text.contains('"');
        let quoted = is_of_python.then(|| Zeroizing::new(text.replace('\'', "\"")))?;
        jwk::read(&quoted, options)
    });
    found.unwrap_or_else(|| Err(foreign::of_json(text)))
}

/// Tells what a DER document is by the types of its parts.
fn in_der(der: &[u8], options: KeyOptions<'_>) -> Result<Stored, Error> {
    use Tag::{BitString, Integer, ObjectIdentifier, OctetString, Sequence};
    if openssh::matches(der) {
        return openssh::read(der).map(Stored::from);
    }
    if let Some(error) = foreign::by_first_bytes(der) {
        return Err(error);
    }
    let parts = sequence(der)?;
    let tags: Vec<Tag> = parts.iter().map(Tagged::tag).collect();
    match tags[..] {
        // RFC 5208, or RFC 5958 with its additional parts.
        [Integer, Sequence, OctetString, ..] => {
            Material::from_pkcs8(parts[1], parts[2], &parts[3..]).map(Stored::from)
        }
        // RFC 3279 section 2.3, PKCS#3 section 9, and RFC 3279 section 2.3.3.
        [Integer, Integer, Integer]
        | [Integer, Integer, Integer, Integer]
        | [Integer, Integer, Integer, Integer, Integer] => Err(foreign::parameters()),
        [Integer, Integer] if matches!(parts[1].value(), [2 | 5]) => Err(foreign::parameters()),
        // Of OpenSSL: version, p, q, g, and the two halves.
        [Integer, Integer, Integer, Integer, Integer, Integer] => {
            Err(no_signing_key("is a DSA key; it must be RSA, EC or Ed25519"))
        }
        // RFC 8017 appendix A.1.2. A key of more than two primes has one part more.
        [Integer, Integer, Integer, ..] => Material::rsa(der).map(Stored::from),
        // RFC 5915 section 3.
        [Integer, OctetString, ..] => Material::ec(der, None).map(Stored::from),
        [Sequence, OctetString] => {
            in_der(&encrypted::decrypt_pkcs8(der, options)?, KeyOptions::default())
        }
        [Sequence, BitString] | [Integer, Integer] => Err(foreign::public_key()),
        [Sequence, Sequence, BitString] => Err(signed(parts[0])),
        [ObjectIdentifier, _] => Err(foreign::enveloped(der, "DER").unwrap_or_else(foreign::pkcs7)),
        // RFC 7292 section 4.
        [Integer, Sequence] | [Integer, Sequence, Sequence] => pkcs12::read(&parts, options),
        _ => Err(bad("is no private key of a known form")),
    }
}

/// Tells what is signed with an X.509 signature.
fn signed(inner: AnyRef<'_>) -> Error {
    let parts = sequence::parts(inner, 4).unwrap_or_default();
    let tags: Vec<Tag> = parts.iter().map(Tagged::tag).collect();
    match tags[..] {
        // RFC 2986 section 4.1: version, subject, key, attributes.
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::ContextSpecific { .. }] => {
            foreign::request()
        }
        // RFC 5280 section 5.1: a time follows the issuer.
        [.., Tag::UtcTime | Tag::GeneralizedTime]
        | [.., Tag::UtcTime | Tag::GeneralizedTime, _] => foreign::revoked(),
        _ => foreign::certificate(),
    }
}
