//! New keys, and the certificates that they sign for themselves.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, PKeyRef, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};
use zeroize::Zeroizing;

use super::in_openssl::{OpenSsl, refused};
use crate::algorithm::Algorithm;
use crate::error::Error;

/// As strong as P-256 (NIST SP 800-57 part 1, table 2). Some servers refuse less.
const RSA_BITS: u32 = 3072;

/// Makes a key for `algorithm`, and returns it as PKCS#8 DER.
pub(super) fn new_key(algorithm: Algorithm) -> Result<Zeroizing<Vec<u8>>, Error> {
    use Algorithm::{ES256, ES384, ES512, Ed25519, EdDSA};
    // RSA takes seconds on a slow machine.
    let _openssl = OpenSsl::enter_for_long()?;
    let key = match algorithm {
        ES256 => new_on_curve(Nid::X9_62_PRIME256V1),
        ES384 => new_on_curve(Nid::SECP384R1),
        ES512 => new_on_curve(Nid::SECP521R1),
        EdDSA | Ed25519 => PKey::generate_ed25519(),
        rsa if Algorithm::RSA.contains(&rsa) => Rsa::generate(RSA_BITS).and_then(PKey::from_rsa),
        secrets => {
            let problem = format!("is {secrets}, which signs with a client secret");
            return Err(Error::argument("alg", problem));
        }
    };
    let der = key.and_then(|key| key.private_key_to_pkcs8());
    der.map(Zeroizing::new).map_err(|stack| refused(&stack))
}

fn new_on_curve(curve: Nid) -> Result<PKey<Private>, ErrorStack> {
    let group = EcGroup::from_curve_name(curve)?;
    EcKey::generate(&group).and_then(PKey::from_ec_key)
}

/// Returns a certificate for `key` that it signs itself, valid between two Unix times.
pub(super) fn certificate(
    key: &PKeyRef<Private>,
    name: &str,
    from: i64,
    until: i64,
) -> Result<X509, ErrorStack> {
    let mut subject = X509NameBuilder::new()?;
    subject.append_entry_by_nid(Nid::COMMONNAME, name)?;
    let subject = subject.build();
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::ONE, false)?;

    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_serial_number(serial.to_asn1_integer()?.as_ref())?;
    certificate.set_subject_name(&subject)?;
    certificate.set_issuer_name(&subject)?;
    certificate.set_not_before(Asn1Time::from_unix(from)?.as_ref())?;
    certificate.set_not_after(Asn1Time::from_unix(until)?.as_ref())?;
    certificate.set_pubkey(key)?;
    // Ed25519 hashes in its own way.
    let digest = match key.id() {
        Id::ED25519 => MessageDigest::null(),
        _ => MessageDigest::sha256(),
    };
    certificate.sign(key, digest)?;
    Ok(certificate.build())
}
