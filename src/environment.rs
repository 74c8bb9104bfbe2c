//! The environment variables, obeyed only where no less privileged caller has set them.

use std::env;
use std::ffi::OsString;

/// The variables that decide how a client works, wherever its credentials come from: its proxy, the CA certificates that
/// it trusts, and the directory of the user's own cache. A client that is shared serves as long as they stay the same.
pub(crate) const CLIENT_VARIABLES: [&str; 10] = [
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "XDG_RUNTIME_DIR",
    "XDG_CACHE_HOME",
    "HOME",
    "CACHE_DIRECTORY",
];

/// Returns the variable `name`. A program that [`is_privileged`] has none.
pub fn variable(name: &str) -> Option<OsString> {
    if is_privileged() { None } else { env::var_os(name) }
}

/// Returns the names of all variables that begin with `prefix`, for the programs that [`variable`] has some
/// for.
pub fn names_with(prefix: &str) -> Vec<String> {
    if is_privileged() {
        return Vec::new();
    }
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| name.starts_with(prefix)).collect()
}

/// Returns true if the program has more rights than its caller: set-user-ID, set-group-ID, or file
/// capabilities. The caller sets its environment, but must not decide where its secrets are sent.
pub fn is_privileged() -> bool {
    // The kernel's answer from the start of the program (AT_SECURE). A daemon that gave up its own
    // rights later is not meant.
    secure_execution::requires_secure_execution()
}
