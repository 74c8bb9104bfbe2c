//! Real keys, made by OpenSSL once a test program, and forms that OpenSSL itself would not write.

use std::sync::LazyLock;

use openssl::asn1::Asn1Object;
use openssl::base64;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::dsa::Dsa;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs5;
use openssl::pkey::{Id, PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::{Rsa, RsaPrivateKeyBuilder};
use openssl::symm::{self, Cipher};

/// A 2048-bit key, the same for the whole program.
pub fn rsa() -> &'static PKey<Private> {
    static KEY: LazyLock<PKey<Private>> =
        LazyLock::new(|| PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap());
    &KEY
}

/// The public half of [`rsa`] as PEM.
pub fn public_key_pem() -> String {
    String::from_utf8(rsa().public_key_to_pem().unwrap()).unwrap()
}

/// [`rsa`] as unencrypted PKCS#8 PEM.
pub fn pkcs8_pem() -> Vec<u8> {
    rsa().private_key_to_pem_pkcs8().unwrap()
}

/// Another key each time, as unencrypted PKCS#8 PEM.
pub fn new_pkcs8_pem() -> Vec<u8> {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    key.private_key_to_pem_pkcs8().unwrap()
}

/// [`rsa`] as unencrypted PKCS#8 DER.
pub fn pkcs8_der() -> Vec<u8> {
    rsa().private_key_to_pkcs8().unwrap()
}

/// [`rsa`] as PKCS#1 PEM.
pub fn pkcs1_pem() -> Vec<u8> {
    rsa().rsa().unwrap().private_key_to_pem().unwrap()
}

/// [`rsa`] as PKCS#1 DER.
pub fn pkcs1_der() -> Vec<u8> {
    rsa().rsa().unwrap().private_key_to_der().unwrap()
}

/// [`rsa`] as encrypted PKCS#8 PEM, the way OpenSSL does it.
pub fn encrypted_pem(passphrase: &[u8]) -> Vec<u8> {
    rsa().private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), passphrase).unwrap()
}

/// [`rsa`] as PEM of encrypted PKCS#8, with this number of PBKDF2 iterations.
pub fn iterated_pem(passphrase: &[u8], iterations: usize) -> String {
    let mut key = [0; 32];
    let sha256 = MessageDigest::sha256();
    pkcs5::pbkdf2_hmac(passphrase, SALT, iterations, sha256, &mut key).unwrap();
    let data = symm::encrypt(Cipher::aes_256_cbc(), &key, Some(&IV), &pkcs8_der()).unwrap();
    let der = encrypted_der(&Derivation::Pbkdf2 { iterations: iterations as u64 }, &data);
    let digits = base64::encode_block(&der);
    format!(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n{digits}\n-----END ENCRYPTED PRIVATE KEY-----\n"
    )
}

/// [`rsa`] as PEM that is encrypted by its headers (RFC 1421).
pub fn legacy_encrypted_pem(passphrase: &[u8]) -> Vec<u8> {
    let rsa = rsa().rsa().unwrap();
    rsa.private_key_to_pem_passphrase(Cipher::aes_128_cbc(), passphrase).unwrap()
}

/// A new elliptic-curve key on P-256, as PKCS#8.
pub fn ec_pem() -> String {
    String::from_utf8(ec().private_key_to_pem_pkcs8().unwrap()).unwrap()
}

/// An elliptic-curve key on P-256.
pub fn ec() -> PKey<Private> {
    on_curve(Nid::X9_62_PRIME256V1)
}

