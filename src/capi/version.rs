//! The version at run time.

use std::ffi::{CStr, c_char};

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
