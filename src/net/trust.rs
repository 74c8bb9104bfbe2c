//! The CA certificates that are trusted.

use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls_native_certs::{ErrorKind, load_certs_from_paths};

use crate::error::{Error, Field, File as NamedFile, Status, io_reason};
use crate::regular_file::Kind;
use crate::{descriptors, environment, user_path};

/// A file of CA certificates; Debian's has 220 KiB.
const CA_FILE: Kind = Kind { status: Status::Argument, noun: "CA file", max_len: 1024 * 1024 };
/// The limit in bytes of a file that the environment names. A larger file is not a CA bundle, and
/// to read it could take longer than the call's deadline.
const MAX_SYSTEM_FILE: u64 = 16 * 1024 * 1024;
const CERT_FILE: &str = "SSL_CERT_FILE";
const CERT_DIR: &str = "SSL_CERT_DIR";
/// Variables that other programs read, but libims does not.
const NOT_READ: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];
/// The problem of a machine without any CA certificate.
pub(crate) const TRUSTS_NONE: &str = "no CA certificate is trusted at all";
const HOW_TO_NAME: &str =
    "name a file of PEM certificates by SSL_CERT_FILE or ca_file, or remove the variable";

type Certificates = Vec<CertificateDer<'static>>;

/// The CA certificates that a server's certificate is checked against.
pub(crate) enum Trust {
    /// These CA certificates. The list is empty if the system has none.
    Certificates(Certificates),
    /// The CA certificates that the platform's own verifier trusts.
    Platform,
}

impl Trust {
    /// Reads the CA certificates of `ca_file`, a PEM bundle, or else the system's.
    ///
    /// # Errors
    /// [`Status::Argument`], naming `ca_file`; [`Status::Connect`] where the system's cannot be
    /// read, as without file descriptors.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, Error> {
        match ca_file {
            Some(path) => read_ca_file(&user_path::resolved(path)),
            // The trust store of these systems is not a file.
            None if cfg!(any(windows, target_vendor = "apple", target_os = "android")) => {
                return Ok(Self::Platform);
            }
            None => of_system().map_err(|error| unreadable(&error)),
        }
        .map(Self::Certificates)
    }

    /// Returns the files and directories that [`Trust::new`] reads, as far as they are known without
    /// reading them.
    pub fn sources(ca_file: Option<&Path>) -> Vec<PathBuf> {
        match ca_file {
            Some(path) => vec![user_path::resolved(path).into_owned()],
            None => {
                let Sources { file, directories, .. } = Sources::of_system();
                file.into_iter().chain(directories).collect()
            }
        }
    }

    /// Returns how many CA certificates; of the platform's, those that can be read.
    pub fn len(&self) -> usize {
        match self {
            Self::Certificates(certificates) => certificates.len(),
            Self::Platform => rustls_native_certs::load_native_certs().certs.len(),
        }
    }
}

/// The places of the system's CA certificates. Linux systems keep them in one file, and again in a
/// directory of a file each. To read both takes as long as the rest of a call; where the environment
/// names neither, the file is enough, as Go has it too. Where it names one, that alone counts.
struct Sources {
    file: Option<PathBuf>,
    directories: Vec<PathBuf>,
    are_named: bool,
}

impl Sources {
    fn of_system() -> Self {
        let (file, directories) = (named(CERT_FILE), named(CERT_DIR));
        let are_named = file.is_some() || directories.is_some();
        let (file, directories) = match are_named {
            true => {
                let directories = directories.iter().flat_map(|named| split(named)).collect();
                (file.map(PathBuf::from), directories)
            }
            // openssl-probe's way to the file reads the environment as well.
            false if environment::is_privileged() => (None, system_directories()),
            false => (openssl_probe::probe().cert_file, Vec::new()),
        };
        Self { file, directories, are_named }
    }
}

fn of_system() -> io::Result<Certificates> {
    let Sources { file, directories, are_named } = Sources::of_system();
    let of_file = file.map_or(Ok(Vec::new()), |file| or_none(of_file(&file)))?;
    let mut both = [of_file, or_none(of_directories(directories))?].concat();
    if are_named {
        // The directory often holds the file's certificates a second time.
        both.sort_unstable_by(|a, b| a.cmp(b));
        both.dedup();
        return Ok(both);
    }
    match both {
        none if none.is_empty() => or_none(of_directories(system_directories())),
        found => Ok(found),
    }
}