/// An elliptic-curve key.
pub fn on_curve(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// A DSA key.
pub fn dsa() -> PKey<Private> {
    PKey::from_dsa(Dsa::generate(1024).unwrap()).unwrap()
}

/// An RSA key for PSS signatures only.
pub fn rsa_pss() -> PKey<Private> {
    let mut context = PkeyCtx::new_id(Id::RSA_PSS).unwrap();
    context.keygen_init().unwrap();
    context.set_rsa_keygen_bits(2048).unwrap();
    context.keygen().unwrap()
}

/// The key of the primes `p` and `q`, as large as they make it.
pub fn rsa_of_primes(p: BigNum, q: BigNum, e: u32) -> Rsa<Private> {
    let mut context = BigNumContext::new().unwrap();
    let mut number = |compute: &dyn Fn(&mut BigNumRef, &mut BigNumContext)| {
        let mut number = BigNum::new().unwrap();
        compute(&mut number, &mut context);
        number
    };
    let one = BigNum::from_u32(1).unwrap();
    let e = BigNum::from_u32(e).unwrap();
    let p_less_1 = &p - &one;
    let q_less_1 = &q - &one;
    let n = number(&|n, context| n.checked_mul(&p, &q, context).unwrap());
    let order = number(&|order, context| order.checked_mul(&p_less_1, &q_less_1, context).unwrap());
    let d = number(&|d, context| d.mod_inverse(&e, &order, context).unwrap());
    let dp = number(&|dp, context| dp.checked_rem(&d, &p_less_1, context).unwrap());
    let dq = number(&|dq, context| dq.checked_rem(&d, &q_less_1, context).unwrap());
    let q_inverse = number(&|inverse, context| inverse.mod_inverse(&q, &p, context).unwrap());
    RsaPrivateKeyBuilder::new(n, e, d)
        .and_then(|key| key.set_factors(p, q))
        .and_then(|key| key.set_crt_params(dp, dq, q_inverse))
        .unwrap()
        .build()
}

/// PKCS#1 DER of the parts n, e, d, p, q, dp, dq and qInv.
pub fn pkcs1_of_parts(parts: &[BigNum; 8]) -> Vec<u8> {
    let parts: Vec<u8> = parts.iter().flat_map(|part| unsigned(&part.to_vec())).collect();
    sequence(&[&integer(0), &parts])
}

/// The derivation of a key from a passphrase, and its cost.
pub enum Derivation {
    Pbkdf2 { iterations: u64 },
    Scrypt { n: u64, r: u64, p: u64 },
}

const SALT: &[u8] = b"salt and pepper.";
const IV: [u8; 16] = [7; 16];

/// [`rsa`] as encrypted PKCS#8 DER, with scrypt.
pub fn scrypt_encrypted_der(passphrase: &[u8], n: u64, r: u64, p: u64) -> Vec<u8> {
    let mut key = [0; 32];
    pkcs5::scrypt(passphrase, SALT, n, r, p, 1 << 30, &mut key).unwrap();
    let data = symm::encrypt(Cipher::aes_256_cbc(), &key, Some(&IV), &pkcs8_der()).unwrap();
    encrypted_der(&Derivation::Scrypt { n, r, p }, &data)
}

/// [`rsa`] as encrypted PKCS#8 DER, with PBKDF2.
pub fn pbkdf2_encrypted_der(passphrase: &[u8], iterations: u32) -> Vec<u8> {
    let mut key = [0; 32];
    let sha256 = MessageDigest::sha256();
    pkcs5::pbkdf2_hmac(passphrase, SALT, iterations as usize, sha256, &mut key).unwrap();
    let data = symm::encrypt(Cipher::aes_256_cbc(), &key, Some(&IV), &pkcs8_der()).unwrap();
    encrypted_der(&Derivation::Pbkdf2 { iterations: iterations.into() }, &data)
}

/// The shell of an encrypted PKCS#8 key (RFC 8018 appendix A.4) around `data`.
pub fn encrypted_der(derivation: &Derivation, data: &[u8]) -> Vec<u8> {
    let derivation = match *derivation {
        Derivation::Pbkdf2 { iterations } => {
            let hmac_sha256 = sequence(&[&oid("1.2.840.113549.2.9"), &[5, 0]]);
            let parameters = [&element(4, SALT)[..], &integer(iterations), &hmac_sha256];
            sequence(&[&oid("1.2.840.113549.1.5.12"), &sequence(&parameters)])
        }
        Derivation::Scrypt { n, r, p } => {
            let parameters = [&element(4, SALT)[..], &integer(n), &integer(r), &integer(p)];
            sequence(&[&oid("1.3.6.1.4.1.11591.4.11"), &sequence(&parameters)])
        }
    };
    let aes_256_cbc = sequence(&[&oid("2.16.840.1.101.3.4.1.42"), &element(4, &IV)]);
    let pbes2 = [&oid("1.2.840.113549.1.5.13")[..], &sequence(&[&derivation, &aes_256_cbc])];
    sequence(&[&sequence(&pbes2), &element(4, data)])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

fn integer(value: u64) -> Vec<u8> {
    unsigned(&value.to_be_bytes())
}

/// A DER INTEGER of a number's bytes, the highest first.
fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let mut content = bytes[start..].to_vec();
    if content.first().is_none_or(|highest| *highest >= 0x80) {
        content.insert(0, 0);
    }
    element(2, &content)
}

fn oid(text: &str) -> Vec<u8> {
    element(6, Asn1Object::from_str(text).unwrap().as_slice())
}

/// A DER element.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let mut der = match len {
        0..=0x7f => vec![tag, len as u8],
        0x80..=0xff => vec![tag, 0x81, len as u8],
        _ => vec![tag, 0x82, (len >> 8) as u8, len as u8],
    };
    der.extend(content);
    der
}
