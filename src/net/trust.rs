//! Whom to trust.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::error::Error;
use crate::key::looks_like_key;

/// In bytes. Debian's bundle has 220 KiB.
const LONGEST_CA_FILE: u64 = 1024 * 1024;

/// Whose certificates a server may show.
pub(crate) enum Trust {
    /// These authorities', of which there is at least one.
    Authorities(Vec<CertificateDer<'static>>),
    /// Whoever the platform's own verifier trusts.
    Platform,
}

impl Trust {
    /// Trust in the authorities of `ca_file`, a PEM bundle, or else in the system's.
    ///
    /// # Errors
    /// [`Status::Argument`](crate::Status::Argument), naming `ca_file`.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, Error> {
        Ok(match ca_file {
            Some(path) => Self::Authorities(read_ca_file(path)?),
            None => system_bundle().map_or(Self::Platform, Self::Authorities),
        })
    }
}

#[cfg(feature = "cli")]
impl Trust {
    /// How many authorities; of the platform's, those that can be read.
    pub fn len(&self) -> usize {
        match self {
            Self::Authorities(authorities) => authorities.len(),
            Self::Platform => rustls_native_certs::load_native_certs().certs.len(),
        }
    }
}

/// Linux systems keep their authorities in one file, and again in a directory of a file each. The
/// platform's verifier reads both, which takes as long as the rest of a call; where the environment
/// names neither, the file is enough, as Go has it too.
fn system_bundle() -> Option<Vec<CertificateDer<'static>>> {
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| env::var_os(name).is_some());
    if named || !cfg!(target_os = "linux") {
        return None;
    }
    bundle(&openssl_probe::probe().cert_file?)
}

/// The certificates of a system's file; `None` where it has none that can be read.
fn bundle(path: &Path) -> Option<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path).ok()?.flatten().collect();
    (!certificates.is_empty()).then_some(certificates)
}

/// TLS clients ignore what they cannot parse, and an empty bundle: a typing error would be found
/// as a handshake that fails.
fn read_ca_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let mut shown = path.display().to_string();
    if looks_like_key(&shown) {
        shown = "(its name is not shown, it looks like a key itself)".to_owned();
    }
    let bad = |problem: &str| {
        Error::argument("ca_file", format!("{shown} {problem}"))
            .with_hint("give a file of PEM certificates: -----BEGIN CERTIFICATE----- ...")
    };
    let pem = read_file(path).map_err(|error| bad(&format!("cannot be read: {error}")))?;
    let mut store = RootCertStore::empty();
    let mut trusted = Vec::new();
    for (index, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let broken = || bad(&format!("is broken: see its certificate number {}", index + 1));
        let certificate = certificate.map_err(|_| broken())?;
        store.add(certificate.clone()).map_err(|_| broken())?;
        trusted.push(certificate);
    }
    if trusted.is_empty() {
        return Err(bad("holds no certificate"));
    }
    Ok(trusted)
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    // Before it is opened: to open a FIFO would wait for its writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST_CA_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_CA_FILE {
        return Err(io::Error::other("over 1 MiB"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_authority_of_the_systems_file_is_trusted() {
        let debian = Path::new("/etc/ssl/certs/ca-certificates.crt");
        let listed = fs::read_to_string(debian).unwrap().matches("BEGIN CERTIFICATE").count();
        assert!(listed > 0);
        assert_eq!(bundle(debian).unwrap().len(), listed);
    }

    #[test]
    fn a_system_without_such_a_file_is_left_to_its_own_verifier() {
        for path in ["/dev/null", "/nonexistent"] {
            assert!(bundle(Path::new(path)).is_none(), "{path}");
        }
    }
}