fn system_directories() -> Vec<PathBuf> {
    openssl_probe::candidate_cert_dirs().map(Path::to_owned).collect()
}

fn named(variable: &str) -> Option<std::ffi::OsString> {
    environment::variable(variable).filter(|value| !value.is_empty())
}

fn split(directories: &std::ffi::OsStr) -> impl Iterator<Item = PathBuf> {
    env::split_paths(directories).filter(|path| !path.as_os_str().is_empty())
}

/// Treats an unreadable file as one without certificates. Returns the error only if no file
/// descriptor is left, because then the content is not known.
fn or_none(found: io::Result<Certificates>) -> io::Result<Certificates> {
    found.or_else(|error| match descriptors::hint(&error) {
        Some(_) => Err(error),
        None => Ok(Vec::new()),
    })
}

fn unreadable(error: &io::Error) -> Error {
    let problem = format!("this machine's CA certificates cannot be read: {}", io_reason(error));
    descriptors::explain(Error::new(Status::Connect, problem), error)
}

/// Returns the certificates of a regular file, which may have none. Broken ones are ignored.
fn of_file(path: &Path) -> io::Result<Certificates> {
    // Checked before the file is opened, because opening a FIFO would wait for its writer.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a file"));
    }
    if metadata.len() > MAX_SYSTEM_FILE {
        return Err(io::Error::other("over 16 MiB"));
    }
    match CertificateDer::pem_file_iter(path) {
        Ok(found) => Ok(found.flatten().collect()),
        Err(pem::Error::Io(error)) => Err(error),
        Err(_) => Ok(Vec::new()),
    }
}

/// The certificates of all files in directories.
///
/// # Errors
/// Where no directory can be read, or not all of it for want of file descriptors.
fn of_directories(directories: Vec<PathBuf>) -> io::Result<Certificates> {
    let mut certificates = Vec::new();
    let mut failure = None;
    for directory in directories {
        let found = load_certs_from_paths(None, Some(&directory));
        certificates.extend(found.certs);
        let failures = found.errors.into_iter().filter_map(|error| match error.kind {
            ErrorKind::Io { inner, .. } | ErrorKind::Pem(pem::Error::Io(inner)) => Some(inner),
            _ => None,
        });
        failure = failure
            .into_iter()
            .chain(failures)
            .max_by_key(|error| descriptors::hint(error).is_some());
    }
    let is_partial = failure.as_ref().is_some_and(|error| descriptors::hint(error).is_some());
    match failure {
        Some(error) if is_partial || certificates.is_empty() => Err(error),
        _ => Ok(certificates),
    }
}

/// Returns true if rustls accepts the certificate as a CA certificate.
fn is_usable(certificate: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}

/// A variable that names CA certificates, and what became of it.
pub(crate) struct Variable {
    name: &'static str,
    value: String,
    effect: String,
    /// The step that solves the problem; `None` if the certificates that it names are trusted, or would
    /// change nothing.
    pub hint: Option<&'static str>,
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={} {}", self.name, self.value, self.effect)
    }
}

/// Returns what to do where no CA is trusted: the system's certificates count only where no variable
/// names others.
pub(crate) fn trusts_none_hint() -> &'static str {
    match named(CERT_FILE).or_else(|| named(CERT_DIR)) {
        Some(_) => HOW_TO_NAME,
        None => "install the package ca-certificates, or set ca_file",
    }
}

