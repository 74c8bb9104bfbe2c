//! X.509 certificates for keys and for TLS servers, good ones and bad ones, made by OpenSSL.

use std::net::IpAddr;

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPrivate, PKey, PKeyRef, Private};
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use openssl::x509::extension::{SubjectAlternativeName, SubjectKeyIdentifier};
use openssl::x509::{X509, X509Builder, X509Name, X509NameRef};

const DAY: i64 = 86_400;

/// The time from which and until which a certificate is valid, in Unix seconds.
#[derive(Clone, Copy)]
pub struct Validity {
    pub from: i64,
    pub until: i64,
}

impl Validity {
    /// Valid from yesterday until tomorrow.
    pub fn now() -> Self {
        Self { from: now() - DAY, until: now() + DAY }
    }

    /// Valid from yesterday for a year, as the certificates of real accounts.
    pub fn a_year() -> Self {
        Self { from: now() - DAY, until: now() + 365 * DAY }
    }

    /// Valid until yesterday.
    pub fn expired() -> Self {
        Self { from: now() - 2 * DAY, until: now() - DAY }
    }

    /// Valid from tomorrow.
    pub fn not_yet() -> Self {
        Self { from: now() + DAY, until: now() + 2 * DAY }
    }
}

/// A server's identity: its key, its certificate, and the intermediate certificates.
pub struct Identity {
    pub key: PKey<Private>,
    pub certificate: X509,
    pub chain: Vec<X509>,
}

impl Identity {
    /// Certificate and chain as PEM, as servers read them from a file.
    pub fn chain_pem(&self) -> Vec<u8> {
        let mut pem = self.certificate.to_pem().unwrap();
        self.chain.iter().for_each(|between| pem.extend(between.to_pem().unwrap()));
        pem
    }

    /// The key as unencrypted PKCS#8 PEM.
    pub fn key_pem(&self) -> Vec<u8> {
        self.key.private_key_to_pem_pkcs8().unwrap()
    }
}

/// A certificate authority (CA).
pub struct Authority {
    key: PKey<Private>,
    certificate: X509,
    chain: Vec<X509>,
}

impl Authority {
    /// A root.
    pub fn new(name: &str) -> Self {
        let key = ec_key();
        let name = common_name(name);
        let mut builder = builder(&name, &key, Validity::now());
        builder.set_issuer_name(&name).unwrap();
        make_authority(&mut builder);
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { key, certificate: builder.build(), chain: Vec::new() }
    }

    /// Makes an intermediate CA below this one. Its certificates come with the chain up to this
    /// one.
    pub fn subordinate(&self, name: &str) -> Self {
        let key = ec_key();
        let mut builder = builder(&common_name(name), &key, Validity::now());
        make_authority(&mut builder);
        let certificate = self.sign(builder);
        let chain = [vec![certificate.clone()], self.chain.clone()].concat();
        Self { key, certificate, chain }
    }

    /// A server's certificate for host names and IP addresses.
    pub fn server(&self, hosts: &[&str], validity: Validity) -> Identity {
        let key = ec_key();
        let mut builder = builder(&common_name("server"), &key, validity);
        builder.append_extension(BasicConstraints::new().critical().build().unwrap()).unwrap();
        let usage = ExtendedKeyUsage::new().server_auth().build().unwrap();
        builder.append_extension(usage).unwrap();
        append_hosts(&mut builder, hosts, Some(&self.certificate));
        Identity { key, certificate: self.sign(builder), chain: self.chain.clone() }
    }

    /// A certificate with which a client shows who it is.
    pub fn client(&self, name: &str) -> Identity {
        let key = ec_key();
        let mut builder = builder(&common_name(name), &key, Validity::now());
        builder.append_extension(BasicConstraints::new().critical().build().unwrap()).unwrap();
        let usage = ExtendedKeyUsage::new().client_auth().build().unwrap();
        builder.append_extension(usage).unwrap();
        append_hosts(&mut builder, &[name], Some(&self.certificate));
        Identity { key, certificate: self.sign(builder), chain: self.chain.clone() }
    }

    /// Returns the CA's own certificate as PEM, for clients to trust.
    pub fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().unwrap()
    }

    fn sign(&self, mut builder: X509Builder) -> X509 {
        builder.set_issuer_name(self.certificate.subject_name()).unwrap();
        builder.sign(&self.key, MessageDigest::sha256()).unwrap();
        builder.build()
    }
}

/// A server's certificate that no one else vouches for.
pub fn self_signed_server(hosts: &[&str]) -> Identity {
    self_signed_for(hosts, |_| ())
}

/// A self-signed server certificate with the mark of a CA, as `openssl req -x509` makes it.
pub fn self_signed_server_marked_as_authority(hosts: &[&str]) -> Identity {
    self_signed_for(hosts, make_authority)
}

fn self_signed_for(hosts: &[&str], extend: impl FnOnce(&mut X509Builder)) -> Identity {
    let key = ec_key();
    let name = common_name("self-signed");
    let mut builder = builder(&name, &key, Validity::now());
    builder.set_issuer_name(&name).unwrap();
    extend(&mut builder);
    append_hosts(&mut builder, hosts, None);
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    Identity { key, certificate: builder.build(), chain: Vec::new() }
}

/// A certificate of `key` signed by itself, such as a service account registers.
pub fn self_signed<T: HasPrivate>(key: &PKeyRef<T>, validity: Validity) -> X509 {
    let name = common_name("service account");
    let mut builder = builder(&name, key, validity);
    builder.set_issuer_name(&name).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build()
}

fn builder<T: HasPrivate>(
    subject: &X509NameRef,
    key: &PKeyRef<T>,
    validity: Validity,
) -> X509Builder {
    let mut serial = BigNum::new().unwrap();
    serial.rand(127, MsbOption::MAYBE_ZERO, false).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(subject).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(validity.from).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(validity.until).unwrap()).unwrap();
    builder
}

fn make_authority(builder: &mut X509Builder) {
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    let usage = KeyUsage::new().critical().key_cert_sign().build().unwrap();
    builder.append_extension(usage).unwrap();
    let id = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(id).unwrap();
}

fn append_hosts(builder: &mut X509Builder, hosts: &[&str], issuer: Option<&X509>) {
    let mut names = SubjectAlternativeName::new();
    for host in hosts {
        match host.parse::<IpAddr>() {
            Ok(_) => names.ip(host),
            Err(_) => names.dns(host),
        };
    }
    let context = builder.x509v3_context(issuer.map(AsRef::as_ref), None);
    let names = names.build(&context).unwrap();
    builder.append_extension(names).unwrap();
}

fn common_name(name: &str) -> X509Name {
    let mut builder = X509Name::builder().unwrap();
    builder.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    builder.build()
}

/// Makes an EC key, which takes less time than an RSA key.
fn ec_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn now() -> i64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().cast_signed()
}
