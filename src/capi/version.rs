//! The version at run time.

use std::ffi::{CStr, c_char, c_int};

unsafe extern "C" {
    fn OpenSSL_version(part: c_int) -> *const c_char;
}

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version holds no NUL"),
    };

/// Returns the version of the library in use, such as "0.1.0". IMS_VERSION_MAJOR, IMS_VERSION_MINOR and
/// IMS_VERSION_PATCH are the header's.
#[unsafe(no_mangle)]
pub extern "C" fn ims_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Returns the version of the OpenSSL in use, as it says it: such as "OpenSSL 3.0.19 27 Jan 2026".
#[unsafe(no_mangle)]
pub extern "C" fn ims_openssl_version() -> *const c_char {
    // SAFETY: 0 is OPENSSL_VERSION, for which OpenSSL returns a constant text; it takes no lock.
    unsafe { OpenSSL_version(0) }
}