/// Returns the variables that are set and name CA certificates. Where there is a `ca_file`, it alone
/// counts.
pub(crate) fn variables(has_ca_file: bool) -> Vec<Variable> {
    let mut variables = Vec::new();
    for name in [CERT_FILE, CERT_DIR].into_iter().chain(NOT_READ) {
        let Some(value) = named(name) else { continue };
        let found = match name {
            CERT_DIR => of_directories(split(&value).collect()),
            _ if Path::new(&value).is_dir() && name != CERT_FILE => {
                of_directories(vec![PathBuf::from(&value)])
            }
            _ => of_file(Path::new(&value)),
        };
        let found: io::Result<Certificates> =
            found.map(|found| found.into_iter().filter(is_usable).collect());
        let (effect, hint) = match (name, found) {
            _ if has_ca_file => ("is not used: only ca_file is".to_owned(), None),
            (CERT_FILE | CERT_DIR, Err(error)) => unused(&error),
            (CERT_FILE | CERT_DIR, Ok(found)) if found.is_empty() => {
                let effect = "names nothing usable: it holds no CA certificate";
                (effect.to_owned(), Some(HOW_TO_NAME))
            }
            (CERT_FILE | CERT_DIR, Ok(found)) => {
                (format!("is used: {} CA certificates", found.len()), None)
            }
            (_, found) => {
                let both = found.and_then(|found| Ok((found, of_system()?)));
                let adds = both.is_ok_and(|(found, trusted)| {
                    found.iter().any(|certificate| !trusted.contains(certificate))
                });
                let effect = "is not read by libims: set SSL_CERT_FILE or ca_file";
                (effect.to_owned(), adds.then_some(HOW_TO_NAME))
            }
        };
        let value = NamedFile::new("", Path::new(&value)).name().to_owned();
        variables.push(Variable { name, value, effect, hint });
    }
    variables
}

/// Returns what became of a variable whose files could not be read, and what to do.
fn unused(error: &io::Error) -> (String, Option<&'static str>) {
    let reason = io_reason(error);
    match descriptors::hint(error) {
        Some(hint) => (format!("cannot be followed: {reason}"), Some(hint)),
        None => (format!("names nothing usable: {reason}"), Some(HOW_TO_NAME)),
    }
}

/// Reads the CA file strictly. TLS clients ignore an empty bundle and anything that they cannot
/// parse, so that a typing error would only show as a failed handshake.
fn read_ca_file(path: &Path) -> Result<Certificates, Error> {
    let about = |error: Error| error.with_field(Field::new("ca_file"));
    let bad = |problem: &str| {
        let error =
            Error::new(CA_FILE.status, problem).with_file(NamedFile::new(CA_FILE.noun, path));
        about(error).with_hint("give a file of PEM certificates: -----BEGIN CERTIFICATE----- ...")
    };
    let pem = CA_FILE.read(path).map_err(about)?;
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

#[cfg(test)]
mod tests {
    use std::fs::File;

    use support::directory::Directory;

    use super::*;

    #[test]
    fn every_authority_of_the_systems_file_is_trusted() {
        let debian = Path::new("/etc/ssl/certs/ca-certificates.crt");
        let listed = fs::read_to_string(debian).unwrap().matches("BEGIN CERTIFICATE").count();
        assert!(listed > 0);
        let found = of_file(debian).unwrap();
        assert_eq!(found.len(), listed);
        // The directory holds each certificate a second time, in a separate file.
        let directory = [debian.parent().unwrap().to_owned()];
        let again = of_directories(directory.into_iter().collect()).unwrap();
        assert!(found.iter().all(|certificate| again.contains(certificate)));
    }

    #[test]
    fn what_is_no_file_of_certificates_holds_none() {
        for path in ["/dev/null", "/nonexistent", "/etc", "/etc/hostname"] {
            assert!(or_none(of_file(Path::new(path))).unwrap().is_empty(), "{path}");
        }
    }

    #[test]
    fn a_file_that_is_too_long_for_a_bundle_is_not_read() {
        let directory = Directory::new();
        let path = directory.write("log.pem", "");
        File::options().write(true).open(&path).unwrap().set_len(MAX_SYSTEM_FILE + 1).unwrap();
        assert_eq!(of_file(&path).unwrap_err().to_string(), "over 16 MiB");
    }

    #[test]
    fn without_descriptors_nothing_is_known_of_what_is_trusted() {
        let exhausted = io::Error::from_raw_os_error(libc::EMFILE);
        let error = unreadable(&or_none(Err(exhausted)).unwrap_err());
        assert!(error.is_retryable());
        assert!(error.hint().unwrap().contains("file descriptor"), "{error:?}");
        let (outcome, hint) = unused(&io::Error::from_raw_os_error(libc::EMFILE));
        assert!(!outcome.contains("usable") && hint.unwrap().contains("file descriptor"));
    }
}
