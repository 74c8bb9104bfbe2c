//! The OpenSSL in use: its version, and the check that its configuration allows what signing needs.

use openssl::cipher::Cipher;
use openssl::md::Md;
use openssl::version;

use super::problem::bad;
use crate::environment;
use crate::error::Error;

/// Returns the version of the OpenSSL in use as OpenSSL says it, such as "OpenSSL 3.0.19 27 Jan 2026": the system's, or
/// the one that is linked in.
pub fn openssl_version() -> &'static str {
    version::version()
}

/// Returns an error that names OpenSSL's configuration, if it does not load what keys need. OpenSSL
/// itself only says "unsupported", or blames the passphrase.
pub(super) fn missing() -> Option<Error> {
    let lacks_digest = Md::fetch(None, "SHA2-256", None).is_err();
    if !lacks_digest && Cipher::fetch(None, "AES-256-CBC", None).is_ok() {
        return None;
    }
    let problem = "cannot be used: OpenSSL offers no RSA with SHA-256, no active provider has it";
    Some(bad(problem).with_hint(format!(
        "activate the provider default in {}, or the provider fips where that sets fips=yes; or run \
         this program with another OPENSSL_CONF",
        configuration()
    )))
}

/// Returns the hint for what OpenSSL refuses: the path of its configuration.
pub(super) fn hint() -> String {
    format!("see whether OpenSSL's configuration restricts it: {}", configuration())
}

fn configuration() -> String {
    match environment::variable("OPENSSL_CONF") {
        Some(path) => format!("OPENSSL_CONF={}", path.display()),
        None => format!("{}/openssl.cnf", directory(version::dir())),
    }
}

/// Returns the folder in OpenSSL's own text: `OPENSSLDIR: "/usr/lib/ssl"`.
fn directory(text: &str) -> &str {
    text.split('"').nth(1).unwrap_or(text)
}

/// Returns true if OpenSSL lacks MD5, as in FIPS mode. Keys in OpenSSL's old format are encrypted
/// with it.
pub(super) fn lack_md5() -> bool {
    Md::fetch(None, "MD5", None).is_err()
}
