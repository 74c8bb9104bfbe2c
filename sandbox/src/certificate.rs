//! The server's TLS: a certificate from a CA of its own, or the caller's.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509NameBuilder, X509NameRef};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use ims::{Error, unix_seconds};

const DAY: i64 = 86_400;
/// The lifetime in days. Some verifiers refuse server certificates that live much longer than a
/// year.
const LIFETIME: i64 = 365;

/// A server certificate with its key and the CA to trust, all PEM.
pub(super) struct ServerCertificate {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
    pub ca: Vec<u8>,
}

impl ServerCertificate {
    /// Makes a certificate for `localhost`, the loopback addresses and `address`. It is signed by a
    /// new CA, because not every verifier trusts a server certificate that signs itself. The CA's
    /// key is dropped, so that it can never sign anything else.
    pub fn make(address: IpAddr, now: SystemTime) -> Result<Self, ErrorStack> {
        let ca_key = ec_key()?;
        let ca = sign(&ca_key, None, &ca_key, now, |certificate, issuer| {
            let context = certificate.x509v3_context(issuer, None);
            let key_id = SubjectKeyIdentifier::new().build(&context)?;
            certificate.append_extension(key_id)?;
            let constraints = BasicConstraints::new().critical().ca().pathlen(0).build()?;
            certificate.append_extension(constraints)?;
            certificate.append_extension(KeyUsage::new().critical().key_cert_sign().build()?)
        })?;
        let key = ec_key()?;
        let certificate = sign(&key, Some(&ca), &ca_key, now, |certificate, issuer| {
            let context = certificate.x509v3_context(issuer, None);
            let names = SubjectAlternativeName::new()
                .dns("localhost")
                .ip("127.0.0.1")
                .ip("::1")
                .ip(&address.to_string())
                .build(&context)?;
            let key_id = SubjectKeyIdentifier::new().build(&context)?;
            let issuer_key_id = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
            for extension in [names, key_id, issuer_key_id] {
                certificate.append_extension(extension)?;
            }
            certificate.append_extension(BasicConstraints::new().critical().build()?)?;
            certificate
                .append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
            certificate.append_extension(ExtendedKeyUsage::new().server_auth().build()?)
        })?;
        Ok(Self {
            certificate: certificate.to_pem()?,
            key: key.private_key_to_pem_pkcs8()?,
            ca: ca.to_pem()?,
        })
    }
}

fn ec_key() -> Result<PKey<Private>, ErrorStack> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&curve)?)
}

/// A certificate for `key`, signed by `issuer`'s `issuer_key`; without issuer it signs itself.
fn sign(
    key: &PKey<Private>,
    issuer: Option<&X509>,
    issuer_key: &PKey<Private>,
    now: SystemTime,
    extend: impl Fn(&mut X509Builder, Option<&openssl::x509::X509Ref>) -> Result<(), ErrorStack>,
) -> Result<X509, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("O", "libims sandbox")?;
    name.append_entry_by_text("CN", if issuer.is_some() { "localhost" } else { "ims sandbox CA" })?;
    let name = name.build();
    let issuer_name: &X509NameRef = issuer.map_or(&name, |issuer| issuer.subject_name());
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::ONE, false)?;

    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_serial_number(serial.to_asn1_integer()?.as_ref())?;
    certificate.set_subject_name(&name)?;
    certificate.set_issuer_name(issuer_name)?;
    // A day early, for clients whose clock is behind.
    let now = unix_seconds(now);
    certificate.set_not_before(Asn1Time::from_unix(now - DAY)?.as_ref())?;
    certificate.set_not_after(Asn1Time::from_unix(now + LIFETIME * DAY)?.as_ref())?;
    certificate.set_pubkey(key)?;
    extend(&mut certificate, issuer.map(AsRef::as_ref))?;
    certificate.sign(issuer_key, MessageDigest::sha256())?;
    Ok(certificate.build())
}

/// The names of hosts that a server's `certificate` (PEM, the server's first) is for.
pub(super) fn dns_names(certificate: &[u8]) -> Vec<String> {
    let names = X509::from_pem(certificate).ok().and_then(|server| server.subject_alt_names());
    let names = names.iter().flatten().filter_map(|name| name.dnsname());
    names.map(str::to_owned).collect()
}

/// HTTP/1.1 over TLS with `certificate` (PEM, the server's first) and its `key` (PEM).
pub(super) fn server_config(certificate: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, Error> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<_, _>>()
        .map_err(|error| Error::argument("tls_certificate", format!("cannot be read: {error}")))?;
    if chain.is_empty() {
        return Err(Error::argument("tls_certificate", "holds no PEM certificate"));
    }
    // The parser's own text could quote the key.
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_| Error::argument("tls_key", "holds no unencrypted PEM private key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| Error::argument("tls_certificate", format!("cannot be used: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
